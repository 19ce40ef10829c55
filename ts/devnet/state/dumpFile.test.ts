import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zeroAddress, zeroHash } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { type DevnetDump, DUMP_VERSION, readDump, writeDump } from './dumpFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'dump-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'devnet.dump');
const anvil = '1.7.1';

const contracts = { rollup: zeroAddress, gateway: zeroAddress, l1Gateway: zeroAddress, verifier: zeroAddress, extension: zeroAddress };
const dump: DevnetDump = {
  anvil,
  contracts: 'abc',
  createdAt: '2026-01-01T00:00:00.000Z',
  deployment: {
    ...{ name: 'devnet', deploymentId: 2n ** 200n, arbitratorChainId: 1, arbitratorRpcUrl: 'http://127.0.0.1:1', arbitrator: zeroAddress },
    chains: [{ chainIndex: 0, name: 'one', chainId: 1, rpcUrl: 'http://127.0.0.1:1', role: 'primary', ...contracts, deployedAtBlock: 3, tokens: [], messageService: { kind: 'direct' } }],
  },
  chains: [
    { name: 'one', chainId: 1, head: { number: 5, hash: zeroHash, timestamp: 7 }, state: Buffer.from('{"blocks":[]}'.repeat(1_000)) },
    { name: 'two', chainId: 2, head: { number: 6, hash: zeroHash, timestamp: 8 }, state: Buffer.from('') },
  ],
  sequencer: { 'blocks/1.json': '{"finalRoot":{"$bigint":"1"}}', 'cursors.jsonl': '' },
};

test('what is written is read back', async () => {
  expect(await writeDump(file, dump)).toBe(readFileSync(file).length);
  expect(await readDump(file, { anvil })).toEqual(dump);
  const { sequencer: _, ...without } = dump;
  await writeDump(file, without);
  expect(await readDump(file, { anvil })).toEqual(without);
  expect(readdirSync(folder)).toEqual(['devnet.dump']);
});

test('a damaged file is refused, wherever the damage is', async () => {
  await writeDump(file, dump);
  const whole = readFileSync(file);
  const firstLine = whole.indexOf('\n');
  const refusal = async (content: Buffer): Promise<string> => {
    writeFileSync(file, content);
    return await readDump(file, { anvil }).then(() => 'read', (error: Error) => error.message);
  };
  const flipped = (at: number): Buffer => Buffer.concat([whole.subarray(0, at), Buffer.from([(whole[at] ?? 0) ^ 1]), whole.subarray(at + 1)]);
  expect(await refusal(whole)).toBe('read');
  for (const at of [firstLine + 1, firstLine + 100, whole.length - 1, whole.length - 40]) expect(await refusal(flipped(at))).toBe('The dump is damaged');
  for (const length of [whole.length - 1, firstLine + 10, firstLine + 1]) expect(await refusal(whole.subarray(0, length))).toBe('The dump is damaged');
  expect(await refusal(Buffer.concat([whole, whole]))).toBe('The dump is damaged');
  for (const other of [Buffer.from(''), Buffer.from('{"accounts":{}}'), whole.subarray(0, firstLine), flipped(3)]) expect(await refusal(other)).toBe('This is no dump of a devnet');
});

test('another version of the file or of anvil is refused with both', async () => {
  await writeDump(file, dump);
  await expect(readDump(file, { anvil: '1.8.0' })).rejects.toMatchObject({ message: 'The dump was written with another anvil', facts: { expected: '1.8.0', actual: anvil } });
  const [title, ...rest] = readFileSync(file, 'latin1').split('\n');
  writeFileSync(file, [title?.replace(` dump ${DUMP_VERSION} `, ' dump 99 '), ...rest].join('\n'), 'latin1');
  await expect(readDump(file, { anvil })).rejects.toMatchObject({ message: 'The dump has another version', facts: { expected: DUMP_VERSION, actual: 99 } });
});

test('a dump that cannot be written leaves what was there', async () => {
  await writeDump(file, dump);
  await expect(writeDump(join(file, 'below'), dump)).rejects.toMatchObject({ message: 'The dump cannot be written' });
  expect(await readDump(file, { anvil })).toEqual(dump);
  await expect(writeDump(folder, dump)).rejects.toThrow('The dump cannot be written');
  expect(existsSync(`${folder}.new`)).toBe(false);
  await expect(readDump(join(folder, 'nothing'), { anvil })).rejects.toThrow('The dump cannot be read');
});
