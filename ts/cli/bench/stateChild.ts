import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { formatError } from '../../base/errors.ts';
import { createRollupClient } from '../../chain/client/rollupClient.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { type Devnet, startDevnet } from '../../devnet/devnet.ts';
import type { StateMeasurement } from './states.ts';

// A devnet with a sequencer and one deposit on its way: times of what can be done with its whole state; prints one JSON object.

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const begin = performance.now();
  const result = await work();
  return { seconds: (performance.now() - begin) / 1000, result };
}

async function measure(folder: string): Promise<StateMeasurement> {
  const running: Devnet[] = [];
  const start = async (options: { load?: string; fresh?: boolean; sequencer: boolean }): Promise<Devnet> => {
    const devnet = await startDevnet({ folder: join(folder, String(running.length)), ...options });
    running.push(devnet);
    return devnet;
  };
  try {
    const deployed = await timed(async () => await start({ fresh: true, sequencer: false }));
    await deployed.result.stop();
    const { result: devnet } = await timed(async () => await start({ sequencer: true }));
    const alice = createRollupClient({ deployment: devnet.deployment, sequencerUrl: devnet.sequencerUrl ?? '', account: privateKeyToAccount(testAccount('alice').privateKey) });
    await alice.deposit({ chainIndex: 0, token: 1, amount: parseEther('1') });
    const snapshot = await timed(async () => await devnet.snapshot());
    const revert = await timed(async () => await devnet.revert(snapshot.result.id));
    const file = join(folder, 'devnet.dump');
    const dump = await timed(async () => await devnet.dump(file));
    await devnet.stop();
    const load = await timed(async () => await start({ load: file, sequencer: true }));
    return { deployed: deployed.seconds, snapshot: snapshot.seconds, revert: revert.seconds, dump: dump.seconds, load: load.seconds, bytes: statSync(file).size };
  } finally {
    for (const devnet of running) await devnet.stop();
  }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rollup-bench-state-'));
  try {
    process.stdout.write(JSON.stringify(await measure(folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// snarkjs keeps its worker threads.
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${formatError(error)}\n`);
    process.exit(1);
  },
);
