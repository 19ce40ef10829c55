import { type Address, decodeAbiParameters, decodeFunctionData, getAddress, type Hex, hexToBigInt, isAddressEqual, parseAbi, size, slice, toFunctionSelector, zeroAddress } from 'viem';
import type { ChainPublicClient } from '../../chain/clients.ts';
import { SYSTEM_CONTRACTS } from '../systemContracts.ts';
import type { Place } from './message.ts';
import { ServiceEvents } from './serviceEvents.ts';
import { callsOf } from './trace.ts';

/** Of zkSync's asset routers, on both sides: tokens or coins were paid out. */
export const assetRouterAbi = parseAbi(['event DepositFinalizedAssetRouter(uint256 indexed chainId, bytes32 indexed assetId, bytes assetData)']);

const lookUpAbi = parseAbi(['function assetRouter() view returns (address)', 'function L1_NULLIFIER() view returns (address)']);

/** Functions of L1Nullifier that pay a withdrawal out. */
const claimAbi = parseAbi([
  'struct Withdrawal { uint256 chainId; uint256 l2BatchNumber; uint256 l2MessageIndex; address l2Sender; uint16 l2TxNumberInBatch; bytes message; bytes32[] merkleProof; }',
  'function finalizeDeposit(Withdrawal withdrawal)',
  'function finalizeWithdrawal(uint256 chainId, uint256 batchNumber, uint256 index, uint16 txNumberInBatch, bytes message, bytes32[] merkleProof)',
]);

const coinSelector = toFunctionSelector('finalizeEthWithdrawal(uint256,uint256,uint16,bytes,bytes32[])');
const assetSelector = toFunctionSelector('finalizeDeposit(uint256,bytes32,bytes)');

/** Whom a message of zkSync's own bridges pays, and how much of the coin. */
export interface Withdrawal {
  to: Address;
  /** Wei; 0 for tokens. */
  value: bigint;
}

/** Whether a message that this account of zkSync sent is a withdrawal, which anyone can finalize on Ethereum. */
export function isBridge(sender: Address): boolean {
  return isAddressEqual(sender, SYSTEM_CONTRACTS.L2BaseToken) || isAddressEqual(sender, SYSTEM_CONTRACTS.L2AssetRouter);
}

/** @returns undefined when the message is none of zkSync's own bridges */
export function readWithdrawal({ sender, message }: { sender: Address; message: Hex }): Withdrawal | undefined {
  const length = size(message);
  if (isAddressEqual(sender, SYSTEM_CONTRACTS.L2BaseToken) && length >= 56 && slice(message, 0, 4) === coinSelector) return { to: getAddress(slice(message, 4, 24)), value: hexToBigInt(slice(message, 24, 56)) };
  if (!isAddressEqual(sender, SYSTEM_CONTRACTS.L2AssetRouter) || length <= 68 || slice(message, 0, 4) !== assetSelector) return undefined;
  try {
    // Sender, receiver, token and amount, as native token vaults write them; other assets may have other forms.
    const [, to] = decodeAbiParameters([{ type: 'address' }, { type: 'address' }, { type: 'address' }, { type: 'uint256' }, { type: 'bytes' }], slice(message, 68));
    return { to, value: 0n };
  } catch {
    return undefined;
  }
}

export interface BridgeClaimsParameters {
  l1: ChainPublicClient;
  bridgehub: Address;
  zkSyncChainId: number;
}

/** Which withdrawals through zkSync's own bridges were paid out on Ethereum, and where. */
export class BridgeClaims {
  readonly #parameters: BridgeClaimsParameters;
  #contracts: { events: ServiceEvents<typeof assetRouterAbi>; nullifier: Address } | undefined;
  #version = 0;
  /** By batch and index. */
  #claimed: ReadonlyMap<string, Place> = new Map();
  /** By block and transaction: what it paid out, in order. */
  readonly #paid = new Map<string, readonly { chainId: bigint; key: string }[]>();

  constructor(parameters: BridgeClaimsParameters) {
    this.#parameters = parameters;
  }

  /** Where the withdrawal with this place in a batch was paid out; undefined when it was not. */
  find(batchNumber: bigint, index: number): Place | undefined {
    return this.#claimed.get(keyOf(batchNumber, BigInt(index)));
  }

  async refresh(): Promise<void> {
    const { events, nullifier } = (this.#contracts ??= await this.#lookUp()) ?? {};
    if (events === undefined || nullifier === undefined) return;
    await events.refresh();
    if (events.version === this.#version) return;
    const { version } = events;
    const claimed = new Map<string, Place>();
    // The events do not say which message it was; the calls do, in the same order.
    const seen = new Map<string, number>();
    for (const event of events.of('DepositFinalizedAssetRouter')) {
      const transaction = `${event.blockHash} ${event.transactionHash}`;
      const nth = seen.get(transaction) ?? 0;
      seen.set(transaction, nth + 1);
      let paid = this.#paid.get(transaction);
      if (paid === undefined) this.#paid.set(transaction, (paid = await this.#paidBy(event.transactionHash, nullifier)));
      const one = paid[nth];
      if (one !== undefined && one.chainId === BigInt(this.#parameters.zkSyncChainId)) claimed.set(one.key, events.place('claimed', event));
    }
    this.#claimed = claimed;
    this.#version = version;
  }

  /** @returns undefined when this hub has no bridges (yet) */
  async #lookUp(): Promise<{ events: ServiceEvents<typeof assetRouterAbi>; nullifier: Address } | undefined> {
    const { l1, bridgehub } = this.#parameters;
    const router = await l1.readContract({ abi: lookUpAbi, address: bridgehub, functionName: 'assetRouter' });
    if (router === zeroAddress) return undefined;
    const nullifier = await l1.readContract({ abi: lookUpAbi, address: router, functionName: 'L1_NULLIFIER' });
    return { events: new ServiceEvents({ client: l1, abi: assetRouterAbi, address: router }), nullifier };
  }

  async #paidBy(transaction: Hex, nullifier: Address): Promise<{ chainId: bigint; key: string }[]> {
    const calls = await callsOf({ client: this.#parameters.l1, transaction });
    return calls.filter(({ to }) => to !== undefined && isAddressEqual(to, nullifier)).flatMap(({ input }) => paidByCall(input));
  }
}

function paidByCall(data: Hex): { chainId: bigint; key: string }[] {
  let call;
  try {
    call = decodeFunctionData({ abi: claimAbi, data });
  } catch {
    return [];
  }
  if (call.functionName === 'finalizeDeposit') {
    const [{ chainId, l2BatchNumber, l2MessageIndex }] = call.args;
    return [{ chainId, key: keyOf(l2BatchNumber, l2MessageIndex) }];
  }
  const [chainId, batchNumber, index] = call.args;
  return [{ chainId, key: keyOf(batchNumber, index) }];
}

function keyOf(batchNumber: bigint, index: bigint): string {
  return `${batchNumber}:${index}`;
}
