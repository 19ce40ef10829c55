import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves, powersOfTau } from 'snarkjs';
import { silentProgress } from '../../base/progress.ts';
import { makeSmallCircuit } from '../smallCircuit.ts';
import type { CeremonyContext } from './context.ts';

/** Small circuits with the names of the real ones, a phase 1 file and an empty ceremony, for tests. */
export interface TestCeremony {
  context: CeremonyContext;
  /** Prepared powers of tau with one contribution and a beacon. */
  ptau: string;
  /** The same before it was prepared. */
  unpreparedPtau: string;
  folder: string;
  /** A copy of the ceremony's folder to play with; the copy's context. */
  copy(): CeremonyContext;
  remove(): Promise<void>;
}

// As few constraints as may be: what a ceremony checks does not depend on their number, and each power doubles its time.
const POWER = 5;
/** Constraints besides ten. */
const ROUNDS = { segment: 12, join: 4, exit: 4 };
/** Public: product. Private: left, right, factor; `product = left · (left + 1) · … · right · factor`, left fits in 8 bits. */
const CHAIN_SOURCE = `pragma circom 2.2.0;

include "lib/bits8.circom";

template Chain(rounds) {
    signal input product;
    signal input left;
    signal input right;
    signal input factor;
    component bits = Bits8();
    bits.in <== left;
    signal chain[rounds + 1];
    chain[0] <== right;
    for (var i = 0; i < rounds; i++) {
        chain[i + 1] <== (left + i) * chain[i];
    }
    product === chain[rounds] * factor;
}
`;
const BEACON = '9e'.repeat(31) + '01';

export async function makeTestCeremony(): Promise<TestCeremony> {
  const small = makeSmallCircuit();
  writeFileSync(join(small.circuits, 'chain.circom'), CHAIN_SOURCE);
  const folder = mkdtempSync(join(tmpdir(), 'rollup-ceremony-'));
  const file = (name: string): string => join(folder, name);
  await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), POWER, file('new.ptau'));
  await powersOfTau.contribute(file('new.ptau'), file('one.ptau'), 'first party of phase 1', 'entropy of a test');
  if (!(await powersOfTau.beacon(file('one.ptau'), file('two.ptau'), 'beacon of phase 1', BEACON, 10))) throw new Error('snarkjs refused the beacon');
  await powersOfTau.preparePhase2(file('two.ptau'), file('prepared.ptau'));
  const context: CeremonyContext = {
    folder: file('ceremony'),
    profile: 'test',
    instances: Object.entries(ROUNDS).map(([name, rounds]) => ({ name, file: 'chain.circom', template: 'Chain', parameters: [rounds], publicInputs: ['product'] })),
    circuits: small.circuits,
    buildFolder: small.buildFolder,
    progress: silentProgress,
  };
  let copies = 0;
  return {
    context,
    ptau: file('prepared.ptau'),
    unpreparedPtau: file('two.ptau'),
    folder,
    copy() {
      const target = file(`copy-${++copies}`);
      cpSync(context.folder, target, { recursive: true });
      return { ...context, folder: target };
    },
    async remove() {
      small.remove();
      rmSync(folder, { recursive: true, force: true });
      await (await curves.getCurveFromName('bn128')).terminate();
    },
  };
}
