import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { parse, stringify } from '../../base/json.ts';
import { paths } from '../../base/paths.ts';
import { type Deployment, validateDeployment } from '../../chain/deployments.ts';
import { type ChainHead, checksumOf, type StoredChain } from './chainState.ts';

/** States that are kept; those that were not used for longest go. */
const KEPT = 4;

/** A deployment with its chains' states in files. Its URLs mean nothing: they are of the chains that it was made on. */
export interface StoredDeployment {
  deployment: Deployment;
  chains: StoredChain[];
}

interface Description {
  deployment: Deployment;
  chains: { name: string; chainId: number; head: ChainHead; bytes: number; checksum: string }[];
}

/** A deployment to keep, with the text that anvil loads for each chain. */
export interface KeptDeployment {
  deployment: Deployment;
  chains: { name: string; chainId: number; head: ChainHead; state: Buffer }[];
}

/**
 * The state of a devnet's chains right after a deployment, kept between starts, by the key of all that makes it (stateKey.ts). A folder for
 * each: a file for each chain, and a description with sizes and checksums.
 */
export class PreBuiltStates {
  readonly #folder: string;

  constructor(folder = paths.devnetStates) {
    this.#folder = folder;
  }

  /**
   * @returns undefined when there is none under this key
   * @throws RollupError when it is not as it was stored
   */
  find(key: string): StoredDeployment | undefined {
    const folder = join(this.#folder, key);
    const file = join(folder, 'state.json');
    if (!existsSync(file)) return undefined;
    const { deployment, chains } = parse<Description>(readFileSync(file, 'utf8'));
    validateDeployment(deployment, file);
    const stored = chains.map(({ name, chainId, head, bytes, checksum }) => {
      const path = join(folder, `${name}.json`);
      const state = readFileSync(path);
      const actual = { bytes: state.length, checksum: checksumOf(state) };
      if (actual.bytes !== bytes || actual.checksum !== checksum) throw new RollupError(`The stored state of ${name} is damaged`, { facts: { file: path, expected: { bytes, checksum }, actual } });
      return { name, chainId, file: path, head };
    });
    const now = new Date();
    utimesSync(folder, now, now);
    return { deployment, chains: stored };
  }

  /** Keeps a state under a key: all of it or, after a crash, nothing. */
  keep(key: string, { deployment, chains }: KeptDeployment): void {
    const folder = join(this.#folder, key);
    const unfinished = `${folder}.${process.pid}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    for (const { name, state } of chains) writeFileSync(join(unfinished, `${name}.json`), state);
    const description: Description = { deployment, chains: chains.map(({ name, chainId, head, state }) => ({ name, chainId, head, bytes: state.length, checksum: checksumOf(state) })) };
    writeFileSync(join(unfinished, 'state.json'), stringify(description, 2));
    this.remove(key);
    renameSync(unfinished, folder);
    this.#removeOld();
  }

  remove(key: string): void {
    rmSync(join(this.#folder, key), { recursive: true, force: true });
  }

  #removeOld(): void {
    const entries = readdirSync(this.#folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const byUse = entries.map(({ name }) => ({ name, used: statSync(join(this.#folder, name)).mtimeMs })).sort((a, b) => b.used - a.used);
    for (const { name } of byUse.slice(KEPT)) this.remove(name);
  }
}
