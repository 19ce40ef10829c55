import { primaryOf, type Deployment } from '../../chain/deployments.ts';
import { otherSources } from '../../recovery/crossCheck.ts';
import { recover, type Recovered, type RecoverTo } from '../../recovery/recover.ts';
import { defaultDirectory } from '../../recovery/snapshotFolder.ts';
import { UsageError, type CommandContext, type OptionSpec } from './command.ts';
import { findChains, type Chains } from './network.ts';

/** Options of commands that recover the state from chain data. */
export const recoverOptions: readonly OptionSpec[] = [
  { name: 'primary', value: 'URL', help: "RPC of the primary (default: the deployment's)" },
  { name: 'chain', value: 'NAME=URL', multiple: true, help: 'another chain to compare with, which must answer; without =URL by its RPC in the deployment; `arbitrator` for the arbitrator’s chain' },
  { name: 'directory', value: 'FOLDER', help: 'where snapshots are kept (default: .recovery, a folder for each deployment)' },
];

/** The chains, with the RPCs that the options name. @throws UsageError when a name or a URL is none */
export function findRpcs(context: Pick<CommandContext, 'options' | 'env'>): Chains & { required: ReadonlySet<string> } {
  const { options } = context;
  const primary = options.text('primary');
  const urls = new Map<string, string>();
  const required = new Set<string>();
  for (const text of options.list('chain')) {
    const [name = '', ...url] = text.split('=');
    required.add(name.toLowerCase());
    if (text.includes('=')) urls.set(name.toLowerCase(), checkUrl(url.join('=')));
  }
  const { deployment, accounts } = findChains(context, urls);
  const chain = primaryOf(deployment);
  const known = [...deployment.chains.map(({ name }) => name), 'arbitrator'];
  for (const name of required) if (!known.includes(name)) throw new UsageError(`There is no chain "${name}"`, { facts: { known: known.join(', ') } });
  const rpcUrl = primary === undefined ? (urls.get(chain.name) ?? chain.rpcUrl) : checkUrl(primary);
  if (rpcUrl.startsWith('$')) throw new UsageError('Which RPC of the primary?', { hint: `Give --primary URL or set ${rpcUrl.slice(1)}.` });
  const chains = deployment.chains.map((own) => (own === chain ? { ...own, rpcUrl } : own));
  // The arbitrator may be on the primary's chain.
  const arbitratorRpcUrl = deployment.arbitratorChainId === chain.chainId && !urls.has('arbitrator') ? rpcUrl : deployment.arbitratorRpcUrl;
  return { deployment: { ...deployment, chains, arbitratorRpcUrl }, accounts, required };
}

function checkUrl(text: string): string {
  if (/^(https?|wss?):\/\//.test(text) && URL.canParse(text)) return text;
  throw new UsageError('This is not the URL of an RPC', { facts: { expected: 'http://… or https://…', actual: text } });
}

export interface RecoverStateParameters {
  context: Pick<CommandContext, 'options' | 'env' | 'progress' | 'signal'>;
  /** Default: confirmed. */
  to?: RecoverTo;
  snapshotEvery?: number | undefined;
}

/** Recovers as the options say; snapshots are used and left behind. */
export async function recoverState({ context, to = 'confirmed', snapshotEvery }: RecoverStateParameters): Promise<{ deployment: Deployment; recovered: Recovered }> {
  const { deployment, required } = findRpcs(context);
  const { options, progress, signal } = context;
  const directory = options.text('directory') ?? defaultDirectory(deployment);
  const others = otherSources({ deployment, required });
  return { deployment, recovered: await recover({ deployment, directory, to, others, snapshotEvery, progress, signal }) };
}
