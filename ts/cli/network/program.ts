import type { CommandSpec, EnvironmentSpec, OptionSpec } from '../commands/command.ts';
import { exitCodes, type Program } from '../commands/help.ts';
import { runCommandLine, type RunCommandLineParameters } from '../commands/run.ts';
import { withoutSecrets } from '../../network/secrets.ts';

/** Options of every program for networks. */
const commonOptions: readonly OptionSpec[] = [
  { name: 'json', help: 'print JSON: one document, or one line for each event of a program that runs on' },
  { name: 'quiet', help: 'no progress' },
  { name: 'help', help: 'print this help' },
];

export const deploymentOption: OptionSpec = { name: 'deployment', value: 'FILE', required: true, help: "what `npm run deploy` wrote, by name or path; a devnet's description (.devnet/devnet.json) too" };
export const passwordFileOption: OptionSpec = { name: 'password-file', value: 'FILE', help: 'holds the password of the keystores' };
/** A deployment names its RPCs by environment variables. */
export const rpcEnvironment: EnvironmentSpec = { name: '…_RPC_URL', help: 'RPCs of the networks, by the names that the deployment file has for them' };

export const developmentEnvironment: EnvironmentSpec = { name: 'ALLOW_DEVELOPMENT_KEYS', help: '1 allows development keys and accounts of the public mnemonic on anvils of this machine with real ids' };

/** `npm run NAME -- …`. */
export function oneCommandProgram({ name, summary, examples }: CommandSpec): Program {
  return { usage: `npm run ${name} --`, isOneCommand: true, summary, commonOptions, environment: [], failed: 'a network does not answer, refuses, or does not fit', examples };
}

/** Runs one command line to its end. No line shows what RPC URLs of the environment say besides their host. @returns the exit code */
export async function runNetworkCommand({ command, env, writeOut, writeError, ...rest }: Omit<RunCommandLineParameters, 'program' | 'commands'> & { command: CommandSpec }): Promise<number> {
  const filtered = (write: (line: string) => void) => (line: string) => write(withoutSecrets(line, env));
  return await runCommandLine({ ...rest, program: oneCommandProgram(command), commands: [command], env, writeOut: filtered(writeOut), writeError: filtered(writeError) });
}

/** A second Ctrl-C after this many milliseconds is meant; one reaches us twice, from the terminal and through npm. */
const SECOND_SIGNAL = 2_000;

/** Runs a program that is one command, to its end or to Ctrl-C, which stops it in order. */
export async function runProgram(command: CommandSpec): Promise<void> {
  const interrupted = new AbortController();
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interrupted.signal.aborted && Date.now() - first > SECOND_SIGNAL) process.exit(exitCodes.failed);
      if (interrupted.signal.aborted) return;
      first = Date.now();
      process.stderr.write(`${name}: stopping\n`);
      interrupted.abort();
    });
  }
  const code = await runNetworkCommand({
    command,
    args: process.argv.slice(2),
    env: process.env,
    signal: interrupted.signal,
    writeOut: (line) => process.stdout.write(`${line}\n`),
    writeError: (line) => process.stderr.write(`${line}\n`),
  });
  // Worker threads and open connections must not keep a program that is done.
  process.stdout.write('', () => process.exit(code));
}

/** Resolves at Ctrl-C. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
