import { join } from 'node:path';
import { parseEther, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAccount, type TestAccountName } from '../../devnet/accounts.ts';
import { readExitView } from '../../recovery/exitView.ts';
import { planExit } from '../../recovery/exitPlan.ts';
import { EXIT_BOND, PRIORITY_EXPIRATION } from '../sequencer/deployment.ts';
import { startExitWorld, untilTheOperatorIsGone, type ExitWorld } from './world.ts';

/* Everybody leaves by the commands alone, with real exit proofs on the secondaries; each unit is paid once. */

let world: ExitWorld;
beforeAll(async () => {
  world = await startExitWorld();
  await untilTheOperatorIsGone(world);
}, 300_000);
afterAll(async () => await world.stop());

const address = (name: TestAccountName): Hex => testAccount(name).address;
const eth = (amount: string): bigint => parseEther(amount);
/** What no share stands for: of 1000 shares that are nobody's, and of the rounding. */
const LOCKED = 1000n;

const snapshots = (): string[] => ['--directory', join(world.folder, 'snapshots')];

/** What an account gains while something is done that it does not pay for. The three rollups are on one chain. */
async function gains(name: TestAccountName, work: () => Promise<unknown>): Promise<bigint> {
  const before = await world.held(0, address(name));
  await work();
  return (await world.held(0, address(name))) - before;
}

describe('an operator who disappears', () => {
  it('before a request has expired, exit-mode shows what is due and nobody can stop the rollup', async () => {
    const { code, out } = await world.cli('exit-mode');
    expect(code).toBe(0);
    expect(out).toContain('has not halted the rollup; block 2 is the last one that it confirmed');
    expect(out).toMatch(/chain0 +running +1, expires .* \(in 1[34] days\) +1 +4 +2 +2 +- +closed/);
    expect(out).toMatch(/Anyone can now:\n {2}- confirm block 3, which every chain has synced/);
    expect(out).toContain('request 1 of chain0: to be served before');
    const refused = await world.cli('exit-mode', 'trigger', '--account', 'dave', '--chain', 'chain0');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/The oldest request expires .*\(in 1[34] days\)/);
    const none = await world.cli('exit-mode', 'trigger', '--account', 'dave', '--chain', 'chain1');
    expect(none.err).toContain('No request waits on this chain');
  });

  it('nothing is refunded while exits are closed', async () => {
    const { code, out } = await world.cli('refund', '--account', 'carol');
    expect(code).toBe(0);
    expect(out).toContain('There was nothing to take');
    expect(out).toContain('not open on chain0 (running), chain1 (running), chain2 (running)');
  });

  it('nobody exits while exits are closed; a dry run shows what there is by the last confirmed block', async () => {
    const early = await world.cli('exit', '--account', 'dave', '--owner', 'alice', ...snapshots());
    expect(early).toMatchObject({ code: 1, out: '' });
    expect(early.err).toContain('Exits are not open on any chain yet');
    const { code, out } = await world.cli('exit', '--owner', 'alice', '--dry-run', ...snapshots());
    expect(code).toBe(0);
    expect(out).toContain('by block 2:');
    expect(out).toMatch(/chain1 +leaf 0 +10 ETH +waits for exits to open/);
    const nobody = await world.cli('exit', '--dry-run', ...snapshots());
    expect(nobody).toMatchObject({ code: 2 });
    expect(nobody.err).toContain('Whose money?');
  });

  it('advance without --trigger confirms and executes, and leaves the rollup running', async () => {
    await world.pass(PRIORITY_EXPIRATION + 60);
    const { code, out } = await world.cli('exit-mode', 'advance', '--account', 'dave', '--watch');
    expect(code).toBe(0);
    expect(out).toMatch(/^Done: confirm block 3, which every chain has synced\n {2}transaction 0x/);
    for (const chain of ['chain0', 'chain1', 'chain2']) expect(out).toContain(`Done: execute block 3 on ${chain}`);
    expect(out).toMatch(/Anyone can now stop the rollup, for good:\n {2}- trigger exit mode on chain0: request 1 expired/);
    expect(out).toContain('exit-mode advance --trigger');
    const { chains } = await readExitView(world.test.deployment);
    expect(chains.map(({ mode, stages }) => [mode, stages.executed])).toEqual([['running', 3], ['running', 3], ['running', 3]]);
    const again = await world.cli('exit-mode', 'advance', '--account', 'dave');
    expect(again.out).toMatch(/^Nothing could be done now/);
  });

  it('advance --trigger stops, halts and opens exits everywhere; again, it does nothing', async () => {
    const { code, out } = await world.cli('exit-mode', 'advance', '--account', 'dave', '--trigger', '--watch', '--json');
    expect(code).toBe(0);
    const { done, isOpen } = JSON.parse(out) as { done: { step: { type: string; chainIndex: number } }[]; isOpen: boolean };
    // Chains 0 and 2 have a request that has expired; the halt of one reaches the others.
    expect(done.map(({ step }) => `${step.type} ${step.chainIndex}`)).toEqual(['trigger 0', 'trigger 2', 'haltRequest 0', 'halt 0', 'halt 1', 'halt 2']);
    expect(isOpen).toBe(true);
    const again = await world.cli('exit-mode', 'advance', '--account', 'dave', '--trigger');
    expect(again.out).toMatch(/^Nothing could be done now/);
    expect(again.out).toContain('Exits and refunds are open on every chain');
    const view = await readExitView(world.test.deployment);
    expect(view.chains.map(({ haltBlock, haltRoot }) => [haltBlock, haltRoot])).toEqual(view.chains.map(() => [3, world.operator.stateAfter(3).finalRoot]));
    expect(planExit(view)).toEqual({ steps: [], waits: [], isOpen: true });
  });
});

describe('everybody leaves', () => {
  const shares = (amount: string): bigint => eth(amount) - LOCKED;

  it('a dry run lists leaves, shares, requests and what is pending, and sends nothing', async () => {
    const gained = await gains('dave', async () => {
      const { code, out } = await world.cli('exit', '--owner', 'alice', '--dry-run', ...snapshots());
      expect(code).toBe(0);
      expect(out).toContain('by block 3:');
      expect(out).toMatch(/chain0 +leaf 0 +1 ETH +to be exited/);
      expect(out).toMatch(/chain1 +leaf 0 +6 ETH +to be exited/);
      expect(out).toMatch(/leaf \d+: 4000000000000000000 shares of pool \d+ +3\.999999999999999 ETH +to be exited/);
      const bob = await world.cli('exit', '--owner', 'bob', '--dry-run', ...snapshots());
      expect(bob.out).toMatch(/chain1 +leaf 1 +2 ETH +to be exited/);
      expect(bob.out).toMatch(/pending balance +1 ETH +to be paid/);
      expect(bob.out).toMatch(/chain2 +deposit, request 1 +2 ETH +to be refunded/);
      expect(bob.out).toMatch(/bond of full exit, request 2 +0\.001 ETH +to be refunded/);
    });
    expect(gained).toBe(0n);
  });

  it('alice gets every leaf and what her shares stand for, by proofs that somebody else sends', async () => {
    const gained = await gains('alice', async () => {
      const { code, out, err } = await world.cli('exit', '--account', 'dave', '--owner', 'alice', ...snapshots());
      expect(code, err).toBe(0);
      expect(out).toMatch(/chain0: exited leaf 0: 1 ETH/);
      expect(out).toMatch(/chain2: paid to 0x[0-9a-fA-F]+: 19\.999999999999999 ETH/);
    });
    expect(gained).toBe(eth('1') + eth('6') + shares('4') + eth('12') + shares('8'));
  }, 300_000);

  it('bob gets his leaf, the withdrawal of block 3, the deposit and the bond; the transfer of block 4 never happened', async () => {
    const gained = await gains('bob', async () => {
      const { code, out } = await world.cli('exit', '--account', 'dave', '--owner', 'bob', '--json', ...snapshots());
      expect(code).toBe(0);
      const { outcomes } = JSON.parse(out) as { outcomes: { type: string; chainIndex: number }[] };
      expect(outcomes.map(({ type, chainIndex }) => `${type} ${chainIndex}`)).toEqual(['exit 1', 'payment 1', 'depositRefund 2', 'bondRefund 2', 'payment 2']);
    });
    expect(gained).toBe(eth('3') + eth('2') + EXIT_BOND);
  }, 300_000);

  it('carol, whose deposit is in no block, needs no proofs, and not the chain that does not answer', async () => {
    const view = await world.cliWithout(2, 'exit-mode');
    expect(view).toMatchObject({ code: 0 });
    expect(view.out).toContain('chain2 does not answer');
    expect(view.out).toContain('Exits and refunds are open on chain0, chain1.');
    const gained = await gains('carol', async () => {
      const { out } = await world.cliWithout(2, 'refund', '--account', 'dave', '--owner', 'carol');
      expect(out).toMatch(/chain0: refunded deposit, request 1: 5 ETH[\s\S]*paid to/);
      expect(out).toContain('chain2 does not answer, what is there waits');
    });
    expect(gained).toBe(eth('5'));
  });

  it('again, there is nothing to take, and the contracts hold what no share stands for', async () => {
    for (const name of ['alice', 'bob', 'carol'] as const) {
      const gained = await gains(name, async () => {
        const { code, out } = await world.cli('exit', '--account', 'dave', '--owner', name, ...snapshots());
        expect(code).toBe(0);
        expect(out).toContain('There was nothing to take');
      });
      expect(gained).toBe(0n);
    }
    const { chains } = world.test.deployment;
    expect(await Promise.all(chains.map(async ({ chainIndex, rollup }) => await world.held(chainIndex, rollup)))).toEqual([0n, LOCKED, LOCKED]);
  });
});
