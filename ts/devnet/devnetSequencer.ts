import { privateKeyToAccount } from 'viem/accounts';
import type { Progress } from '../base/progress.ts';
import { keyOfAccount } from '../chain/client/key.ts';
import type { Deployment } from '../chain/deployments.ts';
import { ensureBuilt } from '../circuit/ensureBuilt.ts';
import { parseMinimumFees } from '../sequencer/fees.ts';
import { type Sequencer, type SequencerOptions, startSequencer } from '../sequencer/sequencer.ts';
import { testAccount } from './accounts.ts';

export interface StartDevnetSequencerParameters {
  deployment: Deployment;
  dataDir: string;
  /** Of the API; 0: any free one. */
  port: number;
  /** Instead of the devnet's choices, e.g. a block policy. */
  options: Partial<SequencerOptions>;
  /** Such as `ETH=0.0001` or `withdraw:TST=0.5`. */
  minimumFees: readonly string[];
  /** What the start does. */
  progress: Progress;
  /** What the sequencer does from then on. */
  log: Progress;
  signal?: AbortSignal;
}

/** Starts the sequencer with the accounts of a devnet; missing circuit keys are built first. Slow to load: import it when it is needed. */
export async function startDevnetSequencer({ deployment, dataDir, port, options, minimumFees, progress, log, signal }: StartDevnetSequencerParameters): Promise<Sequencer> {
  const fees = parseMinimumFees(minimumFees, deployment);
  await ensureBuilt({ progress, ...(signal === undefined ? {} : { signal }) });
  signal?.throwIfAborted();
  progress.report('starting the sequencer');
  const operator = privateKeyToAccount(testAccount('operator').privateKey);
  const { publicKey } = await keyOfAccount(operator);
  return await startSequencer({
    pollMs: 150,
    // `time` makes blocks old that are on their way.
    remakeOldBlocks: true,
    ...options,
    deployment,
    accounts: { validator: testAccount('validator').privateKey, anyone: testAccount('prover').privateKey },
    operator: { owner: BigInt(operator.address), keyX: publicKey.x, keyY: publicKey.y },
    fees,
    dataDir,
    port,
    progress: log,
  });
}
