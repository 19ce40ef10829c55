import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, type Hex, keccak256, parseEther, toHex, zeroHash } from 'viem';
import { type Relayers, type StartRelayersParameters, startRelayers } from '../../devnet/relayers/startRelayers.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { operator, relayer, startNetwork, type TestChain, type TestNetwork } from './network.ts';

export type ChainIndex = 0 | 1;

const FINAL_ROOT = 77n;
/** Least fee of Linea's service. */
const LEAST_FEE = parseEther('0.0001');
const CONFIRMATION_VALUE = parseEther('0.1');

/** A network with relayers, and what tests of them do and look at. Chain 0 is Linea, chain 1 zkSync. */
export class Scene {
  lines: string[] = [];
  readonly network: TestNetwork;
  readonly #folder: string;
  #running: Relayers | undefined;

  private constructor(network: TestNetwork, folder: string) {
    this.network = network;
    this.#folder = folder;
  }

  static async start(): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), 'scene-'));
    return new Scene(await startNetwork(folder), folder);
  }

  async stop(): Promise<void> {
    await this.rest();
    await this.network.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  run(options: Partial<StartRelayersParameters> = {}): Relayers {
    this.lines = [];
    const keys = { relayer: relayer.privateKey, operator: operator.privateKey, admin: testAccount('deployer').privateKey };
    this.#running = startRelayers({ deployment: this.network.deployment, keys, defaults: { pollInterval: 40 }, log: (line) => this.lines.push(line), ...options });
    return this.#running;
  }

  async rest(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  chain(chainIndex: ChainIndex): TestChain {
    return chainIndex === 0 ? this.network.linea : this.network.zksync;
  }

  described(chainIndex: ChainIndex) {
    const chain = this.network.deployment.chains[chainIndex];
    if (chain === undefined) throw new Error(`no chain ${chainIndex}`);
    return chain;
  }

  get lineaServices(): { l1Service: Address; l2Service: Address } {
    const { messageService } = this.described(0);
    if (messageService.kind !== 'linea') throw new Error('not Linea');
    return messageService;
  }

  hashOf(blockNumber: number, chainIndex: ChainIndex): Hex {
    return keccak256(toHex(`block ${blockNumber} of chain ${chainIndex}`));
  }

  /** A message up from each chain given: Linea sends the list of all hashes, zkSync its own. */
  async sync(blockNumber: number, chains: readonly ChainIndex[] = [0, 1]): Promise<void> {
    for (const chainIndex of chains) {
      const { rollup, gateway } = this.described(chainIndex);
      const hashes = [this.hashOf(blockNumber, 0), this.hashOf(blockNumber, 1)];
      if (chainIndex === 0) await this.network.linea.write('RollupDouble', rollup, 'syncAll', [gateway, blockNumber, FINAL_ROOT, hashes], LEAST_FEE);
      else await this.network.zksync.write('RollupDouble', rollup, 'sync', [gateway, blockNumber, hashes[1]]);
    }
  }

  async arrived(blockNumber: number, chainIndex: ChainIndex): Promise<boolean> {
    const hash = await this.network.ethereum.read<Hex>('Arbitrator', this.network.deployment.arbitrator, 'syncHashOf', [chainIndex, blockNumber]);
    if (hash !== zeroHash && hash !== this.hashOf(blockNumber, chainIndex)) throw new Error('another hash arrived');
    return hash !== zeroHash;
  }

  /** A message down to both chains; the block's sync hashes must be there. */
  async confirm(blockNumber: number): Promise<void> {
    await this.network.ethereum.write('Arbitrator', this.network.deployment.arbitrator, 'confirmBlock', [blockNumber], CONFIRMATION_VALUE);
  }

  /** The last confirmation again, to one chain. */
  async confirmAgain(chainIndex: ChainIndex): Promise<void> {
    await this.network.ethereum.write('Arbitrator', this.network.deployment.arbitrator, 'sendConfirmation', [chainIndex], CONFIRMATION_VALUE);
  }

  async confirmations(chainIndex: ChainIndex): Promise<number> {
    return Number(await this.chain(chainIndex).read<bigint>('RollupDouble', this.described(chainIndex).rollup, 'confirmations'));
  }

  async setRefuses(chainIndex: ChainIndex, refuses: boolean): Promise<void> {
    await this.chain(chainIndex).write('RollupDouble', this.described(chainIndex).rollup, 'setRefuses', [refuses]);
  }

  /** A user's message to Linea. @returns the transaction's hash */
  async sendDown({ to, fee, value, data = '0x' }: { to: Address; fee: bigint; value: bigint; data?: Hex }): Promise<Hex> {
    await this.network.ethereum.write('LineaRollup', this.lineaServices.l1Service, 'sendMessage', [to, fee, data], value + fee);
    return (await this.network.ethereum.client.getBlock()).transactions[0] ?? '0x';
  }

  /** A user's transaction for zkSync, paid with one ETH. */
  async request({ to, value, gasLimit, data }: { to: Address; value: bigint; gasLimit: bigint; data: Hex }): Promise<void> {
    const { messageService, chainId } = this.described(1);
    if (messageService.kind !== 'zksync') throw new Error('not zkSync');
    const mintValue = parseEther('1');
    const request = { chainId: BigInt(chainId), mintValue, l2Contract: to, l2Value: value, l2Calldata: data, l2GasLimit: gasLimit, l2GasPerPubdataByteLimit: 800n, factoryDeps: [], refundRecipient: to };
    await this.network.ethereum.write('Bridgehub', messageService.bridgehub, 'requestL2TransactionDirect', [request], mintValue);
  }

  /** Ethereum takes only blocks of Linea that are older than its own. */
  async clocksPast(): Promise<void> {
    const { timestamp } = await this.network.linea.client.getBlock();
    await this.until(async () => (await this.network.ethereum.client.getBlock({ blockTag: 'pending' })).timestamp > timestamp, 'a second passed');
  }

  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = Date.now() + 30_000;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`did not happen in time: ${what}\n${this.lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
