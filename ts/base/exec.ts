import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { RollupError } from './errors.ts';

export interface RunParameters {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Called with each complete line of both outputs. */
  onLine?: (line: string) => void;
  signal?: AbortSignal;
}

export interface RunReturnType {
  stdout: string;
  stderr: string;
}

function interrupted(command: string, cause: Error): RollupError {
  return new RollupError(`${basename(command)} was interrupted`, { cause });
}

/** Runs a program to its end, or until `signal` ends it. A non-zero exit is a RollupError that carries the last lines of what it printed. */
export async function run({ command, args, cwd, env, onLine, signal }: RunParameters): Promise<RunReturnType> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal === undefined ? {} : { signal }),
    });
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      let rest = '';
      child[stream].setEncoding('utf8');
      child[stream].on('data', (chunk: string) => {
        text[stream] += chunk;
        if (!onLine) return;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
      });
    }
    let interruption: Error | undefined;
    child.on('error', (cause) => {
      // It has been told to end; what it leaves behind is complete when it has.
      if (cause.name === 'AbortError' && child.pid !== undefined) interruption = cause;
      else if (cause.name === 'AbortError') reject(interrupted(command, cause));
      else reject(new RollupError(`${command} could not be run`, { cause, hint: 'Run `npm ci` first.' }));
    });
    child.on('close', (code) => {
      if (interruption !== undefined) return reject(interrupted(command, interruption));
      if (code === 0) return resolve(text);
      const tail = `${text.stdout}\n${text.stderr}`.trim().split('\n').slice(-25).join('\n');
      reject(new RollupError(`${[command, ...args].join(' ').slice(0, 200)} exited with ${code}\n${tail}`));
    });
  });
}
