import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encrypt, pbkdf2 } from 'ox/Keystore';
import { afterAll, describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { findKey, readKey } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d';
const variable = 'ROLLUP_VALIDATOR_KEY';
const source = { role: 'validator', variable };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Few iterations: these files protect nothing. */
function keystoreFile(name: string, change: (json: Record<string, unknown>) => Record<string, unknown> = (json) => json): string {
  const [key, options] = pbkdf2({ password: 'open sesame', iterations: 2 });
  return file(name, JSON.stringify(change(encrypt(KEY, key, options) as unknown as Record<string, unknown>)));
}

describe('keys of the operators', () => {
  it('come from the environment', () => {
    expect(readKey(source, { [variable]: KEY })).toBe(KEY);
    expect(findKey(source, {})).toBeUndefined();
    expect(findKey(source, { [variable]: '' })).toBeUndefined();
  });

  it('come from a keystore with a password file, whose line may end', () => {
    const passwordFile = file('password', 'open sesame\n');
    expect(readKey({ ...source, keystore: keystoreFile('good.json'), passwordFile }, {})).toBe(KEY);
  });

  it('are refused with what was expected, and never shown', () => {
    const passwordFile = file('wrong', 'open barley');
    const good = file('right', 'open sesame');
    const keystore = keystoreFile('keystore.json');
    const refusals: [() => unknown, RegExp][] = [
      [() => readKey(source, {}), /no key for the validator/],
      [() => readKey(source, { [variable]: KEY.slice(2) }), /ROLLUP_VALIDATOR_KEY is not a private key/],
      [() => readKey({ ...source, keystore }, {}), /needs a password/],
      [() => readKey({ ...source, keystore, passwordFile }, {}), /does not open/],
      [() => readKey({ ...source, keystore: join(folder, 'none.json'), passwordFile: good }, {}), /keystore of the validator does not exist/],
      [() => readKey({ ...source, keystore, passwordFile: join(folder, 'none') }, {}), /password file does not exist/],
      [() => readKey({ ...source, keystore: file('broken.json', '{'), passwordFile: good }, {}), /cannot be read/],
      [() => readKey({ ...source, keystore: keystoreFile('old.json', (json) => ({ ...json, version: 1 })), passwordFile: good }, {}), /cannot be read|another version/],
    ];
    for (const [read, message] of refusals) {
      expect(read).toThrow(message);
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(RollupError);
        expect(JSON.stringify((error as RollupError).facts)).not.toContain(KEY.slice(4));
      }
    }
  });
});
