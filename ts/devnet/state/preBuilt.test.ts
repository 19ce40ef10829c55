import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { zeroAddress, zeroHash } from 'viem';
import type { Deployment } from '../../chain/deployments.ts';
import { type KeptDeployment, PreBuiltStates } from './preBuilt.ts';

const folder = mkdtempSync(join(tmpdir(), 'pre-built-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const deployment: Deployment = {
  name: 'devnet',
  deploymentId: 2n ** 200n,
  arbitratorChainId: 1,
  arbitratorRpcUrl: 'http://127.0.0.1:1',
  arbitrator: zeroAddress,
  chains: [
    {
      ...{ chainIndex: 0, name: 'one', chainId: 1, rpcUrl: 'http://127.0.0.1:1', role: 'primary', deployedAtBlock: 3, tokens: [], messageService: { kind: 'direct' } },
      ...{ rollup: zeroAddress, gateway: zeroAddress, l1Gateway: zeroAddress, verifier: zeroAddress, extension: zeroAddress },
    },
  ],
};
const kept: KeptDeployment = { deployment, chains: [{ name: 'one', chainId: 1, head: { number: 5, hash: zeroHash, timestamp: 7 }, state: Buffer.from('{"blocks":[]}') }] };

test('what is kept is found again under its key, and only there', () => {
  const states = new PreBuiltStates(folder);
  expect(states.find('a')).toBeUndefined();
  states.keep('a', kept);
  expect(states.find('a')).toEqual({ deployment, chains: [{ name: 'one', chainId: 1, head: kept.chains[0]?.head, file: join(folder, 'a', 'one.json') }] });
  expect(states.find('b')).toBeUndefined();
  states.keep('a', kept);
  expect(readdirSync(folder)).toEqual(['a']);
  states.remove('a');
  expect(states.find('a')).toBeUndefined();
});

test('a damaged state is refused', () => {
  const states = new PreBuiltStates(folder);
  states.keep('a', kept);
  truncateSync(join(folder, 'a', 'one.json'), 5);
  expect(() => states.find('a')).toThrow('The stored state of one is damaged');
  states.keep('a', kept);
  truncateSync(join(folder, 'a', 'state.json'), 5);
  expect(() => states.find('a')).toThrow();
});

test('of many states those that were used last stay', () => {
  const states = new PreBuiltStates(folder);
  for (const [i, key] of ['a', 'b', 'c', 'd'].entries()) {
    states.keep(key, kept);
    utimesSync(join(folder, key), 1_000 + i, 1_000 + i);
  }
  states.find('a');
  states.keep('e', kept);
  expect(readdirSync(folder).sort()).toEqual(['a', 'c', 'd', 'e']);
});
