import { join } from 'node:path';
import { formatError, RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { lineProgress, silentProgress } from '../base/progress.ts';
import { devnetFile } from '../chain/deployments.ts';
import { banner } from '../devnet/banner.ts';
import { configObject, configText, optionsHelp } from '../devnet/config/configText.ts';
import { ConfigError, readConfig, type ReadConfigReturnType } from '../devnet/config/readConfig.ts';
import { startOptionsOf } from '../devnet/config/startOptions.ts';
import type { DevnetOrder } from '../devnet/controlOrders.ts';
import type { Devnet } from '../devnet/devnet.ts';
import { eventLine } from '../devnet/events/event.ts';
import { useProver } from '../prover/choice.ts';
import { UnknownWordError } from '../devnet/relayers/routes.ts';
import { orderDevnet, orderFlags, type OrderFlags, orderHelp, parseOrder } from './devnetOrders.ts';
import { assertFits, findVerb, verbFlags, verbHelp } from './devnetVerbs.ts';

const HELP = `Runs Ethereum, Linea and zkSync Era on this machine with their message services, the rollup on all three, its sequencer and prover, and
relayers; until Ctrl-C.

Usage: npm run devnet -- [options]
       npm run devnet -- VERB

${optionsHelp()}

${verbHelp}
${orderHelp}
It writes what it runs to .devnet/devnet.json, which \`npm run story\` and \`npm run cli\` read, and removes that at its end; of a devnet in another
--folder, verbs are told by the same option, and the CLI by ROLLUP_DEVNET. Missing circuit keys are built first (one to two minutes).
Exit code 0 after Ctrl-C, 1 when something failed, 2 when the command line, a variable or the file is not understood.
Pages with examples: ts/devnet/docs.

Examples: npm run devnet
          npm run devnet -- --port 9545
          npm run devnet -- --port 0 --no-sequencer --folder second --json
          npm run devnet -- time +4d
`;

function readOrder(words: readonly string[], flags: OrderFlags): DevnetOrder {
  try {
    return parseOrder(words, flags);
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw new ConfigError(error.message, { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

async function main(): Promise<void> {
  const read = readConfig({ args: process.argv.slice(2), env: process.env, folder: process.cwd(), extra: { ...verbFlags, ...orderFlags } });
  const { config, words, sources, extras } = read;
  if (config.help) {
    process.stdout.write(HELP);
    return;
  }
  if (config['print-config']) {
    process.stdout.write(`${config.json ? stringifyPlain(configObject(read), 2) : configText(read)}\n`);
    return;
  }
  if (words.length > 0) {
    const file = sources.folder === 'default' ? process.env['ROLLUP_DEVNET'] || devnetFile : join(config.folder, 'devnet.json');
    const verb = findVerb(words[0]);
    assertFits(read, verb);
    if (verb !== undefined) process.exitCode = await verb.run({ file, words: words.slice(1), flags: extras, json: config.json, read });
    else await orderDevnet({ file, order: readOrder(words, extras), json: config.json });
    return;
  }
  const stray = Object.keys(extras)[0];
  if (stray !== undefined) throw new ConfigError(`--${stray} belongs to a verb`, { facts: { expected: 'npm run devnet -- VERB', actual: `--${stray} alone` }, hint: '`npm run devnet -- --help` lists all verbs.' });
  await runDevnet(read);
}

async function runDevnet({ config }: ReadConfigReturnType): Promise<void> {
  const progress = config.quiet ? silentProgress : lineProgress(undefined, '', config['log-format']);
  useProver(config.prover, process.env);
  const begin = performance.now();

  // From here on a signal ends the devnet in order, whatever it is doing. One Ctrl-C reaches us several times (from the terminal and through npm);
  // only a second one later is the last resort of the impatient.
  const interrupted = new AbortController();
  const signalled = new Promise<void>((done) => interrupted.signal.addEventListener('abort', () => done(), { once: true }));
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (interrupted.signal.aborted && Date.now() - first > 2_000) process.exit(1);
      if (interrupted.signal.aborted) return;
      first = Date.now();
      progress.report(`${name}: stopping`);
      interrupted.abort();
    });
  }

  // Verbs and orders do without it, and are there in half the time.
  const { descriptionOf, startDevnet } = await import('../devnet/devnet.ts');
  let devnet: Devnet;
  try {
    devnet = await startDevnet({ ...startOptionsOf(config), progress, signal: interrupted.signal });
  } catch (error) {
    if (interrupted.signal.aborted) return;
    throw error;
  }
  const description = descriptionOf(devnet);
  const text = config.json ? stringifyPlain(description, 2) : banner(description, { seconds: (performance.now() - begin) / 1000, balance: config.balance, mnemonic: config.mnemonic });
  process.stdout.write(`${text}\n`);
  if (config.events && !config.json && !config.quiet) showEvents(devnet, config['log-format']);

  const reported = reportHalt(devnet);
  const crash = await Promise.race([devnet.crashed, signalled]);
  clearInterval(reported);
  await devnet.stop();
  if (crash) throw crash;
}

/** What happens from now on, and what did since the start. */
function showEvents({ events }: Devnet, format: 'text' | 'json'): void {
  const write = (event: Parameters<typeof eventLine>[0]): void => void process.stdout.write(`${format === 'json' ? JSON.stringify(event) : eventLine(event)}\n`);
  events.list().forEach(write);
  events.subscribe(write);
}

/** The chains go on when the sequencer cannot; say so at once. */
function reportHalt(devnet: Devnet): NodeJS.Timeout {
  let known: RollupError | null = null;
  return setInterval(() => {
    const halted = devnet.halted();
    if (halted !== null && halted !== known) process.stderr.write(`The sequencer has halted. ${formatError(halted)}\n`);
    known = halted;
  }, 1_000);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${formatError(error)}\n`);
  process.exitCode = error instanceof ConfigError || error instanceof UnknownWordError ? 2 : 1;
}
