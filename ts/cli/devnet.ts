import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatError, RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { lineProgress, silentProgress } from '../base/progress.ts';
import { devnetFile } from '../chain/deployments.ts';
import { banner } from '../devnet/banner.ts';
import type { DevnetOrder } from '../devnet/control.ts';
import { DEFAULT_PORTS, startDevnet, type Devnet } from '../devnet/devnet.ts';
import { useProver } from '../prover/choice.ts';
import { orderDevnet, orderHelp, parseOrder } from './devnetOrders.ts';

const HELP = `Runs Ethereum, Linea and zkSync Era on this machine with their message services, the rollup on all three, its sequencer and prover, and
relayers; until Ctrl-C.

Usage: npm run devnet -- [flags]
       npm run devnet -- ORDER

  --port-ethereum PORT    default 8545
  --port-linea PORT       default 8546
  --port-zksync PORT      default 8547
  --port-sequencer PORT   of the sequencer's HTTP API, default 8550; 0 means any free port, here and above
  --no-sequencer          chains, contracts and relayers only
  --minimum-fee FEE       least fee that the sequencer takes, e.g. ETH=0.0001 (every kind) or withdraw:TST=0.5 (kinds: transfer, withdraw, changeKey, swapIn, addLiquidity, removeLiquidity);
                          may be given several times; default: those in ROLLUP_MINIMUM_FEES, separated by spaces, else none
  --finalize-delay S      seconds of chain time that a message from Linea waits for its finalization, default 0 (really hours)
  --anchor-delay S        seconds that a message to Linea waits for its anchoring, default 0 (really about 15 minutes)
  --execute-delay S       seconds that a proved zkSync batch waits for its execution, default 0 (really 3 hours)
  --prover NAME           snarkjs (default), rapidsnark or auto; also ROLLUP_PROVER, see circuits/KEYS.md
  --folder PATH           where logs, data and the description go, default .devnet (ROLLUP_DEVNET tells the CLI of another one)
  --json                  instead of the banner one JSON object: deployment, accounts, sequencer, log files
  --quiet                 no progress
  --help                  this text

${orderHelp}
It writes what it runs to .devnet/devnet.json, which \`npm run story\` and \`npm run cli\` read, and removes that at its end. Missing circuit keys are
built first (one to two minutes). Exit code 0 after Ctrl-C, 1 when something failed, 2 when the command line is not understood.

Examples: npm run devnet
          npm run devnet -- --port-ethereum 9545 --port-linea 0 --port-zksync 0
          npm run devnet -- --no-sequencer --json
          npm run devnet -- pass-time 4d
`;

const FLAGS = {
  'port-ethereum': { type: 'string', default: String(DEFAULT_PORTS[0]) },
  'port-linea': { type: 'string', default: String(DEFAULT_PORTS[1]) },
  'port-zksync': { type: 'string', default: String(DEFAULT_PORTS[2]) },
  'port-sequencer': { type: 'string', default: '8550' },
  'no-sequencer': { type: 'boolean', default: false },
  'minimum-fee': { type: 'string', multiple: true },
  'finalize-delay': { type: 'string', default: '0' },
  'anchor-delay': { type: 'string', default: '0' },
  'execute-delay': { type: 'string', default: '0' },
  prover: { type: 'string' },
  folder: { type: 'string' },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

class UsageError extends RollupError {}

function parseFlags(): { flags: ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']; words: string[] } {
  try {
    const { values: flags, positionals: words } = parseArgs({ options: FLAGS, allowPositionals: true });
    return { flags, words };
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { hint: 'npm run devnet -- --help' });
  }
}

function readOrder(words: readonly string[]): DevnetOrder {
  try {
    return parseOrder(words);
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw new UsageError(error.message, { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

function integer(flag: string, text: string, maximum: number): number {
  if (/^\d+$/.test(text) && Number(text) <= maximum) return Number(text);
  throw new UsageError(`--${flag} is not a whole number from 0 to ${maximum}`, { facts: { actual: text } });
}

async function main(): Promise<void> {
  const { flags, words } = parseFlags();
  if (flags.help) {
    process.stdout.write(HELP);
    return;
  }
  if (words.length > 0) {
    const file = flags.folder === undefined ? process.env['ROLLUP_DEVNET'] || devnetFile : join(resolve(flags.folder), 'devnet.json');
    await orderDevnet({ file, order: readOrder(words) });
    return;
  }
  const port = (name: 'ethereum' | 'linea' | 'zksync' | 'sequencer'): number => integer(`port-${name}`, flags[`port-${name}`], 65_535);
  const delay = (name: 'finalize' | 'anchor' | 'execute'): number => integer(`${name}-delay`, flags[`${name}-delay`], 1_000_000);
  const progress = flags.quiet ? silentProgress : lineProgress();
  useProver(flags.prover, process.env);
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

  let devnet: Devnet;
  try {
    devnet = await startDevnet({
      ports: { ethereum: port('ethereum'), linea: port('linea'), zksync: port('zksync') },
      sequencerPort: port('sequencer'),
      sequencer: !flags['no-sequencer'],
      minimumFees: flags['minimum-fee'] ?? (process.env['ROLLUP_MINIMUM_FEES'] ?? '').split(/\s+/).filter((text) => text !== ''),
      relayers: { delays: { finalize: delay('finalize'), anchor: delay('anchor'), execute: delay('execute') } },
      ...(flags.folder === undefined ? {} : { folder: resolve(flags.folder) }),
      control: true,
      progress,
      signal: interrupted.signal,
    });
  } catch (error) {
    if (interrupted.signal.aborted) return;
    throw error;
  }
  const { pid, deployment, sequencerUrl, controlUrl, accounts, logs } = devnet;
  const description = { pid, deployment, ...(sequencerUrl === undefined ? {} : { sequencerUrl }), ...(controlUrl === undefined ? {} : { controlUrl }), accounts, logs };
  const text = flags.json ? stringifyPlain(description, 2) : banner(description, (performance.now() - begin) / 1000);
  process.stdout.write(`${text}\n`);

  const reported = reportHalt(devnet);
  const crash = await Promise.race([devnet.crashed, signalled]);
  clearInterval(reported);
  await devnet.stop();
  if (crash) throw crash;
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
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
