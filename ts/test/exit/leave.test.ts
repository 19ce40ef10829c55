import { parseEther, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
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
const lockedShares = 1000n;

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

void parseEther; void privateKeyToAccount; void EXIT_BOND; void lockedShares; void address;
