import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { paths, root } from '../../base/paths.ts';
import { saveDeployment } from '../../chain/deployments.ts';
import { serveRpc } from '../../recovery/fakeServer.ts';
import { FakeRollupWorld } from '../../recovery/fakeWorld.ts';
import type { FakeBlock } from '../../recovery/fakeRollup.ts';
import { PlainHistory } from '../../recovery/plainHistory.ts';
import type { Figure, Mark, Unit } from './figure.ts';
import { marks } from './marks.ts';
import { ProcessTree } from './processTree.ts';
import type { SectionParameters } from './section.ts';

const SEED = 20251121;
const OPERATIONS = 100_000;
const QUICK_OPERATIONS = 10_000;
const USERS = 2_000;
const QUICK_USERS = 200;
const BLOCKS_PER_TRANSACTION = 4;
const SAMPLE_MILLISECONDS = 100;

/** What the command prints as JSON, as far as it is needed here. */
interface RecoverOutput {
  blockNumber: number;
  finalRoot: string;
  startedFrom: number;
  operations: number;
  seconds: number;
  file: string;
  chains: { leaves: number }[];
}

/**
 * The very command that users run, in a process of its own, against three chains in memory behind ports of this machine. The history is made of
 * public data without proofs, which recovery does not look at.
 */
export async function measureRecovery({ progress, signal, quick }: SectionParameters): Promise<Figure[]> {
  const [operations, users] = quick ? [QUICK_OPERATIONS, QUICK_USERS] : [OPERATIONS, USERS];
  const { world, history } = makeHistory({ operations, users, signal, report: (count) => progress.report(`recovery: making a history (seed ${SEED})`, count / operations) });
  const servers = await Promise.all(world.rpcs.map((rpc) => serveRpc(rpc)));
  const folder = mkdtempSync(join(tmpdir(), 'recovery-bench-'));
  try {
    const urlOf = (chainIndex: number): string => servers[chainIndex]?.url ?? '';
    const chains = world.deployment.chains.map((chain) => ({ ...chain, rpcUrl: urlOf(chain.chainIndex) }));
    const file = saveDeployment({ ...world.deployment, arbitratorRpcUrl: urlOf(2), chains }, join(folder, 'deployment.json'));
    const args = ['--deployment', file, '--directory', join(folder, 'snapshots'), '--json'];
    progress.report(`recovery: ${history.operationCount} operations in ${history.blockNumber} blocks`);
    const whole = await recoverIn(args, signal);
    progress.report('recovery: again, from the snapshot');
    const again = await recoverIn(args, signal);
    for (const { output } of [whole, again]) {
      if (output.finalRoot !== history.state.finalRoot.toString()) throw new RollupError('Another state was recovered', { facts: { expected: history.state.finalRoot, actual: output.finalRoot } });
    }
    const { output, peak } = whole;
    const leaves = output.chains.reduce((sum, chain) => sum + chain.leaves, 0);
    return [
      figure(`${output.operations.toLocaleString('en')} operations, ${leaves.toLocaleString('en')} leaves, whole`, output.seconds, 'seconds', quick ? undefined : marks.recoverSeconds),
      figure('operations', output.operations / output.seconds, 'per second'),
      figure('blocks', output.blockNumber / output.seconds, 'per second'),
      ...(peak === 0 ? [] : [figure('peak memory of the process', peak / 2 ** 20, 'mebibytes', quick ? undefined : marks.recoverMebibytes)]),
      figure('bytes of a snapshot a leaf', statSync(output.file).size / leaves, 'bytes'),
      figure('from the snapshot of the last block, every root computed', again.output.seconds, 'seconds'),
    ];
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function figure(name: string, value: number, unit: Unit, mark?: Mark): Figure {
  return { section: 'recovery', name, value, unit, ...(mark ? { mark } : {}) };
}

interface HistoryParameters {
  operations: number;
  users: number;
  signal: AbortSignal;
  report: (count: number) => void;
}

/** Committed and confirmed on all chains. */
function makeHistory({ operations, users, signal, report }: HistoryParameters): { world: FakeRollupWorld; history: PlainHistory } {
  const world = new FakeRollupWorld();
  const history = new PlainHistory({ deployment: world.deployment, seed: SEED, users, operationsPerBlock: Number.POSITIVE_INFINITY });
  while (history.operationCount < operations) {
    signal.throwIfAborted();
    const blocks: FakeBlock[] = [];
    while (blocks.length < BLOCKS_PER_TRANSACTION && history.operationCount < operations) blocks.push(history.next());
    world.commit(blocks, { together: BLOCKS_PER_TRANSACTION });
    if (history.blockNumber % 100 < BLOCKS_PER_TRANSACTION) report(history.operationCount);
  }
  world.confirm(history.blockNumber);
  return { world, history };
}

/** @returns what the command printed, and its process's largest resident size in bytes (0 where that cannot be seen) */
async function recoverIn(args: readonly string[], signal: AbortSignal): Promise<{ output: RecoverOutput; peak: number }> {
  const tree = new ProcessTree();
  const child = spawn(process.execPath, [paths.launcher, 'ts/cli/main.ts', 'recover', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], signal });
  if (child.pid !== undefined) tree.add(child.pid);
  const sampler = setInterval(() => tree.sample(), SAMPLE_MILLISECONDS);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new RollupError('The state could not be recovered', { facts: { exitCode: code, output: text.slice(-500) } });
  } finally {
    clearInterval(sampler);
  }
  return { output: JSON.parse(text) as RecoverOutput, peak: tree.peak };
}
