import { spawn } from 'node:child_process';

import { RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { Progress } from '../../base/progress.ts';

/** One command line as a user types it, and how it went. */
export interface UserCommand {
  /** From `npm` on. */
  line: string;
  code: number;
  /** What it printed on standard output. */
  output: string;
  milliseconds: number;
}

export interface RunUserCommandParameters {
  /** The words behind `npm run cli --`. */
  words: readonly string[];
  /** Description of the network. */
  file: string;
  progress: Progress;
  signal: AbortSignal;
}

/** How a terminal would; only the place of the description is in the environment. @throws RollupError with what it printed when it fails */
export async function runUserCommand({ words, file, progress, signal }: RunUserCommandParameters): Promise<UserCommand> {
  const line = `npm run cli -- ${words.join(' ')}`;
  progress.report(`$ ${line}`);
  const start = Date.now();
  const child = spawn('npm', ['run', '--silent', 'cli', '--', ...words], { cwd: paths.root, env: { ...process.env, ROLLUP_DEVNET: file }, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (chunk: string) => (text[stream] += chunk));
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new RollupError(`${line} ended with ${code}: ${`${text.stderr}\n${text.stdout}`.trim().split('\n').slice(-20).join('\n')}`);
  return { line, code, output: text.stdout.trimEnd(), milliseconds: Date.now() - start };
}
