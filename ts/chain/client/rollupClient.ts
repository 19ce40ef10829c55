import { createWalletClient, http, zeroAddress, type Address, type LocalAccount } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { approve, type ApproveReturnType } from '../actions/approve.ts';
import { deposit, type DepositReturnType } from '../actions/deposit.ts';
import { getBlockStages } from '../actions/getBlockStages.ts';
import { requestFullExit, type RequestFullExitReturnType } from '../actions/requestFullExit.ts';
import { withdrawPending, type WithdrawPendingReturnType } from '../actions/withdrawPending.ts';
import { publicClient, viemChain, type ChainPublicClient, type ChainWalletClient } from '../clients.ts';
import type { ChainDeployment, Deployment, TokenDeployment } from '../deployments.ts';
import type { L2Key } from '../../spec/signature.ts';
import { encodeL2Address, type RollupUser } from './address.ts';
import { checkTransferable } from './amount.ts';
import { readBalances, type Balance } from './balances.ts';
import { keyOfAccount } from './key.ts';
import { resolveReceiver } from './receiver.ts';
import { createSequencerApi, type BlockStage, type SequencerApi, type SequencerStatus } from './sequencerApi.ts';
import { chooseLeaf, submitPayment, type Payment, type SubmittedTransaction } from './submit.ts';
import { poll } from './wait.ts';

export interface CreateRollupClientParameters {
  deployment: Deployment;
  /** e.g. `http://127.0.0.1:8550` */
  sequencerUrl: string;
  /** Any viem account that signs on its own: a private key, a mnemonic, or `toAccount` around another wallet. */
  account: LocalAccount;
}

/** Where a payment comes from; amounts are in the token's smallest unit. */
export interface PaymentParameters {
  chainIndex: number;
  token: number;
  amount: bigint;
  /** How long the signature is valid; default one hour. */
  validSeconds?: number;
}

export interface WaitParameters {
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
}

/** One user's view of one rollup: its wallet on every chain and its leaves. */
export interface RollupClient {
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
  requestFullExit(parameters: { chainIndex: number; leafIndex: number }): Promise<RequestFullExitReturnType>;
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

export function createRollupClient({ deployment, sequencerUrl, account }: CreateRollupClientParameters): RollupClient {
  const api = createSequencerApi({ url: sequencerUrl });
  const chains = deployment.chains.map((chain): ChainClients => {
    const client = publicClient(chain);
    const wallet = createWalletClient({ account, chain: viemChain(chain), transport: http(chain.rpcUrl), pollingInterval: client.pollingInterval, cacheTime: 0 });
    return { deployment: chain, client, wallet };
  });
  let key: Promise<L2Key> | undefined;
  const ownKey = async (): Promise<L2Key> => await (key ??= keyOfAccount(account));
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
  const pay = async ({ chainIndex, token, amount, validSeconds = 3600 }: PaymentParameters, payment: Payment): Promise<SubmittedTransaction> =>
    await inTurn(async () => {
      const { name: chain } = chainOf(chains, chainIndex).deployment;
      const { symbol, decimals } = tokenOf(deployment, chainIndex, token);
      const signer = await ownKey();
      const leaves = await api.getLeaves(account.address);
      const leaf = chooseLeaf({ leaves, publicKey: signer.publicKey, chainIndex, token, amount, symbol, decimals, chain });
      const validUntil = Math.floor(Date.now() / 1000) + validSeconds;
      return await submitPayment({ api, deploymentId: deployment.deploymentId, key: signer, leaf, amount, validUntil, payment });
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

  return {
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
      const { decimals, symbol } = tokenOf(deployment, parameters.chainIndex, parameters.token);
      checkTransferable({ amount: parameters.amount, decimals, symbol });
      return await pay(parameters, { type: 'transfer', to: resolveReceiver(to) });
    },
    withdraw: async ({ to, ...parameters }) => await pay(parameters, { type: 'withdraw', to: to ?? account.address }),
    requestFullExit: async ({ chainIndex, leafIndex }) => await onChain(chainIndex, async (chain) => await requestFullExit({ ...chain, leafIndex })),
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
          if (status === 'dropped') throw new RollupError('The sequencer dropped the transaction', { facts: { id, reason: reason ?? 'not said' } });
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

/** @throws RollupError when the chain has no such token */
export function tokenOf(deployment: Deployment, chainIndex: number, token: number): TokenDeployment {
  const chain = deployment.chains[chainIndex];
  const found = chain?.tokens.find((candidate) => candidate.token === token);
  if (!chain || !found) {
    throw new RollupError(`There is no token ${token} on chain ${chain?.name ?? chainIndex}`, { facts: { tokens: chain?.tokens.map((t) => `${t.token} ${t.symbol}`) ?? [] } });
  }
  return found;
}
