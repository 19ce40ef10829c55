import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { curves } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import { isBuilt, readInfo } from './artifacts.ts';
import { buildCircuits } from './build.ts';
import { mainSource, readInstances, selectInstances } from './instances.ts';
import { SMALL_SOURCE, makeSmallCircuit } from './smallCircuit.ts';
import { readSources } from './sources.ts';

const small = makeSmallCircuit();
const { circuits, buildFolder, instance } = small;
const source = join(circuits, 'small.circom');

afterAll(async () => {
  small.remove();
  await (await curves.getCurveFromName('bn128')).terminate();
});

describe('building circuits', () => {
  test('writes all artefacts and facts, and the same bytes again', async () => {
    const lines: string[] = [];
    const [first] = await buildCircuits({ instances: [instance], circuits, buildFolder, progress: { report: (line) => lines.push(line) } });
    expect(readdirSync(first!.folder).sort()).toEqual(['info.json', 'small.main.circom', 'small.r1cs', 'small.sym', 'small.wasm', 'small.zkey', 'vkey.json']);
    const info = readInfo(first!);
    expect(info).toMatchObject({ name: 'small', hash: first!.hash, publicInputs: 1, privateInputs: 3, domain: 512 });
    expect(info.constraints).toBeGreaterThan(400);
    expect(info.compilePeakBytes).toBeGreaterThan(2 ** 20);
    expect(lines[0]).toContain('compiling Small(2)');

    const [again] = await buildCircuits({ instances: [instance], circuits, buildFolder: join(small.folder, 'again') });
    const second = readInfo(again!);
    for (const key of ['hash', 'r1csSha256', 'wasmSha256', 'zkeySha256', 'vkeySha256'] as const) expect(second[key], key).toBe(info[key]);
    expect(readdirSync(buildFolder)).toEqual([`small-${info.hash}`]);
  });

  test('an error of the compiler names the circuit and its line, and leaves nothing behind', async () => {
    const before = readdirSync(buildFolder);
    writeFileSync(source, SMALL_SOURCE.replace('signal chain', 'signal signal chain'));
    try {
      const failed = buildCircuits({ instances: [instance], circuits, buildFolder });
      await expect(failed).rejects.toThrow('circuit small does not compile');
      const error = (await failed.catch((caught: unknown) => caught)) as RollupError;
      expect(String(error.facts['compiler'])).toContain('small.circom');
      expect(error.hint).toContain('npm run circuit -- build');
    } finally {
      writeFileSync(source, SMALL_SOURCE);
    }
    expect(readdirSync(buildFolder)).toEqual(before);
  });

  test('can be stopped, and leaves nothing behind', async () => {
    const before = readdirSync(buildFolder);
    const other = { ...instance, name: 'other' };
    const controller = new AbortController();
    const stopped = buildCircuits({ instances: [other], circuits, buildFolder, signal: controller.signal, progress: { report: () => setTimeout(() => controller.abort(), 100) } });
    await expect(stopped).rejects.toThrow('was stopped');
    expect(readdirSync(buildFolder)).toEqual(before);
  });

  test('removes what an interrupted build left', async () => {
    const left = join(buildFolder, '.unfinished-999999999-small');
    mkdirSync(left, { recursive: true });
    await buildCircuits({ instances: [], circuits, buildFolder });
    expect(existsSync(left)).toBe(false);
  });
});

describe('content hash', () => {
  test('lists every included file and changes with each of them, the sizes, the name and the public inputs', () => {
    const { hash, files } = readSources(instance, circuits);
    expect(Object.keys(files)).toContain('circuits/lib/bits8.circom');
    expect(Object.keys(files)).toContain('circomlib/poseidon.circom');
    expect(Object.keys(files)).toContain('circomlib/poseidon_constants.circom');
    expect(readSources(instance, circuits).hash).toBe(hash);
    const changes = [
      { ...instance, name: 'renamed' },
      { ...instance, parameters: [3] },
      { ...instance, publicInputs: ['hash', 'left'] },
    ];
    for (const changed of changes) expect(readSources(changed, circuits).hash).not.toBe(hash);
    const library = join(circuits, 'lib', 'bits8.circom');
    const text = readFileSync(library, 'utf8');
    writeFileSync(library, `${text}\n`);
    expect(readSources(instance, circuits).hash).not.toBe(hash);
    writeFileSync(library, text);
    expect(readSources(instance, circuits).hash).toBe(hash);
  });

  test('a missing include is named with the file that wants it', () => {
    writeFileSync(source, SMALL_SOURCE.replace('poseidon.circom', 'poseidom.circom'));
    try {
      expect(() => readSources(instance, circuits)).toThrow('circuits/small.circom includes poseidom.circom, which does not exist');
    } finally {
      writeFileSync(source, SMALL_SOURCE);
    }
    // A comment is not an include.
    writeFileSync(source, `// include "nothing.circom";\n/* include "nothing.circom"; */\n${SMALL_SOURCE}`);
    expect(Object.keys(readSources(instance, circuits).files)).not.toContain('nothing.circom');
    writeFileSync(source, SMALL_SOURCE);
  });
});

describe('circuits.json', () => {
  const at = (name: string): string => join(small.folder, name);
  const read = (entries: unknown): ReturnType<typeof readInstances> => {
    writeFileSync(at('circuits.json'), JSON.stringify(entries));
    return readInstances({ instancesPath: at('circuits.json'), sizes: { depth: 8, opcodes: {} } });
  };

  test('fills in sizes from params.json', () => {
    const [read1] = read({ a: { file: 'a.circom', template: 'A', params: ['depth', 3], public: ['x', 'y'] } });
    expect(read1).toEqual({ name: 'a', file: 'a.circom', template: 'A', parameters: [8, 3], publicInputs: ['x', 'y'] });
    expect(mainSource(read1!)).toBe('pragma circom 2.2.0;\n\ninclude "a.circom";\n\ncomponent main {public [x, y]} = A(8, 3);\n');
  });

  test('refuses entries that are wrong', () => {
    expect(() => read({ a: { file: 'a.circom' } })).toThrow('file and template must be strings');
    expect(() => read({ a: { file: 'a', template: 'A', params: ['width'] } })).toThrow('neither an integer nor the name of one');
    expect(() => read({ a: { file: 'a', template: 'A', params: ['opcodes'] } })).toThrow('neither an integer nor the name of one');
    expect(() => read({ a: { file: 'a', template: 'A', params: 8 } })).toThrow('params must be a list');
    expect(() => read({ a: { file: 'a', template: 'A', public: [1] } })).toThrow('public must be a list');
    writeFileSync(at('circuits.json'), '{');
    expect(() => readInstances({ instancesPath: at('circuits.json') })).toThrow('cannot be read');
    expect(() => selectInstances([instance], ['smal'])).toThrow('there is no circuit "smal"');
  });

  test('names the circuits of the project', () => {
    expect(readInstances().map(({ name }) => name)).toEqual(['segment', 'join', 'exit']);
  });

  test('knows what is not built', () => {
    expect(isBuilt({ info: at('nothing.json') } as Parameters<typeof isBuilt>[0])).toBe(false);
  });
});
