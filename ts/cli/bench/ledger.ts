import { RollupError } from '../../base/errors.ts';
import { keccak256 } from '../../spec/keccak.ts';
import type { Hex } from '../../spec/hex.ts';
import type { Transfer } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { l2KeyFromSeed, signOperation, type L2Key, type TransferMessage } from '../../spec/signature.ts';
import { sealBlock, splitIntoSegments } from '../../state/block.ts';
import { applyOperation, LedgerState } from '../../state/ledger.ts';
import type { Figure } from './figure.ts';
import type { SectionParameters } from './section.ts';

const USERS = 64;
const TRANSFERS = 1024;
/** Checking a signature costs far more than the rest, so fewer transfers show it. */
const CHECKED_TRANSFERS = 256;
const CHAIN_INDEX = 0;
const DEPLOYMENT_ID = 1n;
const TIMESTAMP = 1_800_000_000;
const DOMAIN = { deploymentId: DEPLOYMENT_ID, chainIndex: CHAIN_INDEX, timestamp: TIMESTAMP } as const;

/** Everything random follows from this text. */
export const LEDGER_SEED = 'bench: ledger';

interface User {
  owner: bigint;
  key: L2Key;
}

/** Transactions a second of the pure ledger on one core, traces for the circuits included. */
export async function measureLedger({ progress, signal }: SectionParameters): Promise<Figure[]> {
  progress.report(`ledger: ${USERS} users, ${TRANSFERS} random transfers (seed "${LEDGER_SEED}")`);
  const start = performance.now();
  const { state, transfers } = randomTransfers(USERS, TRANSFERS);
  const signing = TRANSFERS / ((performance.now() - start) / 1000);
  const figures: Figure[] = [rate('transfers signed by their users, keys made included', signing)];
  const measure = async (name: string, count: number, work: (count: number) => LedgerState): Promise<void> => {
    signal.throwIfAborted();
    progress.report(`ledger: ${name}`);
    // Lets an interrupt in between the measurements.
    await new Promise((resolve) => setImmediate(resolve));
    work(Math.min(32, count)); // warm
    const begin = performance.now();
    const after = work(count);
    // Hashes are computed when they are asked for: the work is not done before the root is there.
    if (after.chain(CHAIN_INDEX).root === state.chain(CHAIN_INDEX).root) throw new RollupError('The transfers changed nothing', { facts: { count } });
    figures.push(rate(name, count / ((performance.now() - begin) / 1000)));
  };
  await measure('transfers applied, signatures checked', CHECKED_TRANSFERS, (count) => applyAll(state, transfers.slice(0, count), false));
  await measure('transfers applied, signatures known to be good', TRANSFERS, (count) => applyAll(state, transfers.slice(0, count), true));
  await measure('transfers sealed into blocks, signatures known to be good', TRANSFERS, (count) => sealAll(state, transfers.slice(0, count)));
  return figures;
}

function rate(name: string, value: number): Figure {
  return { section: 'ledger', name, value, unit: 'per second' };
}

function applyAll(before: LedgerState, transfers: readonly Transfer[], signatureChecked: boolean): LedgerState {
  return transfers.reduce((state, operation) => applyOperation(state, { ...DOMAIN, operation, signatureChecked }).state, before);
}

function sealAll(before: LedgerState, transfers: readonly Transfer[]): LedgerState {
  const perBlock = params.slots * params.joinSegments;
  let state = before;
  for (let first = 0, blockNumber = 1; first < transfers.length; first += perBlock, blockNumber++) {
    const segments = splitIntoSegments({ chainIndex: CHAIN_INDEX, operations: transfers.slice(first, first + perBlock) });
    ({ state } = sealBlock({ state, deploymentId: DEPLOYMENT_ID, blockNumber, timestamp: TIMESTAMP, segments, signatureChecked: true }));
  }
  return state;
}

/** A ledger whose users have money, and signed transfers between random users that can be applied to it in order. */
export function randomTransfers(userCount: number, count: number): { state: LedgerState; transfers: Transfer[] } {
  const users = Array.from({ length: userCount }, (_, i) => makeUser(i));
  let state = LedgerState.empty({ chainCount: 1 });
  users.forEach(({ owner, key: { publicKey } }, leafIndex) => {
    const operation = { type: 'deposit' as const, leafIndex, token: 1n, owner, amount: 10n ** 24n, keyX: publicKey.x, keyY: publicKey.y };
    ({ state } = applyOperation(state, { ...DOMAIN, operation }));
  });
  const nonces = users.map(() => 0n);
  const transfers = Array.from({ length: count }, (_, i): Transfer => {
    const random = BigInt(hashOf(`transfer ${i}`));
    const from = Number(random % BigInt(userCount));
    const to = (from + 1 + Number((random >> 32n) % BigInt(userCount - 1))) % userCount;
    const nonce = nonces[from] ?? 0n;
    nonces[from] = nonce + 1n;
    return signedTransfer({ from, to, nonce, amount: (random >> 64n) % (1n << 35n) }, users);
  });
  return { state, transfers };
}

function signedTransfer({ from, to, nonce, amount }: Pick<Transfer, 'from' | 'to' | 'nonce' | 'amount'>, users: readonly User[]): Transfer {
  const [sender, receiver] = [users[from], users[to]];
  if (!sender || !receiver) throw new RollupError('There is no such user', { facts: { from, to } });
  const { x: toKeyX, y: toKeyY } = receiver.key.publicKey;
  const message: TransferMessage = { type: 'transfer', from, token: 1n, nonce, amount, fee: 0n, validUntil: TIMESTAMP + 1, toOwner: receiver.owner, toKeyX, toKeyY };
  return { ...message, to, signature: signOperation(message, DOMAIN, sender.key) };
}

function makeUser(i: number): User {
  return { owner: BigInt(hashOf(`owner ${i}`)) >> 96n, key: l2KeyFromSeed(hashOf(`key ${i}`)) };
}

function hashOf(text: string): Hex {
  return keccak256(new TextEncoder().encode(`${LEDGER_SEED}: ${text}`));
}
