import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { paths } from '../../base/paths.ts';
import type { CommandSpec } from '../../cli/commands/command.ts';
import { runNetworkCommand } from '../../cli/network/program.ts';

export type Environment = Record<string, string | undefined>;

/** Runs a program's command in this process. */
export async function runHere(command: CommandSpec, args: readonly string[], env: Environment): Promise<{ code: number; out: string; error: string }> {
  const out: string[] = [];
  const error: string[] = [];
  const code = await runNetworkCommand({ command, args, env, writeOut: (line) => out.push(line), writeError: (line) => error.push(line) });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

/** A program of its own, which prints one line of JSON for each event. */
export class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  /** @param file below the root of the checkout */
  constructor(file: string, args: readonly string[], env: Environment) {
    // The launcher runs what is in ts/cli only.
    const loader = file.startsWith('ts/cli/') ? [paths.launcher] : ['--import', 'tsx'];
    this.#child = spawn(process.execPath, [...loader, join(paths.root, file), ...args, '--json'], { cwd: paths.root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        this.lines.push(...parts);
      });
    }
    this.#ended = new Promise((resolve) => this.#child.on('close', (code) => resolve(code)));
  }

  /** The first event of that type. @throws Error with all that it printed when it ends or is silent before */
  async event(type: string, ms = 180_000): Promise<Record<string, unknown>> {
    const end = Date.now() + ms;
    for (;;) {
      const found = this.lines.flatMap((line) => (line.startsWith('{"type"') ? [JSON.parse(line) as Record<string, unknown>] : [])).find((event) => event['type'] === type);
      if (found !== undefined) return found;
      if (Date.now() > end || this.#child.exitCode !== null) throw new Error(`no "${type}" from it:\n${this.lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** As Ctrl-C does. @returns its exit code */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return await this.#ended;
  }

  /** Without a chance to end in order. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}
