import type { Address } from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import { type Endpoint, publicClient } from '../chain/clients.ts';
import { hasCode, receiptStatus } from '../chain/lookups.ts';
import { differences } from './differences.ts';
import { assertAffordable, costOf, type NetworkReport } from './preflight.ts';
import { type DeploymentIntent, type DeploymentRecord, intentOf, type RecordedTransaction } from './record.ts';

const NEXT = 'Run the command with the network file, the variables and the sender that it began with. To begin anew choose another name.';

/**
 * Whether a record is of this deployment: begun with the same network file by the same sender, and its transactions are those that were simulated
 * then. (They cannot be simulated again: what they make is there already.)
 * @throws RollupError with the first differences
 */
export function assertRecordFits({ record, config, sender }: { record: DeploymentRecord; config: unknown; sender: Address }): RecordedTransaction[] {
  const intent = record.intent();
  const transactions = record.transactions();
  if (intent === undefined || transactions.length === 0) throw new RollupError('There is nothing to go on with', { facts: { expected: record.folder }, hint: 'Run the command without --resume.' });
  const changed = differences({ config: intent.config, sender: intent.sender }, { config, sender });
  if (changed.length > 0) throw new RollupError(`The deployment "${record.name}" began otherwise`, { facts: factsOf(changed), hint: NEXT });
  const [expected, actual] = [intent.transactions, intentOf(transactions)];
  const foreign = differences(expected.map(withoutNonce), actual.map(withoutNonce));
  if (foreign.length > 0) {
    throw new RollupError(`The record is not of the deployment "${record.name}"`, {
      facts: { record: record.folder, ...factsOf(foreign) },
      hint: 'Put back the record that belongs to it, or choose another name and begin anew; nothing was sent.',
    });
  }
  return transactions;
}

/** Coins that were sent elsewhere between simulation and sending change the nonces, and nothing else. */
function withoutNonce({ nonce: _, ...rest }: DeploymentIntent['transactions'][number]): unknown {
  return rest;
}

function factsOf(found: readonly { path: string; expected: string; actual: string }[]): Record<string, string> {
  return Object.fromEntries(found.slice(0, 5).map(({ path, expected, actual }) => [path, `expected ${expected}, got ${actual}`]));
}

export interface NetworksParameters {
  /** Of the deployment's record. */
  transactions: readonly RecordedTransaction[];
  networks: readonly Endpoint[];
  reports: readonly NetworkReport[];
  /** Of the deployment. */
  name: string;
}

/**
 * Whether the networks are where the record says: they know what was sent, the next transaction would pass, and the rest can be paid.
 * @returns by chain, the nonce from which on the deployer can send what was not sent
 * @throws RollupError with everything that does not fit
 */
export async function assertNetworksFit({ transactions, networks, reports, name }: NetworksParameters): Promise<ReadonlyMap<number, number>> {
  const problems: Record<string, string> = {};
  const nonces = new Map<number, number>();
  await Promise.all(
    networks.map(async (endpoint) => {
      const { problem, nonce } = await lookAt(endpoint, transactions.filter(({ chainId }) => chainId === endpoint.chainId));
      if (problem !== undefined) problems[endpoint.name] = problem;
      if (nonce !== undefined) nonces.set(endpoint.chainId, nonce);
    }),
  );
  if (Object.keys(problems).length > 0) {
    throw new RollupError(`The networks are not where the deployment "${name}" stopped`, { facts: problems, hint: 'A node that is behind catches up: try again. Otherwise choose another name and begin anew; nothing was sent.' });
  }
  assertAffordable(reports.map((report) => ({ ...report, ...costOf(transactions.filter(({ chainId, succeeded }) => chainId === report.chainId && !succeeded), report.gasPrice) })));
  return nonces;
}

async function lookAt(endpoint: Endpoint, own: readonly RecordedTransaction[]): Promise<{ problem?: string; nonce?: number }> {
  const client = publicClient(endpoint);
  const last = own.findLast(({ succeeded }) => succeeded);
  if (last?.hash !== undefined && (await receiptStatus(client, last.hash)) === undefined) return { problem: `it does not know the transaction ${last.hash} of the record` };
  const next = own.find(({ succeeded }) => !succeeded);
  if (next === undefined) return {};
  if (next.hash !== undefined) {
    // forge waits for one that is on its way, and sends one again that was dropped.
    return (await receiptStatus(client, next.hash)) === 'reverted' ? { problem: `the transaction ${next.hash} of the record failed there` } : {};
  }
  try {
    await client.estimateGas({ account: next.from, to: next.to, data: next.input, value: next.value });
  } catch (error) {
    return { problem: `the next transaction (${next.function ?? next.contract ?? next.to ?? 'a new contract'}) would fail: ${firstLine(error)}` };
  }
  return { nonce: await client.getTransactionCount({ address: next.from }) };
}

/** Whether nothing of a deployment is on its networks or on its way there. False also when one does not answer. */
export async function isUntouched({ transactions, sender }: DeploymentIntent, networks: readonly Endpoint[]): Promise<boolean> {
  const untouched = await Promise.all(
    networks.map(async (endpoint) => {
      const [first] = transactions.filter(({ chainId }) => chainId === endpoint.chainId);
      const made = transactions.find(({ chainId, creates }) => chainId === endpoint.chainId && creates !== null)?.creates;
      if (first === undefined) return true;
      const client = publicClient(endpoint);
      try {
        const [sent, pending] = await Promise.all([client.getTransactionCount({ address: sender }), client.getTransactionCount({ address: sender, blockTag: 'pending' })]);
        if (pending === first.nonce) return true;
        return pending === sent && made != null && !(await hasCode(client, made));
      } catch {
        return false;
      }
    }),
  );
  return untouched.every(Boolean);
}
