import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { stringifyPlain } from '../../base/json.ts';
import { secondaryRollupAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { readWhole } from '../../sequencer/journalFile.ts';
import type { ProverPort } from '../../sequencer/proverPort.ts';
import { startSequencer, type Sequencer, type SequencerOptions } from '../../sequencer/sequencer.ts';
import type { BlockRecord } from '../../sequencer/store.ts';
import { operator, testUser, type TestUser } from '../../sequencer/testSupport.ts';
import type { StatusAnswer } from '../../sequencer/view.ts';
import { addressOf, type Hex } from '../../spec/hex.ts';
import { signOperation } from '../../spec/signature.ts';
import { outboxOf } from './chain.ts';
import type { TestDeployment } from './deployment.ts';

/* A sequencer on real contracts under test; proofs are made up and the verifier takes all. What is started here ends with the test. */

export const folder = mkdtempSync(join(tmpdir(), 'sequencer-'));
export const alice = userOf(1, 'alice');
export const bob = userOf(2, 'bob');
export const ether = 10n ** 18n;
export const lines: string[] = [];

function userOf(seed: number, name: 'alice' | 'bob'): TestUser {
  return { ...testUser(seed), owner: BigInt(testAccount(name).address) };
}

/** Makes proofs of zeros. `hold` lets them wait. */
export function fakeProver(): ProverPort & { hold: boolean } {
  const prover: ProverPort & { hold: boolean } = {
    hold: false,
    async prove(job, signal) {
      while (prover.hold) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        signal.throwIfAborted();
      }
      const inputs = job.trace.publicInputs;
      const publicInputs = 'c2' in inputs ? [inputs.c1, inputs.c2, inputs.r, inputs.y1, inputs.y2] : [inputs.c1, inputs.r, inputs.y1];
      return { proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs };
    },
    verify: async () => true,
    stop: async () => {},
  };
  return prover;
}

let running: Sequencer[] = [];
let dataDirs = 0;

/** The next sequencer begins with an empty data folder. */
export function newDataDir(): void {
  dataDirs++;
}

/** They were stopped by the test. */
export function forgetRunning(): void {
  running = [];
}

/** Sequencers stop before their chains do. */
export async function stopAll(test: TestDeployment): Promise<void> {
  await Promise.all(running.splice(0).map((sequencer) => sequencer.stop()));
  await test.stop();
}
afterEach((context) => {
  if (context.task.result?.state === 'fail') process.stderr.write(`${lines.slice(-60).join('\n')}\n`);
  lines.length = 0;
});
afterAll(() => rmSync(folder, { recursive: true }));

export async function start({ deployment }: TestDeployment, part: Partial<SequencerOptions> = {}): Promise<Sequencer> {
  const sequencer = await startSequencer({
    deployment, operator, dataDir: join(folder, `data${dataDirs}`), port: 0, prover: fakeProver(), pollMs: 20, policy: { blockIntervalMs: 100 },
    accounts: { validator: testAccount('validator').privateKey, anyone: testAccount('prover').privateKey },
    progress: { report: (line) => lines.push(line) }, ...part,
  });
  running.push(sequencer);
  return sequencer;
}

export async function get<T>(sequencer: Sequencer, path: string): Promise<T> {
  return (await (await fetch(`${sequencer.url}${path}`)).json()) as T;
}

export async function send(sequencer: Sequencer, deploymentId: bigint, user: TestUser, chainIndex: number, message: { leafIndex: number; nonce: number; amount: bigint } & ({ receiver: TestUser } | { to: Hex })): Promise<string> {
  const { leafIndex, amount } = message;
  const common = { token: 1n, nonce: BigInt(message.nonce), validUntil: 4_000_000_000, amount, fee: 0n };
  const operation = 'to' in message
    ? { type: 'withdraw' as const, leafIndex, to: BigInt(message.to), ...common }
    : { type: 'transfer' as const, from: leafIndex, toOwner: message.receiver.owner, toKeyX: message.receiver.keyX, toKeyY: message.receiver.keyY, ...common };
  const signature = signOperation(operation, { deploymentId, chainIndex }, user.key);
  const addresses = operation.type === 'withdraw' ? { to: addressOf(operation.to) } : { toOwner: addressOf(operation.toOwner) };
  const body = stringifyPlain({ ...operation, ...addresses, leafIndex, chainIndex, signature } satisfies Record<string, unknown>);
  const response = await fetch(`${sequencer.url}/transactions`, { method: 'POST', body });
  const answer = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(answer)).toBe(202);
  return answer.id;
}

export const status = async (sequencer: Sequencer) => await get<StatusAnswer>(sequencer, '/status');
export const executedEverywhere = (sequencer: Sequencer, least = 1) => async (): Promise<boolean> => {
  const { chains, pendingOperations, lastBlock } = await status(sequencer);
  return pendingOperations === 0 && lastBlock >= least && chains.every(({ executed }) => executed === lastBlock);
};

/** Whether the chains have committed so many blocks each. */
export const committed = (sequencer: Sequencer, counts: number[]) => async (): Promise<boolean> => (await status(sequencer)).chains.map((chain) => chain.committed).join() === counts.join();

/** Somebody else sends the sync hash of block `blockNumber` from chain `chainIndex`, a secondary. */
export async function syncByOther({ chains }: TestDeployment['deployment'], chainIndex: number, blockNumber = 1): Promise<void> {
  const chain = chains[chainIndex]!;
  const record = await readWhole<BlockRecord>(join(folder, `data${dataDirs}`, 'blocks', `${blockNumber}.json`));
  const { stored } = record!.chains[chainIndex]!;
  const args = [{ ...stored, priorityRequestsTotal: BigInt(stored.priorityRequestsTotal), timestamp: BigInt(stored.timestamp) }] as const;
  await outboxOf(chain, 'operator').send({ address: chain.rollup, abi: secondaryRollupAbi, functionName: 'syncBlock', args });
}
