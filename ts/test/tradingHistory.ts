import type { OperationRequest } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { sealBlock, splitIntoSegments, type SealBlockReturnType, type SegmentOperations } from '../state/block.ts';
import { applyOperation, LedgerState } from '../state/ledger.ts';
import { emptySegment, type SegmentState } from '../state/segmentState.ts';
import { openPoolOf, type PlacedPool } from './orders.ts';
import type { Random } from './random.ts';
import { randomLeast } from './randomOperation.ts';
import { randomTrade, type PlacedOperations, type Trade } from './randomTrade.ts';
import { depositOf, testUser, transferTo, type TestUser } from './users.ts';

export interface TradingBlock extends SealBlockReturnType {
  before: LedgerState;
  segments: SegmentOperations[];
  kinds: Trade['kind'][];
}

export interface TradingHistoryParameters {
  random: Random;
  deploymentId: bigint;
  timestamp: number;
  chainCount: number;
  /** The two chains of each pair; may be the same one. */
  pairs: readonly (readonly [number, number])[];
  /** After the first one, which deposits and opens the pairs. */
  blocks: number;
}

/** Blocks of random trades on pairs, several at a time and their sides mixed, with deposits, transfers and full exits of shares between them. */
export function tradingHistory({ random, deploymentId, timestamp, chainCount, pairs, blocks }: TradingHistoryParameters): { pairs: [PlacedPool, PlacedPool][]; blocks: TradingBlock[] } {
  const users = ['alice', 'bob', 'carol', 'dave'].map(testUser);
  const tokens = [1n, 2n];
  const made: TradingBlock[] = [];
  let state = LedgerState.empty({ chainCount });
  const seal = (builder: BlockBuilder): void => {
    const segments = builder.segments();
    const sealed = sealBlock({ deploymentId, timestamp, state, blockNumber: made.length + 1, segments, signatureChecked: made.length % 2 === 1 });
    made.push({ before: state, segments, kinds: builder.kinds, ...sealed });
    state = sealed.state;
  };

  const opening = new BlockBuilder(state, deploymentId, timestamp);
  const places: [PlacedPool, PlacedPool][] = [];
  for (let chainIndex = 0; chainIndex < chainCount; chainIndex++) {
    users.forEach((user, u) => tokens.forEach((token, t) => opening.place({ chainIndex, operations: [depositOf(user, { leafIndex: 2 * u + t, token, amount: 10n ** 20n + random.bits(60) })] })));
  }
  pairs.forEach(([one, other], i) => {
    const halves = [one, other].map((chainIndex, side) => ({ chainIndex, leafIndex: 20 + 2 * i + side, token: BigInt(1 + ((i + side) % 2)) }));
    const [first, second] = halves as [(typeof halves)[0], (typeof halves)[0]];
    opening.place({ chainIndex: one, operations: [openPoolOf(first, second)] });
    opening.place({ chainIndex: other, operations: [openPoolOf(second, first)] });
    places.push([opening.pool(first), opening.pool(second)]);
  });
  seal(opening);
  for (let i = 0; i < blocks; i++) seal(randomBlock({ random, state, deploymentId, timestamp, users, pairs: places }));
  return { pairs: places, blocks: made };
}

interface RandomBlockParameters {
  random: Random;
  state: LedgerState;
  deploymentId: bigint;
  timestamp: number;
  users: readonly TestUser[];
  pairs: readonly [PlacedPool, PlacedPool][];
}

function randomBlock({ random, state, deploymentId, timestamp, users, pairs }: RandomBlockParameters): BlockBuilder {
  const builder = new BlockBuilder(state, deploymentId, timestamp);
  // Who waits for a second side does nothing else, so that it can be placed.
  const pending: { user: TestUser; trade: Trade }[] = [];
  const finish = (at: number): void => {
    const [{ trade }] = pending.splice(at, 1) as [(typeof pending)[0]];
    const second = trade.second(builder.state);
    if (!second) throw new Error(`the second side of a ${trade.kind} cannot be placed`);
    builder.place(second);
  };
  for (let step = 0; step < 6 * params.joinPairs; step++) {
    const idle = users.filter((user) => pending.every((other) => other.user !== user));
    if (pending.length > 0 && (idle.length === 0 || random.below(3) === 0)) finish(random.below(pending.length));
    else if (random.below(5) === 0) between(builder, { random, user: random.pick(idle), users, deploymentId });
    else if (builder.kinds.length < params.joinPairs) {
      const user = random.pick(idle);
      const trade = randomTrade({ random, state: builder.state, deploymentId, users: [user], pair: random.pick(pairs) });
      if (!trade) continue;
      builder.place(trade.first);
      builder.kinds.push(trade.kind);
      pending.push({ user, trade });
    }
  }
  while (pending.length > 0) finish(0);
  return builder;
}

/** A deposit, a transfer of shares to another user, or a full exit: of shares, of another's leaf, of a pool. */
function between(builder: BlockBuilder, { random, user, users, deploymentId }: { random: Random; user: TestUser; users: readonly TestUser[]; deploymentId: bigint }): void {
  const chainIndex = random.below(builder.state.chains.length);
  const chain = builder.state.chain(chainIndex);
  const shares = chain.leavesOf(user.owner).filter(({ leaf }) => leaf.token >= BigInt(params.shareTokens) && leaf.balance > 0n);
  const other = random.pick(users);
  const [from] = shares;
  if (from && random.below(2) === 0) {
    const { leafIndex, leaf } = random.pick(shares);
    const [pool] = chain.pools();
    const { owner } = random.pick([user, user, user, other]);
    const least = randomLeast(random, chain, leaf);
    builder.place({ chainIndex, operations: [{ type: 'fullExit', leafIndex: random.pick([leafIndex, leafIndex, pool?.leafIndex ?? leafIndex]), owner, least }] });
    return;
  }
  const { x: keyX, y: keyY } = other.key.publicKey;
  const to = from ? chain.findLeaf({ owner: other.owner, token: from.leaf.token, keyX, keyY }) : null;
  if (!from || to === null) {
    builder.place({ chainIndex, operations: [depositOf(user, { leafIndex: 2 * users.indexOf(user), token: 1n, amount: random.bits(50) })] });
    return;
  }
  const { token, nonce, balance } = from.leaf;
  const amount = balance < 1n << 35n ? balance : 10n ** 9n;
  builder.place({ chainIndex, operations: [transferTo(other, { from: from.leafIndex, to, token, nonce, amount }, { by: user, deploymentId, chainIndex })] });
}

/** Operations of a block, chain by chain, and the state after them. */
class BlockBuilder {
  state: LedgerState;
  readonly kinds: Trade['kind'][] = [];
  readonly #deploymentId: bigint;
  readonly #timestamp: number;
  readonly #operations: OperationRequest[][];
  readonly #left: SegmentState[];

  constructor(state: LedgerState, deploymentId: bigint, timestamp: number) {
    this.state = state;
    this.#deploymentId = deploymentId;
    this.#timestamp = timestamp;
    this.#operations = state.chains.map(() => []);
    this.#left = state.chains.map(() => emptySegment);
  }

  place({ chainIndex, operations }: PlacedOperations): void {
    for (const operation of operations) {
      const segment = this.#left[chainIndex] ?? emptySegment;
      const applied = applyOperation(this.state, { deploymentId: this.#deploymentId, chainIndex, timestamp: this.#timestamp, operation, segment, signatureChecked: true });
      this.state = applied.state;
      this.#left[chainIndex] = applied.segment;
      this.#operations[chainIndex]?.push(operation);
    }
  }

  pool({ chainIndex, leafIndex }: { chainIndex: number; leafIndex: number }): PlacedPool {
    const pool = this.state.chain(chainIndex).pool(leafIndex);
    if (!pool) throw new Error('there is no such pool');
    return { ...pool, chainIndex };
  }

  segments(): SegmentOperations[] {
    return this.#operations.flatMap((operations, chainIndex) => splitIntoSegments({ chainIndex, operations }));
  }
}
