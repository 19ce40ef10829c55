import { blockStages, type BlockStage } from '../../chain/client/sequencerApi.ts';
import { getPriorityRequest } from '../../chain/actions/getPriorityRequest.ts';
import { poll } from '../../chain/client/wait.ts';
import type { RollupClient } from '../../chain/client/rollupClient.ts';
import { publicClient } from '../../chain/clients.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { UsageError, type CommandContext, type OptionSpec } from './command.ts';
import { nearest } from '../../base/nearest.ts';

const transactionStages = ['included', ...blockStages] as const;
const requestStages = ['committed', 'executed'] as const;

export const waitForTransactionOption: OptionSpec = { name: 'wait', value: 'STAGE', help: `wait until it is ${transactionStages.join(', ')}` };
export const waitForRequestOption: OptionSpec = { name: 'wait', value: 'STAGE', help: `wait until it is ${requestStages.join(' or ')} (default: mined)` };

function readStage<T extends string>({ options }: CommandContext, stages: readonly T[]): T | undefined {
  const text = options.text('wait');
  if (text === undefined) return undefined;
  const found = stages.find((stage) => stage === text);
  if (found !== undefined) return found;
  const guess = nearest(text, stages);
  throw new UsageError(`--wait does not know "${text}"`, { facts: { expected: stages.join(', ') }, ...(guess === undefined ? {} : { hint: `Did you mean ${guess}?` }) });
}

export function readTransactionStage(context: CommandContext): 'included' | BlockStage | undefined {
  return readStage(context, transactionStages);
}

export function readRequestStage(context: CommandContext): 'committed' | 'executed' | undefined {
  return readStage(context, requestStages);
}

export interface AwaitTransactionParameters {
  context: CommandContext;
  client: RollupClient;
  chain: ChainDeployment;
  id: string;
  stage: 'included' | BlockStage | undefined;
}

/** @returns the number of the block that holds the transaction, when it was waited for */
export async function awaitTransaction({ context, client, chain, id, stage }: AwaitTransactionParameters): Promise<number | undefined> {
  if (stage === undefined) return undefined;
  context.progress.report('waiting for a block');
  const { blockNumber } = await client.waitForTransaction({ id, timeoutMilliseconds: 300_000, signal: context.signal });
  for (const next of stage === 'included' ? [] : blockStages.slice(0, blockStages.indexOf(stage) + 1)) {
    context.progress.report(`block ${blockNumber}: waiting until it is ${next} on ${chain.name}`);
    await client.waitForBlockStage({ blockNumber, stage: next, chainIndex: chain.chainIndex });
  }
  return blockNumber;
}

export interface AwaitRequestParameters {
  context: CommandContext;
  chain: ChainDeployment;
  requestId: bigint;
  stage: 'committed' | 'executed' | undefined;
}

/** Waits for a priority request by the chain's own word. */
export async function awaitRequest({ context, chain, requestId, stage }: AwaitRequestParameters): Promise<void> {
  if (stage === undefined) return;
  const client = publicClient(chain);
  context.progress.report(`waiting until request ${requestId} is ${stage} on ${chain.name}`);
  await poll({
    what: `request ${requestId} to be ${stage} on ${chain.name}`,
    timeoutMilliseconds: 300_000,
    check: async () => {
      const { status } = await getPriorityRequest({ client, rollup: chain.rollup, requestId });
      return status === stage || status === 'executed' ? true : undefined;
    },
  });
}
