import { describe, expect, it } from 'vitest';
import type { PublicOperation } from '../spec/operation.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { emptyTree } from '../state/tree.ts';
import { AuditFailure, replaySegment, type Books } from './auditReplay.ts';
import { Auditor } from './auditor.ts';
import { context, depositEvent, nextBlock, operator, signedChangeKey, signedTransfer, signedWithdraw, testUser } from './testSupport.ts';
import { requestHashOf } from './events.ts';

const alice = testUser(1);
const bob = testUser(2);
const next = testUser(3);
const user = ({ owner, keyX, keyY }: typeof alice) => ({ owner, keyX, keyY });
const nothing = (): Books => ({ settled: new Map(), changed: new Map(), tree: emptyTree });
const replay = (operations: PublicOperation[], books = nothing()) => replaySegment({ books, segment: encodeOperations(operations), operator: operator.owner, place: {} }).books;
const deposit = (leafIndex: number, of: typeof alice, amount: bigint, token = 1n): PublicOperation => ({ type: 'deposit', leafIndex, token, amount, ...user(of) });
const transfer = (fee: bigint): PublicOperation => ({ type: 'transfer', from: 0, to: 1, amount: 10n, fee });
const collect = (leafIndex: number, amount: bigint): PublicOperation => ({ type: 'collectFees', leafIndex, amount });
const changeKey = (leafIndex: number, to: typeof alice, fee = 0n): PublicOperation => ({ type: 'changeKey', leafIndex, fee, keyX: to.keyX, keyY: to.keyY });
/** alice in leaf 0, bob in leaf 1, the operator in leaf 2, all of token 1; the operator in leaf 3 of token 2. */
const books = () => replay([deposit(0, alice, 100n), deposit(1, bob, 50n), deposit(2, operator, 1n), deposit(3, operator, 1n, 2n)]);
const balance = ({ changed }: Books, leafIndex: number) => changed.get(leafIndex)?.balance;

describe("auditor's replay", () => {
  it('passes fees that are all collected', () => {
    const after = replay([transfer(3n), { type: 'withdraw', leafIndex: 1, token: 1n, to: 9n, amount: 5n, fee: 2n }, changeKey(0, next, 1n), collect(2, 6n)], books());
    expect([0, 1, 2].map((i) => balance(after, i))).toEqual([86n, 53n, 7n]);
    expect(after.changed.get(0)).toMatchObject({ nonce: 2n, keyX: next.keyX, keyY: next.keyY });
  });

  it.each([
    ['fees that nobody collects', [transfer(3n)], 'wrong collected fees'],
    ['one unit too little', [transfer(3n), collect(2, 2n)], 'wrong collected fees'],
    ['one unit too much', [transfer(3n), collect(2, 4n)], 'wrong collected fees'],
    ['fees from nowhere', [collect(2, 1n)], 'wrong collected fees'],
    ['fees in another token', [transfer(3n), collect(3, 3n)], 'wrong collected fees'],
    ['fees for somebody else', [transfer(3n), collect(1, 3n)], 'somebody else than the operator'],
    ['fees for an empty leaf', [transfer(3n), collect(9, 3n)], 'not an account'],
    ['a fee above the balance', [{ type: 'transfer', from: 0, to: 1, amount: 99n, fee: 2n }, collect(2, 2n)], 'leaves its range'],
    ['another key for an empty leaf', [changeKey(9, next)], 'not an account'],
    ['a transfer to new onto a leaf in use', [{ type: 'transferToNew', from: 0, to: 1, amount: 1n, fee: 0n, toOwner: bob.owner, toKeyX: bob.keyX, toKeyY: bob.keyY }], 'wrong transferToNew'],
  ] satisfies [string, PublicOperation[], string][])('refuses %s', (_, operations, message) => {
    expect(() => replay(operations, books())).toThrow(message);
    expect(() => replay(operations, books())).toThrow(AuditFailure);
  });

  it('opens a leaf with the payer’s token, also when the same segment has opened the payer', () => {
    const after = replay([deposit(0, alice, 100n, 7n), { type: 'transferToNew', from: 0, to: 1, amount: 10n, fee: 0n, toOwner: bob.owner, toKeyX: bob.keyX, toKeyY: bob.keyY }]);
    expect(after.changed.get(1)).toMatchObject({ token: 7n, balance: 10n, owner: bob.owner, nonce: 0n });
  });

  it('lets the last change of key count, and a deposit meet any key of the segment', () => {
    const after = replay([changeKey(0, bob), changeKey(0, next), deposit(0, { ...next, owner: alice.owner }, 5n), deposit(0, alice, 5n)], books());
    expect(after.changed.get(0)).toMatchObject({ balance: 110n, nonce: 2n, keyX: next.keyX });
    expect(() => replay([changeKey(0, next), deposit(0, bob, 5n)], books())).toThrow('wrong deposit');
  });

  it('agrees with the ledger on a block of every kind of operation', async () => {
    const requests = [depositEvent(0, alice, 1000n), depositEvent(1, alice, 500n, 2)];
    const auditor = new Auditor({ ...context, operator, readRequest: async ({ requestId }) => requestHashOf(requests[requestId]!), verifyProof: async () => true });
    const first = nextBlock({ requests: [requests] });
    const second = nextBlock({
      tip: first.tip,
      transactions: [
        signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 5n, fee: 3n }),
        signedTransfer(alice, bob, { leafIndex: 1, token: 2n, nonce: 0, amount: 5n, fee: 4n }),
        signedChangeKey(alice, next, { leafIndex: 0, nonce: 1, fee: 1n }),
        signedWithdraw(next, 9n, { leafIndex: 0, nonce: 2, amount: 7n, fee: 2n }),
        signedTransfer(next, bob, { leafIndex: 0, nonce: 3, amount: 5n, fee: 0n }),
        signedTransfer(bob, alice, { leafIndex: 3, nonce: 0, amount: 1n, fee: 1n }),
      ],
    });
    expect(second.dropped).toEqual([]);
    expect(new Set(second.block.segments.flatMap(({ operations }) => operations.map(({ type }) => type)))).toEqual(
      new Set(['open', 'transferToNew', 'transfer', 'changeKey', 'withdraw', 'collectFees']),
    );
    await auditor.auditBlock(first.block);
    await auditor.auditBlock(second.block);
    expect(auditor.auditedBlock).toBe(2);
  });
});
