import { resolve } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { CeremonyContext } from '../../circuit/ceremony/context.ts';
import type { Transcript } from '../../circuit/ceremony/transcript.ts';
import { readInstances } from '../../circuit/instances.ts';
import { params } from '../../spec/params.ts';
import { UsageError, type CommandContext, type CommandSpec, type OptionSpec } from '../commands/command.ts';

// The library loads snarkjs, so it is imported when a command runs.

const folderOption: OptionSpec = { name: 'folder', value: 'DIR', help: 'files of the ceremony, all that moves between machines (default: circuits/ceremony)' };

const NEXT_CONTRIBUTION = 'next: send the folder to the next party, who runs `npm run circuit -- ceremony contribute --name NAME`; after the last: `ceremony beacon`';

function contextOf({ options, progress, signal }: CommandContext): CeremonyContext {
  const folder = options.text('folder');
  return { folder: folder === undefined ? paths.ceremony : resolve(folder), profile: params.profile, instances: readInstances(), progress, signal };
}

const importCommand: CommandSpec = {
  name: 'ceremony import',
  summary: 'begin a ceremony with a powers-of-tau file, which is checked',
  description: [
    'Takes a phase 1 file into a new ceremony. Checks its form, its curve (BN254), every power and contribution in it, that it is large enough',
    'for every circuit and that not only beacons went into it. A file that is not prepared for phase 2 is prepared (slow for large powers).',
  ],
  options: [folderOption, { name: 'blake2b', value: 'HEX', help: 'hash that the publishers of the file give (b2sum); compared' }],
  positionals: [{ name: 'file', value: 'FILE.ptau', required: true, help: 'powers of tau of a public ceremony' }],
  environment: [],
  examples: ['npm run circuit -- ceremony import powersOfTau_final_17.ptau'],
  async run(context) {
    const { importPhase1 } = await import('../../circuit/ceremony/phase1.ts');
    const blake2b = context.options.text('blake2b');
    const transcript = await importPhase1({ ...contextOf(context), file: resolve(context.options.required('file')), ...(blake2b === undefined ? {} : { blake2b: blake2b.toLowerCase() }) });
    const { source, power, importedBlake2b, contributions, isPreparedHere } = transcript.phase1;
    return {
      data: transcript,
      lines: [
        `phase 1: ${source}, power ${power}, ${contributions.length} contributions, valid${isPreparedHere ? '; prepared for phase 2' : ''}`,
        `blake2b: ${importedBlake2b}`,
        'compare this hash with what the publishers of the file say',
        'next: `npm run circuit -- ceremony start`',
      ],
    };
  },
};

const startCommand: CommandSpec = {
  name: 'ceremony start',
  summary: 'make the first key of every circuit',
  description: ['Makes the keys that contributions are added to, all from the imported phase 1, and writes down the circuits as they are now.'],
  options: [folderOption],
  environment: [],
  examples: ['npm run circuit -- ceremony start'],
  async run(context) {
    const { startCeremony } = await import('../../circuit/ceremony/start.ts');
    const transcript = await startCeremony(contextOf(context));
    return {
      data: transcript,
      lines: [...transcript.circuitNames.map((name) => `${name}: circuit hash ${transcript.circuits[name]?.circuitHash ?? ''}`), NEXT_CONTRIBUTION],
    };
  },
};

const contributeCommand: CommandSpec = {
  name: 'ceremony contribute',
  summary: 'add a secret to the keys of all circuits and forget it',
  description: [
    "Checks the latest keys, multiplies a secret into each and writes the next ones. The secret comes from the operating system's random",
    'source; `--entropy stdin` mixes in what you type or pipe. It is never printed, logged or stored, and the keys are safe if one of all parties',
    'forgets theirs. Publish the hashes that are printed: they are how you recognise your contribution in the transcript.',
  ],
  options: [
    { name: 'name', value: 'NAME', required: true, help: 'who contributes, stands in the keys for good' },
    { name: 'entropy', value: 'SOURCE', help: 'os (default), or stdin to mix in what comes from there' },
    folderOption,
  ],
  environment: [],
  examples: ['npm run circuit -- ceremony contribute --name Ada', 'head -c 64 /dev/hwrng | base64 | npm run circuit -- ceremony contribute --name Ada --entropy stdin'],
  async run(context) {
    const { contribute } = await import('../../circuit/ceremony/contribute.ts');
    const name = context.options.required('name');
    const entropy = await readEntropy(context);
    const transcript = await contribute({ ...contextOf(context), name, entropy });
    return { data: transcript, lines: [...lastContribution(transcript), NEXT_CONTRIBUTION] };
  },
};

const beaconCommand: CommandSpec = {
  name: 'ceremony beacon',
  summary: 'end the contributions with a public random value',
  description: [
    'The last contribution, from a value that nobody could know while contributions were made, e.g. the hash of a block or the output of a',
    'public randomness service that you announced beforehand. It is hashed 2^N times, which makes it slow to try values.',
  ],
  options: [
    { name: 'hash', value: 'HEX', required: true, help: 'the public value, 32 bytes or more' },
    { name: 'iterations', value: 'N', required: true, help: 'it is hashed 2^N times; 10 is a moment, 30 takes hours' },
    folderOption,
  ],
  environment: [],
  examples: ['npm run circuit -- ceremony beacon --hash 0x5d1c…07 --iterations 24'],
  async run(context) {
    const { applyBeacon } = await import('../../circuit/ceremony/contribute.ts');
    const iterations = Number(context.options.required('iterations'));
    const transcript = await applyBeacon({ ...contextOf(context), beacon: context.options.required('hash'), iterations });
    return { data: transcript, lines: [...lastContribution(transcript), 'next: `npm run circuit -- ceremony finish`'] };
  },
};

const verifyCommand: CommandSpec = {
  name: 'ceremony verify',
  summary: 'check everything that a ceremony claims',
  description: [
    'Checks phase 1, compiles the circuits and compares their constraints, checks that the latest keys follow from both and from every',
    'contribution of the transcript, that a party contributed besides the beacon, and what the contracts rely on (common alpha, beta and gamma,',
    'no trivial delta, no zero point). Anybody can run it; nothing is written.',
  ],
  options: [folderOption, { name: 'transcript', value: 'FILE', help: "a published transcript to hold the files against (default: the folder's own)" }],
  environment: [],
  examples: ['npm run circuit -- ceremony verify', 'npm run circuit -- ceremony verify --folder DIR --transcript transcript.json'],
  async run(context) {
    const { verifyCeremony } = await import('../../circuit/ceremony/verify.ts');
    const transcriptPath = context.options.text('transcript');
    const { transcript, transcriptHash, isComplete } = await verifyCeremony({ ...contextOf(context), ...(transcriptPath === undefined ? {} : { transcriptPath: resolve(transcriptPath) }) });
    const parties = transcript.contributions.filter(({ kind }) => kind === 'contribution').map(({ name }) => name);
    return {
      data: { transcriptHash, isComplete, isFinished: transcript.keys !== undefined, contributions: transcript.contributions },
      lines: [
        `valid: ${transcript.circuitNames.join(', ')} with ${parties.length} contributions (${parties.join(', ') || 'none yet'})${isComplete ? ' and the beacon' : '; no beacon yet'}`,
        `transcript ${transcriptHash}${transcript.keys ? '' : ' (not finished)'}`,
      ],
    };
  },
};

const finishCommand: CommandSpec = {
  name: 'ceremony finish',
  summary: 'verify everything, write the verifying keys, close the transcript',
  description: ['The last step. Publish the folder: transcript.json and transcript.md, phase1.ptau, the last keys. Keys in between are not needed any more.'],
  options: [folderOption],
  environment: [],
  examples: ['npm run circuit -- ceremony finish'],
  async run(context) {
    const { finishCeremony } = await import('../../circuit/ceremony/finish.ts');
    const { transcript, transcriptHash } = await finishCeremony(contextOf(context));
    return {
      data: { transcriptHash, transcript },
      lines: [
        ...Object.entries(transcript.keys ?? {}).map(([name, { vkeySha256 }]) => `${name}: verifying key ${vkeySha256}`),
        `transcript ${transcriptHash}`,
        'next: `npm run circuit -- ceremony export` in every checkout that proves or deploys',
      ],
    };
  },
};

const exportCommand: CommandSpec = {
  name: 'ceremony export',
  summary: 'use the keys of a finished ceremony in this checkout',
  description: [
    'Copies the keys to circuits/build/, where provers find them, and writes src/generated/VerifyingKeys.sol with the hash of the transcript,',
    'which may be deployed to real networks. Nothing but this checkout changes: git keeps development keys, and `--remove` brings them back.',
    'Fixtures with proofs belong to one set of keys: run `npm run gen` when tests need them.',
  ],
  options: [folderOption, { name: 'remove', help: 'go back to development keys' }],
  environment: [],
  examples: ['npm run circuit -- ceremony export', 'npm run circuit -- ceremony export --remove'],
  async run(context) {
    const ceremony = contextOf(context);
    const isRemoval = context.options.flag('remove');
    if (isRemoval) (await import('../../circuit/keyChoice.ts')).writeKeyChoice(paths.circuitBuild, undefined);
    const exported = isRemoval ? undefined : await (await import('../../circuit/ceremony/finish.ts')).exportKeys(ceremony);
    const written = await writeGenerated(ceremony);
    return {
      data: { keys: exported ? { kind: 'ceremony', transcriptHash: exported.transcriptHash } : { kind: 'development' }, written },
      lines: [exported ? `keys of the ceremony with the transcript ${exported.transcriptHash} are in use` : 'development keys are in use', ...written.map((path) => `wrote ${path}`)],
    };
  },
};

/** Solidity in git is for one profile; the keys of another are not written into it. */
async function writeGenerated({ instances, progress, signal }: CeremonyContext): Promise<string[]> {
  const [{ ensureBuilt }, { generatedFiles, write }, { committedProfile }] = await Promise.all([
    import('../../circuit/ensureBuilt.ts'),
    import('../../circuit/solidity.ts'),
    import('../../spec/params.ts'),
  ]);
  if (params.profile !== committedProfile) return [];
  const built = await ensureBuilt({ instances, progress, ...(signal === undefined ? {} : { signal }) });
  const written: string[] = [];
  for (const file of generatedFiles(built.map(({ artifacts }) => artifacts))) if (await write(file)) written.push(file.path.slice(paths.root.length + 1));
  return written;
}

function lastContribution({ contributions }: Transcript): string[] {
  const last = contributions.at(-1);
  if (!last) return [];
  return [`contribution ${contributions.length}: ${last.name}`, ...Object.entries(last.circuits).map(([circuit, { contributionHash }]) => `  ${circuit}: ${contributionHash}`)];
}

/** A value on the command line would stay in the shell's history and in the process table. */
async function readEntropy({ options, progress }: CommandContext): Promise<string> {
  const source = options.text('entropy') ?? 'os';
  if (source === 'os') return '';
  if (source !== 'stdin') throw new UsageError('--entropy names a source, it is not the entropy itself', { facts: { expected: 'os or stdin' }, hint: 'What was typed may be in the history of your shell: do not use it again.' });
  progress.report('reading entropy from stdin until its end (Ctrl-D)');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const entropy = Buffer.concat(chunks);
  if (entropy.length === 0) throw new RollupError('stdin gave no entropy', { hint: 'Leave --entropy away: the operating system alone is enough.' });
  return entropy.toString('base64');
}

export const ceremonyCommands: readonly CommandSpec[] = [importCommand, startCommand, contributeCommand, beaconCommand, verifyCommand, finishCommand, exportCommand];
