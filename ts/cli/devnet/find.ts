import { RollupError } from '../../base/errors.ts';
import { type DevnetDescription, findDevnet } from '../../chain/deployments.ts';
import { ConfigError } from '../../devnet/config/readConfig.ts';

/** What to do when there is none. */
export const NO_DEVNET = 'Start one with `npm run devnet` in another terminal; --folder names that of another one.';

/** @throws RollupError when no devnet runs there */
export function runningDevnet(file: string): DevnetDescription {
  const found = findDevnet(file);
  if (found === undefined) throw new RollupError('No devnet is running', { facts: { file }, hint: NO_DEVNET });
  return found;
}

/** @throws RollupError when the devnet that runs there takes no orders */
export function controlUrl(file: string): string {
  const { controlUrl: url } = runningDevnet(file);
  if (url === undefined) throw new RollupError('The devnet that runs has no control server', { facts: { file }, hint: 'Start it with `npm run devnet`, or with `control: true`.' });
  return url;
}

/** @throws ConfigError when there are any */
export function noWords(verb: string, words: readonly string[]): void {
  if (words.length > 0) throw new ConfigError(`${verb} takes no further words`, { facts: { expected: verb, actual: `${verb} ${words.join(' ')}` }, hint: 'npm run devnet -- --help' });
}

/** @throws ConfigError */
export function wholeNumber(flag: string, text: string | boolean | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (typeof text === 'string' && /^\d{1,9}$/.test(text)) return Number(text);
  throw new ConfigError(`--${flag} is not a whole number`, { facts: { expected: 'a whole number', actual: text }, hint: 'npm run devnet -- --help' });
}
