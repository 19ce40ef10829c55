import type { Address } from 'viem';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';
import { FakeRpc, type RpcRequest } from './fakeRpc.ts';
import { FakeArbitrator, FakeRollup, type FakeBlock } from './fakeRollup.ts';
import type { ReadClient } from './rpc.ts';

const address = (digits: string): Address => `0x${digits.padStart(40, '0')}`;

/** The default topology: linea primary, zksync and ethereum secondaries, the arbitrator on ethereum. */
export function fakeDeployment(): Deployment {
  const chain = { deployedAtBlock: 2, tokens: [{ token: 1, symbol: 'ETH', decimals: 18, address: address('0') }], gateway: address('20'), l1Gateway: address('30'), verifier: address('40'), extension: address('50') };
  return {
    name: 'recovery test',
    deploymentId: 77n << 100n,
    arbitratorChainId: 1003,
    arbitratorRpcUrl: 'http://127.0.0.1:3',
    arbitrator: address('a0'),
    chains: [
      { ...chain, chainIndex: 0, name: 'linea', chainId: 1001, rpcUrl: 'http://127.0.0.1:1', rollup: address('11'), role: 'primary', messageService: { kind: 'linea', l1Service: address('4'), l2Service: address('5') } },
      {
        ...chain, chainIndex: 1, name: 'zksync', chainId: 1002, rpcUrl: 'http://127.0.0.1:2', rollup: address('12'), role: 'secondary',
        messageService: { kind: 'zksync', bridgehub: address('6'), diamond: address('7'), l1Messenger: address('8') },
      },
      { ...chain, chainIndex: 2, name: 'ethereum', chainId: 1003, rpcUrl: 'http://127.0.0.1:3', rollup: address('13'), role: 'secondary', messageService: { kind: 'direct' } },
    ],
  };
}

/** Says something else than the chain does. */
export type Lie = (request: RpcRequest, answer: unknown) => unknown;

/** Three chains in memory with a rollup on them. */
export class FakeRollupWorld {
  readonly deployment = fakeDeployment();
  readonly rpcs: readonly FakeRpc[];
  readonly rollups: readonly FakeRollup[];
  readonly arbitrator: FakeArbitrator;
  readonly blocks: FakeBlock[] = [];

  constructor() {
    const { deployment } = this;
    this.rpcs = deployment.chains.map(({ chainId }) => new FakeRpc({ chainId }));
    for (const rpc of this.rpcs) rpc.mine(5);
    this.rollups = deployment.chains.map(({ chainIndex }) => new FakeRollup(deployment, chainIndex, this.rpcs[chainIndex] as FakeRpc));
    this.arbitrator = new FakeArbitrator(deployment, this.rpcs[2] as FakeRpc);
  }

  get primary(): FakeRollup {
    return this.rollups[0] as FakeRollup;
  }

  chain(chainIndex: number): ChainDeployment {
    return this.deployment.chains[chainIndex] as ChainDeployment;
  }

  /** On all chains; `together` of them in one transaction. */
  commit(blocks: readonly FakeBlock[], { together = 1 }: { together?: number } = {}): void {
    this.blocks.push(...blocks);
    for (let i = 0; i < blocks.length; i += together) {
      for (const rollup of this.rollups) rollup.commit(blocks.slice(i, i + together));
    }
  }

  /** By the arbitrator and on all chains. */
  confirm(blockNumber: number): void {
    for (const rollup of this.rollups) rollup.confirm(blockNumber);
    this.arbitrator.confirm(this.blocks[blockNumber - 1] as FakeBlock);
  }

  client(chainIndex: number, lie?: Lie): ReadClient {
    return (this.rpcs[chainIndex] as FakeRpc).client(this.chain(chainIndex), lie);
  }
}
