import { type Address, isAddressEqual } from 'viem';
import { zkSyncChainAbi, zkSyncL1GatewayAbi } from '../../chain/generated/abi.ts';
import { Deliveries, type Delivery } from './deliveries.ts';
import { eraLeaf, eraProof } from './eraTree.ts';
import type { Log, Relayer } from './relayer.ts';
import type { Sender } from './sender.ts';
import type { EraBatch, EraBatches } from './zkSyncBatches.ts';

export interface ZkSyncClaimerParameters {
  chainName: string;
  l1: Sender;
  diamond: Address;
  l1Gateway: Address;
  l2Gateway: Address;
  zkSyncChainId: number;
  batches: EraBatches;
  log: Log;
}

/** Presents our gateway's messages, with proofs, to the gateway on Ethereum, once their batch is executed. */
export function zkSyncClaimer({ chainName, l1, diamond, l1Gateway, l2Gateway, zkSyncChainId, batches, log }: ZkSyncClaimerParameters): Relayer {
  const name = `${chainName} claimer`;
  const deliveries = new Deliveries({ name, log });
  const gateway = { abi: zkSyncL1GatewayAbi, address: l1Gateway } as const;
  /** Executed batches whose messages were taken up; an executed batch is never reverted, but the chain may be. */
  const seen: EraBatch[] = [];

  const delivery = (batch: EraBatch, { index, txNumberInBatch, message }: EraBatch['contents']['messages'][number]): Delivery => {
    const { batchNumber } = batch.info;
    return {
      label: `message ${index} of batch ${batchNumber}`,
      status: async () =>
        (await l1.client.readContract({ ...gateway, functionName: 'isMessageFinalized', args: [batchNumber, BigInt(index)] })) ? 'delivered' : 'deliverable',
      async deliver() {
        const proof = eraProof(batch.contents.logs.map(eraLeaf), index, zkSyncChainId);
        await l1.send({ ...gateway, functionName: 'finalizeMessage', args: [batchNumber, BigInt(index), txNumberInBatch, message, proof] });
      },
    };
  };

  return {
    name,
    async round() {
      const executed = Number(await l1.client.readContract({ abi: zkSyncChainAbi, address: diamond, functionName: 'getTotalBatchesExecuted' }));
      const current = (await batches.read()).slice(0, executed);
      if (seen.some((batch, i) => current[i] !== batch)) {
        seen.length = 0;
        deliveries.clear();
      }
      for (const batch of current.slice(seen.length)) {
        for (const message of batch.contents.messages) {
          if (isAddressEqual(message.sender, l2Gateway)) deliveries.add(`${batch.info.batchNumber}:${message.index}`, delivery(batch, message));
        }
        seen.push(batch);
      }
      return await deliveries.round();
    },
  };
}
