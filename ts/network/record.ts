import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Address, getAddress, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem';
import { RollupError } from '../base/errors.ts';
import { parse, stringify } from '../base/json.ts';
import { paths } from '../base/paths.ts';
import { deploymentFile } from '../chain/deployments.ts';

/** forge keeps one file for one network and another for several. */
interface ForgeRecord {
  deployments?: ForgeSequence[];
  transactions?: ForgeTransaction[];
  receipts?: ForgeReceipt[];
  chain?: number;
}

interface ForgeSequence {
  transactions: ForgeTransaction[];
  receipts?: ForgeReceipt[];
  chain: number;
}

interface ForgeTransaction {
  hash?: Hex | null;
  transactionType: string;
  contractName: string | null;
  contractAddress?: Address | null;
  function: string | null;
  transaction: { from: Address; to?: Address | null; gas?: Hex; value?: Hex; input?: Hex; data?: Hex; nonce: Hex };
}

interface ForgeReceipt {
  transactionHash: Hex;
  status: Hex;
}

/** A transaction in a record of forge. */
export interface RecordedTransaction {
  chainId: number;
  from: Address;
  /** Null makes a contract. */
  to: Address | null;
  /** What it does, if forge knows it: a function's signature, or the contract that it makes. */
  function: string | null;
  /** The contract that is made or called, if forge knows its name. */
  contract: string | null;
  /** The contract that it makes. */
  creates: Address | null;
  /** Wei. */
  value: bigint;
  /** Limit that forge sends it with. */
  gas: bigint;
  nonce: number;
  input: Hex;
  /** Undefined until it was sent. */
  hash: Hex | undefined;
  /** It is in a block and did not fail. */
  succeeded: boolean;
}

/** Transactions of a record, in order on each network. */
export function transactionsOfRecord(text: string): RecordedTransaction[] {
  const { deployments, transactions = [], receipts = [], chain = 0 } = JSON.parse(text) as ForgeRecord;
  return (deployments ?? [{ transactions, receipts, chain }]).flatMap((sequence) => {
    const succeeded = new Set((sequence.receipts ?? []).flatMap(({ transactionHash, status }) => (status === '0x1' ? [transactionHash] : [])));
    return sequence.transactions.map(({ hash, transactionType, contractName, contractAddress, function: called, transaction: { from, to, gas = '0x0', value = '0x0', input, data, nonce } }) => ({
      chainId: sequence.chain,
      from: getAddress(from),
      to: to ? getAddress(to) : null,
      function: called,
      contract: contractName,
      creates: transactionType.startsWith('CREATE') && contractAddress ? getAddress(contractAddress) : null,
      value: hexToBigInt(value),
      gas: hexToBigInt(gas),
      nonce: Number(nonce),
      input: input ?? data ?? '0x',
      hash: hash ?? undefined,
      succeeded: hash != null && succeeded.has(hash),
    }));
  });
}

/** The newest record below a folder that forge writes its records to. */
export function recordFile(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('latest') && name.endsWith('.json'));
  // What was only simulated lies below dry-run; of what was sent there is one.
  const name = found.find((candidate) => !candidate.split(sep).includes('dry-run')) ?? found[0];
  return name === undefined ? undefined : join(folder, name);
}

/** What a deployment was going to do when it began: a resumed one must do the same. */
export interface DeploymentIntent {
  /** The network file, `$NAME` replaced by what it stood for, without RPC URLs. */
  config: unknown;
  sender: Address;
  transactions: { chainId: number; from: Address; to: Address | null; value: bigint; nonce: number; /** keccak256 of the calldata. */ inputHash: Hex; /** The contract that it makes. */ creates: Address | null }[];
}

/** What a transaction does, without what changes from try to try. */
export function intentOf(transactions: readonly RecordedTransaction[]): DeploymentIntent['transactions'] {
  return transactions.map(({ chainId, from, to, value, nonce, input, creates }) => ({ chainId, from, to, value, nonce, inputHash: keccak256(input), creates }));
}

/**
 * Everything that is kept of one deployment until all of it is on the chains, in script/deployments/NAME/record: what it was going to do, and forge's
 * own record of what was sent. forge by itself keeps the last run of a script only, whatever deployment that was.
 */
export class DeploymentRecord {
  readonly name: string;
  readonly folder: string;
  readonly #intentFile: string;
  readonly #broadcast: string;
  /** forge's cache; of use only while it runs. */
  readonly #cache: string;

  constructor(name: string) {
    this.name = name;
    this.folder = join(dirname(deploymentFile(name)), 'record');
    this.#intentFile = join(this.folder, 'intent.json');
    this.#broadcast = join(this.folder, 'broadcast');
    this.#cache = join(this.folder, 'cache');
  }

  /** Undefined when this deployment never began in this checkout. */
  intent(): DeploymentIntent | undefined {
    return existsSync(this.#intentFile) ? parse<DeploymentIntent>(readFileSync(this.#intentFile, 'utf8')) : undefined;
  }

  /** What forge noted; nothing when it did not come to sending. */
  transactions(): RecordedTransaction[] {
    const file = recordFile(this.#broadcast);
    return file === undefined ? [] : transactionsOfRecord(readFileSync(file, 'utf8'));
  }

  /** Whether forge noted that something was sent. */
  get isBegun(): boolean {
    return this.transactions().some(({ hash }) => hash !== undefined);
  }

  begin(intent: DeploymentIntent): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(this.#intentFile, `${stringify(intent, 2)}\n`);
  }

  /** Forgets a deployment of which nothing was sent, with the description that the script wrote when it simulated. */
  forget(): void {
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(deploymentFile(this.name), { force: true });
  }

  /** Where forge has to keep its things for this deployment. Call `close` when it has ended. */
  open(): Record<string, string> {
    return { FOUNDRY_BROADCAST: relative(paths.root, this.#broadcast), ...ownCache(this.#cache) };
  }

  /**
   * As `open`, to go on: forge takes the networks' URLs from its cache, so they are put there as they are now, and it sends where was looked.
   * @param urlOf RPC URL of a chain
   */
  openAgain(urlOf: (chainId: number) => string): Record<string, string> {
    const variables = this.open();
    const file = recordFile(this.#broadcast);
    if (file === undefined) throw new RollupError('forge left no record of this deployment', { facts: { expected: this.#broadcast } });
    const { deployments, transactions = [], chain = 0 } = JSON.parse(readFileSync(file, 'utf8')) as ForgeRecord;
    const urls = (sequence: Pick<ForgeSequence, 'transactions' | 'chain'>): unknown => ({ transactions: sequence.transactions.map(() => ({ rpc: urlOf(sequence.chain) })) });
    const secret = join(this.#cache, relative(this.#broadcast, file));
    mkdirSync(dirname(secret), { recursive: true });
    writeFileSync(secret, JSON.stringify(deployments === undefined ? urls({ transactions, chain }) : { deployments: deployments.map(urls) }), { mode: 0o600 });
    // Of one network forge asks for its URL besides.
    return deployments === undefined ? { ...variables, ETH_RPC_URL: urlOf(chain) } : variables;
  }

  /** Gives the transactions on a chain that were not sent the nonces from `first` on. What they make does not depend on nonces. */
  renumber(chainId: number, first: number): void {
    const file = recordFile(this.#broadcast);
    if (file === undefined) return;
    const content = JSON.parse(readFileSync(file, 'utf8')) as ForgeRecord;
    let nonce = first;
    for (const { chain, transactions } of content.deployments ?? [{ chain: content.chain, transactions: content.transactions ?? [] }]) {
      if (chain === chainId) for (const { hash, transaction } of transactions) if (hash == null) transaction.nonce = numberToHex(nonce++);
    }
    writeFileSync(file, JSON.stringify(content));
  }

  /** Whether forge keeps it as one of several networks. */
  get isMulti(): boolean {
    return recordFile(this.#broadcast)?.split(sep).includes('multi') === true;
  }

  /** RPC URLs are no part of a record: providers put keys into them. */
  close(): void {
    rmSync(this.#cache, { recursive: true, force: true });
  }
}

/** forge writes URLs to its cache. With one of its own it still must not compile again, so it begins with the list of what is compiled. */
export function ownCache(folder: string): { FOUNDRY_CACHE_PATH: string } {
  mkdirSync(folder, { recursive: true });
  const list = join(paths.forgeOut, 'cache', 'solidity-files-cache.json');
  if (existsSync(list)) copyFileSync(list, join(folder, 'solidity-files-cache.json'));
  return { FOUNDRY_CACHE_PATH: folder };
}
