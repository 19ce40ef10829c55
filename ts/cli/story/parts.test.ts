import { describe, expect, test } from 'vitest';

import type { Balance } from '../../chain/client/balances.ts';
import type { BlockRecord } from '../../chain/client/sequencerApi.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { stageTable } from '../stageTable.ts';
import { balanceKey, gatherCast, type Snapshot, type UserName } from './cast.ts';
import { checkCustody } from './custody.ts';
import { checkFees } from './fees.ts';
import { balanceTable, StoryLedger } from './ledger.ts';
import { describeChange } from './watchBlocks.ts';

const zero = '0x0000000000000000000000000000000000000000';
const hash = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`;

function chain(chainIndex: number, name: string, chainId: number, role: ChainDeployment['role']): ChainDeployment {
  const tokens = [
    { token: 1, symbol: 'ETH', decimals: 2, address: zero },
    { token: 2, symbol: 'TST', decimals: 2, address: zero },
  ] as const;
  return { chainIndex, name, chainId, rpcUrl: 'http://127.0.0.1:1', role, rollup: zero, gateway: zero, l1Gateway: zero, verifier: zero, extension: zero, deployedAtBlock: 0, tokens: [...tokens], messageService: { kind: 'direct' } };
}

const deployment: Deployment = {
  name: 'test',
  deploymentId: 1n,
  arbitratorChainId: 31337,
  arbitratorRpcUrl: 'http://127.0.0.1:1',
  arbitrator: zero,
  chains: [chain(0, 'linea', 31338, 'primary'), chain(1, 'zksync', 31339, 'secondary'), chain(2, 'ethereum', 31337, 'secondary')],
};

const accounts = (['alice', 'bob', 'carol', 'dave', 'operator'] as const).map((name, i) => ({ name, address: zero, privateKey: hash(String(i + 1)) }) as const);

function snapshot(changes: Partial<Record<'wallet' | 'l2' | 'pending', bigint>> = {}): Snapshot {
  const balance: Balance = { chainIndex: 0, chain: 'linea', token: 1, symbol: 'ETH', decimals: 2, wallet: 1000n, l2: 5n, pending: 0n, leaves: [], ...changes };
  return new Map([[balanceKey('alice', 0, 1), { ...balance, user: 'alice' as UserName }]]);
}

describe('cast', () => {
  test('finds users, chains and tokens, or says what is missing', () => {
    const cast = gatherCast({ deployment, sequencerUrl: 'http://127.0.0.1:1', accounts });
    expect([cast.linea.name, cast.zksync.name, cast.ethereum.name, cast.eth.symbol, cast.tst.symbol]).toEqual(['linea', 'zksync', 'ethereum', 'ETH', 'TST']);
    expect(() => gatherCast({ deployment, sequencerUrl: '', accounts: accounts.slice(1) })).toThrow(/no account "alice"/);
    expect(() => gatherCast({ deployment: { ...deployment, chains: deployment.chains.slice(0, 2) }, sequencerUrl: '', accounts })).toThrow(/needs a primary/);
  });
});

describe('ledger', () => {
  test('a movement that happened is a check that holds, also for what did not move', () => {
    const ledger = new StoryLedger();
    ledger.add({ user: 'alice', chainIndex: 0, token: 1, purse: 'wallet', amount: -300n });
    ledger.add({ user: 'alice', chainIndex: 0, token: 1, purse: 'l2', amount: 300n });
    ledger.addGas('alice', 0, 7n);
    const checks = ledger.compare(snapshot(), snapshot({ wallet: 693n, l2: 305n }));
    expect(checks).toHaveLength(3);
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  test('one unit too much or too little, anywhere, fails its own check', () => {
    const ledger = new StoryLedger();
    for (const purse of ['wallet', 'l2', 'pending'] as const) {
      const failed = ledger.compare(snapshot(), snapshot({ [purse]: { wallet: 1001n, l2: 4n, pending: 1n }[purse] })).filter(({ ok }) => !ok);
      expect(failed).toHaveLength(1);
    }
    expect(ledger.compare(snapshot(), snapshot({ l2: 4n })).find(({ ok }) => !ok)).toEqual({ what: 'alice, linea: ETH on L2', expected: '0.05', actual: '0.04', ok: false });
    expect(ledger.compare(snapshot(), new Map()).every(({ ok }) => !ok)).toBe(true);
  });

  test('the table shows what changed', () => {
    expect(balanceTable(snapshot(), snapshot()).slice(2)).toEqual([]);
    expect(balanceTable(snapshot(), snapshot({ wallet: 900n, l2: 105n }))[2]?.split(/ +/)).toEqual(['alice', 'linea', 'ETH', '10', '9', '-1', '0.05', '1.05', '+1']);
  });
});

test('fees hold only when all of them are collected', () => {
  const sums = { chainIndex: 0, token: 1, paid: 5n, collected: 5n };
  expect(checkFees(deployment, [sums, { ...sums, collected: 4n }, { ...sums, paid: 4n }]).map(({ ok }) => ok)).toEqual([true, false, false]);
});

test('custody holds only when it is equal', () => {
  const custody = { chain: 'linea', symbol: 'ETH', decimals: 2, contract: 14n, leaves: 5n, reserves: 4n, pending: 3n, queued: 1n, bonds: 1n };
  expect(checkCustody([custody, { ...custody, contract: 15n }, { ...custody, leaves: 6n }, { ...custody, reserves: 3n }, { ...custody, bonds: 2n }]).map(({ ok }) => ok)).toEqual([true, false, false, false, false]);
});

describe('blocks', () => {
  const sealed: BlockRecord = {
    blockNumber: 4,
    finalRoot: 1n,
    chains: deployment.chains.map(({ chainIndex }) => ({ chainIndex, stage: 'sealed', transactions: {}, withdrawalsPushed: false })),
    proofs: { done: 0, total: 3 },
    arbitratorTransaction: undefined,
    operations: [{ type: 'deposit' }, { type: 'deposit' }, { type: 'open' }],
  };

  test('each step is told once, in its order, with its transaction', () => {
    const [linea, zksync, ethereum] = sealed.chains;
    if (!linea || !zksync || !ethereum) throw new Error('three chains');
    const confirmed: BlockRecord = {
      ...sealed,
      proofs: { done: 3, total: 3 },
      arbitratorTransaction: hash('f'),
      chains: [
        { ...linea, stage: 'confirmed', transactions: { commit: hash('a'), prove: hash('b'), sync: hash('c'), confirm: hash('d') } },
        { ...zksync, stage: 'synced', transactions: { commit: hash('1') } },
        ethereum,
      ],
    };
    expect(describeChange({ deployment, before: undefined, block: sealed })).toEqual(['block 4 sealed: 2 deposit, 1 open']);
    expect(describeChange({ deployment, before: sealed, block: { ...sealed, proofs: { done: 2, total: 3 } } })).toEqual(['block 4: proving 2/3']);
    expect(describeChange({ deployment, before: sealed, block: confirmed })).toEqual([
      'block 4: proving 3/3',
      'block 4: committed on linea  0xaaaa…aaaa',
      'block 4: committed on zksync  0x1111…1111',
      'block 4: proved on linea  0xbbbb…bbbb',
      'block 4: synced on linea  0xcccc…cccc',
      'block 4: sync hashes are equal, confirmed by the arbitrator  0xffff…ffff',
      'block 4: confirmed on linea  0xdddd…dddd',
    ]);
    expect(describeChange({ deployment, before: confirmed, block: confirmed })).toEqual([]);
    expect(stageTable(deployment, [confirmed]).slice(2).map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['4', 'linea', 'confirmed', 'commit', hash('a')],
      ['prove', hash('b')],
      ['sync', hash('c')],
      ['confirm', hash('d')],
      ['zksync', 'synced', 'commit', hash('1')],
      ['arbitrator', 'confirm', hash('f')],
    ]);
  });
});
