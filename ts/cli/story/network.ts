import { join } from 'node:path';

import type { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { devnetFile, type DevnetDescription, findDevnet, type TestAccount } from '../../chain/deployments.ts';
import type { Devnet } from '../../devnet/devnet.ts';
import type { StoryNetwork } from './cast.ts';

export interface OpenStoryNetworkParameters {
  progress: Progress;
  /** Interrupts the start of a devnet. */
  signal: AbortSignal;
  /** Description of a running devnet; default `.devnet/devnet.json`. */
  file?: string;
  /** Where a devnet that is started here keeps logs and data; default `.devnet`. Never uses a running one when it is given. */
  folder?: string;
}

/** What one can do to a devnet that was started here. */
export interface StoryControl extends Pick<Devnet, 'removeSequencer' | 'passTime'> {
  relayers: Pick<Devnet['relayers'], 'hold' | 'release'>;
  /** Its description, for the command line. */
  file: string;
}

export interface OpenedNetwork extends StoryNetwork {
  /** Absent for a devnet that was found running. */
  control?: StoryControl;
  /** Log file of each part, by name. */
  logs: Record<string, string>;
  /** Settles when a chain dies by itself. */
  crashed: Promise<RollupError>;
  /** Ends what was started here; a devnet that was found running stays. */
  stop(): Promise<void>;
}

/** The running devnet, or one that is started now on free ports. */
export async function openStoryNetwork({ progress, signal, file = devnetFile, folder }: OpenStoryNetworkParameters): Promise<OpenedNetwork> {
  const running = folder === undefined ? findDevnet(file) : undefined;
  if (running?.sequencerUrl !== undefined) {
    progress.report(`using the running devnet (process ${running.pid})`);
    const { deployment, sequencerUrl, logs } = running;
    return { deployment, sequencerUrl, accounts: everybody(running), logs, crashed: new Promise(() => undefined), stop: async () => undefined };
  }
  progress.report('no devnet is running: starting one');
  // Slow to load, and a running devnet does not need it.
  const { startDevnet } = await import('../../devnet/devnet.ts');
  const devnet = await startDevnet({ progress, signal, ...(folder === undefined ? {} : { folder }) });
  const { deployment, sequencerUrl = '', logs, crashed, removeSequencer, passTime, relayers } = devnet;
  const control: StoryControl = { removeSequencer, passTime, relayers, file: folder === undefined ? devnetFile : join(folder, 'devnet.json') };
  return { deployment, sequencerUrl, accounts: everybody(devnet), logs, crashed, control, stop: async () => await devnet.stop() };
}

/** Users and the devnet's own parts: the story plays the operator too. */
function everybody({ accounts, operators = [] }: Pick<DevnetDescription, 'accounts' | 'operators'>): TestAccount[] {
  return [...accounts, ...operators];
}
