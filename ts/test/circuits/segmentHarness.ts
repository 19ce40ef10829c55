import type { CircuitTester, Witness } from '../../circuit/tester.ts';
import { createTester } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { segmentSignals } from '../../prover/witness.ts';
import { evaluateWords } from '../../spec/field.ts';
import type { Leaf } from '../../spec/leaf.ts';
import { LEAF_KIND, emptyLeaf } from '../../spec/leaf.ts';
import type { OperationRequest, Transfer, Withdraw } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { l2KeyFromSeed, signOperation, type L2Key } from '../../spec/signature.ts';
import { sponge } from '../../spec/sponge.ts';
import { sealBlock } from '../../state/block.ts';
import { ChainState } from '../../state/chainState.ts';
import { LedgerState } from '../../state/ledger.ts';
import type { SegmentTrace } from '../../state/trace.ts';

/** Slots of the test instance: one operation and one more to follow or pad it. */
export const TEST_SLOTS = 2;

export const DEPLOYMENT_ID = 0x1234567890abcdefn;
export const CHAIN_INDEX = 3;
export const TIMESTAMP = 1_800_000_000;
export const VALID_UNTIL = TIMESTAMP + 3600;
export const TOKEN = 2n;

/** Any number: in these tests nobody derives it from the data. */
const CHALLENGE = 0x1f2e3d4c5b6a798877665544332211ffeeddccbbaa99887766554433221100n;

export interface User {
  owner: bigint;
  key: L2Key;
}

/** Users with fixed seeds. */
export const users = Object.fromEntries(
  ['alice', 'bob', 'carol', 'dave'].map((name, i) => [
    name,
    { owner: BigInt(`0x${`a1b2c3d4${i}`.repeat(5).slice(0, 40)}`), key: l2KeyFromSeed(`0x${String(i + 1).padStart(64, '0')}`) },
  ]),
) as Record<'alice' | 'bob' | 'carol' | 'dave', User>;

/** Leaf indices of the test state, spread over the tree; the last one is empty. */
export const LEAF = { alice: 0, bob: 9, carolOther: 0o12345670, pool: 0o70000001, worn: 0o77777776, broken: 70, empty: 0o77777777 } as const;

export const account = ({ owner, key }: User, balance: bigint, changes: Partial<Leaf> = {}): Leaf => ({
  ...emptyLeaf,
  kind: LEAF_KIND.account,
  owner,
  token: TOKEN,
  balance,
  keyX: key.publicKey.x,
  keyY: key.publicKey.y,
  ...changes,
});

/** alice and bob hold TOKEN, carol another token; a pool leaf, a leaf whose nonce is used up, a leaf whose key is not on the curve. */
export function testLedger(changes: Partial<Record<keyof typeof LEAF, Leaf>> = {}): LedgerState {
  const { alice, bob, carol, dave } = users;
  const leaves: Partial<Record<keyof typeof LEAF, Leaf>> = {
    alice: account(alice, 1_000_000n, { nonce: 7n }),
    bob: account(bob, 500n),
    carolOther: account(carol, 77n, { token: TOKEN + 1n }),
    pool: account(dave, 10n ** 9n, { kind: LEAF_KIND.pool, keyX: 5n, keyY: 6n }),
    worn: account(alice, 300n, { nonce: 2n ** 32n - 1n }),
    broken: account(alice, 300n, { keyX: 1n, keyY: 1n }),
    ...changes,
  };
  let chain = ChainState.empty();
  for (const [name, leaf] of Object.entries(leaves)) chain = chain.withLeaf(LEAF[name as keyof typeof LEAF], leaf);
  return LedgerState.empty({ chainCount: CHAIN_INDEX + 1 }).withChain(CHAIN_INDEX, chain);
}

const DOMAIN = { deploymentId: DEPLOYMENT_ID, chainIndex: CHAIN_INDEX };

export function transfer(changes: Partial<Transfer> = {}, signer = users.alice, receiver = users.bob): Transfer {
  const operation = {
    type: 'transfer' as const,
    from: LEAF.alice,
    to: LEAF.bob,
    amount: 1200n,
    fee: 0n,
    nonce: 7n,
    validUntil: VALID_UNTIL,
    toOwner: receiver.owner,
    toKeyX: receiver.key.publicKey.x,
    toKeyY: receiver.key.publicKey.y,
    ...changes,
  };
  return { ...operation, signature: changes.signature ?? signOperation(operation, DOMAIN, signer.key) };
}

export function withdraw(changes: Partial<Withdraw> = {}, signer = users.alice): Withdraw {
  const operation = {
    type: 'withdraw' as const,
    leafIndex: LEAF.alice,
    token: TOKEN,
    to: 0xdeadbeef00000000000000000000000000000001n,
    amount: 999_999n,
    fee: 0n,
    nonce: 7n,
    validUntil: VALID_UNTIL,
    ...changes,
  };
  return { ...operation, signature: changes.signature ?? signOperation(operation, DOMAIN, signer.key) };
}

export function deposit(user: User, leafIndex: number, amount = 250n, token = TOKEN): OperationRequest {
  return { type: 'deposit', leafIndex, token, owner: user.owner, amount, keyX: user.key.publicKey.x, keyY: user.key.publicKey.y };
}

export function open(user: User, leafIndex: number, token = TOKEN): OperationRequest {
  return { type: 'open', leafIndex, token, owner: user.owner, keyX: user.key.publicKey.x, keyY: user.key.publicKey.y };
}

export const fullExit = (user: User, leafIndex: number): OperationRequest => ({ type: 'fullExit', leafIndex, owner: user.owner });

/** The ledger's trace of a segment of the test chain. */
export function segmentTrace(operations: readonly OperationRequest[], state = testLedger()): SegmentTrace {
  const { trace } = sealBlock({
    state,
    deploymentId: DEPLOYMENT_ID,
    blockNumber: 42,
    timestamp: TIMESTAMP,
    segments: [{ chainIndex: CHAIN_INDEX, operations }],
  });
  const segment = trace.segments[0];
  if (!segment) throw new Error('no segment');
  return segment;
}

/** A loaded test instance of the segment circuit, with the numbers of its words known by name. */
export class SegmentHarness {
  readonly tester: CircuitTester;

  private constructor(tester: CircuitTester) {
    this.tester = tester;
  }

  static async load(): Promise<SegmentHarness> {
    const { arity, depth, registerLevels } = params;
    return new SegmentHarness(
      await createTester({
        file: 'segment.circom',
        template: 'Segment',
        params: [TEST_SLOTS, arity, depth, registerLevels],
        public: ['c1', 'c2', 'r', 'y1', 'y2'],
      }),
    );
  }

  inputs(trace: SegmentTrace): SignalInputs {
    return segmentSignals(trace, { slots: TEST_SLOTS });
  }

  /** Words that a witness publishes. */
  words(witness: Witness): { header: bigint[]; onchain: bigint[]; l2: bigint[]; onchainSlots: bigint[]; l2Slots: bigint[] } {
    const value = (name: string): bigint => witness[this.tester.wire(name)] ?? 0n;
    const list = (name: string, count: number): { all: bigint[]; emitted: bigint[] } => {
      const places = Array.from({ length: TEST_SLOTS * count }, (_, i) => [Math.floor(i / count), i % count] as const);
      const all = places.map(([slot, k]) => value(`slot[${slot}].words.${name}[${k}]`));
      return { all, emitted: all.filter((_, i) => value(`slot[${places[i]?.[0]}].words.${name}Emits[${places[i]?.[1]}]`) !== 0n) };
    };
    const onchain = list('onchain', 4);
    const l2 = list('l2', 3);
    const header = Array.from({ length: 7 }, (_, k) => value(`header[${k}]`));
    return { header, onchain: onchain.emitted, l2: l2.emitted, onchainSlots: onchain.all, l2Slots: l2.all };
  }

  /** A witness of inputs with the public inputs that fit what it publishes: what a prover would give who lies consistently. */
  consistent(inputs: SignalInputs): Witness {
    const { l2Slots } = this.words(this.tester.witness(inputs));
    const c2 = sponge('segmentL2', l2Slots);
    const { header, onchain, l2, onchainSlots } = this.words(this.tester.witness({ ...inputs, c2 }));
    const c1 = sponge('segmentOnchain', [...header, ...onchainSlots]);
    const r = CHALLENGE;
    return this.tester.witness({ ...inputs, c1, c2, r, y1: evaluateWords([...header, ...onchain], r), y2: evaluateWords(l2, r) });
  }

  /** Witness of an honest trace. */
  honest(operations: readonly OperationRequest[], state?: LedgerState): Witness {
    return this.consistent(this.inputs(segmentTrace(operations, state)));
  }
}
