import type { Deployment } from '../chain/deployments.ts';
import { swapOutput } from '../spec/amm.ts';
import type { PrimaryBlock } from '../spec/chainSide.ts';
import { floorFloat40 } from '../spec/float40.ts';
import { hexToBytes } from '../spec/hex.ts';
import { keccakField } from '../spec/keccak.ts';
import { shareToken } from '../spec/leg.ts';
import { isLiquidityChange, type PublicOperation } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { LOCKED_SHARES } from '../spec/pool.ts';
import { encodeOperations, operationLength } from '../spec/pubdata.ts';
import { LedgerState } from '../state/ledger.ts';
import { replaySegments } from '../state/replay.ts';
import type { FakeBlock } from './fakeRollup.ts';
import { genesisStoredBlocks, nextStoredBlocks, type StoredBlocks } from './storedBlocks.ts';

/*
 * Blocks of public data without signatures, proofs and traces: cheap enough for a hundred thousand operations. Commitments of segments are made
 * up, and the roots between the segments of a block: only proofs speak of them.
 */

export interface PlainHistoryParameters {
  deployment: Deployment;
  seed: number;
  /** Each has a leaf of two tokens on every chain. */
  users: number;
  /** Operations of a block, about: a swap or a change of liquidity is several. */
  operationsPerBlock: number;
}

interface User {
  owner: bigint;
  keyX: bigint;
  keyY: bigint;
}

interface Half {
  chainIndex: number;
  leafIndex: number;
  token: bigint;
  reserve: bigint;
  totalShares: bigint;
}

const TOKENS = [1n, 2n] as const;
const FUNDS = 10n ** 24n;
const FEE = 100n;
/** Deposits of all users, an opened pair of each two chains, then a mix of what users do. */
export class PlainHistory {
  state: LedgerState;
  storedBlocks: StoredBlocks;
  operationCount = 0;
  blockNumber = 0;
  readonly #parameters: PlainHistoryParameters;
  readonly #users: readonly User[];
  readonly #pairs: [Half, Half][] = [];
  #random: number;
  #deposited = 0;
  #timestamp = 1_700_000_000;

  constructor(parameters: PlainHistoryParameters) {
    const { deployment, seed, users } = parameters;
    this.#parameters = parameters;
    this.#random = seed >>> 0;
    this.state = LedgerState.empty({ chainCount: deployment.chains.length });
    this.storedBlocks = genesisStoredBlocks(deployment);
    const field = (name: string): bigint => keccakField(new TextEncoder().encode(`plain history ${seed} ${name}`));
    this.#users = Array.from({ length: users }, (_, i) => ({ owner: field(`owner ${i}`) >> 96n, keyX: field(`keyX ${i}`), keyY: field(`keyY ${i}`) }));
  }

  /** Whether every user has deposited and every pair is open. */
  get isOpened(): boolean {
    return this.#deposited === this.#users.length && this.#pairs.length > 0;
  }

  next(): FakeBlock {
    const operations = this.#parameters.deployment.chains.map((): PublicOperation[] => []);
    if (this.#deposited < this.#users.length) this.#deposit(operations);
    else if (this.#pairs.length === 0) this.#openPairs(operations);
    else this.#trade(operations);
    return this.#seal(operations);
  }

  #deposit(operations: PublicOperation[][]): void {
    const first = this.#deposited;
    const perChain = Math.min(Math.floor(params.joinSegments / operations.length) * params.slots, Math.floor(params.maxOnchainBytes / operationLength('deposit')));
    this.#deposited = Math.min(this.#users.length, first + Math.floor(perChain / TOKENS.length));
    for (let u = first; u < this.#deposited; u++) {
      for (const own of operations) TOKENS.forEach((token, t) => own.push({ type: 'deposit', leafIndex: leafOf(u, t), token, amount: FUNDS, ...this.#user(u) }));
    }
  }

  #openPairs(operations: PublicOperation[][]): void {
    const base = this.#users.length * TOKENS.length;
    const count = operations.length;
    for (let i = 0; i < count && this.#pairs.length < Math.max(1, count - 1); i++) {
      const half = (chainIndex: number, side: number): Half => ({ chainIndex, leafIndex: base + 2 * i + side, token: TOKENS[side] ?? 1n, reserve: 0n, totalShares: LOCKED_SHARES });
      const pair: [Half, Half] = [half(i, 0), half((i + 1) % count, 1)];
      this.#pairs.push(pair);
      pair.forEach(({ chainIndex, leafIndex, token }, side) => {
        const peer = pair[1 - side] as Half;
        operations[chainIndex]?.push({ type: 'openPool', leafIndex, token, peerChain: peer.chainIndex, peerLeaf: peer.leafIndex });
      });
      this.#add(operations, pair, 0, FUNDS / 4n);
    }
  }

  #trade(operations: PublicOperation[][]): void {
    const fees = operations.map(() => 0);
    const changes = { left: params.joinPairs };
    // A segment that is not full for each chain, and what pairs of slots waste.
    const limit = Math.min(this.#parameters.operationsPerBlock, (params.joinSegments - operations.length - 1) * params.slots);
    while (operations.reduce((sum, own) => sum + own.length, 0) < limit) {
      const chainIndex = this.#below(operations.length);
      const kind = this.#below(100);
      if (kind < 8 && changes.left > 0) this.#swap(operations, changes);
      else if (kind < 10 && changes.left > 0 && operations.reduce((sum, own) => sum + own.length, 0) + 8 < limit) {
        changes.left--;
        this.#add(operations, this.#pairs[this.#below(this.#pairs.length)] as [Half, Half], this.#below(this.#users.length), BigInt(1 + this.#below(1_000_000)));
      } else {
        operations[chainIndex]?.push(this.#simple(chainIndex, kind));
        if (kind >= 40) fees[chainIndex] = (fees[chainIndex] ?? 0) + 1;
      }
    }
    // The first user is the operator; what of the fees was paid in its token is not looked at.
    fees.forEach((count, chainIndex) => count > 0 && operations[chainIndex]?.push({ type: 'collectFees', leafIndex: leafOf(0, 0), amount: FEE * BigInt(count) }));
  }

  /** A deposit, a withdrawal, a change of key back to the same one, a full exit of somebody else's leaf, or a transfer. */
  #simple(chainIndex: number, kind: number): PublicOperation {
    const u = this.#below(this.#users.length);
    const t = this.#below(TOKENS.length);
    const leafIndex = leafOf(u, t);
    const token = TOKENS[t] ?? 1n;
    const amount = BigInt(1 + this.#below(2 ** 30));
    if (kind < 16) return { type: 'deposit', leafIndex, token, amount, ...this.#user(u) };
    if (kind < 24) return { type: 'withdraw', leafIndex, token, to: this.#user(u).owner, amount, fee: FEE };
    const { owner: toOwner, keyX: toKeyX, keyY: toKeyY } = this.#user(this.#below(this.#users.length));
    if (kind < 26) return { type: 'changeKey', leafIndex, fee: FEE, keyX: this.#user(u).keyX, keyY: this.#user(u).keyY };
    if (kind < 27) return { type: 'fullExit', leafIndex, owner: 1n, least: 0n, token: 0n, amount: 0n, shares: 0n };
    const to = leafOf(this.#below(this.#users.length), t);
    if (kind < 29) return { type: 'transferToNew', from: leafIndex, to: this.#newLeaf(chainIndex), amount, fee: FEE, toOwner, toKeyX, toKeyY };
    return { type: 'transfer', from: leafIndex, to: to === leafIndex ? leafOf((u + 1) % this.#users.length, t) : to, amount, fee: FEE };
  }

  readonly #nextNew: number[] = [];

  #newLeaf(chainIndex: number): number {
    // Far behind users, pools and shares.
    const next = this.#nextNew[chainIndex] ?? this.#users.length * 2 * TOKENS.length + 100;
    this.#nextNew[chainIndex] = next + 1;
    return next;
  }

  #swap(operations: PublicOperation[][], changes: { left: number }): void {
    const pair = this.#pairs[this.#below(this.#pairs.length)] as [Half, Half];
    const [from, to] = this.#below(2) === 0 ? pair : [pair[1], pair[0]];
    const amount = BigInt(1_000_000 + this.#below(2 ** 30));
    const out = floorFloat40(swapOutput({ reserveIn: from.reserve, reserveOut: to.reserve, amountIn: amount }));
    const u = this.#below(this.#users.length);
    operations[from.chainIndex]?.push({ type: 'swapIn', from: leafOf(u, tokenIndex(from)), pool: from.leafIndex, amount, fee: FEE });
    operations[to.chainIndex]?.push({ type: 'swapOut', pool: to.leafIndex, to: leafOf(u, tokenIndex(to)), amount: out });
    from.reserve += amount;
    to.reserve -= out;
    changes.left--;
  }

  /** Both coins, as much of the second as the pair holds of it for the first. */
  #add(operations: PublicOperation[][], pair: [Half, Half], u: number, first: bigint): void {
    const [one, other] = pair;
    const amounts = one.reserve === 0n ? [first, first] : [first, (first * other.reserve) / one.reserve];
    pair.forEach((half, side) => {
      const amount = amounts[side] ?? 0n;
      const shares = half.reserve === 0n ? amount : (amount * half.totalShares) / half.reserve;
      const own = operations[half.chainIndex];
      const type = side === 0 ? 'addLiquidity' : 'addLiquidityPeer';
      const token = shareToken(half.leafIndex);
      const known = this.state.chain(half.chainIndex).findLeaf({ ...this.#user(u), token });
      const leafIndex = known ?? this.#newLeaf(half.chainIndex);
      if (known === null) own?.push({ type: 'open', leafIndex, token, ...this.#user(u) });
      own?.push({ type, from: leafOf(u, tokenIndex(half)), pool: half.leafIndex, fee: 0n, amount, shares }, { type: 'credit', leafIndex });
      half.reserve += amount;
      half.totalShares += shares;
    });
  }

  #seal(operations: readonly PublicOperation[][]): FakeBlock {
    const blockNumber = ++this.blockNumber;
    const cut = operations.flatMap((own, chainIndex) => cutIntoSegments(own).map((segment) => ({ chainIndex, ...encodeOperations(segment) })));
    const before = this.state;
    this.state = replaySegments(before, cut);
    this.operationCount += operations.reduce((sum, own) => sum + own.length, 0);
    const finalRoot = this.state.finalRoot;
    const block: PrimaryBlock = {
      blockNumber,
      timestamp: (this.#timestamp += 12),
      finalRoot,
      joinC1: keccakField(new TextEncoder().encode(`join ${blockNumber}`)),
      segments: cut.map(({ chainIndex, onchainData, l2Data }) => ({
        chainIndex,
        rootIn: before.chain(chainIndex).root,
        rootOut: this.state.chain(chainIndex).root,
        legsIn: 0n,
        legsOut: 0n,
        c1: keccakField(hexToBytes(onchainData)),
        c2: keccakField(hexToBytes(l2Data)),
        onchainData,
        l2Data,
      })),
    };
    this.storedBlocks = nextStoredBlocks({ deployment: this.#parameters.deployment, previous: this.storedBlocks, block });
    return { block, storedBlocks: this.storedBlocks };
  }

  #user(u: number): User {
    return this.#users[u] as User;
  }

  /** 0 … limit-1 (mulberry32). */
  #below(limit: number): number {
    this.#random = (this.#random + 0x6d2b79f5) >>> 0;
    let t = this.#random;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
}

function leafOf(user: number, token: number): number {
  return user * TOKENS.length + token;
}

function tokenIndex({ token }: Half): number {
  return TOKENS.indexOf(token as (typeof TOKENS)[number]);
}

/** A change of liquidity and its credit stay together. */
function cutIntoSegments(operations: readonly PublicOperation[]): PublicOperation[][] {
  const segments: PublicOperation[][] = [];
  for (const operation of operations) {
    const last = segments.at(-1);
    const needed = isLiquidityChange(operation) ? 2 : 1;
    if (last && last.length + needed <= params.slots) last.push(operation);
    else segments.push([operation]);
  }
  return segments;
}
