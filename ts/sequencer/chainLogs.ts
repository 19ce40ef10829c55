import type { Address, Log } from 'viem';
import { BlockNotFoundError } from 'viem';
import { publicClient, type ChainPublicClient, type Endpoint } from '../chain/clients.ts';
import type { ChainDeployment } from '../chain/deployments.ts';
import { iArbitratorAbi, primaryRollupAbi } from '../chain/generated/abi.ts';
import type { ChainEvent, EventPosition } from './events.ts';
import type { LogSource } from './watcher.ts';

/** Priority requests and stage events of one chain's rollup contract. */
export function rollupLogs(chain: ChainDeployment): LogSource {
  const client = publicClient(chain);
  return {
    ...blocksOf(client),
    async events(from, to) {
      const logs = await client.getContractEvents({ address: chain.rollup, abi: primaryRollupAbi, fromBlock: BigInt(from), toBlock: BigInt(to), strict: true });
      return logs.flatMap((log): ChainEvent[] => {
        const at = positionOf(log);
        switch (log.eventName) {
          case 'DepositRequested': {
            const { requestId, owner, token, amount, keyX, keyY, expiresAt } = log.args;
            return [{ type: 'deposit', requestId: Number(requestId), owner, token, amount, keyX, keyY, expiresAt, ...at }];
          }
          case 'FullExitRequested': {
            const { requestId, owner, leafIndex, least, expiresAt } = log.args;
            return [{ type: 'fullExit', requestId: Number(requestId), owner, leafIndex, least, expiresAt, ...at }];
          }
          case 'BlockCommitted':
            return [{ type: 'committed', rollupBlock: log.args.blockNumber, ...at }];
          case 'BlockProved':
            return [{ type: 'proved', rollupBlock: log.args.blockNumber, ...at }];
          case 'BlockSynced':
            return [{ type: 'synced', rollupBlock: log.args.blockNumber, ...at }];
          case 'BlockConfirmed':
            return [{ type: 'confirmed', rollupBlock: log.args.blockNumber, ...at }];
          case 'BlockExecuted':
            return [{ type: 'executed', rollupBlock: log.args.blockNumber, ...at }];
          case 'BlocksReverted':
            return [{ type: 'reverted', committedBefore: log.args.committedBefore, committedAfter: log.args.committedAfter, ...at }];
          case 'ExitModeTriggered':
            return [{ type: 'exitModeTriggered', requestId: Number(log.args.requestId), expiresAt: log.args.expiresAt, ...at }];
          case 'HaltRequestSent':
            return [{ type: 'haltRequestSent', ...at }];
          case 'Halted':
            return [{ type: 'halted', haltBlock: log.args.blockNumber, finalRoot: log.args.finalRoot, ...at }];
          default:
            return [];
        }
      });
    },
  };
}

/** What the arbitrator confirmed, sent and could not send. */
export function arbitratorLogs({ endpoint, address }: { endpoint: Endpoint; address: Address }): LogSource {
  const client = publicClient(endpoint);
  return {
    ...blocksOf(client),
    async events(from, to) {
      const logs = await client.getContractEvents({ address, abi: iArbitratorAbi, fromBlock: BigInt(from), toBlock: BigInt(to), strict: true });
      return logs.flatMap((log): ChainEvent[] => {
        const at = positionOf(log);
        switch (log.eventName) {
          case 'BlockConfirmed':
            return [{ type: 'arbitrated', rollupBlock: log.args.blockNumber, ...at }];
          case 'ConfirmationDeferred':
            return [{ type: 'deferred', rollupBlock: log.args.blockNumber, aboutChain: log.args.chainIndex, ...at }];
          case 'ConfirmationSent':
            return [{ type: 'confirmationSent', rollupBlock: log.args.blockNumber, aboutChain: log.args.chainIndex, ...at }];
          case 'HaltRequested':
            return [{ type: 'haltRequested', aboutChain: log.args.chainIndex, ...at }];
          case 'Halted':
            return [{ type: 'arbitratorHalted', haltBlock: log.args.blockNumber, finalRoot: log.args.finalRoot, ...at }];
          case 'HaltSent':
            return [{ type: 'haltSent', aboutChain: log.args.chainIndex, ...at }];
          default:
            return [];
        }
      });
    },
  };
}

function blocksOf(client: ChainPublicClient): Pick<LogSource, 'head' | 'blockHash'> {
  return {
    head: async () => Number(await client.getBlockNumber()),
    async blockHash(number) {
      try {
        return (await client.getBlock({ blockNumber: BigInt(number) })).hash;
      } catch (error) {
        if (error instanceof BlockNotFoundError) return null;
        throw error;
      }
    },
  };
}

function positionOf({ blockNumber, blockHash, transactionHash, logIndex }: Log<bigint, number, false>): EventPosition {
  return { blockNumber: Number(blockNumber), blockHash, transactionHash, logIndex };
}
