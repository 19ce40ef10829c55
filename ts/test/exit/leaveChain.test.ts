import { BaseError, decodeFunctionData, encodeAbiParameters, encodeErrorResult, encodeEventTopics, type Hex } from 'viem';
import { describe, expect, it } from 'vitest';
import { RollupError } from '../../base/errors.ts';
import type { OwnedRequest } from '../../chain/actions/getRequestsOf.ts';
import type { WriteParameters } from '../../chain/actions/types.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { secondaryRollupAbi as abi } from '../../chain/generated/abi.ts';
import type { Prover } from '../../prover/prove.ts';
import type { ChainClaims, LeafClaim } from '../../recovery/claims.ts';
import { EXITS_PER_CALL } from '../../recovery/exitProofs.ts';
import { leaveChain, takeOnEach, type LeaveParameters } from '../../recovery/leave.ts';
import { refundAll, type LeaveOutcome } from '../../recovery/refunds.ts';
import { addressOf } from '../../spec/hex.ts';
import { LEAF_KIND } from '../../spec/leaf.ts';
import { ChainState } from '../../state/chainState.ts';
import { LedgerState } from '../../state/ledger.ts';

/* What happens when somebody else is faster, and when a chain refuses: against a chain of which only the answers exist. */

const OWNER = 0xa11cen;
const owner = addressOf(OWNER);
const zero = addressOf(0n);
const chain = { chainIndex: 0, name: 'linea', rollup: zero, tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: zero }] } as unknown as ChainDeployment;

/** An owner with `count` leaves of 1 … count units of the chain's own coin. */
function stateWith(count: number): LedgerState {
  let leaves = ChainState.empty();
  for (let i = 0; i < count; i++) leaves = leaves.withLeaf(i, { kind: LEAF_KIND.account, owner: OWNER, token: 1n, nonce: 0n, balance: BigInt(i + 1), keyX: BigInt(i), keyY: 2n });
  return new LedgerState([leaves]);
}

function claimsOf(state: LedgerState, part: Partial<ChainClaims> = {}): ChainClaims {
  const leaves = state.chain(0).entries().map(({ leafIndex, leaf }): LeafClaim => ({ chainIndex: 0, leafIndex, token: 1, amount: leaf.balance, status: 'open' }));
  const exitMode = { mode: 'halted' as const, exitsOpen: true, haltRoot: state.finalRoot } as ChainClaims['exitMode'];
  return { chain, exitMode, leaves, pending: [], requests: [], exitBond: 7n, taken: [], ...part };
}

const prover: Prover = {
  async prove({ signals }) {
    const publicInputs = ['finalRoot', 'chainIndex', 'leafIndex', 'owner', 'token', 'amount'].map((name) => signals[name] as bigint);
    const proof = { pi_a: ['1', '2', '1'], pi_b: [['1', '2'], ['3', '4'], ['1', '0']], pi_c: ['1', '2', '1'], protocol: 'groth16', curve: 'bn128' };
    return { proof, publicInputs, timing: {} } as unknown as Awaited<ReturnType<Prover['prove']>>;
  },
  terminate: async () => {},
};

type Call = { functionName: string; args: readonly unknown[] };

/** A chain that takes every call which `refuse` has no revert data for. */
function fakeChain({ refuse = () => undefined, pending = 0n, requestHash = zero }: { refuse?: (call: Call) => Hex | undefined; pending?: bigint; requestHash?: Hex } = {}) {
  const calls: Call[] = [];
  const sent: Call[] = [];
  const client = {
    chain: { name: 'linea' },
    async estimateGas({ data }: { data: Hex }) {
      const call = decodeFunctionData({ abi, data }) as Call;
      calls.push(call);
      const reverted = refuse(call);
      if (reverted !== undefined) throw new BaseError('reverted', { cause: Object.assign(new Error('reverted'), { data: reverted }) });
      return 21_000n;
    },
    async waitForTransactionReceipt({ hash }: { hash: Hex }) {
      return { status: 'success', transactionHash: hash, gasUsed: 1n, effectiveGasPrice: 1n, logs: logsOf(sent[Number(hash) - 1]!, pending) };
    },
    async readContract({ functionName }: { functionName: string }) {
      return functionName === 'pendingBalance' ? pending : functionName === 'priorityRequest' ? [requestHash, 0] : [5n, 5n, 0n];
    },
  };
  const wallet = { account: { address: zero }, sendTransaction: async ({ data }: { data: Hex }) => `0x${sent.push(decodeFunctionData({ abi, data }) as Call)}` };
  return { calls, sent, place: { client, wallet, rollup: zero } as unknown as WriteParameters };
}

/** What the contract would emit. */
function logsOf({ functionName, args }: Call, pending: bigint): unknown[] {
  if (functionName === 'exitLeaves') {
    return (args[0] as { leafIndex: number; owner: Hex; token: number; amount: bigint }[]).map(({ amount, ...indexed }) => ({
      topics: encodeEventTopics({ abi, eventName: 'Exited', args: indexed }), data: encodeAbiParameters([{ type: 'uint128' }], [amount]),
    }));
  }
  if (functionName !== 'withdrawPending') return [];
  return [{ topics: encodeEventTopics({ abi, eventName: 'Withdrawn', args: { owner, token: 1 } }), data: encodeAbiParameters([{ type: 'uint256' }], [pending]) }];
}

async function leave(parameters: Partial<LeaveParameters> & Pick<LeaveParameters, 'claims' | 'place'>): Promise<LeaveOutcome[]> {
  const outcomes: LeaveOutcome[] = [];
  for await (const outcome of leaveChain({ owner, ...parameters })) outcomes.push(outcome);
  return outcomes;
}

const leavesIn = ({ args }: Call): number[] => (args[0] as { leafIndex: number }[]).map(({ leafIndex }) => leafIndex);

describe('leaving several chains', () => {
  const done = (chainIndex: number): LeaveOutcome => ({ type: 'payment', chainIndex, token: 1, amount: 5n, transaction: '0x01' });
  const three = [0, 1, 2].map((chainIndex) => ({ chain: { chainIndex, name: `chain ${chainIndex}` } }) as ChainClaims);
  const refusal = new RollupError('has no gas');

  it('goes on where one refuses', async () => {
    async function* take({ chain: { chainIndex } }: ChainClaims): AsyncGenerator<LeaveOutcome> {
      yield await Promise.resolve(done(chainIndex));
      if (chainIndex < 2) throw refusal;
    }
    expect(await takeOnEach({ claims: three, take })).toEqual({ outcomes: [done(0), done(1), done(2)], refusals: [{ chainIndex: 0, name: 'chain 0', error: refusal }, { chainIndex: 1, name: 'chain 1', error: refusal }] });
  });

  it('fails when all refuse, and with a fault of the program', async () => {
    const failing = (error: Error) =>
      async function* (): AsyncGenerator<LeaveOutcome> {
        await Promise.reject(error);
      };
    await expect(takeOnEach({ claims: three, take: failing(refusal) })).rejects.toBe(refusal);
    await expect(takeOnEach({ claims: three, take: failing(new TypeError('not a function')) })).rejects.toThrow('not a function');
    expect(await takeOnEach({ claims: [], take: failing(refusal) })).toEqual({ outcomes: [], refusals: [] });
  });
});

describe('leaving a chain', () => {
  it('is refused while exits are closed', async () => {
    const state = stateWith(1);
    const claims = claimsOf(state, { exitMode: { mode: 'stopped', exitsOpen: false, haltRoot: null } as ChainClaims['exitMode'] });
    await expect(leave({ claims, state, prover, place: fakeChain().place })).rejects.toThrow('Exits are not open on linea');
  });

  it('needs a state and a prover for leaves', async () => {
    await expect(leave({ claims: claimsOf(stateWith(1)), place: fakeChain().place })).rejects.toThrow('Exits need the recovered state');
  });

  it('sends leaves in lists, the largest first, and none that has exited or is worth nothing', async () => {
    const state = stateWith(2 * EXITS_PER_CALL + 3);
    const { leaves } = claimsOf(state);
    const claims = claimsOf(state, { leaves: leaves.map((leaf) => (leaf.leafIndex === 0 ? { ...leaf, status: 'exited' } : leaf.leafIndex === 1 ? { ...leaf, amount: 0n } : leaf)) });
    const { sent, place } = fakeChain();
    const outcomes = await leave({ claims, state, prover, place });
    expect(sent.map((call) => leavesIn(call).length)).toEqual([EXITS_PER_CALL, EXITS_PER_CALL, 1]);
    expect(outcomes.map((outcome) => (outcome.type === 'exit' ? [outcome.leafIndex, outcome.amount] : outcome.type))).toEqual(leaves.slice(2).reverse().map(({ leafIndex, amount }) => [leafIndex, amount]));
  });

  it('leaves out a leaf that somebody else has exited meanwhile, and sends the others', async () => {
    const state = stateWith(3);
    const refuse = (call: Call): Hex | undefined => (leavesIn(call).includes(1) ? encodeErrorResult({ abi, errorName: 'LeafAlreadyExited', args: [1] }) : undefined);
    const { sent, place } = fakeChain({ refuse });
    expect((await leave({ claims: claimsOf(state), state, prover, place })).map((outcome) => outcome.type === 'exit' && outcome.leafIndex)).toEqual([2, 0]);
    expect(sent.map(leavesIn)).toEqual([[2, 0]]);
  });

  it('ends with nothing sent when all leaves are gone', async () => {
    const state = stateWith(2);
    const refuse = (call: Call): Hex => encodeErrorResult({ abi, errorName: 'LeafAlreadyExited', args: [leavesIn(call)[0]!] });
    const { sent, place } = fakeChain({ refuse });
    expect(await leave({ claims: claimsOf(state), state, prover, place })).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('says that the keys differ when the chain does not accept a proof that is right here', async () => {
    const state = stateWith(1);
    const { place } = fakeChain({ refuse: () => encodeErrorResult({ abi, errorName: 'InvalidProof' }) });
    await expect(leave({ claims: claimsOf(state), state, prover, place })).rejects.toThrow('its verifier has other keys than this checkout');
  });

  it('throws what else the chain refuses', async () => {
    const state = stateWith(1);
    const { place } = fakeChain({ refuse: () => encodeErrorResult({ abi, errorName: 'ExitsNotOpen', args: [1, 3, 2] }) });
    await expect(leave({ claims: claimsOf(state), state, prover, place })).rejects.toThrow(/reverted with ExitsNotOpen/);
  });
});

describe('refunds and payments', () => {
  const none = stateWith(0);
  const fields = { requestId: 4n, owner, expiresAt: 9, transaction: '0x' as Hex };
  const deposit: OwnedRequest = { type: 'deposit', status: 'refundable', token: 1, amount: 5n, keyX: 1n, keyY: 2n, ...fields };
  const exit: OwnedRequest = { type: 'fullExit', status: 'refundable', leafIndex: 3, least: 9n, ...fields, requestId: 6n };

  it('refund exactly what is refundable, with the fields of the request', async () => {
    const { sent, place } = fakeChain();
    const requests: OwnedRequest[] = [deposit, exit, { ...deposit, requestId: 1n, status: 'executed' }, { ...deposit, requestId: 2n, status: 'refunded' }, { ...deposit, requestId: 3n, status: 'open' }];
    const outcomes = await leave({ claims: claimsOf(none, { requests }), place });
    expect(outcomes.map(({ type, amount }) => [type, amount])).toEqual([['depositRefund', 5n], ['bondRefund', 7n]]);
    expect(sent).toEqual([{ functionName: 'refundDeposit', args: [4n, 1, expect.stringMatching(new RegExp(owner, 'i')), 5n, 1n, 2n] }, { functionName: 'refundBond', args: [6n, 3, expect.stringMatching(new RegExp(owner, 'i')), 9n] }]);
  });

  it('pass over a request that somebody else has refunded, and no other refusal', async () => {
    const data = encodeErrorResult({ abi, errorName: 'WrongPriorityRequest', args: [4n, `0x${'00'.repeat(27)}`, `0x${'11'.repeat(27)}`] });
    const claims = claimsOf(none, { requests: [deposit] });
    expect(await leave({ claims, place: fakeChain({ refuse: () => data }).place })).toEqual([]);
    await expect(leave({ claims, place: fakeChain({ refuse: () => data, requestHash: '0x11' }).place })).rejects.toThrow('WrongPriorityRequest');
  });

  it('are refused while exits are closed', async () => {
    const claims = claimsOf(none, { requests: [deposit], exitMode: { mode: 'running', exitsOpen: false, haltRoot: null } as ChainClaims['exitMode'] });
    await expect(refundAll({ claims, owner, place: fakeChain().place }).next()).rejects.toThrow('Exits are not open');
  });

  it('pay what is pending; who cannot be paid is told why, and what somebody else had paid is passed over', async () => {
    const claims = claimsOf(none);
    expect(await leave({ claims, place: fakeChain({ pending: 8n }).place })).toMatchObject([{ type: 'payment', token: 1, amount: 8n }]);
    const failed = encodeErrorResult({ abi, errorName: 'NativeTransferFailed', args: [owner, 8n] });
    expect(await leave({ claims, place: fakeChain({ pending: 8n, refuse: () => failed }).place })).toMatchObject([{ type: 'unpaid', amount: 8n, reason: expect.stringContaining('NativeTransferFailed') as string }]);
    const gone = encodeErrorResult({ abi, errorName: 'NothingPending', args: [owner, 1] });
    expect(await leave({ claims, place: fakeChain({ pending: 8n, refuse: () => gone }).place })).toEqual([]);
  });
});
