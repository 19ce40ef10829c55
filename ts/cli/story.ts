import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { formatError, RollupError } from '../base/errors.ts';
import { lineProgress } from '../base/progress.ts';
import { proverHelp, useProver } from '../prover/choice.ts';
import { exitCodes } from './commands/help.ts';
import type { Check } from './story/ledger.ts';
import { openStoryNetwork, type OpenedNetwork } from './story/network.ts';
import { storyReport } from './story/report.ts';
import { exitReport } from './story/exitReport.ts';
import { runExit, type RunExitParameters } from './story/runExit.ts';
import { runStory } from './story/runStory.ts';
import { runTrade } from './story/runTrade.ts';
import { tradeReport } from './story/tradeReport.ts';

const help = `Usage: npm run story [-- [STORY] [options]]

Tells a story on three chains with real proofs and checks every balance.
Uses the running devnet if there is one; otherwise starts one and stops it at the end.

Stories:
  main   deposits, transfers, a change of key, withdrawals and fees (default)
  trade  two pools make a pair over two chains: liquidity, swaps both ways with one signature each, orders that cannot be filled,
         arbitrage, a liquidity provider who leaves with fees; every block is replayed from the primary's calldata
  exit   the operator disappears between two blocks, with the sequencer and its data; one user stops the rollup, and everybody leaves every
         chain with everything, by the command line alone. Always on a devnet of its own: the rollup has ended then

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

Examples:
  npm run story
  npm run story -- trade
  npm run story -- exit
`;

const write = (line: string): void => void process.stdout.write(`${line}\n`);

const stories = ['main', 'trade', 'exit'] as const;

function readOptions(): { story: (typeof stories)[number]; own: boolean; help: boolean } | undefined {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { own: { type: 'boolean' }, prover: { type: 'string' }, help: { type: 'boolean' } } });
    const { own = false, prover, help: isHelp = false } = values;
    const [name = 'main', ...rest] = positionals;
    const story = stories.find((candidate) => candidate === name);
    if (story === undefined || rest.length > 0) throw new RollupError('There is no such story', { facts: { expected: stories.join(' or '), actual: positionals.join(' ') } });
    useProver(prover, process.env);
    return { story, own, help: isHelp };
  } catch (error) {
    process.stderr.write(`${formatError(error)}\n\n${help}`);
    return undefined;
  }
}

/** Plays a story and writes its report. */
async function tell<T extends { checks: readonly Check[] }>(run: (parameters: RunExitParameters) => Promise<T>, report: (result: T) => string[], parameters: RunExitParameters): Promise<T> {
  const result = await run(parameters);
  report(result).forEach(write);
  return result;
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
  const ownFolder = options.own || options.story === 'exit' ? mkdtempSync(join(tmpdir(), 'rollup-story-')) : undefined;
  const file = process.env['ROLLUP_DEVNET'];
  let network: OpenedNetwork | undefined;
  let keepLogs = true;
  try {
    network = await openStoryNetwork({ progress, signal: interrupted.signal, ...(ownFolder === undefined ? {} : { folder: ownFolder }), ...(file ? { file } : {}) });
    void network.crashed.then((error) => crashed.abort(error));
    const parameters = { network, progress, signal };
    const result = await {
      main: async () => await tell(runStory, storyReport, parameters),
      trade: async () => await tell(runTrade, tradeReport, parameters),
      exit: async () => await tell(runExit, exitReport, parameters),
    }[options.story]();
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
