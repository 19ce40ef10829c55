import { expect, test } from 'vitest';

import type { PublicOperation } from '../../spec/operation.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { shareToken } from '../../spec/leg.ts';
import { accountLeaf } from '../../state/leafRules.ts';
import { LedgerState } from '../../state/ledger.ts';
import { owedOf, payoutsOf, requestsUsed, worthOfLeaves, type Entitlement } from './entitlements.ts';
import { exitReport } from './exitReport.ts';
import type { ExitResult } from './runExit.ts';

const [alice, bob] = [0xa11cen, 0xb0bn];
const identity = { keyX: 1n, keyY: 2n };

test('a leaf of coins is worth its balance, one of shares its part of the reserve rounded down, a pool nothing', () => {
  const pool = poolLeaf({ token: 2n, reserve: 100n, totalShares: 3000n, peer: { chainIndex: 1, leafIndex: 0 } });
  const chain = LedgerState.empty({ chainCount: 1 })
    .chain(0)
    .withLeaf(0, pool)
    .withLeaf(1, accountLeaf({ owner: alice, token: 1n, ...identity }, 7n))
    .withLeaf(2, accountLeaf({ owner: bob, token: shareToken(0), ...identity }, 2000n));
  expect(worthOfLeaves(new LedgerState([chain]), 0)).toEqual([
    { owner: alice, token: 1, amount: 7n, ofShares: false },
    { owner: bob, token: 2, amount: 66n, ofShares: true },
  ]);
});

test('blocks pay withdrawals, and full exits with their bond; a full exit of nothing pays nobody', () => {
  const operations: PublicOperation[] = [
    { type: 'deposit', leafIndex: 1, token: 1n, owner: alice, amount: 9n, keyX: 1n, keyY: 2n },
    { type: 'withdraw', leafIndex: 1, token: 2n, to: bob, amount: 4n, fee: 0n },
    { type: 'fullExit', leafIndex: 1, token: 2n, owner: alice, least: 0n, amount: 5n, shares: 0n },
    { type: 'fullExit', leafIndex: 3, token: 0n, owner: bob, least: 0n, amount: 0n, shares: 0n },
  ];
  expect(payoutsOf({ operations: [operations] }, 0, 10n)).toEqual([
    { owner: bob, token: 2, amount: 4n },
    { owner: alice, token: 2, amount: 5n },
    { owner: alice, token: 1, amount: 10n },
  ]);
  expect(payoutsOf({ operations: [operations] }, 1, 10n)).toEqual([]);
  expect([requestsUsed([{ operations: [operations] }, { operations: [[], operations] }], 0), requestsUsed([], 0)]).toEqual([3n, 0n]);
});

test('the report has everybody who was owed something, what is nobody’s, and each check that does not hold', () => {
  const row: Entitlement = { user: 'alice', chainIndex: 0, token: 1, wallet: 1000n, coins: 200n, shares: 30n, pending: 4n, payouts: 0n, deposits: 0n, bonds: 0n };
  expect(owedOf(row)).toBe(234n);
  const chain = { chainIndex: 0, name: 'linea', tokens: [{ token: 1, symbol: 'ETH', decimals: 2 }] };
  const result = {
    deployment: { chains: [chain] },
    scene: { lp: 'alice', leaver: 'dave' },
    wreck: { confirmed: 5, lost: 6, requests: [{ user: 'bob', chain, requestId: 4n, what: 'full exit' }] },
    entitlements: [{ ...row, after: 1234n }, { ...row, user: 'bob', coins: 0n, shares: 0n, pending: 0n, after: 1000n }],
    unowned: [{ chainIndex: 0, token: 1, contract: 250n, unowned: 16n }],
    commands: [{ line: 'npm run cli -- exit-mode', code: 0, output: '', milliseconds: 1000 }],
    checks: [{ what: 'alice, linea: ETH in the wallet', expected: '12.34', actual: '12.33', ok: false }],
    milliseconds: 60_000,
  } as unknown as ExitResult;
  const text = exitReport(result).join('\n');
  for (const words of ['after block 5', 'bob: full exit on linea, request 4', 'npm run cli -- exit-mode', '2.34', '0.16', '1 of 1 checks do not hold', '12.33']) expect(text).toContain(words);
  expect(text).not.toMatch(/^bob .*linea/m);
});
