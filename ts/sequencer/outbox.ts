import { encodeFunctionData, keccak256, type Abi, type Address, type ContractFunctionArgs, type ContractFunctionName, type EncodeFunctionDataParameters, type TransactionReceipt } from 'viem';
import { privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import { firstLine, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { publicClient, type ChainPublicClient, type Endpoint } from '../chain/clients.ts';
import { toRollupError, waitForReceipt } from '../chain/errors.ts';
import type { Hex } from '../spec/hex.ts';
import { sleep } from './timing.ts';

export interface OutboxOptions {
  endpoint: Endpoint;
  privateKey: Hex;
  /** Milliseconds after which a transaction that is not in a block is sent again at a higher price. Default 60,000. */
  stuckMs?: number;
  /** Milliseconds between looks for a receipt. Default: the client's. */
  pollMs?: number;
  progress?: Progress;
}

type Writes = 'nonpayable' | 'payable';

export interface OutboxCall<TAbi extends Abi, TName extends ContractFunctionName<TAbi, Writes>> {
  address: Address;
  abi: TAbi;
  functionName: TName;
  args: ContractFunctionArgs<TAbi, Writes, TName>;
  /** Wei. */
  value?: bigint;
  /** Wei. Makes a transaction of one fixed price, for calls whose fee depends on it. */
  gasPrice?: bigint;
  /**
   * Gas above the estimate. A contract that catches failures of calls that it makes succeeds with too little gas as well, and that is what
   * an estimate finds; what is not used costs nothing.
   */
  extraGas?: bigint;
}

type Fees = { gasPrice: bigint } | { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };

/** Each time by a quarter; nodes ask for at least a tenth. */
const attempts = 8;

/**
 * Sends the transactions of one account on one chain, one after the other. The nonce is always the chain's next one, never one that is
 * kept here: a transaction that gets stuck, or that a former process left behind, is replaced at a higher price instead of piling up
 * others behind it. Keep one outbox per account and chain.
 */
export class Outbox {
  readonly client: ChainPublicClient;
  readonly account: PrivateKeyAccount;
  readonly #name: string;
  readonly #stuckMs: number;
  readonly #pollMs: number;
  readonly #progress: Progress;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ endpoint, privateKey, stuckMs = 60_000, pollMs, progress = silentProgress }: OutboxOptions) {
    this.client = publicClient(endpoint);
    this.account = privateKeyToAccount(privateKey);
    this.#name = endpoint.name;
    this.#stuckMs = stuckMs;
    this.#pollMs = pollMs ?? this.client.pollingInterval;
    this.#progress = progress;
  }

  /**
   * Estimates, signs, sends and waits for the receipt.
   * @throws RevertError when the contract refuses (before it is sent, or in the block); RollupError for everything else
   */
  async send<const TAbi extends Abi, TName extends ContractFunctionName<TAbi, Writes>>(call: OutboxCall<TAbi, TName>): Promise<TransactionReceipt> {
    const turn = this.#tail.then(() => this.#send(call));
    this.#tail = turn.catch(() => {});
    return await turn;
  }

  async #send<TAbi extends Abi, TName extends ContractFunctionName<TAbi, Writes>>(call: OutboxCall<TAbi, TName>): Promise<TransactionReceipt> {
    const what = `${call.functionName} on ${this.#name}`;
    const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args } as unknown as EncodeFunctionDataParameters);
    const transaction = { to: call.address, data, value: call.value ?? 0n };
    try {
      const pricing = call.gasPrice === undefined ? {} : { gasPrice: call.gasPrice };
      const estimate = await this.client.estimateGas({ account: this.account, ...transaction, ...pricing });
      let fees: Fees = call.gasPrice === undefined ? await this.client.estimateFeesPerGas() : { gasPrice: call.gasPrice };
      let nonce = await this.#nextNonce();
      const hashes: Hex[] = [];
      for (let attempt = 0; attempt < attempts; attempt++) {
        // The state may move between the estimate and the block.
        const request = { ...transaction, nonce, gas: estimate + estimate / 5n + (call.extraGas ?? 0n), chainId: this.client.chain.id };
        const signed = await this.account.signTransaction('gasPrice' in fees ? { ...request, ...fees, type: 'legacy' } : { ...request, ...fees, type: 'eip1559' });
        const answer = await this.#submit(signed);
        if (answer === 'nonceTooLow' && hashes.length === 0) {
          await sleep(this.#pollMs).done;
          nonce = await this.#nextNonce();
          continue;
        }
        if (answer === 'sent') hashes.push(keccak256(signed));
        const mined = answer === 'underpriced' ? null : await this.#waitFor(hashes, nonce);
        if (mined !== null) return await waitForReceipt({ client: this.client, hash: mined, what });
        this.#progress.report(`${what}: nonce ${nonce} is stuck, sending again at a higher price`);
        fees = raised(fees);
      }
      throw new RollupError(`${what}: not in a block`, { facts: { account: this.account.address, nonce, transactions: hashes }, hint: 'Look the transactions up; the account may need attention.' });
    } catch (error) {
      throw toRollupError(error, what, { contract: call.address, account: this.account.address });
    }
  }

  async #nextNonce(): Promise<number> {
    return await this.client.getTransactionCount({ address: this.account.address, blockTag: 'latest' });
  }

  async #submit(serializedTransaction: Hex): Promise<'sent' | 'nonceTooLow' | 'underpriced'> {
    try {
      await this.client.sendRawTransaction({ serializedTransaction });
      return 'sent';
    } catch (error) {
      const text = errorText(error);
      if (/already known|already imported|known transaction/.test(text)) return 'sent';
      if (/nonce too low|nonce has already been used|old nonce/.test(text)) return 'nonceTooLow';
      if (/underpriced|fee too low|already.*same nonce/.test(text)) return 'underpriced';
      throw error;
    }
  }

  /** The transaction that is in a block; null when none is for `stuckMs`. @throws RollupError when another one took the nonce */
  async #waitFor(hashes: readonly Hex[], nonce: number): Promise<Hex | null> {
    const end = Date.now() + this.#stuckMs;
    for (let taken = false; ; ) {
      for (const hash of hashes) {
        const receipt = await this.client.getTransactionReceipt({ hash }).catch((error: unknown) => {
          if (/could not be found|not found/.test(errorText(error))) return null;
          throw error;
        });
        if (receipt !== null) return hash;
      }
      // Seen taken twice in a row without a receipt of ours in between: it was another transaction.
      if (taken) throw new RollupError('Another transaction of the account took the nonce', { facts: { nonce, transactions: hashes } });
      taken = (await this.#nextNonce()) > nonce;
      if (Date.now() >= end && !taken) return null;
      await sleep(this.#pollMs).done;
    }
  }
}

function raised(fees: Fees): Fees {
  const more = (value: bigint): bigint => value + value / 4n + 1n;
  return 'gasPrice' in fees ? { gasPrice: more(fees.gasPrice) } : { maxFeePerGas: more(fees.maxFeePerGas), maxPriorityFeePerGas: more(fees.maxPriorityFeePerGas) };
}

function errorText(error: unknown): string {
  const details = error instanceof Error && 'details' in error ? String(error.details) : '';
  return `${firstLine(error)} ${details}`.toLowerCase();
}
