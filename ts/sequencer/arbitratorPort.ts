import type { Address } from 'viem';
import { publicClient, type Endpoint } from '../chain/clients.ts';
import { arbitrator, arbitratorGateway } from '../chain/contracts.ts';
import { iArbitratorAbi } from '../chain/generated/abi.ts';
import type { Outbox } from './outbox.ts';
import type { ArbitratorPort } from './ports.ts';

export interface ArbitratorPortOptions {
  endpoint: Endpoint;
  address: Address;
  chainCount: number;
  outbox: Outbox;
}

/** A gateway that runs out of gas defers its confirmation; sending over the dearest message service takes about a third of this. */
const gasPerGateway = 1_000_000n;

/** The arbitrator over JSON-RPC. */
export function arbitratorPort({ endpoint, address, chainCount, outbox }: ArbitratorPortOptions): ArbitratorPort {
  const client = publicClient(endpoint);
  const contract = arbitrator({ address, client });
  const chains = Array.from({ length: chainCount }, (_, chainIndex) => chainIndex);

  const hasAllHashes = async (blockNumber: number): Promise<boolean> => {
    const hashes = await Promise.all(chains.map((chainIndex) => contract.read.syncHashOf([chainIndex, blockNumber])));
    return hashes.every((hash) => BigInt(hash) !== 0n);
  };
  /** Fees depend on the price of gas: the one that is sent with, and room for a replacement at twice that price. What is left comes back. */
  const price = async (feeAt: (gasPrice: bigint) => Promise<bigint>): Promise<{ gasPrice: bigint; value: bigint }> => {
    const gasPrice = await client.getGasPrice();
    return { gasPrice, value: await feeAt(gasPrice * 2n) };
  };

  return {
    async state(candidates) {
      const lastConfirmed = await contract.read.lastConfirmedBlock();
      const open = candidates.filter((blockNumber) => blockNumber > lastConfirmed);
      const confirmable: number[] = [];
      const mismatched: number[] = [];
      for (const blockNumber of open) {
        if (await contract.read.isConfirmable([blockNumber])) confirmable.push(blockNumber);
        // Asked again behind the hashes: the last one may have arrived between the two questions.
        else if ((await hasAllHashes(blockNumber)) && !(await contract.read.isConfirmable([blockNumber]))) mismatched.push(blockNumber);
      }
      const now = await contract.read.lastConfirmedBlock();
      // Asked last: when it halts between the questions, nothing is confirmable any more although the hashes are equal.
      const halted = await contract.read.halted();
      if (halted) return { lastConfirmed: await contract.read.lastConfirmedBlock(), halted, confirmable: [], mismatched: [] };
      return { lastConfirmed: now, halted, confirmable: confirmable.filter((n) => n > now), mismatched: mismatched.filter((n) => n > now) };
    },
    async confirm(blockNumber) {
      const pricing = await price(async (gasPrice) => await contract.read.confirmationFee([gasPrice]));
      const receipt = await outbox.send({ address, abi: iArbitratorAbi, functionName: 'confirmBlock', args: [blockNumber], ...pricing, extraGas: gasPerGateway * BigInt(chainCount) });
      return { hash: receipt.transactionHash };
    },
    async resend(chainIndex) {
      const gateway = arbitratorGateway({ address: await contract.read.gatewayOf([chainIndex]), client });
      const pricing = await price(async (gasPrice) => await gateway.read.confirmationFee([gasPrice]));
      const receipt = await outbox.send({ address, abi: iArbitratorAbi, functionName: 'sendConfirmation', args: [chainIndex], ...pricing });
      return { hash: receipt.transactionHash };
    },
  };
}
