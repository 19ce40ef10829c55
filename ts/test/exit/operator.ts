import { silentProgress } from '../../base/progress.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { connect, type Connections } from '../../sequencer/chains.ts';
import type { PriorityEvent } from '../../sequencer/events.ts';
import { packBlock } from '../../sequencer/packer.ts';
import { genesisTip, seal, type Tip } from '../../sequencer/sealer.ts';
import type { BlockProofs, BlockRecord, PairRequest, ProofPart, ProvenStatement, SignedTransaction } from '../../sequencer/store.ts';
import { transactionId } from '../../sequencer/parseTransaction.ts';
import { operator } from '../../sequencer/testSupport.ts';
import type { LedgerState } from '../../state/ledger.ts';

/* An operator whose every step the test decides: it can stop at any stage of any block, on any chain. Its proofs are zeros. */

const ZERO_PROOF = { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] } as const;

export interface NextBlock {
  /** By chain index: requests that no block has used yet. */
  requests?: readonly (readonly PriorityEvent[])[];
  transactions?: readonly SignedTransaction[];
  pairs?: readonly PairRequest[];
  /** Seconds. */
  timestamp: number;
}

export class HandOperator {
  readonly #connections: Connections;
  readonly #blocks: BlockRecord[] = [];
  readonly #states: LedgerState[] = [];
  #tip: Tip;

  private constructor(connections: Connections) {
    this.#connections = connections;
    this.#tip = genesisTip(connections.context);
  }

  static async connect(deployment: Deployment): Promise<HandOperator> {
    return new HandOperator(await connect({ deployment, accounts: { validator: testAccount('validator').privateKey }, progress: silentProgress }));
  }

  /** After the last sealed block. */
  get tip(): Tip {
    return this.#tip;
  }

  /** All chains as they are after a sealed block. */
  stateAfter(blockNumber: number): LedgerState {
    return this.#states[blockNumber - 1]!;
  }

  /** Seals the next block; nothing is sent. @returns its number */
  seal({ requests = [], transactions = [], pairs = [], timestamp }: NextBlock): number {
    const { context } = this.#connections;
    const { deploymentId, chainCount } = context;
    const packed = packBlock({
      state: this.#tip.state, deploymentId, operator, pairs, timestamp,
      requests: Array.from({ length: chainCount }, (_, i) => requests[i] ?? []),
      transactions: transactions.map((transaction) => ({ id: transactionId(transaction, deploymentId), transaction, acceptedAt: 0 })),
    });
    if (packed.dropped.length > 0) throw new Error(`dropped: ${JSON.stringify(packed.dropped)}`);
    const { block, tip } = seal({ context, tip: this.#tip, segments: packed.segments, timestamp, transactions: packed.included });
    this.#tip = tip;
    this.#blocks.push(block);
    this.#states.push(tip.state);
    return block.blockNumber;
  }

  async commit(blockNumber: number, chains = this.#all): Promise<void> {
    for (const chain of chains) await this.#port(chain).commit({ previous: this.#blocks[blockNumber - 2] ?? null, blocks: [this.#block(blockNumber)] });
  }

  async prove(blockNumber: number): Promise<void> {
    const block = this.#block(blockNumber);
    const statement = (publicInputs: bigint[]): ProvenStatement => ({ proof: ZERO_PROOF, publicInputs });
    const proofs: BlockProofs = new Map<ProofPart, ProvenStatement>([
      ...block.segments.map(({ publicInputs: { c1, c2, r, y1, y2 } }, part): [ProofPart, ProvenStatement] => [part, statement([c1, c2, r, y1, y2])]),
      ['join', statement([block.joinInputs.c1, block.joinInputs.r, block.joinInputs.y1])],
    ]);
    await this.#port(0).prove({ blocks: [block], proofs: [proofs] });
  }

  async sync(blockNumber: number, chains = this.#all): Promise<void> {
    for (const chain of chains) await this.#port(chain).sync(this.#block(blockNumber));
  }

  async confirm(blockNumber: number): Promise<void> {
    await this.#connections.arbitrator.confirm(blockNumber);
  }

  async execute(blockNumber: number, chains = this.#all): Promise<void> {
    for (const chain of chains) await this.#port(chain).execute([this.#block(blockNumber)]);
  }

  /** A block's whole life. */
  async finish(blockNumber: number): Promise<void> {
    await this.commit(blockNumber);
    await this.prove(blockNumber);
    await this.sync(blockNumber);
    await this.confirm(blockNumber);
    await this.execute(blockNumber);
  }

  get #all(): number[] {
    return this.#connections.chains.map(({ chainIndex }) => chainIndex);
  }

  #port(chainIndex: number) {
    return this.#connections.chains[chainIndex]!.port;
  }

  #block(blockNumber: number): BlockRecord {
    return this.#blocks[blockNumber - 1]!;
  }
}
