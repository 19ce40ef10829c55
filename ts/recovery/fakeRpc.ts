import { createPublicClient, custom, decodeFunctionData, encodeAbiParameters, encodeEventTopics, encodeFunctionResult, numberToHex, type Abi, type Address, type Hex } from 'viem';
import { viemChain } from '../chain/clients.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import { keccak256 } from '../spec/keccak.ts';
import type { ReadClient } from './rpc.ts';

/* A chain in memory that answers as an RPC does: what tests and the bench read instead of a node. */

export type RpcRequest = { method: string; params?: unknown };

export interface FakeLog {
  address: Address;
  topics: readonly Hex[];
  data: Hex;
}

interface FakeTransaction {
  hash: Hex;
  to: Address;
  input: Hex;
  blockNumber: number;
  logs: readonly FakeLog[];
  /** What a trace shows of it. */
  trace: unknown;
}

/** What a contract answers, by the name of the function. */
export type FakeContract = Record<string, (...args: readonly never[]) => unknown>;

export class FakeRpc {
  readonly chainId: number;
  /** Blocks for which events are given at once; a larger range is refused. */
  maximumLogRange = Number.POSITIVE_INFINITY;
  traces = false;
  /** Changes the hashes of all blocks from this one on: a reorg. */
  #forks: { from: number; salt: string }[] = [];
  #transactions: FakeTransaction[] = [];
  readonly #byHash = new Map<Hex, FakeTransaction>();
  readonly #contracts = new Map<string, { abi: Abi; contract: FakeContract }>();
  #head = 0;

  constructor({ chainId }: { chainId: number }) {
    this.chainId = chainId;
  }

  get head(): number {
    return this.#head;
  }

  /** Empty blocks. */
  mine(count = 1): void {
    this.#head += count;
  }

  deploy(address: Address, abi: Abi, contract: FakeContract): void {
    this.#contracts.set(address.toLowerCase(), { abi, contract });
  }

  /** Mines a block with one transaction. */
  send({ to, input, logs, trace = null }: Pick<FakeTransaction, 'to' | 'input' | 'logs'> & { trace?: unknown }): Hex {
    this.mine();
    const hash = keccak256(new TextEncoder().encode(`transaction ${this.chainId} ${this.#head} ${this.#forks.length}`));
    const transaction = { hash, to, input, logs, trace, blockNumber: this.#head };
    this.#transactions.push(transaction);
    this.#byHash.set(hash, transaction);
    return hash;
  }

  /** Host blocks from `from` on, and their transactions, never were. */
  reorganize(from: number): void {
    for (const { hash } of this.#transactions.filter(({ blockNumber }) => blockNumber >= from)) this.#byHash.delete(hash);
    this.#transactions = this.#transactions.filter(({ blockNumber }) => blockNumber < from);
    this.#forks = [...this.#forks, { from, salt: String(this.#forks.length) }];
    this.#head = Math.min(this.#head, from - 1);
  }

  client(chain: ChainDeployment, lie: (request: RpcRequest, answer: unknown) => unknown = (_, answer) => answer): ReadClient {
    const request = async (call: RpcRequest): Promise<unknown> => await Promise.resolve(lie(call, this.request(call)));
    return createPublicClient({ chain: viemChain(chain), transport: custom({ request }, { retryCount: 0 }), cacheTime: 0 }) as ReadClient;
  }

  /** @throws Error as a node refuses */
  request({ method, params }: RpcRequest): unknown {
    const [first, second] = (params ?? []) as readonly unknown[];
    switch (method) {
      case 'eth_chainId':
        return numberToHex(this.chainId);
      case 'eth_blockNumber':
        return numberToHex(this.#head);
      case 'eth_getBlockByNumber':
        return this.#block(first === 'latest' ? this.#head : Number(first));
      case 'eth_getTransactionByHash': {
        const transaction = this.#byHash.get(first as Hex);
        return transaction === undefined ? null : this.#transactionOf(transaction);
      }
      case 'eth_getLogs':
        return this.#logs(first as { address: Address; topics?: readonly unknown[]; fromBlock: Hex; toBlock: Hex });
      case 'eth_call': {
        const { to, data } = first as { to: Address; data: Hex };
        return this.#call(to, data, second);
      }
      case 'debug_traceTransaction':
        if (!this.traces) throw new Error('the method debug_traceTransaction does not exist');
        return this.#byHash.get(first as Hex)?.trace;
      default:
        throw new Error(`the method ${method} does not exist`);
    }
  }

  #block(number: number): unknown {
    if (number > this.#head) return null;
    const salt = this.#forks.filter(({ from }) => number >= from).map((fork) => fork.salt);
    const hash = keccak256(new TextEncoder().encode(`block ${this.chainId} ${number} ${salt.join(' ')}`));
    return { number: numberToHex(number), hash, parentHash: hash, timestamp: numberToHex(1_700_000_000 + number), transactions: [], gasLimit: '0x0', gasUsed: '0x0', difficulty: '0x0', size: '0x0' };
  }

  #blockHash(number: number): Hex {
    return (this.#block(number) as { hash: Hex }).hash;
  }

  #transactionOf({ hash, to, input, blockNumber }: FakeTransaction): unknown {
    const blockHash = this.#blockHash(blockNumber);
    return { hash, to, input, from: to, blockNumber: numberToHex(blockNumber), blockHash, transactionIndex: '0x0', nonce: '0x0', value: '0x0', gas: '0x0', gasPrice: '0x0', type: '0x0', v: '0x0', r: '0x0', s: '0x0' };
  }

  #logs({ address, topics, fromBlock, toBlock }: { address: Address; topics?: readonly unknown[]; fromBlock: Hex; toBlock: Hex }): unknown {
    const [from, to] = [Number(fromBlock), Number(toBlock)];
    if (to - from + 1 > this.maximumLogRange) throw new Error(`query exceeds max block range ${this.maximumLogRange}`);
    const wanted = topics?.[0];
    const isWanted = (topic: Hex | undefined): boolean => wanted === undefined || wanted === null || (Array.isArray(wanted) ? wanted.includes(topic) : wanted === topic);
    return this.#transactions
      .filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to)
      .flatMap(({ hash, blockNumber, logs }) =>
        logs.map((log, i) => ({ log, fields: { blockNumber: numberToHex(blockNumber), blockHash: this.#blockHash(blockNumber), transactionHash: hash, transactionIndex: '0x0', logIndex: numberToHex(i), removed: false } })),
      )
      .filter(({ log }) => log.address.toLowerCase() === address.toLowerCase() && isWanted(log.topics[0]))
      .map(({ log, fields }) => ({ ...log, ...fields }));
  }

  #call(to: Address, data: Hex, block: unknown): Hex {
    const deployed = this.#contracts.get(to.toLowerCase());
    if (!deployed) return '0x';
    if (typeof block === 'string' && block.startsWith('0x') && Number(block) > this.#head) throw new Error('header not found');
    const { functionName, args } = decodeFunctionData({ abi: deployed.abi, data });
    const answer = deployed.contract[functionName];
    if (!answer) throw new Error('execution reverted');
    return encodeFunctionResult({ abi: deployed.abi, functionName, result: answer(...((args ?? []) as never[])) } as never);
  }
}

/** An event as a node gives it. */
export function fakeLog(address: Address, abi: Abi, eventName: string, args: Record<string, unknown>): FakeLog {
  const event = abi.find((item) => item.type === 'event' && item.name === eventName);
  if (event?.type !== 'event') throw new Error(`there is no event ${eventName}`);
  const plain = event.inputs.filter(({ indexed }) => indexed !== true);
  return {
    address,
    topics: encodeEventTopics({ abi: [event], eventName, args } as never) as Hex[],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name }) => args[name ?? '']),
    ),
  };
}
