import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { RollupError } from '../../base/errors.ts';
import { parse, stringify } from '../../base/json.ts';
import { type Deployment, validateDeployment } from '../../chain/deployments.ts';
import { type ChainHead, checksumOf } from './chainState.ts';

/** A whole devnet: what a dump file holds. */
export interface DevnetDump {
  /** Version of the anvil that gave the states. */
  anvil: string;
  /** Names the sources of the contracts (stateKey.ts). */
  contracts: string;
  /** ISO 8601. */
  createdAt: string;
  /** Its URLs are of the devnet that was dumped. */
  deployment: Deployment;
  chains: { name: string; chainId: number; head: ChainHead; state: Buffer }[];
  /** Files of the sequencer's data folder by path; undefined for a devnet without a sequencer. */
  sequencer?: Record<string, string>;
}

/*
 * The form of the file: a line `multichain-zk-rollup devnet dump <version> <checksum of the next line>`, a line of JSON that describes everything
 * and lists the sections, then the sections one after the other, each compressed by brotli.
 */
const TITLE = 'multichain-zk-rollup devnet dump';
/** Of the form of the file. */
export const DUMP_VERSION = 1;

interface Section {
  name: string;
  /** In the file. */
  bytes: number;
  checksum: string;
  /** As it was before it was compressed. */
  rawBytes: number;
}

type Description = Omit<DevnetDump, 'chains' | 'sequencer'> & { chains: Omit<DevnetDump['chains'][number], 'state'>[]; sections: Section[] };

const SEQUENCER = 'sequencer';

/** @returns the size of the file: all of it is there afterwards, or, when this fails, what was there before */
export async function writeDump(file: string, { chains, sequencer, ...rest }: DevnetDump): Promise<number> {
  const raw = [...chains.map(({ name, state }) => ({ name: `chain ${name}`, data: state })), ...(sequencer === undefined ? [] : [{ name: SEQUENCER, data: Buffer.from(stringify(sequencer)) }])];
  const packed = await Promise.all(raw.map(async ({ name, data }) => ({ name, data, packed: await compress(data) })));
  const sections = packed.map(({ name, data, packed: { length }, packed: bytes }): Section => ({ name, bytes: length, checksum: checksumOf(bytes), rawBytes: data.length }));
  const description: Description = { ...rest, chains: chains.map(({ state: _, ...chain }) => chain), sections };
  const text = stringify(description);
  const content = Buffer.concat([Buffer.from(`${TITLE} ${DUMP_VERSION} ${checksumOf(text)}\n${text}\n`), ...packed.map((section) => section.packed)]);
  const unfinished = `${file}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(unfinished, 'w');
    try {
      writeSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(unfinished, file);
  } catch (cause) {
    if (existsSync(unfinished)) rmSync(unfinished);
    throw new RollupError('The dump cannot be written', { facts: { file }, hint: 'Check free space and permissions.', cause });
  }
  return content.length;
}

/** @throws RollupError when it is no dump, is damaged, or was written by another version of this program or of anvil */
export async function readDump(file: string, { anvil }: { anvil: string }): Promise<DevnetDump> {
  const content = readContent(file);
  const firstEnd = content.indexOf(0x0a);
  const [, version, checksum = ''] = new RegExp(`^${TITLE} (\\d+) ([0-9a-f]{64})$`).exec(content.subarray(0, Math.max(0, Math.min(firstEnd, 200))).toString('latin1')) ?? [];
  if (version === undefined) throw new RollupError('This is no dump of a devnet', { facts: { file, bytes: content.length }, hint: 'Name a file that `npm run devnet -- dump FILE` wrote.' });
  if (Number(version) !== DUMP_VERSION) throw new RollupError('The dump has another version', { facts: { file, expected: DUMP_VERSION, actual: Number(version) }, hint: 'Load it with the checkout that wrote it.' });
  const descriptionEnd = content.indexOf(0x0a, firstEnd + 1);
  const text = content.subarray(firstEnd + 1, Math.max(firstEnd + 1, descriptionEnd)).toString('utf8');
  if (checksumOf(text) !== checksum) throw damaged(file, 'description', { expected: checksum, actual: checksumOf(text) });
  const { sections, chains, ...rest } = parse<Description>(text);
  validateDeployment(rest.deployment, file);
  if (rest.anvil !== anvil) throw new RollupError('The dump was written with another anvil', { facts: { file, expected: anvil, actual: rest.anvil }, hint: 'Load it with the checkout that wrote it.' });
  const size = sections.reduce((sum, { bytes }) => sum + bytes, descriptionEnd + 1);
  if (content.length !== size) throw damaged(file, 'file', { expected: `${size} bytes`, actual: `${content.length} bytes` });
  const found = new Map<string, Buffer>();
  let begin = descriptionEnd + 1;
  for (const section of sections) {
    const packed = content.subarray(begin, (begin += section.bytes));
    if (checksumOf(packed) !== section.checksum) throw damaged(file, section.name, { expected: section.checksum, actual: checksumOf(packed) });
    found.set(section.name, await promisify(brotliDecompress)(packed));
  }
  const sequencer = found.get(SEQUENCER);
  return {
    ...rest,
    chains: chains.map((chain) => ({ ...chain, state: found.get(`chain ${chain.name}`) ?? missing(file, chain.name) })),
    ...(sequencer === undefined ? {} : { sequencer: parse<Record<string, string>>(sequencer.toString('utf8')) }),
  };
}

function readContent(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new RollupError('The dump cannot be read', { facts: { file }, hint: 'Check the path.', cause });
  }
}

function damaged(file: string, part: string, { expected, actual }: { expected: string; actual: string }): RollupError {
  return new RollupError('The dump is damaged', { facts: { file, part, expected, actual }, hint: 'Copy it again, or write a new one.' });
}

function missing(file: string, chain: string): never {
  throw new RollupError('The dump lacks a chain', { facts: { file, chain } });
}

/** The states at a chain's blocks differ little from one another: a window that spans several of them makes them small. */
async function compress(data: Buffer): Promise<Buffer> {
  return await promisify(brotliCompress)(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  });
}
