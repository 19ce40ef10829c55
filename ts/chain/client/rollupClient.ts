import { createWalletClient, http, zeroAddress, type Address, type LocalAccount } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { approve, type ApproveReturnType } from '../actions/approve.ts';
import { deposit, type DepositReturnType } from '../actions/deposit.ts';
import { getBlockStages } from '../actions/getBlockStages.ts';
import { requestFullExit, type RequestFullExitReturnType } from '../actions/requestFullExit.ts';
import { withdrawPending, type WithdrawPendingReturnType } from '../actions/withdrawPending.ts';
import { isOnThisMachine, publicClient, viemChain, type ChainPublicClient, type ChainWalletClient } from '../clients.ts';
import type { ChainDeployment, Deployment } from '../deployments.ts';
import { isUsableKey, type L2Key } from '../../spec/signature.ts';
import { encodeL2Address, type RollupUser } from './address.ts';
import { checkFee, checkFloat40 } from './amount.ts';
import { readBalances, type Balance } from './balances.ts';
import { keyOfAccount } from './key.ts';
import { leastOfExit } from './leastOfExit.ts';
import { describeToken, isShares, tokenOf, type TokenName } from './pairs.ts';
import { createPoolClient, type PoolClient } from './poolClient.ts';
import { resolveReceiver } from './receiver.ts';
import { createSequencerApi, type BlockStage, type FeeKind, type LeafRecord, type SequencerApi, type SequencerStatus } from './sequencerApi.ts';
import { chooseLeaf, submitPayment, type Payment, type SubmittedTransaction } from './submit.ts';
import { poll } from './wait.ts';

export interface CreateRollupClientParameters {
  deployment: Deployment;
  /** e.g. `http://127.0.0.1:8550` */
  sequencerUrl: string;
  /** Any viem account that signs on its own: a private key, a mnemonic, or `toAccount` around another wallet. */
  account: LocalAccount;
  /** Which of the wallet's L2 keys signs: 0 at first, another one after a change of key. Default 0. */
  keyIndex?: number;
}

/** Where a payment comes from; amounts are in the token's smallest unit. */
export interface PaymentParameters {
  chainIndex: number;
  token: number;
  amount: bigint;
  /** In the same token, about three significant digits. Default: the sequencer's minimum. */
  fee?: bigint;
  /** How long the signature is valid; default one hour. */
  validSeconds?: number;
}

export interface WaitParameters {
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
}

/** One user's view of one rollup: its wallet on every chain, its leaves, and the pools. */
export interface RollupClient extends PoolClient {
  readonly account: LocalAccount;
  readonly deployment: Deployment;
  readonly api: SequencerApi;
  /** The wallet's user: its address and the L2 key that is derived from its signature. */
  user(): Promise<RollupUser>;
  /** The text form of {@link user} that others can send to. */
  address(): Promise<string>;
  /** Lets the rollup take exactly `amount`; deposit does it by itself when it was not done before. Nothing to do for a native coin. */
  approve(parameters: { chainIndex: number; token: number; amount: bigint }): Promise<ApproveReturnType>;
  /** @param to who receives it on L2; default oneself */
  deposit(parameters: { chainIndex: number; token: number; amount: bigint; to?: RollupUser | string }): Promise<DepositReturnType>;
  /** @param to a user or an L2 address; the receiver needs no leaf */
  transfer(parameters: PaymentParameters & { to: RollupUser | string }): Promise<SubmittedTransaction>;
  /** @param to address on the chain that is paid; default one's own */
  withdraw(parameters: PaymentParameters & { to?: Address }): Promise<SubmittedTransaction>;
  /** Gives a leaf another key, signed with this client's. The leaf is then another user's: the same owner with the new key. */
  changeKey(parameters: { chainIndex: number; leafIndex: number; to: { keyX: bigint; keyY: bigint }; fee?: bigint; validSeconds?: number }): Promise<SubmittedTransaction>;
  /** The least fee that the sequencer takes. */
  minimumFee(parameters: { kind: FeeKind; token: number }): Promise<bigint>;
  /**
   * @param least the fewest coins that will do (see the action); default 0 for a leaf with coins, what slippage leaves of the present worth of shares
   * @param slippage in basis points; default half a percent
   * @param maxPrice the most that it may cost while the queue is full (wei); default the bond
   */
  requestFullExit(parameters: { chainIndex: number; leafIndex: number; least?: bigint; slippage?: bigint; maxPrice?: bigint }): Promise<RequestFullExitReturnType>;
  /** @param owner whose pending balance is paid (to that owner); default oneself */
  withdrawPending(parameters: { chainIndex: number; token: number; owner?: Address }): Promise<WithdrawPendingReturnType>;
  balances(): Promise<Balance[]>;
  status(): Promise<SequencerStatus>;
  /** Waits until a block holds the transaction. @throws RollupError with the sequencer's reason when it was dropped */
  waitForTransaction(parameters: WaitParameters & { id: string }): Promise<{ blockNumber: number }>;
  /** Waits, by the chains' own counters, until a block has reached a stage on one chain or on all. */
  waitForBlockStage(parameters: WaitParameters & { blockNumber: number; stage: BlockStage; chainIndex?: number }): Promise<void>;
}

interface ChainClients {
  deployment: ChainDeployment;
  client: ChainPublicClient;
  wallet: ChainWalletClient;
}

/**
 * When a signature made now ends, Unix seconds: by this machine's clock, or by that of a development chain which was moved ahead. Nobody else's word counts, for
 * it could make a signature valid for ever: neither the sequencer's nor another machine's RPC's. The time of the pending block goes on while an idle chain has none.
 */
async function endOfValidity({ client, deployment: { rpcUrl } }: ChainClients, validSeconds: number): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  if (!isOnThisMachine(rpcUrl)) return now + validSeconds;
  const pending = client.request({ method: 'eth_getBlockByNumber', params: ['pending', false] }, { retryCount: 0 });
  const chainTime = await pending.then((block) => Number(block?.timestamp), () => 0);
  return (Number.isSafeInteger(chainTime) ? Math.max(now, chainTime) : now) + validSeconds;
}

export function createRollupClient({ deployment, sequencerUrl, account, keyIndex = 0 }: CreateRollupClientParameters): RollupClient {
  const api = createSequencerApi({ url: sequencerUrl });
  const chains = deployment.chains.map((chain): ChainClients => {
    const client = publicClient(chain);
    const wallet = createWalletClient({ account, chain: viemChain(chain), transport: http(chain.rpcUrl), pollingInterval: client.pollingInterval, cacheTime: 0 });
    return { deployment: chain, client, wallet };
  });
  let key: Promise<L2Key> | undefined;
  const ownKey = async (): Promise<L2Key> => await (key ??= keyOfAccount(account, keyIndex));
  const user = async (): Promise<RollupUser> => {
    const { publicKey } = await ownKey();
    return { owner: account.address, keyX: publicKey.x, keyY: publicKey.y };
  };

  // Payments of one client go one after the other, so that each finds the nonce that the one before it left.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return await turn;
  };
  const minimumFee: RollupClient['minimumFee'] = async ({ kind, token }) =>
    (await api.getStatus()).minimumFees.find((rule) => rule.kind === kind && rule.token === token)?.amount ?? 0n;
  const nameOf = async (chainIndex: number, token: number): Promise<TokenName> =>
    isShares(token) ? describeToken(deployment, await api.getPools(), { chainIndex, token }) : tokenOf(deployment, chainIndex, token);
  const feeFor = async ({ fee, kind, chainIndex, token }: { fee: bigint | undefined; kind: FeeKind; chainIndex: number; token: number }): Promise<bigint> => {
    if (fee === undefined) return await minimumFee({ kind, token });
    checkFee({ fee, ...(await nameOf(chainIndex, token)) });
    return fee;
  };
  const ownLeaf = async ({ chainIndex, token, amount }: { chainIndex: number; token: number; amount: bigint }): Promise<LeafRecord> => {
    const [name, { publicKey }, leaves] = [await nameOf(chainIndex, token), await ownKey(), await api.getLeaves(account.address)];
    return chooseLeaf({ leaves, publicKey, chainIndex, token, amount, ...name, chain: chainOf(chains, chainIndex).deployment.name });
  };
  const pay = async ({ chainIndex, token, validSeconds = 3600, ...rest }: Omit<PaymentParameters, 'amount'>, payment: Exclude<Payment, { type: 'changeKey' }>): Promise<SubmittedTransaction> =>
    await inTurn(async () => {
      const signer = await ownKey();
      const [kind, amount] = payment.type === 'order' ? [payment.order.type, payment.order.amount] : [payment.type, payment.amount];
      const fee = await feeFor({ fee: rest.fee, kind, chainIndex, token });
      const leaf = await ownLeaf({ chainIndex, token, amount: amount + fee });
      const validUntil = await endOfValidity(chainOf(chains, chainIndex), validSeconds);
      return await submitPayment({ api, deploymentId: deployment.deploymentId, key: signer, leaf, fee, validUntil, payment });
    });
  // Transactions of one wallet to one chain go one after the other too: its nonce is read from the chain.
  const turns = new Map<number, Promise<unknown>>();
  const onChain = async <T>(chainIndex: number, work: (parameters: { client: ChainPublicClient; wallet: ChainWalletClient; rollup: Address }) => Promise<T>): Promise<T> => {
    const { client, wallet, deployment: chain } = chainOf(chains, chainIndex);
    const run = async (): Promise<T> => await work({ client, wallet, rollup: chain.rollup });
    const turn = (turns.get(chainIndex) ?? Promise.resolve()).then(run, run);
    turns.set(chainIndex, turn.catch(() => undefined));
    return await turn;
  };

  const ownLeaves = async (): Promise<LeafRecord[]> => {
    const { keyX, keyY } = await user();
    return (await api.getLeaves(account.address)).filter((leaf) => leaf.nextKeyX === keyX && leaf.nextKeyY === keyY);
  };
  const pools = createPoolClient({
    api,
    deployment,
    ownLeaves,
    requireBalance: async (parameters) => void (await ownLeaf(parameters)),
    submit: async ({ order, fee, validSeconds, ...place }) =>
      await pay({ ...place, ...(fee === undefined ? {} : { fee }), ...(validSeconds === undefined ? {} : { validSeconds }) }, { type: 'order', owner: account.address, order }),
  });

  return {
    ...pools,
    account,
    deployment,
    api,
    user,
    address: async () => encodeL2Address(await user()),
    async approve({ chainIndex, token, amount }) {
      const { address: tokenAddress } = tokenOf(deployment, chainIndex, token);
      if (tokenAddress === zeroAddress) return { receipts: [], gasCost: 0n };
      return await onChain(chainIndex, async (chain) => await approve({ ...chain, tokenAddress, amount }));
    },
    async deposit({ chainIndex, token, amount, to }) {
      const receiver = to === undefined ? await user() : resolveReceiver(to);
      const description = tokenOf(deployment, chainIndex, token);
      return await onChain(chainIndex, async (chain) => await deposit({ ...chain, token: description, amount, user: receiver }));
    },
    async transfer({ to, ...parameters }) {
      checkFloat40({ amount: parameters.amount, ...(await nameOf(parameters.chainIndex, parameters.token)) });
      return await pay(parameters, { type: 'transfer', to: resolveReceiver(to), amount: parameters.amount });
    },
    async withdraw({ to, ...parameters }) {
      // Shares are not withdrawn: what they stand for is.
      tokenOf(deployment, parameters.chainIndex, parameters.token);
      return await pay(parameters, { type: 'withdraw', to: to ?? account.address, amount: parameters.amount });
    },
    changeKey: async ({ chainIndex, leafIndex, to: { keyX, keyY }, fee: given, validSeconds = 3600 }) =>
      await inTurn(async () => {
        if (!isUsableKey({ x: keyX, y: keyY })) throw new RollupError('The new key is not a usable Baby Jubjub key', { facts: { keyX, keyY } });
        const leaf = await api.getLeaf(chainIndex, leafIndex);
        if (leaf === undefined) throw new RollupError('There is no such leaf', { facts: { chainIndex, leafIndex }, hint: 'See `npm run cli -- balances`.' });
        const fee = await feeFor({ fee: given, kind: 'changeKey', chainIndex, token: leaf.token });
        const validUntil = await endOfValidity(chainOf(chains, chainIndex), validSeconds);
        return await submitPayment({ api, deploymentId: deployment.deploymentId, key: await ownKey(), leaf, fee, validUntil, payment: { type: 'changeKey', keyX, keyY } });
      }),
    minimumFee,
    requestFullExit: async ({ chainIndex, leafIndex, least, slippage, maxPrice }) =>
      await onChain(chainIndex, async (chain) => {
        const expected = async (): Promise<bigint> => (await leastOfExit({ api, chainIndex, leafIndex, ...(slippage === undefined ? {} : { slippage }) })).least;
        return await requestFullExit({ ...chain, leafIndex, least: least ?? (await expected()), ...(maxPrice === undefined ? {} : { maxPrice }) });
      }),
    withdrawPending: async ({ chainIndex, token, owner }) =>
      await onChain(chainIndex, async (chain) => await withdrawPending({ ...chain, token, owner: owner ?? account.address })),
    balances: async () => await readBalances({ api, chains, owner: account.address }),
    status: async () => await api.getStatus(),
    waitForTransaction: async ({ id, timeoutMilliseconds = 60_000, signal }) =>
      await poll({
        what: `transaction ${id} to be in a block`,
        timeoutMilliseconds,
        ...(signal === undefined ? {} : { signal }),
        check: async () => {
          const { status, reason, blockNumber } = await api.getTransaction(id);
          if (status === 'dropped') {
            throw new RollupError('The sequencer dropped the transaction', {
              facts: { id, reason: reason ?? 'not said' },
              hint: 'Nothing was moved and no fee was paid. Sign it again; an order, on a new quote.',
            });
          }
          return status === 'included' && blockNumber !== undefined ? { blockNumber } : undefined;
        },
      }),
    async waitForBlockStage({ blockNumber, stage, chainIndex, timeoutMilliseconds = 300_000, signal }) {
      const waiting = chainIndex === undefined ? chains : [chainOf(chains, chainIndex)];
      await Promise.all(
        waiting.map(async ({ client, deployment: { rollup, name } }) => {
          let reached = 0;
          await poll({
            what: `block ${blockNumber} to be ${stage} on ${name}`,
            timeoutMilliseconds,
            ...(signal === undefined ? {} : { signal }),
            facts: () => ({ [`last block ${stage}`]: reached }),
            check: async () => {
              reached = (await getBlockStages({ client, rollup }))[stage];
              return reached >= blockNumber ? true : undefined;
            },
          });
        }),
      );
    },
  };
}

function chainOf(chains: readonly ChainClients[], chainIndex: number): ChainClients {
  const chain = chains[chainIndex];
  if (!chain) throw new RollupError(`There is no chain ${chainIndex}`, { facts: { chains: chains.map(({ deployment }) => deployment.name) } });
  return chain;
}
