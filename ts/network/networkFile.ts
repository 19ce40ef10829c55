import { existsSync, readFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { type Address, checksumAddress, isAddress } from 'viem';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import type { Endpoint } from '../chain/clients.ts';
import type { Environment } from './keys.ts';

/** What commands read of a network file; script/ConfigReader.sol reads the rest and checks the rules. */
export interface NetworkFile {
  /** Below the root of the checkout. */
  path: string;
  name: string;
  arbitrator: Endpoint;
  governor: Address;
  validator: Address;
  bondReceiver: Address;
  /** In order of chain index. */
  chains: NetworkChain[];
}

export interface NetworkChain extends Endpoint {
  primary: boolean;
  messageService: NetworkService;
  tokens: { symbol: string; decimals: number; address: Address }[];
}

export type NetworkService = { kind: 'linea'; l1Service: Address; l2Service: Address } | { kind: 'zksync'; bridgehub: Address; diamond: Address; l1Messenger: Address } | { kind: 'direct' };

const SERVICE_FIELDS: Readonly<Record<string, readonly string[]>> = { linea: ['l1Service', 'l2Service'], zksync: ['bridgehub', 'diamond', 'l1Messenger'], direct: [] };

/**
 * Reads a network file. `$NAME` in it stands for the environment variable NAME.
 * @throws RollupError that names every variable which is not set, or the first field that is missing or wrong
 */
export function readNetworkFile(file: string, env: Environment): NetworkFile {
  const path = relative(paths.root, resolve(file));
  if (!existsSync(file)) throw new RollupError('There is no such network file', { facts: { file }, hint: 'The files of this checkout are in script/config.' });
  if (!['script/config/', 'script/deployments/'].some((folder) => path.split(sep).join('/').startsWith(folder))) {
    throw new RollupError('forge may not read this network file', { facts: { file: path, expected: 'a file in script/config or script/deployments' }, hint: 'Copy it to script/config.' });
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new RollupError('The network file is not JSON', { facts: { file: path }, cause });
  }
  const reader = new Reader(path, env);
  const network = reader.network(json);
  reader.throwUnset();
  return network;
}

/** Notes what is not set and goes on, so that one error names all of it. */
class Reader {
  readonly #path: string;
  readonly #env: Environment;
  readonly #unset = new Map<string, string>();

  constructor(path: string, env: Environment) {
    this.#path = path;
    this.#env = env;
  }

  throwUnset(): void {
    if (this.#unset.size === 0) return;
    throw new RollupError('Environment variables of the network file are not set', {
      facts: { file: this.#path, ...Object.fromEntries(this.#unset) },
      hint: 'Set them; script/README.md says what each is for.',
    });
  }

  network(json: unknown): NetworkFile {
    const file = this.#object(json, 'the file');
    const name = this.#text(file, 'name');
    if (!/^[\w-]+$/.test(name)) this.#fail('name', 'letters, digits, - and _', name);
    const chains = file['chains'];
    if (!Array.isArray(chains) || chains.length === 0) return this.#fail('chains', 'a list of chains', chains);
    const read = chains.map((chain, i) => this.#chain(this.#object(chain, `chains[${i}]`), `chains[${i}].`));
    const arbitratorChainId = this.#number(file, 'arbitratorChainId');
    const beside = read.find(({ chainId }) => chainId === arbitratorChainId);
    return {
      path: this.#path,
      name,
      arbitrator: { name: beside?.name ?? 'arbitrator', chainId: arbitratorChainId, rpcUrl: this.#url(file, 'arbitratorRpcUrl') },
      governor: this.#address(file, 'governor'),
      validator: this.#address(file, 'validator'),
      bondReceiver: this.#address(file, 'bondReceiver'),
      chains: read,
    };
  }

  #chain(chain: Record<string, unknown>, path: string): NetworkChain {
    const service = this.#object(chain['messageService'], `${path}messageService`);
    const kind = this.#text(service, 'kind', `${path}messageService.`);
    const fields = SERVICE_FIELDS[kind];
    if (fields === undefined) return this.#fail(`${path}messageService.kind`, Object.keys(SERVICE_FIELDS).join(', '), kind);
    const tokens = chain['tokens'];
    if (!Array.isArray(tokens)) return this.#fail(`${path}tokens`, 'a list of tokens', tokens);
    return {
      name: this.#text(chain, 'name', path),
      chainId: this.#number(chain, 'chainId', path),
      rpcUrl: this.#url(chain, 'rpcUrl', path),
      primary: chain['primary'] === true,
      messageService: { kind, ...Object.fromEntries(fields.map((field) => [field, this.#address(service, field, `${path}messageService.`)])) } as NetworkService,
      tokens: tokens.map((token, i) => {
        const at = `${path}tokens[${i}].`;
        const object = this.#object(token, at);
        return { symbol: this.#text(object, 'symbol', at), decimals: this.#number(object, 'decimals', at, 0), address: this.#address(object, 'address', at) };
      }),
    };
  }

  #object(value: unknown, path: string): Record<string, unknown> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return this.#fail(path, 'an object', value);
  }

  #text(object: Record<string, unknown>, key: string, path = ''): string {
    const value = object[key];
    return typeof value === 'string' && value !== '' ? value : this.#fail(`${path}${key}`, 'a text', value);
  }

  #number(object: Record<string, unknown>, key: string, path = '', least = 1): number {
    const value = object[key];
    return Number.isSafeInteger(value) && Number(value) >= least ? Number(value) : this.#fail(`${path}${key}`, `a whole number from ${least}`, value);
  }

  /** Undefined when it stands for a variable that is not set. */
  #resolved(object: Record<string, unknown>, key: string, path: string): string | undefined {
    const text = this.#text(object, key, path);
    if (!text.startsWith('$')) return text;
    const name = text.slice(1);
    const value = this.#env[name];
    if (value) return value;
    this.#unset.set(name, [this.#unset.get(name), `${path}${key}`].filter(Boolean).join(', '));
    return undefined;
  }

  #url(object: Record<string, unknown>, key: string, path = ''): string {
    const url = this.#resolved(object, key, path);
    if (url === undefined) return '';
    return /^https?:\/\//.test(url) && URL.canParse(url) ? url : this.#fail(`${path}${key}`, 'http://… or https://…', url.length > 20 ? `${url.slice(0, 12)}…` : url);
  }

  /** With a checksum when it is written in both cases, so that a slip of the hand is seen. */
  #address(object: Record<string, unknown>, key: string, path = ''): Address {
    const text = this.#resolved(object, key, path);
    if (text === undefined) return '0x0000000000000000000000000000000000000000';
    if (isAddress(text)) return text;
    const expected = isAddress(text, { strict: false }) ? `${checksumAddress(text)} (its checksum)` : '0x and 40 hex digits';
    return this.#fail(`${path}${key}`, expected, text);
  }

  #fail(field: string, expected: string, actual: unknown): never {
    throw new RollupError('Not a network file', { facts: { file: this.#path, field, expected, actual: actual === undefined ? 'nothing' : typeof actual === 'string' ? actual : JSON.stringify(actual) } });
  }
}

/** The different networks of a file, the arbitrator's first. */
export function networksOfFile({ arbitrator, chains }: NetworkFile): Endpoint[] {
  const others = chains.filter(({ chainId }) => chainId !== arbitrator.chainId);
  return [arbitrator, ...others.map(({ name, chainId, rpcUrl }) => ({ name, chainId, rpcUrl }))];
}

/** A network file's content, `$NAME` replaced by what it stands for, without RPC URLs: those may change while a deployment goes on. */
export function contentOfFile({ path }: NetworkFile, env: Environment): unknown {
  return JSON.parse(readFileSync(resolve(paths.root, path), 'utf8'), (key, value: unknown) => {
    if (/rpcUrl$/i.test(key)) return undefined;
    return typeof value === 'string' && value.startsWith('$') ? env[value.slice(1)] : value;
  });
}
