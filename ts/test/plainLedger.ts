import { FIELD } from '../spec/field.ts';
import type { ChangeKey, OperationRequest, Order, PoolOperation, Transfer, TransferToNew, Withdraw } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import type { TestUser } from './users.ts';

/*
 * A second ledger, written from the table of src/FORMATS.md in the plainest way: one mutable map, every rule a condition.
 */

const LIMIT = 1n << 128n;
const SHARES = 1n << 31n;

export interface Account {
  owner: bigint;
  token: bigint;
  keyX: bigint;
  keyY: bigint;
  nonce: bigint;
  balance: bigint;
}

export interface PlainPool {
  token: bigint;
  reserve: bigint;
  totalShares: bigint;
  /** Chain and leaf index of the peer. */
  peer: readonly [number, number];
}

/** An operation with the key that made its signature, if that signs what the operation says. */
export interface Attempt {
  operation: OperationRequest;
  signer: TestUser | null;
}

/** Of chain 0. */
export class PlainLedger {
  readonly leaves = new Map<number, Account>();
  readonly pools = new Map<number, PlainPool>();
  /** By token: deposits minus what left the chain (of shares: minted minus burned), and fees of ended segments that nobody collected. */
  readonly flow = new Map<bigint, bigint>();
  readonly lost = new Map<bigint, bigint>();
  #fees = new Map<bigint, bigint>();
  #collected = new Set<bigint>();
  #awaited: (Omit<Account, 'nonce' | 'balance'> & { amount: bigint }) | null = null;
  readonly #timestamp: number;

  constructor(timestamp: number) {
    this.#timestamp = timestamp;
  }

  endSegment(): void {
    for (const [token, amount] of this.#fees) add(this.lost, token, amount);
    this.#fees = new Map();
    this.#collected = new Set();
  }

  /** Money that must be in accounts and reserves. */
  expected(token: bigint): bigint {
    const onTheWay = this.#awaited?.token === token ? this.#awaited.amount : 0n;
    return (this.flow.get(token) ?? 0n) - (this.lost.get(token) ?? 0n) - (this.#fees.get(token) ?? 0n) - onTheWay;
  }

  /** What is in accounts and reserves. */
  held(token: bigint): bigint {
    const accounts = [...this.leaves.values()].reduce((total, account) => total + (account.token === token ? account.balance : 0n), 0n);
    return [...this.pools.values()].reduce((total, pool) => total + (pool.token === token ? pool.reserve : 0n), accounts);
  }

  /** False when the operation is refused; nothing changes then. */
  apply({ operation, signer }: Attempt): boolean {
    if (this.#awaited && operation.type !== 'credit') return false;
    switch (operation.type) {
      case 'deposit': {
        const { leafIndex, owner, token, keyX, keyY, amount } = operation;
        if (!isLeaf(leafIndex) || !isAmount(amount) || !isUser(operation) || token >= SHARES || this.pools.has(leafIndex)) return false;
        const account = this.leaves.get(leafIndex);
        if (account && (account.owner !== owner || account.token !== token || account.keyX !== keyX || account.keyY !== keyY)) return false;
        if (account && account.balance + amount >= LIMIT) return false;
        if (account) account.balance += amount;
        else this.leaves.set(leafIndex, { owner, token, keyX, keyY, nonce: 0n, balance: amount });
        add(this.flow, token, amount);
        return true;
      }
      case 'open': {
        const { leafIndex, owner, token, keyX, keyY } = operation;
        if (!isLeaf(leafIndex) || !isUser(operation) || this.#used(leafIndex)) return false;
        this.leaves.set(leafIndex, { owner, token, keyX, keyY, nonce: 0n, balance: 0n });
        return true;
      }
      case 'fullExit': {
        const account = this.leaves.get(operation.leafIndex);
        if (account?.owner !== operation.owner) return isLeaf(operation.leafIndex);
        // Of what is no pool nobody has shares.
        const pool = account.token < SHARES ? null : this.pools.get(Number(account.token - SHARES));
        const coins = pool ? (account.balance * pool.reserve) / pool.totalShares : account.balance;
        if (coins < operation.least) return operation.least <= LIMIT - 1n;
        add(this.flow, account.token, -account.balance);
        if (pool) {
          pool.reserve -= coins;
          pool.totalShares -= account.balance;
          add(this.flow, pool.token, -coins);
        }
        account.balance = 0n;
        return true;
      }
      case 'collectFees': {
        const account = this.leaves.get(operation.leafIndex);
        if (!account) return false;
        const found = this.#fees.get(account.token) ?? 0n;
        if (account.balance + found >= LIMIT || new Set(this.#collected).add(account.token).size > params.feeTokens) return false;
        account.balance += found;
        this.#fees.delete(account.token);
        this.#collected.add(account.token);
        return true;
      }
      case 'openPool': {
        const { leafIndex, token, peerChain, peerLeaf } = operation;
        if (!isLeaf(leafIndex) || this.#used(leafIndex) || token <= 0n || token >= SHARES) return false;
        if (!isWhole(peerChain, 8n) || !isWhole(peerLeaf, 24n) || (peerChain === 0 && peerLeaf === leafIndex)) return false;
        this.pools.set(leafIndex, { token, reserve: 0n, totalShares: 1000n, peer: [peerChain, peerLeaf] });
        return true;
      }
      case 'credit': {
        const [account, awaited] = [this.leaves.get(operation.leafIndex), this.#awaited];
        if (!account || !awaited || !isSameUser(account, awaited) || account.token !== awaited.token || account.balance + awaited.amount >= LIMIT) return false;
        account.balance += awaited.amount;
        this.#awaited = null;
        return true;
      }
      case 'swapIn':
      case 'swapOut':
      case 'addLiquidity':
      case 'addLiquidityPeer':
      case 'removeLiquidity':
      case 'removeLiquidityPeer':
        return this.#applyOrder(operation, signer);
      default:
        return this.#applySigned(operation, signer);
    }
  }

  #used(leafIndex: number): boolean {
    return this.leaves.has(leafIndex) || this.pools.has(leafIndex);
  }

  #applyOrder(operation: PoolOperation, signer: TestUser | null): boolean {
    const { type, order, amount } = operation;
    const account = this.leaves.get(operation.type === 'swapOut' ? operation.to : operation.from);
    const pool = this.pools.get(operation.pool);
    const shares = 'shares' in operation ? operation.shares : 0n;
    const fee = 'fee' in operation ? operation.fee : 0n;
    if (!account || !pool || !isAmount(amount) || !isAmount(shares) || !isFloat(fee, 11n) || !isOrder(order)) return false;
    const removes = type === 'removeLiquidity' || type === 'removeLiquidityPeer';
    const swaps = type === 'swapIn' || type === 'swapOut';
    if (account.token !== (removes ? SHARES + BigInt(operation.pool) : pool.token) || (swaps && !isFloat(amount, 35n))) return false;

    const signs = type === 'swapIn' || type === 'addLiquidity' || type === 'removeLiquidity';
    if (order.type !== (swaps ? 'swapIn' : removes ? 'removeLiquidity' : 'addLiquidity') || !isSameUser(account, order)) return false;
    const paid = removes ? shares : amount;
    if (signs) {
      if (order.chainIndex !== 0 || order.pool !== operation.pool || order.from !== operation.from || order.token !== account.token) return false;
      if (order.peerChain !== pool.peer[0] || order.peerLeaf !== pool.peer[1]) return false;
      if (order.amount !== paid || order.fee !== fee || order.nonce !== account.nonce || account.nonce === (1n << 32n) - 1n || order.validUntil < this.#timestamp) return false;
      if (signer?.key.publicKey.x !== account.keyX || signer.key.publicKey.y !== account.keyY) return false;
    } else {
      if (order.peerChain !== 0 || order.peerLeaf !== operation.pool || order.peerToken !== account.token || fee !== 0n) return false;
      if (!swaps && order.peerAmount !== paid) return false;
    }

    const gain = type === 'swapOut' ? amount : -paid - fee;
    const inward = removes || type === 'swapOut' ? -1n : 1n;
    const after = { balance: account.balance + gain, reserve: pool.reserve + inward * amount, totalShares: pool.totalShares + inward * shares };
    if (Object.values(after).some((value) => !isAmount(value))) return false;
    Object.assign(account, { balance: after.balance, nonce: account.nonce + (signs ? 1n : 0n) });
    Object.assign(pool, { reserve: after.reserve, totalShares: after.totalShares });
    const { owner, keyX, keyY } = account;
    const shareToken = SHARES + BigInt(operation.pool);
    if (!swaps) this.#awaited = { owner, keyX, keyY, ...(removes ? { token: pool.token, amount } : { token: shareToken, amount: shares }) };
    if (!swaps) add(this.flow, shareToken, inward * shares);
    add(this.#fees, account.token, fee);
    return true;
  }

  #applySigned(operation: Withdraw | Transfer | TransferToNew | ChangeKey, signer: TestUser | null): boolean {
    const from = operation.type === 'transfer' || operation.type === 'transferToNew' ? operation.from : operation.leafIndex;
    const payer = this.leaves.get(from);
    if (!payer || signer?.key.publicKey.x !== payer.keyX || signer.key.publicKey.y !== payer.keyY) return false;
    if (operation.token !== payer.token || operation.nonce !== payer.nonce || payer.nonce === (1n << 32n) - 1n || operation.validUntil < this.#timestamp || operation.validUntil >= 2 ** 40) return false;
    const amount = operation.type === 'changeKey' ? 0n : operation.amount;
    if (!isAmount(amount) || !isFloat(operation.fee, 11n) || amount + operation.fee > payer.balance) return false;

    let receiver: Account | null = null;
    if (operation.type === 'withdraw' && (operation.token >= SHARES || operation.to < 0n || operation.to >= 1n << 160n)) return false;
    if (operation.type === 'changeKey' && (!isField(operation.keyX) || !isField(operation.keyY))) return false;
    if (operation.type === 'transfer' || operation.type === 'transferToNew') {
      const { to, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
      if (!isLeaf(to) || !isFloat(amount, 35n)) return false;
      const known = this.leaves.get(to);
      if (operation.type === 'transfer') {
        if (!known || known.owner !== owner || known.keyX !== keyX || known.keyY !== keyY || known.token !== payer.token) return false;
        if (known !== payer && known.balance + amount >= LIMIT) return false;
        receiver = known;
      } else {
        if (this.#used(to) || !isUser({ owner, token: payer.token, keyX, keyY })) return false;
        receiver = { owner, token: payer.token, keyX, keyY, nonce: 0n, balance: 0n };
        this.leaves.set(to, receiver);
      }
    }
    payer.balance -= amount + operation.fee;
    payer.nonce += 1n;
    if (receiver) receiver.balance += amount;
    if (operation.type === 'withdraw') add(this.flow, payer.token, -amount);
    if (operation.type === 'changeKey') Object.assign(payer, { keyX: operation.keyX, keyY: operation.keyY });
    add(this.#fees, payer.token, operation.fee);
    return true;
  }
}

function add(map: Map<bigint, bigint>, token: bigint, amount: bigint): void {
  map.set(token, (map.get(token) ?? 0n) + amount);
}

function isLeaf(leafIndex: number): boolean {
  return Number.isInteger(leafIndex) && leafIndex >= 0 && leafIndex < LEAF_COUNT;
}

function isWhole(value: number, bits: bigint): boolean {
  return Number.isInteger(value) && value >= 0 && BigInt(value) < 1n << bits;
}

function isSameUser(account: Account, { owner, keyX, keyY }: Pick<Account, 'owner' | 'keyX' | 'keyY'>): boolean {
  return account.owner === owner && account.keyX === keyX && account.keyY === keyY;
}

/** Every field fits into what is signed. */
function isOrder({ chainIndex, from, pool, peerChain, peerLeaf, validUntil, token, peerToken, nonce, amount, fee, limit, peerAmount, peerLimit, owner, keyX, keyY }: Order): boolean {
  const places = [chainIndex, peerChain].every((chain) => isWhole(chain, 8n)) && [from, pool, peerLeaf].every(isLeaf) && isWhole(validUntil, 40n);
  const numbers = [token, peerToken, nonce].every((value) => value >= 0n && value < 1n << 32n) && [amount, limit, peerAmount, peerLimit].every(isAmount);
  return places && numbers && isFloat(fee, 11n) && owner >= 0n && owner < 1n << 160n && isField(keyX) && isField(keyY);
}

function isAmount(amount: bigint): boolean {
  return amount >= 0n && amount < LIMIT;
}

function isField(value: bigint): boolean {
  return value >= 0n && value < FIELD;
}

function isUser({ owner, token, keyX, keyY }: Pick<Account, 'owner' | 'token' | 'keyX' | 'keyY'>): boolean {
  return owner >= 0n && owner < 1n << 160n && token > 0n && token < 1n << 32n && isField(keyX) && isField(keyY);
}

function isFloat(value: bigint, mantissaBits: bigint): boolean {
  return Array.from({ length: 32 }, (_, exponent) => 10n ** BigInt(exponent)).some((unit) => value >= 0n && value % unit === 0n && value / unit < 1n << mantissaBits);
}
