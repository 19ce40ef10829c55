import { type Abi, type Address, type ContractFunctionName, createWalletClient, type EncodeFunctionDataParameters, encodeFunctionData, type Hex, http, type TransactionReceipt } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { RollupError } from '../../base/errors.ts';
import { type ChainPublicClient, type ChainWalletClient, type Endpoint, publicClient, viemChain } from '../../chain/clients.ts';
import { toRollupError, waitForReceipt } from '../../chain/errors.ts';
import type { SendParameters } from '../../chain/send.ts';
import type { Blob } from './lineaBlob.ts';

type Call<TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>> = Omit<SendParameters<TAbi, TName>, 'client' | 'wallet' | 'value' | 'gasPrice' | 'extraGas'> & {
  /** Called when the transaction is on its way and its receipt is not there yet. */
  afterSend?: (() => void) | undefined;
  /** Comes with the transaction. */
  blob?: Blob | undefined;
};

/** A call that was refused, so that it can be traced. `transaction` is set when it was mined. */
export interface RefusedCall {
  client: ChainPublicClient;
  from: Address;
  to: Address;
  data: Hex;
  transaction?: Hex;
}

const refused = new WeakMap<object, RefusedCall>();

/** The call behind an error that a Sender threw. */
export function refusedCall(error: unknown): RefusedCall | undefined {
  return typeof error === 'object' && error !== null ? refused.get(error) : undefined;
}

/** Thrown in the place where a fault kills a relayer; whoever runs it starts it anew. */
export class RelayerKilled extends RollupError {}

/** Milliseconds that a transaction of an earlier life may take. */
const LONGEST_LEFTOVER = 30_000;

/**
 * Sends the transactions of one account on one chain, one after the other. It asks the chain for the nonce each time, so it goes on after a
 * revert to a snapshot.
 */
export class Sender {
  readonly client: ChainPublicClient;
  readonly #wallet: ChainWalletClient;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ endpoint, privateKey }: { endpoint: Endpoint; privateKey: Hex }) {
    this.client = publicClient(endpoint);
    this.#wallet = createWalletClient({ account: privateKeyToAccount(privateKey), chain: viemChain(endpoint), transport: http(endpoint.rpcUrl), cacheTime: 0 });
  }

  /**
   * Simulates a call, sends it and waits for its receipt.
   * @throws RevertError with the contract's error, RollupError for everything else
   */
  async send<const TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>>(call: Call<TAbi, TName>): Promise<TransactionReceipt> {
    const { address, abi, functionName, args } = call;
    const data = encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters);
    const what = `${call.what ?? functionName} on ${this.client.chain.name}`;
    const result = this.#last.then(async () => await this.#send({ to: address, data, what, afterSend: call.afterSend, blob: call.blob }));
    this.#last = result.catch(() => {});
    return await result;
  }

  /** Gas that a call would take. @throws as `send` */
  async estimate({ to, data, what, blob }: { to: Address; data: Hex; what: string; blob?: Blob | undefined }): Promise<bigint> {
    const call = { from: this.#wallet.account.address, to, data };
    try {
      return await this.client.estimateGas({ account: call.from, to, data, ...(blob === undefined ? {} : { blobVersionedHashes: [blob.versionedHash], maxFeePerBlobGas: await this.#blobFee() }) } as never);
    } catch (error) {
      throw this.#known(error, what, call);
    }
  }

  /**
   * Waits until nothing of this account is under way. A relayer that was killed may have left a transaction behind, which does what a new one
   * would do again.
   * @returns whether there was something
   */
  async settle(): Promise<boolean> {
    const { address } = this.#wallet.account;
    const deadline = Date.now() + LONGEST_LEFTOVER;
    for (let waited = false; ; waited = true) {
      const [mined, pending] = await Promise.all([this.client.getTransactionCount({ address, blockTag: 'latest' }), this.client.getTransactionCount({ address, blockTag: 'pending' })]);
      if (pending <= mined) return waited;
      if (Date.now() > deadline) {
        const facts = { account: address, mined, pending };
        throw new RollupError(`Transactions of the relayer are not mined on ${this.client.chain.name}`, { facts, hint: 'Mine a block (evm_mine), or switch automatic mining on.' });
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Twice what the last block asks. */
  async #blobFee(): Promise<bigint> {
    return (await this.client.getBlobBaseFee()) * 2n;
  }

  async #send({ to, data, what, afterSend = () => {}, blob }: { to: Address; data: Hex; what: string; afterSend: (() => void) | undefined; blob: Blob | undefined }): Promise<TransactionReceipt> {
    const from = this.#wallet.account.address;
    const estimate = await this.estimate({ to, data, what, blob });
    let hash: Hex | undefined;
    try {
      // The state may move between the estimate and the block.
      const gas = estimate + estimate / 5n;
      hash =
        blob === undefined
          ? await this.#wallet.sendTransaction({ to, data, gas })
          : await this.#wallet.sendTransaction({ type: 'eip4844', to, data, gas, maxFeePerBlobGas: await this.#blobFee(), blobVersionedHashes: [blob.versionedHash], sidecars: [blob] } as never);
      afterSend();
      return await waitForReceipt({ client: this.client, hash, what });
    } catch (error) {
      throw this.#known(error, what, { from, to, data, ...(hash === undefined ? {} : { transaction: hash }) });
    }
  }

  #known(error: unknown, what: string, call: Omit<RefusedCall, 'client'>): RollupError {
    const known = toRollupError(error, what, { contract: call.to });
    refused.set(known, { client: this.client, ...call });
    return known;
  }
}

/** Timestamp (seconds) that the chain's next block would have. */
export async function chainTime(client: ChainPublicClient): Promise<bigint> {
  return (await client.getBlock({ blockTag: 'pending' })).timestamp;
}
