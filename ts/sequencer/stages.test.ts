import { describe, expect, it } from 'vitest';
import type { ChainEvent, StageEvent } from './events.ts';
import { arbitratorTransaction, deferredChains, stageTransactions } from './stages.ts';

let count = 0;
const at = () => ({ blockNumber: ++count, blockHash: '0x' as const, transactionHash: `0x${count}` as const, logIndex: 0 });
const stage = (type: StageEvent['type'], rollupBlock: number, aboutChain?: number): ChainEvent => ({ type, rollupBlock, ...(aboutChain === undefined ? {} : { aboutChain }), ...at() });
const hash = (event: ChainEvent) => event.transactionHash;

describe('stage transactions', () => {
  it('are exact for commit, prove and execute, and cover earlier blocks for sync and confirm', () => {
    const events = [stage('committed', 1), stage('committed', 2), stage('proved', 1), stage('proved', 2), stage('synced', 2), stage('confirmed', 2), stage('executed', 1), stage('executed', 2)];
    expect(stageTransactions(events, 1)).toEqual({ commit: hash(events[0]!), prove: hash(events[2]!), sync: hash(events[4]!), confirm: hash(events[5]!), execute: hash(events[6]!) });
    expect(stageTransactions(events, 3)).toEqual({});
  });

  it('take the first sync that covers a block', () => {
    const events = [stage('synced', 3), stage('synced', 2), stage('synced', 5)];
    expect(stageTransactions(events, 2).sync).toBe(hash(events[0]!));
    expect(stageTransactions(events, 4).sync).toBe(hash(events[2]!));
  });

  it('forget what a revert took back', () => {
    const events: ChainEvent[] = [stage('committed', 1), stage('committed', 2), stage('proved', 2), { type: 'reverted', committedBefore: 2, committedAfter: 1, ...at() }];
    expect(stageTransactions(events, 2)).toEqual({});
    expect(stageTransactions(events, 1)).toEqual({ commit: hash(events[0]!) });
    const again = stage('committed', 2);
    expect(stageTransactions([...events, again], 2)).toEqual({ commit: hash(again) });
  });

  it('of the arbitrator cover earlier blocks', () => {
    const events = [stage('arbitrated', 3)];
    expect(arbitratorTransaction(events, 2)).toBe(hash(events[0]!));
    expect(arbitratorTransaction(events, 4)).toBe(null);
  });
});

describe('deferred chains', () => {
  it('are those whose last confirmation was refused and not sent since', () => {
    const events = [stage('arbitrated', 1), stage('deferred', 1, 1), stage('deferred', 1, 2)];
    expect(deferredChains(events)).toEqual([1, 2]);
    expect(deferredChains([...events, stage('confirmationSent', 1, 1)])).toEqual([2]);
    expect(deferredChains([...events, stage('arbitrated', 2)])).toEqual([]);
  });
});
