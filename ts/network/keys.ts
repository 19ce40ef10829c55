import { existsSync, readFileSync } from 'node:fs';
import { decrypt, type Keystore, toKey } from 'ox/Keystore';
import { type Address, getAddress, type Hex, isAddress } from 'viem';
import { RollupError } from '../base/errors.ts';

/** Where the private key of one role may come from; never from the command line itself, which every process of the machine can read. */
export interface KeySource {
  /** What the account does, for error texts, e.g. `validator`. */
  role: string;
  /** Environment variable with the key itself. */
  variable: string;
  /** Encrypted keystore (Ethereum's version 3, as `cast wallet` writes them). */
  keystore?: string | undefined;
  /** File with its password. */
  passwordFile?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A role's private key; undefined when neither keystore nor variable is there.
 * @throws RollupError when what is there is no key, or the password is wrong
 */
export function findKey({ role, variable, keystore, passwordFile }: KeySource, env: Environment): Hex | undefined {
  if (keystore !== undefined) return fromKeystore(role, keystore, passwordFile);
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  if (isKey(text)) return text;
  throw new RollupError(`${variable} is not a private key`, { facts: { expected: '0x and 64 hex digits', actual: `${text.length} characters` }, hint: `Put the key of the ${role} there, or name a keystore.` });
}

/** @throws RollupError when there is none */
export function readKey(source: KeySource, env: Environment): Hex {
  const key = findKey(source, env);
  if (key !== undefined) return key;
  throw new RollupError(`There is no key for the ${source.role}`, {
    facts: { expected: `a keystore, or the environment variable ${source.variable}` },
    hint: `Make a keystore with \`npx cast wallet new DIRECTORY\` and name it with a file that holds its password, or set ${source.variable}.`,
  });
}

function fromKeystore(role: string, file: string, passwordFile: string | undefined): Hex {
  if (passwordFile === undefined) throw new RollupError(`The keystore of the ${role} needs a password`, { facts: { keystore: file }, hint: 'Give --password-file with a file that holds it.' });
  const [text, password] = [readText(file, `keystore of the ${role}`), readText(passwordFile, 'password file').replace(/\r?\n$/, '')];
  let keystore: Keystore;
  try {
    keystore = withNumbers(JSON.parse(text) as Keystore);
  } catch (cause) {
    throw new RollupError(`The keystore of the ${role} cannot be read`, { facts: { keystore: file, expected: 'JSON, version 3' }, cause });
  }
  let key: string;
  try {
    key = decrypt(keystore, toKey(keystore, { password }));
  } catch (cause) {
    throw new RollupError(`The keystore of the ${role} does not open`, { facts: { keystore: file, passwordFile }, hint: 'The password is another one, or the file is damaged.', cause });
  }
  if (isKey(key)) return key;
  throw new RollupError(`The keystore of the ${role} holds no private key`, { facts: { keystore: file } });
}

/**
 * The address that a keystore says it is of; undefined when it does not say, as those that `cast wallet` writes.
 * @throws RollupError when it is no keystore
 */
export function addressOfKeystore(file: string): Address | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readText(file, 'keystore'));
  } catch (cause) {
    if (cause instanceof RollupError) throw cause;
    throw new RollupError('The keystore cannot be read', { facts: { keystore: file, expected: 'JSON, version 3' }, cause });
  }
  const text = typeof json === 'object' && json !== null && 'address' in json ? json.address : undefined;
  if (typeof text !== 'string' || text === '') return undefined;
  const address = text.startsWith('0x') ? text : `0x${text}`;
  if (isAddress(address, { strict: false })) return getAddress(address);
  throw new RollupError('The keystore cannot be read', { facts: { keystore: file, expected: 'an address of 40 hex digits', actual: text.slice(0, 60) } });
}

/** Some programs write the version as text. */
function withNumbers(keystore: Keystore): Keystore {
  if (Number(keystore.version) !== 3) throw new RollupError('This is another version of keystore', { facts: { expected: 3, actual: String(keystore.version) } });
  return { ...keystore, version: 3 };
}

function readText(file: string, what: string): string {
  if (!existsSync(file)) throw new RollupError(`The ${what} does not exist`, { facts: { file } });
  return readFileSync(file, 'utf8');
}

function isKey(text: string): text is Hex {
  return /^0x[0-9a-fA-F]{64}$/.test(text);
}
