import { type Abi, type Address, decodeEventLog, formatEther, type Hex, type Log } from 'viem';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { iArbitratorAbi, l1MessengerAbi, l2MessageServiceAbi, lineaRollupAbi, primaryRollupAbi, zkSyncChainAbi, zkSyncL1GatewayAbi } from '../../chain/generated/abi.ts';
import { assetRouterAbi } from '../relayers/zkSyncBridge.ts';
import type { EventKind } from './event.ts';

/** What an event of a contract means. */
export interface Meaning {
  kind: EventKind;
  text: string;
  facts: Record<string, string | number>;
}

type Args = Readonly<Record<string, unknown>>;
type Meanings = Readonly<Record<string, (args: Args, names: Names) => Meaning | undefined>>;

/** Turns addresses and indexes into names where there are some. */
export interface Names {
  account(address: unknown): string;
  chain(index: unknown): string;
  token(token: unknown): { symbol: string; amount(value: unknown): string };
}

/** A contract whose events are of interest. */
export interface WatchedContract {
  address: Address;
  abi: Abi;
  meanings: Meanings;
}

const short = (hash: unknown): string => `${String(hash).slice(0, 10)}…`;
const ether = (value: unknown): string => (BigInt(value as bigint) === 0n ? '' : `, ${formatEther(BigInt(value as bigint))} ETH`);
const stage = (kind: EventKind, args: Args, more = ''): Meaning => ({ kind, text: `block ${String(args['blockNumber'])} of the rollup${more}`, facts: { rollupBlock: Number(args['blockNumber']) } });

const rollup: Meanings = {
  DepositRequested: (args, names) => {
    const { symbol, amount } = names.token(args['token']);
    const { requestId, owner } = args;
    return { kind: 'deposit', text: `${amount(args['amount'])} ${symbol} of ${names.account(owner)} (request ${String(requestId)})`,
      facts: { request: String(requestId), owner: String(owner), token: Number(args['token']), amount: String(args['amount']) } };
  },
  FullExitRequested: ({ requestId, owner, leafIndex }, names) => ({
    kind: 'request', text: `full exit of leaf ${String(leafIndex)} by ${names.account(owner)} (request ${String(requestId)})`, facts: { request: String(requestId), owner: String(owner), leaf: Number(leafIndex) },
  }),
  Withdrawn: (args, names) => paid('withdrawal', args, names, 'paid to'),
  Exited: (args, names) => paid('withdrawal', args, names, 'exit paid to'),
  DepositRefunded: (args, names) => paid('withdrawal', args, names, 'deposit given back to'),
  BlockCommitted: (args) => stage('committed', args),
  BlockProved: (args) => stage('proved', args),
  BlockSynced: (args) => stage('synced', args),
  BlockConfirmed: (args) => stage('confirmed', args),
  BlockExecuted: (args) => stage('executed', args),
  BlocksReverted: ({ committedBefore, committedAfter }) => ({
    kind: 'reverted', text: `blocks ${Number(committedAfter) + 1} … ${Number(committedBefore)} of the rollup`, facts: { committedBefore: Number(committedBefore), committedAfter: Number(committedAfter) } }),
  ExitModeTriggered: ({ requestId }) => ({ kind: 'halt', text: `request ${String(requestId)} has expired: the rollup stops here`, facts: { request: String(requestId) } }),
  Halted: ({ blockNumber }) => ({ kind: 'halt', text: `exit mode at block ${String(blockNumber)} of the rollup`, facts: { rollupBlock: Number(blockNumber) } }),
};

function paid(kind: EventKind, args: Args, names: Names, how: string): Meaning {
  const { symbol, amount } = names.token(args['token']);
  return { kind, text: `${amount(args['amount'])} ${symbol} ${how} ${names.account(args['owner'])}`, facts: { owner: String(args['owner']), token: Number(args['token']), amount: String(args['amount']) } };
}

const arbitrator: Meanings = {
  BlockConfirmed: (args) => stage('confirmed', args, ': the arbitrator has equal hashes of all chains'),
  ConfirmationSent: (args, names) => ({
    kind: 'sent', text: `confirmation of block ${String(args['blockNumber'])} of the rollup to ${names.chain(args['chainIndex'])}`, facts: { rollupBlock: Number(args['blockNumber']), to: names.chain(args['chainIndex']) } }),
  ConfirmationDeferred: (args, names) => ({
    kind: 'failed', text: `confirmation of block ${String(args['blockNumber'])} to ${names.chain(args['chainIndex'])} was not taken: ${String(args['reason'])}`,
    facts: { rollupBlock: Number(args['blockNumber']), to: names.chain(args['chainIndex']), reason: String(args['reason']) },
  }),
  Halted: ({ blockNumber }) => ({ kind: 'halt', text: `the arbitrator halts the rollup at block ${String(blockNumber)}`, facts: { rollupBlock: Number(blockNumber) } }),
};

const claimed = ({ _messageHash }: Args): Meaning => ({ kind: 'claimed', text: `message ${short(_messageHash)}`, facts: { hash: String(_messageHash) } });

function linea(to: string): Meanings {
  return {
    MessageSent: ({ _from, _to, _fee, _value, _nonce, _messageHash }, names) => ({
      kind: 'sent',
      text: `message ${String(_nonce)} to ${to} (${short(_messageHash)}) from ${names.account(_from)} to ${names.account(_to)}${ether(_value)}`,
      facts: { hash: String(_messageHash), number: String(_nonce), from: String(_from), to: String(_to), value: String(_value), fee: String(_fee) },
    }),
    MessageClaimed: claimed,
    L1L2MessageHashesAddedToInbox: ({ messageHashes }) => {
      const hashes = messageHashes as readonly Hex[];
      return { kind: 'anchored', text: `${hashes.length} message(s): ${hashes.slice(0, 4).map(short).join(' ')}${hashes.length > 4 ? ' …' : ''}`, facts: { count: hashes.length, first: String(hashes[0]) } };
    },
    DataFinalizedV3: ({ startBlockNumber, endBlockNumber }) => ({ kind: 'finalized', text: `linea's blocks ${String(startBlockNumber)} … ${String(endBlockNumber)}`, facts: { from: Number(startBlockNumber), to: Number(endBlockNumber) } }),
  };
}

const batch = (what: string) => ({ batchNumber }: Args): Meaning => ({ kind: 'batch', text: `zksync's batch ${String(batchNumber)} ${what}`, facts: { batch: Number(batchNumber), stage: what } });

const diamond: Meanings = {
  NewPriorityRequest: ({ txId, txHash, transaction }, names) => {
    const { from, to, value } = transaction as { from: bigint; to: bigint; value: bigint };
    const address = (word: bigint): string => `0x${word.toString(16).padStart(40, '0')}`;
    return {
      kind: 'sent',
      text: `priority transaction ${String(txId)} to zksync (${short(txHash)}) from ${names.account(address(from))} to ${names.account(address(to))}${ether(value)}`,
      facts: { hash: String(txHash), number: String(txId), from: address(from), to: address(to), value: String(value) },
    };
  },
  BlockCommit: batch('committed'),
  BlockExecution: batch('executed'),
  BlocksVerification: ({ currentLastVerifiedBatch }) => batch('proved')({ batchNumber: currentLastVerifiedBatch }),
  BlocksRevert: ({ totalBatchesCommitted }) => ({ kind: 'reverted', text: `zksync's batches after ${String(totalBatchesCommitted)}`, facts: { committedAfter: Number(totalBatchesCommitted) } }),
};

const messenger: Meanings = {
  L1MessageSent: ({ _sender, _hash }, names) => ({ kind: 'sent', text: `message to ethereum (${short(_hash)}) from ${names.account(_sender)}`, facts: { hash: String(_hash), from: String(_sender) } }),
};
const zksyncGateway: Meanings = {
  MessageFinalized: ({ batchNumber, index }) => ({ kind: 'claimed', text: `message ${String(index)} of zksync's batch ${String(batchNumber)}`, facts: { batch: Number(batchNumber), index: Number(index) } }),
};
const assetRouter: Meanings = {
  DepositFinalizedAssetRouter: ({ assetId }) => ({ kind: 'claimed', text: `coins or tokens paid out (asset ${short(assetId)})`, facts: { asset: String(assetId) } }),
};

/** The contracts of interest on one network. `assetRouters`: zkSync's on Ethereum, by name of the chain. */
export function watchedContracts({ deployment, chainId, assetRouters }: { deployment: Deployment; chainId: number; assetRouters: ReadonlyMap<string, Address> }): WatchedContract[] {
  const isL1 = chainId === deployment.arbitratorChainId;
  const here = deployment.chains.filter((chain) => chain.chainId === chainId).map(({ rollup: address }) => ({ address, abi: primaryRollupAbi, meanings: rollup }));
  const services = deployment.chains.flatMap((chain) => serviceContracts(chain, isL1, assetRouters.get(chain.name)).filter(() => isL1 || chain.chainId === chainId));
  return [...here, ...(isL1 ? [{ address: deployment.arbitrator, abi: iArbitratorAbi, meanings: arbitrator }] : []), ...services];
}

function serviceContracts({ name, messageService: service, l1Gateway }: ChainDeployment, isL1: boolean, router: Address | undefined): WatchedContract[] {
  if (service.kind === 'linea') return [isL1 ? { address: service.l1Service, abi: lineaRollupAbi, meanings: linea(name) } : { address: service.l2Service, abi: l2MessageServiceAbi, meanings: linea('ethereum') }];
  if (service.kind !== 'zksync') return [];
  if (!isL1) return [{ address: service.l1Messenger, abi: l1MessengerAbi, meanings: messenger }];
  return [
    { address: service.diamond, abi: zkSyncChainAbi, meanings: diamond },
    { address: l1Gateway, abi: zkSyncL1GatewayAbi, meanings: zksyncGateway },
    ...(router === undefined ? [] : [{ address: router, abi: assetRouterAbi, meanings: assetRouter }]),
  ];
}

/** @returns undefined for a log that says nothing of interest */
export function meaningOf(log: Log, contracts: readonly WatchedContract[], names: Names): Meaning | undefined {
  const contract = contracts.find(({ address }) => address.toLowerCase() === log.address.toLowerCase());
  if (contract === undefined) return undefined;
  try {
    const { eventName = '', args } = decodeEventLog({ abi: contract.abi, data: log.data, topics: log.topics });
    return Object.hasOwn(contract.meanings, eventName) ? contract.meanings[eventName]?.(args as unknown as Args, names) : undefined;
  } catch {
    return undefined; // An event that the ABI does not have, e.g. of a proxy.
  }
}
