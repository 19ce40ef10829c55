import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { parseOptions } from '../commands/command.ts';
import { runCommandLine } from '../commands/run.ts';
import { chooseProfile } from './profileOption.ts';
import { circuitCommands, circuitProgram } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollup-circuit-cli-'));
const at = (...names: string[]): string => join(folder, ...names);

interface Ran {
  code: number;
  out: string;
  err: string;
}

async function circuit(...args: string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine({ program: circuitProgram, commands: circuitCommands, args, env: {}, writeOut: (line) => out.push(line), writeError: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

beforeAll(async () => {
  await ensureBuilt({ instances: selectInstances(readInstances(), ['exit']) });
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await (await curves.getCurveFromName('bn128')).terminate();
});

describe('help', () => {
  test.each(circuitCommands.map((command) => [command.name, command] as const))('%s --help shows usage, every option, exit codes and examples that are understood', async (name, command) => {
    const { code, out } = await circuit(...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: npm run circuit -- ${name}`);
    for (const option of [...command.options, ...circuitProgram.commonOptions]) expect(out).toContain(`--${option.name}`);
    expect(out).toContain('Exit codes:');
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      // Something may be piped into the command.
      const args = example.slice(example.indexOf(circuitProgram.usage) + circuitProgram.usage.length + 1).split(' ');
      expect(args.slice(0, name.split(' ').length).join(' ')).toBe(name);
      expect(() => parseOptions(command, args.slice(name.split(' ').length), circuitProgram.commonOptions), example).not.toThrow();
    }
  });

  test('--profile is taken from the command line before sizes are read', () => {
    const chosen = (...args: string[]): string | undefined => {
      const env: Record<string, string | undefined> = {};
      chooseProfile(args, env);
      return env['ROLLUP_PROFILE'];
    };
    expect([chosen('build', '--profile', 'small'), chosen('--profile=large'), chosen('build'), chosen('--profile'), chosen('--profile', '--json')]).toEqual(['small', 'large', undefined, undefined, undefined]);
  });
});

describe('a proof from its example input', () => {
  test('input, prove, verify and explain', async () => {
    const written = await circuit('input', '--kind', 'exit', '--out', at('exit'));
    expect(written).toMatchObject({ code: 0, err: '' });
    const proved = await circuit('prove', at('exit', 'input.json'), '--out', at('exit'));
    expect(proved.code, proved.err).toBe(0);
    expect(proved.out).toMatch(/^proved and verified exit with snarkjs: witness .* s, proof .* s/);
    expect(readJson(at('exit', 'public.json'))).toHaveLength(6);
    expect(await circuit('verify', at('exit', 'proof.json'), at('exit', 'public.json'))).toEqual({ code: 0, out: 'valid: exit', err: '' });
    const explained = await circuit('explain', at('exit'));
    expect(explained.out).toMatch(/^exit:\n {2}finalRoot +\d+\n {2}chainIndex +0\n/);

    const inputs = readJson(at('exit', 'public.json')) as string[];
    writeFileSync(at('other.json'), JSON.stringify(inputs.with(5, '1')));
    const invalid = await circuit('verify', at('exit', 'proof.json'), at('other.json'));
    expect(invalid).toMatchObject({ code: 1, err: expect.stringContaining('the proof is not valid for circuit exit') });
    writeFileSync(at('other.json'), JSON.stringify(inputs.slice(1)));
    expect((await circuit('verify', at('exit', 'proof.json'), at('other.json'), '--circuit', 'exit')).err).toContain('exit has another number of public inputs');
  });

  test('an exit of shares is proved too, with the pool of the shares', async () => {
    expect((await circuit('input', '--kind', 'exitOfShares', '--out', at('exitOfShares'))).code).toBe(0);
    expect(readJson(at('exitOfShares', 'input.json'))).toMatchObject({ isShares: '1' });
    const proved = await circuit('prove', at('exitOfShares', 'input.json'), '--out', at('exitOfShares'));
    expect(proved.code, proved.err).toBe(0);
  });

  test('an input that does not satisfy the circuit is refused with the place, and nothing is written', async () => {
    const input = readJson(at('exit', 'input.json')) as Record<string, unknown>;
    writeFileSync(at('bad.json'), JSON.stringify({ ...input, amount: '1' }));
    const { code, err } = await circuit('prove', at('bad.json'), '--out', at('bad'));
    expect(code).toBe(1);
    expect(err).toContain('the signals do not satisfy the exit circuit');
    expect(err).toMatch(/1: \w+ line: \d+/);
    expect(existsSync(at('bad'))).toBe(false);
  });
});

describe('explain', () => {
  test('shows segments and joins of the story with both sides', async () => {
    const segment = await circuit('explain', '2', '--json');
    const { words } = JSON.parse(segment.out) as { words: { name: string; circuit: string; contract: string; isSame: boolean }[] };
    expect(words.slice(-5).map(({ name }) => name)).toEqual(['c1', 'c2', 'r', 'y1', 'y2']);
    expect(words.every(({ circuit: ours, contract, isSame }) => isSame && ours === contract)).toBe(true);
    expect(words.map(({ name }) => name)).toContain('1 transferToNew');
    expect((await circuit('explain', '1', '--join')).out).toContain('both sides have the same words');
  });

  test('marks what differs, and fails', async () => {
    await circuit('input', '--kind', 'deposit', '--out', at('deposit'));
    const committed = readJson(at('deposit', 'committed.json')) as { onchainData: string; words: { onchain: string[] } };
    const input = readJson(at('deposit', 'input.json')) as Record<string, string>;
    writeFileSync(at('deposit', 'public.json'), JSON.stringify(['c1', 'c2', 'r', 'y1', 'y2'].map((name) => input[name])));
    expect((await circuit('explain', at('deposit'))).code).toBe(0);

    // One token more in the bytes: the second word, after kind, leaf index, token and owner.
    const byte = 2 + 2 * (1 + 3 + 4 + 20 + 15);
    const changed = Number(`0x${committed.onchainData.slice(byte, byte + 2)}`) ^ 1;
    const onchainData = `${committed.onchainData.slice(0, byte)}${changed.toString(16).padStart(2, '0')}${committed.onchainData.slice(byte + 2)}`;
    writeFileSync(at('deposit', 'committed.json'), JSON.stringify({ ...committed, onchainData }));
    const { code, err } = await circuit('explain', at('deposit', 'public.json'));
    expect(code).toBe(1);
    expect(err).toContain('different: on-chain words: 0 deposit, word 2; public inputs: r; public inputs: y1');
    expect(err).toMatch(/0 deposit, word 2 .* ← differs/);
  });

  test('refuses what it cannot read', async () => {
    mkdirSync(at('shapes'));
    writeFileSync(at('shapes', 'public.json'), '["1","2","3"]');
    const explainShape = async (committed: unknown): Promise<string> => {
      writeFileSync(at('shapes', 'committed.json'), JSON.stringify(committed));
      return (await circuit('explain', at('shapes'))).err;
    };
    expect(await explainShape({ circuit: 'exit' })).toContain('"circuit" must be segment or join');
    expect(await explainShape({ circuit: 'join', c1: 'x' })).toContain('c1 is not what it should be');
    expect(await explainShape({ circuit: 'join', c1: '1' })).toContain('deploymentId is missing');
    const segment = readJson(at('deposit', 'committed.json')) as object;
    expect(await explainShape(segment)).toContain('another number of public inputs');
  });
});

describe('export and info', () => {
  test('export writes the verifying key as JSON and Solidity', async () => {
    expect((await circuit('export', 'exit', '--out', at('keys'))).code).toBe(0);
    expect(readJson(at('keys', 'exit.vkey.json'))).toMatchObject({ protocol: 'groth16', nPublic: 6 });
    expect(readFileSync(at('keys', 'ExitVerifier.sol'), 'utf8')).toContain('contract ExitVerifier');
  });

  test('info names public inputs and parts that add up', async () => {
    const [exit] = JSON.parse((await circuit('info', 'exit', '--json')).out) as { constraints: number; publicInputNames: string[]; costs: { level: number; constraints: number }[] }[];
    expect(exit?.publicInputNames).toEqual(['finalRoot', 'chainIndex', 'leafIndex', 'owner', 'token', 'amount']);
    expect(exit?.costs.filter(({ level }) => level === 0).reduce((sum, { constraints }) => sum + constraints, 0)).toBe(exit?.constraints);
    expect((await circuit('info', 'exit')).out).toMatch(/domain +2\^14, .* % full[\s\S]*path +LeafRoot +[\d,]+/);
  });
});

describe('refusals', () => {
  beforeAll(() => {
    writeFileSync(at('text'), 'no JSON');
    writeFileSync(at('list.json'), '["1","2"]');
    writeFileSync(at('two.json'), '{"c1":"1","r":"2"}');
    writeFileSync(at('element.json'), '{"finalRoot":"-1"}');
  });

  const cases: [args: string[], code: number, message: RegExp][] = [
    [['prove'], 2, /Missing INPUT/],
    [['prove', 'a', 'b'], 2, /does not take the argument "b"/],
    [['prove', '{}/nothing.json'], 1, /nothing\.json does not exist/],
    [['prove', '{}/text'], 1, /is not a JSON file/],
    [['prove', '{}/list.json'], 1, /is not an object of signals/],
    [['prove', '{}/two.json'], 2, /Which circuit this is for is not clear[\s\S]*--circuit/],
    [['prove', '{}/element.json'], 1, /finalRoot is not a field element/],
    [['prove', '{}/two.json', '--prover', 'nix'], 1, /there is no prover "nix"/],
    [['verify', '{}/list.json', '{}/list.json'], 1, /is not a Groth16 proof/],
    [['verify', '{}/list.json'], 2, /Missing PUBLIC/],
    [['explain', '{}/list.json'], 1, /no circuit has so many public inputs/],
    [['explain', '{}/nothing'], 1, /nothing does not exist/],
    [['explain', '9'], 1, /the story has no block 9/],
    [['explain', '1', '--segment', '40'], 1, /block 1 has no segment 40/],
    [['input', '--kind', 'swap'], 2, /The stories have nothing of kind "swap"/],
    [['export', 'exti'], 1, /there is no circuit "exti"/],
    [['info', 'exti'], 1, /there is no circuit "exti"/],
    [['info', '--jsn'], 2, /Did you mean --json\?/],
    [['infp'], 2, /Did you mean info\?/],
    [['ceremony'], 2, /ceremony needs one more word/],
    [['ceremony', 'verfy'], 2, /Did you mean ceremony verify\?/],
  ];

  test.each(cases)('%j exits %i', async (args, code, message) => {
    const ran = await circuit(...args.map((arg) => arg.replace('{}', folder)));
    expect(ran.code).toBe(code);
    expect(ran.err).toMatch(message);
    expect(ran.err).not.toMatch(/^\s+at /m);
    expect(ran.out).toBe('');
  });
});
