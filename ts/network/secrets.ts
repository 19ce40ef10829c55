import { originOf } from '../chain/clients.ts';
import type { Environment } from './keys.ts';

/**
 * A text with every URL of the environment cut down to its origin: RPC URLs hold the keys of their providers, and errors of libraries and programs
 * print them whole. A URL in a network file itself is no secret.
 */
export function withoutSecrets(text: string, env: Environment): string {
  const urls = Object.entries(env).flatMap(([name, value]) => (/URL|RPC/.test(name) && value !== undefined && /^https?:\/\//.test(value) && URL.canParse(value) && isMore(value) ? [{ name, value }] : []));
  // The longest first: one may begin with another. Whole ones before parts: providers give one key for all networks.
  urls.sort((a, b) => b.value.length - a.value.length);
  const whole = urls.reduce((shown, { name, value }) => replaced(shown, [value, new URL(value).href], `${originOf(value)} ($${name})`), text);
  return urls.reduce((shown, { name, value }) => replaced(shown, secretParts(value), `($${name})`), whole);
}

function replaced(text: string, parts: readonly string[], by: string): string {
  return parts.reduce((shown, part) => shown.replaceAll(part, by), text);
}

/** Whether it says more than where it goes. */
function isMore(url: string): boolean {
  const { pathname, search, hash, username, password } = new URL(url);
  return pathname !== '/' || search !== '' || hash !== '' || username !== '' || password !== '';
}

/** Some programs print a URL in parts. Short ones are no keys, and could be words. */
function secretParts(url: string): string[] {
  const { pathname, search, username, password } = new URL(url);
  return [`${pathname}${search}`, pathname, search, `${username}:${password}`, password, username].filter((part) => part.length >= 16);
}
