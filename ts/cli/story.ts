import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { formatError } from '../base/errors.ts';
import { lineProgress } from '../base/progress.ts';
import { proverHelp, useProver } from '../prover/choice.ts';
import { exitCodes } from './commands/help.ts';
import { openStoryNetwork, type OpenedNetwork } from './story/network.ts';
import { storyReport } from './story/report.ts';
import { runStory } from './story/runStory.ts';

const help = `Usage: npm run story [-- options]

Deposits, transfers, changes a key and withdraws on three chains with real proofs, pays fees, and checks every balance.
Uses the running devnet if there is one; otherwise starts one and stops it at the end.

Options:
  --own          start a devnet of its own even if one is running
  --prover NAME  of a devnet that is started: snarkjs (default), rapidsnark or auto
  --help         print this help

Environment:
  ROLLUP_DEVNET  path of the running devnet's description (default: .devnet/devnet.json)
${proverHelp.map(([name, text]) => `  ${name}  ${text}`).join('\n')}

Exit codes:
  0  every check holds
  1  a check does not hold, the story could not be told, or it was stopped
  2  the command line is not understood

Example:
  npm run story
`;

const write = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions(): { own: boolean; help: boolean } | undefined {
  try {
    const { own = false, prover, help: isHelp = false } = parseArgs({ options: { own: { type: 'boolean' }, prover: { type: 'string' }, help: { type: 'boolean' } } }).values;
    useProver(prover, process.env);
    return { own, help: isHelp };
  } catch (error) {
    process.stderr.write(`${formatError(error)}\n\n${help}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return exitCodes.usage;
  if (options.help) {
    process.stdout.write(help);
    return exitCodes.ok;
  }

  // One Ctrl-C reaches this process several times, from the terminal and through npm; all processes are ended in order after the first.
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!interrupted.signal.aborted) write(`${name}: stopping`);
      interrupted.abort();
    });
  }
  const crashed = new AbortController();
  const signal = AbortSignal.any([interrupted.signal, crashed.signal]);
  const progress = lineProgress(write);
  const ownFolder = options.own ? mkdtempSync(join(tmpdir(), 'rollup-story-')) : undefined;
  const file = process.env['ROLLUP_DEVNET'];
  let network: OpenedNetwork | undefined;
  let keepLogs = true;
  try {
    network = await openStoryNetwork({ progress, signal: interrupted.signal, ...(ownFolder === undefined ? {} : { folder: ownFolder }), ...(file ? { file } : {}) });
    void network.crashed.then((error) => crashed.abort(error));
    const result = await runStory({ network, progress, signal });
    storyReport(result).forEach(write);
    if (!result.checks.every(({ ok }) => ok)) return exitCodes.failed;
    keepLogs = false;
    return exitCodes.ok;
  } catch (error) {
    keepLogs = !interrupted.signal.aborted;
    if (!keepLogs) return exitCodes.failed;
    process.stderr.write(`${formatError(crashed.signal.aborted ? crashed.signal.reason : error)}\n`);
    for (const [name, log] of Object.entries(network?.logs ?? {})) process.stderr.write(`  log of ${name}: ${log}\n`);
    return exitCodes.failed;
  } finally {
    await network?.stop();
    if (ownFolder !== undefined && !keepLogs) rmSync(ownFolder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
