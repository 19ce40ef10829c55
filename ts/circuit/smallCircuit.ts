import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CircuitInstance } from './instances.ts';

/** A circuit of some 250 constraints a round in a temporary folder, for tests of the tools around circuits. */
export interface SmallCircuit {
  folder: string;
  circuits: string;
  buildFolder: string;
  instance: CircuitInstance;
  remove(): void;
}

/** Public: hash. Private: left, right, factor; `hash = Poseidon(left, right) · factor`, left fits in 8 bits. */
export const SMALL_SOURCE = `pragma circom 2.2.0;

include "poseidon.circom";
include "lib/bits8.circom";

template Small(rounds) {
    signal input hash;
    signal input left;
    signal input right;
    signal input factor;
    signal unused <== left - right;
    component bits = Bits8();
    bits.in <== left;
    signal chain[rounds + 1];
    chain[0] <== right;
    component hashes[rounds];
    for (var i = 0; i < rounds; i++) {
        hashes[i] = Poseidon(2);
        hashes[i].inputs[0] <== left + i;
        hashes[i].inputs[1] <== chain[i];
        chain[i + 1] <== hashes[i].out;
    }
    hash === chain[rounds] * factor;
}
`;

const BITS_SOURCE = `pragma circom 2.2.0;

include "bitify.circom";

template Bits8() {
    signal input in;
    component bits = Num2Bits(8);
    bits.in <== in;
}
`;

export function makeSmallCircuit({ rounds = 2, name = 'small' }: { rounds?: number; name?: string } = {}): SmallCircuit {
  const folder = mkdtempSync(join(tmpdir(), 'rollup-circuit-'));
  const circuits = join(folder, 'circuits');
  mkdirSync(join(circuits, 'lib'), { recursive: true });
  writeFileSync(join(circuits, 'small.circom'), SMALL_SOURCE);
  writeFileSync(join(circuits, 'lib', 'bits8.circom'), BITS_SOURCE);
  return {
    folder,
    circuits,
    buildFolder: join(folder, 'build'),
    instance: { name, file: 'small.circom', template: 'Small', parameters: [rounds], publicInputs: ['hash'] },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
