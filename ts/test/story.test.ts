import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseEther, parseUnits } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { lineProgress } from '../base/progress.ts';
import { paths } from '../base/paths.ts';
import { balanceKey, type UserName } from '../cli/story/cast.ts';
import { exitReport } from '../cli/story/exitReport.ts';
import { openStoryNetwork, type OpenedNetwork } from '../cli/story/network.ts';
import { storyReport } from '../cli/story/report.ts';
import { runExit } from '../cli/story/runExit.ts';
import { runStory } from '../cli/story/runStory.ts';
import { runTrade } from '../cli/story/runTrade.ts';
import { tradeReport } from '../cli/story/tradeReport.ts';

const entry = [paths.launcher, join(paths.root, 'ts', 'cli', 'story.ts')];
const folder = mkdtempSync(join(tmpdir(), 'story-test-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command', () => {
  test('explains itself, and refuses what it does not know', () => {
    const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, [...entry, ...args], { cwd: paths.root, encoding: 'utf8' });
    const help = run('--help');
    expect(help.status).toBe(0);
    for (const word of ['--own', 'ROLLUP_DEVNET', 'Exit codes', 'main ', 'trade ', 'exit ']) expect(help.stdout).toContain(word);
    for (const wrong of ['--onw', 'traed']) {
      const refused = run(wrong);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain(wrong);
    }
  });

  test('an interrupt while the devnet starts ends everything', async () => {
    const child = spawn(process.execPath, [...entry, '--own'], { cwd: paths.root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let isSent = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (!isSent && output.includes('starting ethereum')) {
        isSent = true;
        setTimeout(() => child.kill('SIGINT'), 300);
      }
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(output).toContain('SIGINT: stopping');
    expect(code).toBe(1);
  });
});

/* All stories on one devnet, one after the other, with real proofs, beside other tests. The last one ends the rollup. */
describe('stories', { timeout: 1_800_000 }, () => {
  const abort = new AbortController();
  const progress = lineProgress();
  let network: OpenedNetwork;

  beforeAll(async () => {
    network = await openStoryNetwork({ progress, signal: abort.signal, folder });
  });

  afterAll(async () => await network.stop());

  test('main: deposit, transfer, withdraw, fees, change of key and full exit over three chains: every number holds', async () => {
    const result = await runStory({ network, progress, signal: abort.signal });
    process.stderr.write(`${storyReport(result).join('\n')}\n`);
    expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
    // Four users and the operator, six chain and token pairs, three purses each (the operator's wallet is not compared); six custodies; the old key;
    // six fees; three chains for each block; the arbitrator.
    expect(result.checks).toHaveLength(4 * 6 * 3 + 6 * 2 + 6 + 1 + 6 + 3 * result.blocks.length + 1);

    // The story in numbers, once more and apart from its own bookkeeping. Gas is less than a thousandth.
    const change = (user: UserName, chainName: string, symbol: string): { wallet: bigint; l2: bigint } => {
      const chain = result.deployment.chains.find(({ name }) => name === chainName);
      const token = chain?.tokens.find((candidate) => candidate.symbol === symbol);
      const key = balanceKey(user, chain?.chainIndex ?? -1, token?.token ?? -1);
      const [before, after] = [result.before.get(key), result.after.get(key)];
      if (!before || !after) throw new Error(`no balance ${key}`);
      return { wallet: after.wallet - before.wallet, l2: after.l2 - before.l2 };
    };
    const tst = (text: string): bigint => parseUnits(text, 18);
    expect(change('alice', 'linea', 'TST')).toEqual({ wallet: -tst('500'), l2: tst('299.5') });
    expect(change('alice', 'linea', 'ETH').l2).toBe(parseEther('0.896'));
    expect(change('bob', 'linea', 'ETH')).toEqual({ wallet: parseEther('0.849'), l2: 0n });
    expect(change('bob', 'linea', 'TST')).toEqual({ wallet: tst('120'), l2: 0n });
    expect(change('bob', 'zksync', 'ETH').l2).toBe(parseEther('1'));
    expect(change('carol', 'ethereum', 'ETH').l2).toBe(parseEther('0.6'));
    expect(change('dave', 'linea', 'TST')).toEqual({ wallet: tst('80'), l2: 0n });
    const { wallet, l2 } = change('dave', 'linea', 'ETH');
    expect(l2).toBe(0n);
    expect(wallet).toBeGreaterThan(parseEther('0.249'));
    expect(wallet).toBeLessThan(parseEther('0.25'));

    expect([change('operator', 'linea', 'ETH').l2, change('operator', 'linea', 'TST').l2]).toEqual([parseEther('0.005'), tst('0.5')]);

    const kinds = result.blocks.flatMap(({ operations }) => operations.map(({ type }) => type));
    const count = (kind: string): number => kinds.filter((type) => type === kind).length;
    expect([count('deposit'), count('withdraw'), count('fullExit'), count('changeKey')]).toEqual([4, 4, 2, 1]);
    // The operator's two leaves are opened, those of receivers by the transfers to them.
    expect([count('open'), count('transferToNew'), count('transfer')]).toEqual([2, 4, 1]);
    expect(count('collectFees')).toBeGreaterThanOrEqual(3);
  });

  test('trade: a pair over two chains, swaps both ways, arbitrage, orders that cannot be filled, an LP who leaves: every number holds', async () => {
    const result = await runTrade({ network, progress, signal: abort.signal });
    process.stderr.write(`${tradeReport(result).join('\n')}\n`);
    expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
    // Five; what a busy machine is late with is in a block of its own.
    expect(result.blocks.length).toBeLessThanOrEqual(8);

    // Once more and apart from the story's own bookkeeping.
    const swaps = result.trades.filter(({ type }) => type === 'swap');
    expect(result.trades.map(({ type }) => type).toSorted()).toEqual(['add', 'add', 'add', 'remove', 'swap', 'swap', 'swap']);
    // Into the pair of two chains from Linea and from zkSync Era, and within Linea.
    expect(swaps.map(({ pair }) => pair.map(({ chainIndex }) => chainIndex).join()).toSorted()).toEqual(['0,0', '0,1', '1,0']);
    expect(result.unfilled.map(({ reason }) => reason)).toEqual([expect.stringContaining('expired'), expect.stringMatching(/limit/i)]);
    for (const [i, received] of (result.leaver?.received ?? []).entries()) expect(received).toBeGreaterThan(result.leaver?.withoutFees[i] ?? received);
    const kinds = result.blocks.flatMap(({ operations }) => operations.map(({ type }) => type));
    const count = (kind: string): number => kinds.filter((type) => type === kind).length;
    expect([count('openPool'), count('swapIn'), count('swapOut'), count('credit'), count('deposit'), count('withdraw')]).toEqual([4, 3, 3, 8, 7, 4]);
    // Every block that the primary has was replayed, those of the first story too.
    expect(result.checks.filter(({ what }) => what.includes('replayed from the primary'))).toHaveLength(result.blocks.at(-1)?.blockNumber ?? 0);
  });

  test('exit: the operator disappears between two blocks; by the command line alone everybody leaves every chain with everything', async () => {
    const result = await runExit({ network, progress, signal: abort.signal });
    process.stderr.write(`${exitReport(result).join('\n')}\n`);
    expect(result.checks.filter(({ ok }) => !ok)).toEqual([]);
    // Nothing had to be prepared: one block for the full exits, one that never happens.
    expect(result.wreck.lost).toBe(result.wreck.confirmed + 1);
    // What users typed, and nothing else: look, stop, carry on, recover, five leave, two try again.
    expect(result.commands.map(({ line }) => line.replace('npm run cli -- ', '').split(' --')[0])).toEqual(['exit-mode', 'exit-mode trigger', 'exit-mode advance', 'recover', ...Array(6).fill('exit'), 'refund']);

    // Once more and apart from the story's own bookkeeping: after two stories and this one nobody has anything left, in any form, anywhere.
    const bond = parseEther('0.01');
    const sumOf = (form: 'deposits' | 'bonds', symbol: string): bigint =>
      result.entitlements.filter(({ chainIndex, token }) => result.deployment.chains[chainIndex]?.tokens.find((found) => found.token === token)?.symbol === symbol).reduce((sum, row) => sum + row[form], 0n);
    expect([sumOf('deposits', 'ETH'), sumOf('deposits', 'TST'), sumOf('bonds', 'ETH')]).toEqual([parseEther('0.3'), parseUnits('5', 18), 2n * bond]);
    for (const { contract, unowned } of result.unowned) expect(unowned).toBeLessThanOrEqual(contract);
    const shares = result.entitlements.filter((row) => row.shares > 0n);
    expect(new Set(shares.map(({ chainIndex }) => chainIndex)).size).toBeGreaterThan(1);
  });
});
