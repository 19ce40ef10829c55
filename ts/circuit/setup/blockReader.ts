import { closeSync, openSync, readSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';
import type { R1csBlock } from './r1cs.ts';

/** The bytes of a file's blocks, one after another in one buffer: a view is good until the next one. */
export function* blockReader(path: string, blocks: readonly R1csBlock[]): Generator<{ view: DataView; block: R1csBlock }> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(blocks.reduce((most, { bytes }) => Math.max(most, bytes), 0));
    for (const block of blocks) {
      readBlock(file, block, buffer);
      yield { view: new DataView(buffer.buffer, buffer.byteOffset, block.bytes), block };
    }
  } finally {
    closeSync(file);
  }
}

/** @throws RollupError when the file is shorter than it was */
export function readBlock(file: number, block: R1csBlock, target: Uint8Array): void {
  for (let at = 0; at < block.bytes; ) {
    const count = readSync(file, target, at, block.bytes - at, block.offset + at);
    if (count === 0) throw new RollupError('the r1cs was cut off while it was read');
    at += count;
  }
}
