import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../spec/hex.ts';
import { keccak256 } from '../spec/keccak.ts';
import { worldOf } from '../test/recovery/world.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { fakeDeployment } from './fakeWorld.ts';
import { decodeSnapshot, encodeSnapshot, SnapshotRefused, type Snapshot } from './snapshot.ts';
import { listSnapshots, readSnapshot, writeSnapshot } from './snapshotFolder.ts';

const deployment = fakeDeployment();

/** With the hash of its bytes at the end made right again. */
function sealed(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  out.set(hexToBytes(keccak256(out.subarray(0, -32))), out.length - 32);
  return out;
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

describe('snapshot', () => {
  let folder: string;
  let snapshot: Snapshot;
  let bytes: Uint8Array;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'snapshot-test-'));
    const { history } = worldOf({ blocks: 5 });
    snapshot = { state: history.state, storedBlocks: history.storedBlocks, chainBlock: 8 };
    bytes = encodeSnapshot(deployment, snapshot).slice();
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('holds the whole state, and is the same for the same state', () => {
    const read = decodeSnapshot(deployment, bytes);
    expect(read.storedBlocks).toEqual(snapshot.storedBlocks);
    expect(read.chainBlock).toBe(8);
    expect(read.state.chains.map((chain) => chain.entries())).toEqual(snapshot.state.chains.map((chain) => chain.entries()));
    expect(read.state.chains.flatMap((chain) => chain.pools())).toHaveLength(4);
    expect(bytesToHex(encodeSnapshot(deployment, read))).toBe(bytesToHex(bytes));
  });

  it('takes about fifty bytes a leaf', () => {
    const leaves = snapshot.state.chains.reduce((sum, { leafCount }) => sum + leafCount, 0);
    expect(bytes.length / leaves).toBeLessThan(50);
  });

  it('is not read when a single byte differs', () => {
    for (let at = 0; at < bytes.length; at += 13) expect(() => decodeSnapshot(deployment, changed(bytes, at)), `byte ${at}`).toThrow(SnapshotRefused);
  });

  it('is not read when it is cut off or goes on', () => {
    for (const length of [0, 5, 9, 40, 500, bytes.length - 1]) expect(() => decodeSnapshot(deployment, bytes.slice(0, length)), `${length} bytes`).toThrow(SnapshotRefused);
    const longer = new Uint8Array(bytes.length + 4);
    longer.set(bytes);
    expect(() => decodeSnapshot(deployment, sealed(longer))).toThrow('The snapshot is damaged');
    expect(() => decodeSnapshot(deployment, sealed(bytes.slice(0, -3)))).toThrow('The snapshot is damaged');
  });

  it('is not believed: roots are computed from its leaves', () => {
    // The last byte of the last leaf's balance, in front of the hash.
    expect(() => decodeSnapshot(deployment, sealed(changed(bytes, bytes.length - 33)))).toThrow('The snapshot has another chain root than its leaves');
    const finalRootEnd = 8 + 2 + 4 + 32 + 4 + 6 + 32 - 1;
    expect(() => decodeSnapshot(deployment, sealed(changed(bytes, finalRootEnd)))).toThrow('The snapshot has another final root than its leaves');
  });

  it('is not read for another deployment, topology or version', () => {
    const refusedAs = (message: string, facts: Record<string, unknown>, run: () => unknown): void => {
      const error: unknown = (() => {
        try {
          run();
        } catch (thrown) {
          return thrown;
        }
        return null;
      })();
      expect(error).toMatchObject({ message: `The snapshot is of another ${message}`, facts });
    };
    refusedAs('deployment', { expected: 5n, actual: deployment.deploymentId }, () => decodeSnapshot({ ...deployment, deploymentId: 5n }, bytes));
    refusedAs('number of chains', { expected: 2, actual: 3 }, () => decodeSnapshot({ ...deployment, chains: deployment.chains.slice(0, 2) }, bytes));
    const [linea, zksync, ethereum] = deployment.chains;
    if (!linea || !zksync || !ethereum) expect.fail();
    refusedAs('primary', { expected: 1, actual: 0 }, () => decodeSnapshot({ ...deployment, chains: [{ ...linea, role: 'secondary' }, { ...zksync, role: 'primary' }, ethereum] }, bytes));
    refusedAs('version', { expected: 1, actual: 0 }, () => decodeSnapshot(deployment, sealed(changed(bytes, 9))));
    refusedAs('arity', { expected: 8, actual: 9 }, () => decodeSnapshot(deployment, sealed(changed(bytes, 10))));
    refusedAs('depth', {}, () => decodeSnapshot(deployment, sealed(changed(bytes, 11))));
    refusedAs('kind of file', {}, () => decodeSnapshot(deployment, sealed(changed(bytes, 0))));
  });

  describe('folder', () => {
    const numbered = (blockNumber: number): Snapshot => ({ ...snapshot, storedBlocks: snapshot.storedBlocks.map((stored) => ({ ...stored, blockNumber })) });

    it('keeps the newest three, and cleans up after a writer that was killed', async () => {
      const directory = join(folder, 'kept', 'deep');
      expect(await listSnapshots(directory)).toEqual([]);
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'block-0000000001.snapshot.new'), 'half');
      await writeFile(join(directory, 'notes.txt'), 'mine');
      for (const blockNumber of [1, 2, 3, 4, 10]) await writeSnapshot(deployment, directory, numbered(blockNumber));
      expect((await listSnapshots(directory)).map(({ blockNumber }) => blockNumber)).toEqual([10, 4, 3]);
      expect((await readdir(directory)).sort()).toEqual(['block-0000000003.snapshot', 'block-0000000004.snapshot', 'block-0000000010.snapshot', 'notes.txt']);
      // One below others must not make them go.
      await writeSnapshot(deployment, directory, numbered(2));
      expect((await listSnapshots(directory)).map(({ blockNumber }) => blockNumber)).toEqual([10, 4, 3, 2]);
      expect((await readSnapshot(deployment, (await listSnapshots(directory))[1] ?? expect.fail())).storedBlocks[0]?.blockNumber).toBe(4);
    });

    it('says which file it cannot use, and which folder', async () => {
      const path = join(folder, 'block-0000000009.snapshot');
      await writeFile(path, bytes.subarray(0, 100));
      await expect(readSnapshot(deployment, { path })).rejects.toMatchObject({ message: 'The snapshot is damaged', facts: { path } });
      await expect(readSnapshot(deployment, { path: join(folder, 'none') })).rejects.toThrow('The snapshot cannot be read');
      const notAFolder = join(folder, 'file');
      await writeFile(notAFolder, '');
      await expect(writeSnapshot(deployment, notAFolder, snapshot)).rejects.toThrow('The folder of snapshots cannot be used');
      await expect(listSnapshots(notAFolder)).rejects.toThrow('The folder of snapshots cannot be used');
      expect(await readFile(path)).toHaveLength(100);
    });
  });
});

describe('bytes', () => {
  it('come back as they were written', () => {
    const out = new ByteWriter();
    out.number(2 ** 40 + 3, 6);
    out.bigint(1n << 100n, 16);
    for (const value of [0n, 255n, 256n, (1n << 112n) - 1n]) out.shortBigint(value);
    out.raw(new Uint8Array(200_000).fill(7));
    out.hex('0x0102');
    const input = new ByteReader(out.bytes);
    expect([input.number(6), input.bigint(16)]).toEqual([2 ** 40 + 3, 1n << 100n]);
    expect([0, 1, 2, 3].map(() => input.shortBigint())).toEqual([0n, 255n, 256n, (1n << 112n) - 1n]);
    expect(input.raw(200_000).every((byte) => byte === 7)).toBe(true);
    expect(input.hex(2)).toBe('0x0102');
    expect(input.left).toBe(0);
    expect(() => input.number(1)).toThrow('Bytes end too early');
  });

  it('refuse numbers that do not fit', () => {
    for (const value of [-1, 256, 0.5]) expect(() => new ByteWriter().number(value, 1)).toThrow('Value does not fit its bytes');
    expect(() => new ByteWriter().bigint(256n, 1)).toThrow('Value does not fit its bytes');
  });
});
