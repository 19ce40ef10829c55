import { describe, expect, it } from 'vitest';
import { ExpiryLog, expiryWarning, oldestRequest } from './expiry.ts';
import { depositEvent, fullExitEvent, testUser } from './testSupport.ts';

const alice = testUser(1);
const DAY = 86_400;
const MADE = 1_700_000_000;
const requests = [depositEvent(0, alice, 5n), fullExitEvent(1, alice, 0)].map((event, i) => ({ ...event, expiresAt: MADE + i * 100 + 10 * DAY }));
const at = (now: number, executed = 0) => oldestRequest({ requests, executed, priorityExpiration: 10 * DAY, now });

describe('the oldest request', () => {
  it('is the first that no executed block has used', () => {
    expect(at(MADE)).toEqual({ requestId: 0, type: 'deposit', expiresAt: MADE + 10 * DAY, passed: 0 });
    expect(at(MADE + 100, 1)).toEqual({ requestId: 1, type: 'fullExit', expiresAt: MADE + 100 + 10 * DAY, passed: 0 });
    expect(at(MADE, 2)).toBe(null);
  });

  it('says how much of its time has passed', () => {
    expect(at(MADE + 5 * DAY)?.passed).toBe(0.5);
    expect(at(MADE + 10 * DAY)?.passed).toBe(1);
    expect(at(MADE + 15 * DAY)?.passed).toBe(1.5);
    // A clock that is behind the chain.
    expect(at(MADE - 1)?.passed).toBe(0);
  });

  it('is expired from the first second when requests have no time', () => {
    expect(oldestRequest({ requests, executed: 0, priorityExpiration: 0, now: MADE })?.passed).toBe(1);
  });
});

describe('warnings', () => {
  it('begin when half of the time has passed, and say what happens at its end', () => {
    expect(expiryWarning('linea', at(MADE + 5 * DAY - 1)!)).toBe(null);
    expect(expiryWarning('linea', at(MADE + 6 * DAY)!)).toBe('deposit 0 of linea is not executed and 60 % of its time has passed: it expires at 2023-11-24T22:13:20.000Z, and then anyone can put the rollup into exit mode');
    expect(expiryWarning('linea', at(MADE + 11 * DAY, 1)!)).toMatch(/^full exit 1 of linea has expired/);
  });

  it('go into the log once at each level for each request', () => {
    const log = new ExpiryLog();
    const days = [1, 4.9, 5, 6, 7.4, 7.5, 8, 9, 9.5, 10, 12];
    expect(days.filter((days) => log.next('linea', at(MADE + days * DAY)) !== null)).toEqual([5, 7.5, 9, 10]);
    expect(log.next('linea', at(MADE + 12 * DAY, 1))).toMatch(/full exit 1/);
    expect(log.next('linea', at(MADE + 12 * DAY, 1))).toBe(null);
    expect(log.next('linea', at(MADE + 12 * DAY, 2))).toBe(null);
    // Chains are told apart.
    expect(log.next('zksync', at(MADE + 12 * DAY, 1))).toMatch(/of zksync/);
  });
});
