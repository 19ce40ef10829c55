import { mutate, type MutationReport } from '../../../circuit/soundness/mutation.ts';
import type { Witness } from '../../../circuit/tester.ts';
import { addLiquidity, addLiquidityPeer, credit, openPool, removeLiquidity, removeLiquidityPeer, swapIn, swapOut } from '../poolWorld.ts';
import { LEAF, TOKEN, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw, world } from '../world.ts';
import { liquidityForgeries } from './poolForgeries.ts';
import { SEGMENT_FOLLOWS, SegmentForge } from './segmentForge.ts';
import { segmentForgeries } from './segmentForgeries.ts';
import { SignatureForge, signatureLies, validSignatures } from './signatureLies.ts';
import type { MutationSubject } from './subjects.ts';

const { alice, bob, carol } = users;

/** Valid witnesses of one slot: every kind of operation, and the ways in which it can go. */
export const validOperations: Record<string, (forge: SegmentForge) => Witness> = {
  'no-op': (forge) => forge.claim({ operation: { type: 'noop' } }),
  deposit: (forge) => forge.valid([deposit(bob, LEAF.bob)]),
  'deposit that opens': (forge) => forge.valid([deposit(carol, LEAF.empty)]),
  'full exit that pays': (forge) => forge.valid([fullExit(bob, LEAF.bob)]),
  'full exit that does not pay': (forge) => forge.valid([fullExit(alice, LEAF.bob)]),
  'full exit of an empty leaf': (forge) => forge.valid([fullExit(alice, LEAF.empty)]),
  'full exit of shares': (forge) => forge.valid([fullExit(alice, LEAF.shares)]),
  'full exit of coins that are not enough': (forge) => forge.valid([fullExit(bob, LEAF.bob, 501n)]),
  'full exit of shares that are not enough': (forge) => forge.valid([fullExit(alice, LEAF.shares, 800_001n)]),
  'full exit of a leaf without shares': (forge) => forge.valid([fullExit(alice, LEAF.shares)], world({ shares: { balance: 0n } })),
  withdraw: (forge) => forge.valid([withdraw()]),
  'withdraw with a fee in a register': (forge) => forge.claim({ operation: withdraw({ amount: 5n, fee: 2n }), inputs: { '/feeToken[1]': TOKEN, 'feeFlags[1]': 1n } }),
  open: (forge) => forge.valid([open(carol, LEAF.empty)]),
  transfer: (forge) => forge.valid([transfer({ fee: 7n })]),
  'transfer to oneself': (forge) => forge.valid([transfer({ to: LEAF.alice }, { receiver: alice })]),
  'transfer to new': (forge) => forge.valid([transferToNew()]),
  'change key': (forge) => forge.valid([changeKey({ fee: 5n })]),
  'open pool': (forge) => forge.claim({ operation: openPool() }),
  'swap in': (forge) => forge.claim({ operation: swapIn({ fee: 7n }) }),
  'swap out': (forge) => forge.claim({ operation: swapOut() }),
  'collect fees': (forge) => forge.claim({ operation: collectFees(LEAF.bob, 0n), inputs: { '/feeToken[0]': TOKEN, 'feeFlags[0]': 1n } }),
};

/** Valid witnesses of two slots: changes of liquidity with their credits. */
export const validLiquidity: Record<string, (forge: SegmentForge) => Witness> = {
  'add liquidity': (forge) => forge.claim({ operation: [addLiquidity(), credit(LEAF.shares)] }),
  'add liquidity, peer': (forge) => forge.claim({ operation: [addLiquidityPeer(), credit(LEAF.shares)] }),
  'remove liquidity': (forge) => forge.claim({ operation: [removeLiquidity(), credit(LEAF.alice)] }),
  'remove liquidity, peer': (forge) => forge.claim({ operation: [removeLiquidityPeer(), credit(LEAF.alice)] }),
};

export async function segmentSubject(): Promise<MutationSubject> {
  const forge = await SegmentForge.load();
  const cases = Object.entries(validOperations).map(([name, witness]) => ({ name, witness: witness(forge) }));
  const isOpen = 'implied: an open asks for an empty leaf and a token that is not 0, so opens is 1 and kind.open = 1 - kind.deposit, and kind.deposit is a bit';
  return {
    system: forge.segment.tester.system,
    cases,
    lies: Object.entries(segmentForgeries).map(([name, claim]) => ({ name, witness: forge.claim(claim) })),
    follows: SEGMENT_FOLLOWS,
    explanations: {
      'slot: = (Boolean(op.kind.open).in op.kind.open)': isOpen,
      'slot.Boolean(op.kind.open): (1 in) * (in) = 0': isOpen,
    },
  };
}

/** Two slots, for what stands between them and for changes of liquidity, which take two. */
export async function twoSlotSubject(): Promise<MutationSubject> {
  const forge = await SegmentForge.load(2);
  return {
    system: forge.segment.tester.system,
    cases: [
      { name: 'fee and collection', witness: forge.valid([withdraw({ amount: 5n, fee: 2n }), collectFees(LEAF.bob, 2n)]) },
      ...Object.entries(validLiquidity).map(([name, witness]) => ({ name, witness: witness(forge) })),
      { name: 'deposit and open', witness: forge.valid([deposit(bob, LEAF.bob), open(carol, LEAF.empty)]) },
    ],
    lies: [
      { name: 'a collection of what no slot paid', witness: forge.claim({ operation: [withdraw({ amount: 5n, fee: 2n }), collectFees(LEAF.bob, 3n)] }) },
      ...Object.entries(liquidityForgeries).map(([name, claim]) => ({ name, witness: forge.claim(claim) })),
    ],
    follows: SEGMENT_FOLLOWS,
    explanations: {},
  };
}

export async function signatureSubject(): Promise<MutationSubject> {
  const forge = await SignatureForge.load();
  return {
    system: forge.forger.tester.system,
    cases: Object.entries(validSignatures).map(([name, witness]) => ({ name, witness: witness(forge) })),
    lies: Object.entries(signatureLies).map(([name, witness]) => ({ name, witness: witness(forge) })),
    follows: [],
    explanations: {},
  };
}

const SIGNATURE = /^slot\.authority\.Signature\([^)]*\)\.?/;

/** Groups inside of the segment's signature of which the signature's own report says that they are needed. */
export function noticedInSignature(signature: MutationReport): (key: string) => boolean {
  const survivors = new Set(signature.survivors.map(({ key }) => key));
  const noticed = new Set(signature.groups.map(({ key }) => key).filter((key) => !survivors.has(key)));
  return (key) => SIGNATURE.test(key) && noticed.has(key.replace(SIGNATURE, ''));
}

export interface SegmentReports {
  signature: MutationReport;
  /** Of two slots: what only these show (changes of liquidity take two) is not a survivor. */
  two: MutationReport;
}

/** The report of a segment of one slot; what only the signature's own tests or two slots notice is not a survivor. */
export function segmentReport(subject: MutationSubject, { signature, two }: SegmentReports): MutationReport {
  const report = mutate(subject);
  const isNoticed = noticedInSignature(signature);
  const survivesInTwo = new Set(two.survivors.map(({ key }) => key));
  const inTwo = new Set(two.groups.map(({ key }) => key).filter((key) => !survivesInTwo.has(key)));
  return { ...report, survivors: report.survivors.filter(({ key }) => !isNoticed(key) && !inTwo.has(key)) };
}
