import { describe, expect, it } from 'vitest';
import { bigintToHex } from '../spec/hex.ts';
import { depositEvent, fullExitEvent, nextBlock, signedWithdraw, testUser } from './testSupport.ts';
import { payoutsOf } from './withdrawals.ts';

const alice = testUser(1);
const bob = testUser(2);
const [ofAlice, ofBob] = [alice, bob].map(({ owner }) => bigintToHex(owner, 20));

describe('payouts of blocks', () => {
  const first = nextBlock({ requests: [[depositEvent(0, alice, 1000n, 2), depositEvent(1, bob, 5n)]] });
  const second = nextBlock({
    tip: first.tip, requests: [[fullExitEvent(2, alice, 0), fullExitEvent(3, alice, 1), fullExitEvent(4, alice, 9)]], transactions: [signedWithdraw(bob, bob.owner, { leafIndex: 1, nonce: 0, amount: 2n })],
  });

  it('are nothing for deposits, and of each chain its own', () => {
    expect(payoutsOf([first.block], 0)).toEqual([]);
    expect(payoutsOf([second.block], 1)).toEqual([]);
  });

  it('are what was withdrawn, what full exits paid, and their bonds; those that paid nothing give theirs to another', () => {
    expect(payoutsOf([second.block], 0)).toEqual([{ owner: ofAlice, token: 2 }, { owner: ofAlice, token: 1 }, { owner: ofBob, token: 1 }]);
  });

  it('are named once for several blocks', () => {
    const third = nextBlock({ tip: second.tip, transactions: [signedWithdraw(bob, bob.owner, { leafIndex: 1, nonce: 1, amount: 1n })], timestamp: 1001 });
    expect(payoutsOf([second.block, third.block], 0)).toHaveLength(3);
  });
});
