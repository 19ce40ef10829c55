import { type Abi, type ContractFunctionName, type Hex, type TransactionReceipt, createWalletClient, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { type ChainPublicClient, type ChainWalletClient, type Endpoint, publicClient, viemChain } from '../../chain/clients.ts';
import { type SendParameters, send } from '../../chain/send.ts';

type Call<TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>> = Omit<SendParameters<TAbi, TName>, 'client' | 'wallet'>;

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

  /** @throws RevertError with the contract's error, RollupError for everything else */
  async send<const TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>>(call: Call<TAbi, TName>): Promise<TransactionReceipt> {
    const parameters = { client: this.client, wallet: this.#wallet, ...call } as SendParameters<TAbi, TName>;
    const result = this.#last.then(async () => await send(parameters));
    this.#last = result.catch(() => {});
    return await result;
  }
}

/** Timestamp (seconds) that the chain's next block would have. */
export async function chainTime(client: ChainPublicClient): Promise<bigint> {
  return (await client.getBlock({ blockTag: 'pending' })).timestamp;
}
