import { encodeFunctionData, type Address, type Hex } from 'viem';
import { iArbitratorAbi, primaryRollupAbi, secondaryRollupAbi } from '../chain/generated/abi.ts';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';
import { storedBlockHash, ZERO_HASH, type PrimaryBlock, type StoredBlock } from '../spec/chainSide.ts';
import { FakeRpc, fakeLog } from './fakeRpc.ts';
import { genesisStoredBlocks, onchainDataIn, type StoredBlocks } from './storedBlocks.ts';

/* The contracts of a rollup on fake chains, as far as they are read. They check nothing: what they hold is what they are told. */

/** A block with what every chain holds of it. */
export interface FakeBlock {
  block: PrimaryBlock;
  storedBlocks: StoredBlocks;
}

export interface CommitOptions {
  /** The validator calls this contract, which calls the rollup contract with the calldata inside of its own. */
  through?: Address;
  /** The calldata is only in the trace. */
  hidden?: boolean;
}

/** One chain's rollup contract. */
export class FakeRollup {
  readonly rpc: FakeRpc;
  readonly chain: ChainDeployment;
  counters = { proved: 0, synced: 0, confirmed: 0, executed: 0 };
  mode = 0;
  haltBlock = 0;
  haltRoot = 0n;
  readonly #stored: StoredBlock[];

  constructor(deployment: Deployment, chainIndex: number, rpc: FakeRpc) {
    this.rpc = rpc;
    this.chain = deployment.chains[chainIndex] as ChainDeployment;
    this.#stored = [genesisStoredBlocks(deployment)[chainIndex] as StoredBlock];
    const { counters } = this;
    const counter = (name: keyof typeof counters) => (): number => this.counters[name];
    rpc.deploy(this.chain.rollup, primaryRollupAbi, {
      deploymentId: () => deployment.deploymentId,
      chainIndex: () => chainIndex,
      chainCount: () => deployment.chains.length,
      mode: () => this.mode,
      totalBlocksCommitted: () => this.committed,
      totalBlocksProved: counter('proved'),
      totalBlocksSynced: counter('synced'),
      totalBlocksConfirmed: counter('confirmed'),
      totalBlocksExecuted: counter('executed'),
      haltBlock: () => this.haltBlock,
      haltRoot: () => (this.counters.executed === this.haltBlock ? this.haltRoot : 0n),
      storedBlockHash: (blockNumber: number) => {
        const stored = this.#stored[blockNumber];
        return stored === undefined ? ZERO_HASH : storedBlockHash(stored);
      },
      syncHashSent: (blockNumber: number) => (blockNumber > 0 && blockNumber <= this.counters.synced ? (this.#stored[blockNumber]?.syncHash ?? ZERO_HASH) : ZERO_HASH),
    });
  }

  get committed(): number {
    return this.#stored.length - 1;
  }

  stored(blockNumber: number): StoredBlock | undefined {
    return this.#stored[blockNumber];
  }

  /** In one transaction. */
  commit(blocks: readonly FakeBlock[], { through, hidden = false }: CommitOptions = {}): Hex {
    const { chainIndex, rollup, role } = this.chain;
    const stored = blocks.map(({ storedBlocks }) => storedBlocks[chainIndex] as StoredBlock);
    const last = this.#stored.at(-1) as StoredBlock;
    this.#stored.push(...stored);
    const previous = { ...last, priorityRequestsTotal: BigInt(last.priorityRequestsTotal), timestamp: BigInt(last.timestamp) };
    const call =
      role === 'primary'
        ? encodeFunctionData({ abi: primaryRollupAbi, functionName: 'commitBlocks', args: [previous, [], blocks.map(({ block }) => ({ ...block, timestamp: BigInt(block.timestamp) }))] })
        : encodeFunctionData({
            abi: secondaryRollupAbi,
            functionName: 'commitBlocks',
            args: [previous, blocks.map(({ block }) => ({ blockNumber: block.blockNumber, timestamp: BigInt(block.timestamp), finalRoot: block.finalRoot, onchainData: onchainDataIn(block, chainIndex) }))],
          });
    const logs = stored.map(({ blockNumber, finalRoot, syncHash }) => fakeLog(rollup, primaryRollupAbi, 'BlockCommitted', { blockNumber, finalRoot, syncHash }));
    if (through === undefined) return this.rpc.send({ to: rollup, input: call, logs });
    const input: Hex = hidden ? '0x12345678' : `0x12345678${'00'.repeat(32)}${call.slice(2)}${'00'.repeat(28)}`;
    return this.rpc.send({ to: through, input, logs, trace: { to: through, input, calls: [{ to: rollup, input: call.replace(/.{2}$/, '00'), error: 'out of gas' }, { to: rollup, input: call }] } });
  }

  /** Takes back the blocks above `blockNumber`. */
  revert(blockNumber: number): void {
    const committedBefore = this.committed;
    this.forget(blockNumber);
    this.rpc.send({ to: this.chain.rollup, input: '0x', logs: [fakeLog(this.chain.rollup, primaryRollupAbi, 'BlocksReverted', { committedBefore, committedAfter: blockNumber })] });
  }

  /** As after a reorg: the blocks above `blockNumber` never were. */
  forget(blockNumber: number): void {
    this.#stored.length = blockNumber + 1;
    const { proved, synced, confirmed, executed } = this.counters;
    this.counters = { proved: Math.min(proved, blockNumber), synced: Math.min(synced, blockNumber), confirmed: Math.min(confirmed, blockNumber), executed: Math.min(executed, blockNumber) };
  }

  /** Every stage up to confirmed is at this block. */
  confirm(blockNumber: number): void {
    this.counters = { ...this.counters, proved: this.chain.role === 'primary' ? blockNumber : this.committed, synced: blockNumber, confirmed: blockNumber };
  }
}

/** The arbitrator: what it confirmed. */
export class FakeArbitrator {
  halted = false;
  lastConfirmedBlock = 0;
  /** Sync hashes of all chains by block that it confirmed. */
  readonly confirmed = new Map<number, { finalRoot: bigint; syncHashes: readonly Hex[] }>();

  constructor(deployment: Deployment, rpc: FakeRpc) {
    rpc.deploy(deployment.arbitrator, iArbitratorAbi, {
      halted: () => this.halted,
      lastConfirmedBlock: () => this.lastConfirmedBlock,
      confirmedRoot: (blockNumber: number) => this.confirmed.get(blockNumber)?.finalRoot ?? 0n,
      syncHashOf: (chainIndex: number, blockNumber: number) => this.confirmed.get(blockNumber)?.syncHashes[chainIndex] ?? ZERO_HASH,
    });
  }

  confirm({ block, storedBlocks }: FakeBlock): void {
    this.lastConfirmedBlock = block.blockNumber;
    this.confirmed.set(block.blockNumber, { finalRoot: block.finalRoot, syncHashes: storedBlocks.map(({ syncHash }) => syncHash) });
  }
}
