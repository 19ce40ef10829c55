import { describe, expect, it } from 'vitest';
import type { Mode } from '../spec/chainSide.ts';
import type { ChainEvent } from './events.ts';
import { arbitratorHaltTransaction, describeExitMode, exitModeOf, exitModeRefusal, exitTransactions, type ExitModeParameters } from './exitMode.ts';

const chain = (name: string, mode: Mode = 'running', executed = 3, haltBlock = 4) => ({
  name, counters: { mode, executed, halt: mode === 'halted' ? { blockNumber: haltBlock, finalRoot: 9n, exitsOpen: executed === haltBlock } : null },
});
const running = { halted: false, lastConfirmed: 4 };
const halted = { halted: true, lastConfirmed: 4 };
const text = (parameters: ExitModeParameters) => describeExitMode(exitModeOf(parameters)!);

describe('exit mode', () => {
  it('is nothing while all is well', () => {
    expect(exitModeOf({ chains: [chain('linea'), chain('zksync')], arbitrator: running })).toBe(null);
  });

  it('says how far it has come, and who can carry it on', () => {
    const stopped = text({ chains: [chain('linea'), chain('zksync', 'stopped')], arbitrator: running });
    expect(stopped.message).toBe('Exit mode: a request was not served in time on zksync; the arbitrator has not halted yet');
    expect(text({ chains: [chain('linea'), chain('zksync', 'stopped')], arbitrator: halted }).message).toBe('The rollup halts at block 4; the halt has not arrived at: linea, zksync');
    expect(text({ chains: [chain('linea', 'halted', 4), chain('zksync', 'stopped')], arbitrator: halted }).message).toBe('The rollup halts at block 4; the halt has not arrived at: zksync');
    // The arbitrator's chain answers late.
    expect(text({ chains: [chain('linea', 'halted', 4), chain('zksync')], arbitrator: { halted: false, lastConfirmed: 3 } }).message).toBe('The rollup halts at block 4; the halt has not arrived at: zksync');
    expect(text({ chains: [chain('linea', 'halted', 3), chain('zksync', 'halted', 4)], arbitrator: halted }).message).toBe('The rollup has halted at block 4; not executed up to it yet: linea');
    expect(stopped.hint).toContain('`exit-mode advance`');
    const open = text({ chains: [chain('linea', 'halted', 4), chain('zksync', 'halted', 4)], arbitrator: halted });
    expect(open.message).toBe('Exits are open on every chain, at block 4');
    expect(open.hint).not.toContain('advance');
    for (const { hint } of [stopped, open]) for (const command of ['`recover`', '`exit --owner <address>`', '`refund`']) expect(hint).toContain(command);
  });

  it('refuses what is sent with a reason, where the chains stand and what to do', () => {
    const { message, facts, hint } = exitModeRefusal(exitModeOf({ chains: [chain('linea', 'stopped'), chain('zksync')], arbitrator: running })!);
    expect(message).toContain('takes no transactions any more');
    expect(facts).toEqual({ reason: 'exitMode', lastConfirmed: 4, modes: [{ name: 'linea', mode: 'stopped' }, { name: 'zksync', mode: 'running' }] });
    expect(hint).toContain('`recover`');
  });

  it('finds the transactions that brought it', () => {
    const at = (n: number) => ({ blockNumber: n, blockHash: '0x', transactionHash: `0x${n}`, logIndex: 0 }) as const;
    const events: ChainEvent[] = [
      { type: 'exitModeTriggered', requestId: 0, expiresAt: 5, ...at(1) }, { type: 'haltRequestSent', ...at(2) }, { type: 'haltRequestSent', ...at(3) },
      { type: 'halted', haltBlock: 4, finalRoot: 9n, ...at(4) },
    ];
    expect(exitTransactions(events)).toEqual({ trigger: '0x1', haltRequest: '0x3', halt: '0x4' });
    expect(exitTransactions([])).toEqual({});
    expect(arbitratorHaltTransaction([{ type: 'haltRequested', aboutChain: 1, ...at(5) }, { type: 'arbitratorHalted', haltBlock: 4, finalRoot: 9n, ...at(6) }])).toBe('0x6');
    expect(arbitratorHaltTransaction(events)).toBe(null);
  });
});
