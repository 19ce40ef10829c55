import { type Address, type Hex, numberToHex } from 'viem';
import { publicClient, type ChainPublicClient, type Endpoint } from '../../chain/clients.ts';
import { HOST } from '../ports.ts';
import { clientHashOfPending, eip712Tag, TAG_GAS } from '../relayers/eraHistory.ts';
import { EIP712_TYPE, readEip712Transaction } from './eip712Transaction.ts';
import { EraDress, headerOf, type RpcObject } from './eraDress.ts';
import { namesEra, nodeParams, plainParams } from './eraParams.ts';
import { EraView } from './eraView.ts';
import { httpNode, METHOD_NOT_FOUND, type RpcCall, RpcError, type RpcHandler, SERVER_ERROR } from './rpc.ts';
import { serveRpc } from './rpcServer.ts';
import { zksMethods } from './zksMethods.ts';

export interface StartEraFrontParameters {
  /** The node that it stands before; must be an anvil. */
  node: Endpoint;
  /** 0: any free port. */
  port: number;
}

export interface EraFront {
  url: string;
  /** From then on the chain is zkSync Era to its clients; before, the front passes everything on. */
  connect(services: { l1: ChainPublicClient; bridgehub: Address; diamond: Address }): void;
  stop(): Promise<void>;
}

/** What the front needs once the chain has its services on Ethereum. */
interface Connected {
  view: EraView;
  methods: Readonly<Record<string, (params: readonly unknown[]) => Promise<unknown>>>;
}

/**
 * Stands before the node of a local zkSync chain and makes it look like Era's to clients: the zks_ methods, batch numbers and logs to Ethereum
 * in blocks, transactions, receipts and logs, Era's block tags, hashes of priority transactions, and transactions of type 0x71. Every other
 * call, anvil's own included, goes to the node as it is. It keeps nothing: all of it is read from the two chains.
 */
export async function startEraFront({ node, port }: StartEraFrontParameters): Promise<EraFront> {
  const l2 = publicClient(node);
  const callNode = httpNode({ name: node.name, url: node.rpcUrl });
  let connected: Connected | undefined;

  const handle: RpcHandler = async (call) => {
    const own = connected !== undefined && Object.hasOwn(connected.methods, call.method) ? connected.methods[call.method] : undefined;
    if (own !== undefined) return await own(call.params);
    if (call.method.startsWith('zks_')) throw refusalOf(call, connected);
    if (call.method === 'eth_sendRawTransaction' && String(call.params[0]).startsWith(EIP712_TYPE)) return await sendEip712({ serialized: call.params[0] as Hex, chainId: node.chainId, view: connected?.view, callNode });
    const plain = { method: call.method, params: plainParams(call.method, call.params) };
    return connected === undefined ? await callNode(plain) : await callDressed(plain, connected.view, callNode);
  };

  const server = await serveRpc({
    port,
    use: { what: `Chain ${node.name}`, flag: `--port-${node.name}` },
    handle,
    nodeSocketUrl: node.rpcUrl.replace(/^http/, 'ws'),
    dressEvent: async (event) => (connected === undefined ? event : await dressEvent(event, connected.view, callNode)),
  });
  return {
    url: `http://${HOST}:${server.port}`,
    connect({ l1, bridgehub, diamond }) {
      const view = new EraView({ l1, bridgehub, diamond, l2 });
      connected = { view, methods: zksMethods(view, callNode) };
    },
    stop: server.stop,
  };
}

function refusalOf({ method }: RpcCall, connected: Connected | undefined): RpcError {
  if (connected === undefined) return new RpcError({ code: SERVER_ERROR, message: 'The chain has no services on Ethereum yet' });
  return new RpcError({ code: METHOD_NOT_FOUND, message: `A local zkSync chain does not have ${method}` });
}

/** Executes a transaction of zkSync's own type in its sender's name. */
async function sendEip712({ serialized, chainId, view, callNode }: { serialized: Hex; chainId: number; view: EraView | undefined; callNode: RpcHandler }): Promise<Hex> {
  const { hash, from, to, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, value, data } = await readEip712Transaction(serialized, chainId);
  const fields = { nonce, gas: gas + TAG_GAS, maxFeePerGas, maxPriorityFeePerGas, value };
  const numbers = Object.fromEntries(Object.entries(fields).map(([name, number]) => [name, numberToHex(number)]));
  // In the sender's name without a key: nobody's impersonation is begun or ended by it.
  const nodeHash = await callNode({ method: 'eth_sendUnsignedTransaction', params: [{ from, to, data, ...numbers, accessList: eip712Tag(hash) }] });
  view?.noteWaiting(hash, nodeHash as Hex);
  return hash;
}

type Dressing = (answer: unknown, dress: EraDress, firstLogIndex: (transaction: Hex) => Promise<number>) => Promise<unknown>;

const logs: Dressing = async (answer, dress, firstLogIndex) => {
  const entries = answer as (string | RpcObject)[];
  // A filter of blocks or of transactions answers with hashes.
  return await Promise.all(entries.map(async (entry) => (typeof entry === 'string' ? dress.hash(entry as Hex) : dress.log(entry, await firstLogIndex(entry['transactionHash'] as Hex)))));
};
const transaction: Dressing = async (answer, dress) => dress.transaction(answer as RpcObject);
const block: Dressing = async (answer, dress) => dress.block(answer as RpcObject);

const DRESSINGS: Readonly<Record<string, Dressing>> = {
  eth_getTransactionReceipt: async (answer, dress) => dress.receipt(answer as RpcObject),
  eth_getBlockReceipts: async (answer, dress) => (answer as RpcObject[]).map((receipt) => dress.receipt(receipt)),
  eth_getTransactionByHash: transaction,
  eth_getTransactionByBlockHashAndIndex: transaction,
  eth_getTransactionByBlockNumberAndIndex: transaction,
  eth_getBlockByHash: block,
  eth_getBlockByNumber: block,
  eth_getLogs: logs,
  eth_getFilterLogs: logs,
  eth_getFilterChanges: logs,
};

async function callDressed({ method, params }: RpcCall, view: EraView, callNode: RpcHandler): Promise<unknown> {
  const dressing = Object.hasOwn(DRESSINGS, method) ? DRESSINGS[method] : undefined;
  const translated = namesEra(params) ? nodeParams(params, { view, moment: await view.moment() }) : params;
  const answer = await callNode({ method, params: translated });
  if (dressing === undefined || answer === null) return answer;
  // After the answer, so that what it speaks of is known.
  return await dressing(answer, new EraDress(view, await view.moment()), firstLogIndexAt(callNode));
}

async function dressEvent(event: unknown, view: EraView, callNode: RpcHandler): Promise<unknown> {
  const { params } = event as { params?: { result?: unknown } };
  const dressed = await dressNews(params?.result, view, callNode);
  return { ...(event as object), params: { ...params, result: dressed } };
}

/** What a subscription tells of: the hash of a transaction that waits, a log, or a new block. */
async function dressNews(news: unknown, view: EraView, callNode: RpcHandler): Promise<unknown> {
  if (typeof news === 'string') {
    const waiting = (await callNode({ method: 'eth_getTransactionByHash', params: [news] })) as Parameters<typeof clientHashOfPending>[0] | null;
    return waiting === null ? news : clientHashOfPending(waiting);
  }
  const entry = Object(news) as RpcObject;
  if (Array.isArray(entry['topics'])) return ((await logs([entry], new EraDress(view, await view.moment()), firstLogIndexAt(callNode))) as RpcObject[])[0];
  return entry['parentHash'] === undefined ? news : headerOf(entry);
}

/** Index in its block of a transaction's first log. */
function firstLogIndexAt(callNode: RpcHandler): (transaction: Hex) => Promise<number> {
  const known = new Map<Hex, Promise<number>>();
  return async (hash) => {
    const first = known.get(hash) ?? callNode({ method: 'eth_getTransactionReceipt', params: [hash] }).then((receipt) => Number((receipt as { logs: { logIndex: Hex }[] } | null)?.logs[0]?.logIndex ?? 0));
    known.set(hash, first);
    return await first;
  };
}
