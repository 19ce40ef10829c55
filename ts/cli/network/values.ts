import { RollupError } from '../../base/errors.ts';
import { isOnThisMachine } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { UsageError } from '../commands/command.ts';

/** Whether all nodes are on this machine: then nothing waits as on real networks. */
export function isLocal({ arbitratorRpcUrl, chains }: Deployment): boolean {
  return [arbitratorRpcUrl, ...chains.map(({ rpcUrl }) => rpcUrl)].every(isOnThisMachine);
}

/** @throws UsageError when it is no duration */
export function readSeconds(text: string | undefined, name: string, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= 0.05 && value <= 86_400) return value;
  throw new UsageError(`${name} is not a number of seconds`, { facts: { expected: '0.05 to 86400', actual: text } });
}

/** What a rule of the program refuses is the command line's fault here. @throws UsageError */
export function asUsage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw new UsageError(error.message, { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

/** `12`, or `ethereum=12` for one chain, several times. @throws UsageError */
export function readConfirmations(texts: readonly string[], fallback: Record<string, number>): Record<string, number> {
  const found = { ...fallback };
  for (const text of texts) {
    const [, name, number = ''] = /^(?:([\w-]+)=)?(\d{1,5})$/.exec(text) ?? [];
    const value = Number(number);
    if (number === '' || value < 1) throw new UsageError('--confirmations is not a number of blocks', { facts: { expected: '12 or ethereum=12, from 1', actual: text } });
    if (name !== undefined && !(name in found)) throw new UsageError(`There is no chain "${name}"`, { facts: { known: Object.keys(found).join(', ') } });
    for (const key of name === undefined ? Object.keys(found) : [name]) found[key] = value;
  }
  return found;
}
