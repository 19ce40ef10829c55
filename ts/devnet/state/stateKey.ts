import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { stringify } from '../../base/json.ts';
import { paths } from '../../base/paths.ts';
import type { AnvilParameters } from '../anvil.ts';
import type { TopologyConfig } from '../deploy.ts';

export interface StateKeyParameters {
  anvils: readonly AnvilParameters[];
  topology: TopologyConfig;
  /** Root of the checkout; another one in tests. */
  root?: string;
}

/** Changes with the form of what is stored. */
const FORM = 1;

/** Where the code that deploys begins; what it imports, directly or not, counts too. */
const DEPLOYING_CODE = 'ts/devnet/state/startChains.ts';

/**
 * Names the state of the chains after a deployment by all that makes it: sources of contracts and scripts with the compiler's settings, the
 * installed packages (compiler, imported contracts, anvil), topology, chains, and the code that deploys and puts contracts into place.
 * Ports and URLs are no part of it.
 */
export function stateKey({ anvils, topology, root = paths.root }: StateKeyParameters): string {
  const hash = createHash('sha256');
  const add = (name: string, content: Buffer | string): void => void hash.update(`${name}\0${content.length}\0`).update(content);
  const { arbitratorRpcUrl: _, chains, ...rest } = topology;
  add('form', String(FORM));
  add('topology', stringify({ ...rest, chains: chains.map(({ rpcUrl: _url, ...chain }) => chain) }));
  add('anvils', stringify(anvils.map(({ port: _port, findPort: _find, use: _use, logFile: _log, ...parameters }) => parameters)));
  const files = [...deployingCode(root), ...['src', 'script'].flatMap((folder) => soliditySources(join(root, folder))), join(root, 'foundry.toml'), installedPackages(root)];
  for (const file of files.sort()) add(relative(root, file), readFileSync(file));
  return hash.digest('hex').slice(0, 24);
}

/** Names the contracts of this checkout by their sources and the compiler's settings. */
export function contractsKey(root = paths.root): string {
  const hash = createHash('sha256');
  for (const file of [...soliditySources(join(root, 'src')), ...soliditySources(join(root, 'script')), join(root, 'foundry.toml')].sort()) hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 24);
}

function soliditySources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return soliditySources(path);
    return entry.name.endsWith('.sol') ? [path] : [];
  });
}

function deployingCode(root: string): string[] {
  const found = new Set<string>();
  const follow = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom\s+|\bimport\(\s*|^import\s+)'(\.[^']+\.ts)'/gm)) if (name !== undefined) follow(join(dirname(file), name));
  };
  follow(join(root, DEPLOYING_CODE));
  return [...found];
}

/** npm's list of what is really installed; a checkout whose packages are elsewhere has at least its lock file. */
function installedPackages(root: string): string {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return existsSync(installed) ? installed : join(root, 'package-lock.json');
}
