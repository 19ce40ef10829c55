import { type Address, type Hex, hexToBigInt, isAddress, maxUint256, numberToHex, size, zeroAddress, zeroHash } from 'viem';
import type { EraBatch } from '../relayers/zkSyncBatches.ts';
import { eraLeaf, eraProof, eraRoot } from '../relayers/eraTree.ts';
import { SYSTEM_CONTRACTS } from '../systemContracts.ts';
import { batchFeeInput, feeParams, GAS_PER_PUBDATA, gasPrices, OFFERED_GAS_PER_PUBDATA, PUBDATA_PRICE } from './eraFees.ts';
import { plainCall } from './eraParams.ts';
import { balancesOf, knownTokens, pageOf } from './eraTokens.ts';
import { type EraMoment, type EraView, isoTime, type Stage } from './eraView.ts';
import { rawBlockTransactions } from './rawTransactions.ts';
import { INVALID_PARAMS, RpcError, type RpcHandler } from './rpc.ts';

type Params = readonly unknown[];
type Answer = (params: Params) => Promise<unknown>;

/** ETH, where a token's address on Ethereum is meant. */
const ETH_ON_L1: Address = '0x0000000000000000000000000000000000000001';
const none: { commit?: Stage; prove?: Stage; execute?: Stage } = {};
/** A local chain has no EraVM, so none of its code. */
const CODE_HASHES = { bootloader: zeroHash, default_aa: zeroHash, evm_emulator: null };

/** The methods of Era's own that a local chain has an answer to. A zks_ method that is not here the front refuses as unknown. */
export function zksMethods(view: EraView, node: RpcHandler): Readonly<Record<string, Answer>> {
  const { l1, l2, bridgehub, diamond } = view.parameters;
  const number = (value: number | bigint | undefined): number | null => (value === undefined ? null : Number(value));

  const stageFields = async (moment: EraMoment, batch: EraBatch | undefined) => {
    const { commit, prove, execute } = batch === undefined ? none : await view.stages(moment, Number(batch.info.batchNumber));
    const prices = await gasPrices({ l1, l2 });
    return {
      status: execute === undefined ? 'sealed' : 'verified',
      commitTxHash: commit?.hash ?? null,
      committedAt: commit?.at ?? null,
      proveTxHash: prove?.hash ?? null,
      provenAt: prove?.at ?? null,
      executeTxHash: execute?.hash ?? null,
      executedAt: execute?.at ?? null,
      l1GasPrice: prices.l1,
      l2FairGasPrice: prices.l2,
      fairPubdataPrice: PUBDATA_PRICE,
      baseSystemContractsHashes: CODE_HASHES,
    };
  };

  const countsOf = (first: bigint, last: bigint): { l1TxCount: number; l2TxCount: number } => {
    const transactions = view.history.blocks.filter((block) => block.number >= first && block.number <= last).flatMap((block) => block.transactions);
    const l1TxCount = transactions.filter(({ priority }) => priority !== undefined).length;
    return { l1TxCount, l2TxCount: transactions.length - l1TxCount };
  };

  return {
    zks_getBridgehubContract: async () => bridgehub,
    zks_getMainContract: async () => diamond,
    zks_getBaseTokenL1Address: async () => ETH_ON_L1,
    zks_getTestnetPaymaster: async () => null,
    zks_getL2Multicall3: async () => null,
    zks_getTimestampAsserter: async () => null,
    zks_L1ChainId: async () => numberToHex(l1.chain.id),
    zks_getL1GasPrice: async () => numberToHex(await l1.getGasPrice()),
    zks_gasPerPubdata: async () => numberToHex(GAS_PER_PUBDATA),
    zks_getFeeParams: async () => feeParams(await gasPrices({ l1, l2 })),
    zks_getBatchFeeInput: async () => batchFeeInput(await gasPrices({ l1, l2 })),

    async eth_protocolVersion() {
      const { major, minor, patch } = await view.protocolVersion();
      return `zks/${major}.${minor}.${patch}`;
    },

    async zks_getProtocolVersion(params) {
      const { minor } = await view.protocolVersion();
      if (integer(params[0] ?? minor, 'version') !== minor) return null;
      return {
        version_id: minor,
        minorVersion: minor,
        // As for the version that any chain of Era's kind begins with.
        timestamp: 0,
        verification_keys_hashes: { recursion_scheduler_level_vk_hash: zeroHash, fflonk_snark_wrapper_vk_hash: null },
        base_system_contracts: CODE_HASHES,
        bootloaderCodeHash: CODE_HASHES.bootloader,
        defaultAccountCodeHash: CODE_HASHES.default_aa,
        evmSimulatorCodeHash: CODE_HASHES.evm_emulator,
        l2_system_upgrade_tx_hash: null,
        l2SystemUpgradeTxHash: null,
      };
    },

    async zks_getBytecodeByHash(params) {
      hash(params[0], 'bytecode');
      // Contracts of a local chain have code of the EVM, which Era does not keep by hash.
      return null;
    },

    zks_getRawBlockTransactions: async (params) => await rawBlockTransactions({ view, node, blockNumber: integer(params[0], 'block number') }),
    zks_getConfirmedTokens: async (params) => pageOf(await knownTokens(view), integer(params[0], 'first token'), integer(params[1], 'limit')),
    zks_getAllAccountBalances: async (params) => await balancesOf(view, address(params[0])),

    async zks_getBridgeContracts() {
      const { l1AssetRouter, l1Nullifier, l1NativeTokenVault } = await view.contracts();
      return {
        l1Erc20DefaultBridge: l1AssetRouter,
        l2Erc20DefaultBridge: SYSTEM_CONTRACTS.L2AssetRouter,
        l1SharedDefaultBridge: l1AssetRouter,
        l2SharedDefaultBridge: SYSTEM_CONTRACTS.L2AssetRouter,
        l1WethBridge: zeroAddress,
        l2WethBridge: zeroAddress,
        l2LegacySharedBridge: null,
        l1Nullifier,
        l1NativeTokenVault,
      };
    },

    zks_L1BatchNumber: async () => numberToHex((await view.moment()).batches.length),

    async zks_getL1BatchBlockRange(params) {
      const batch = (await view.moment()).batches[integer(params[0], 'batch number') - 1];
      return batch === undefined ? null : [numberToHex(batch.firstBlock), numberToHex(batch.lastBlock)];
    },

    async zks_getL1BatchDetails(params) {
      const moment = await view.moment();
      const batch = moment.batches[integer(params[0], 'batch number') - 1];
      if (batch === undefined) return null;
      const { batchNumber, timestamp, batchHash, commitment } = batch.info;
      return { number: Number(batchNumber), timestamp: Number(timestamp), rootHash: batchHash, commitment, ...countsOf(batch.firstBlock, batch.lastBlock), ...(await stageFields(moment, batch)) };
    },

    async zks_getBlockDetails(params) {
      const blockNumber = BigInt(integer(params[0], 'block number'));
      const moment = await view.moment();
      if (blockNumber > (await l2.getBlockNumber())) return null;
      const block = await l2.getBlock({ blockNumber });
      const batch = moment.batches.findLast(({ firstBlock, lastBlock }) => firstBlock <= blockNumber && blockNumber <= lastBlock);
      return {
        number: Number(blockNumber),
        // An unsealed block names the batch that it will be in.
        l1BatchNumber: batch === undefined ? moment.batches.length + 1 : number(batch.info.batchNumber),
        timestamp: Number(block.timestamp),
        rootHash: block.hash,
        ...countsOf(blockNumber, blockNumber),
        ...(await stageFields(moment, batch)),
        operatorAddress: block.miner,
        protocolVersion: `Version${(await view.protocolVersion()).minor}`,
      };
    },

    async zks_getTransactionDetails(params) {
      const moment = await view.moment();
      const place = view.history.find(hash(params[0]));
      if (place === undefined) return null;
      const receipt = await l2.getTransactionReceipt({ hash: place.transaction.hash });
      const inBatch = view.inBatch(moment, place);
      const { commit, prove, execute } = inBatch === undefined ? none : await view.stages(moment, Number(inBatch.batch.info.batchNumber));
      const outcome = execute === undefined ? 'included' : 'verified';
      return {
        isL1Originated: place.transaction.priority !== undefined,
        status: receipt.status === 'reverted' ? 'failed' : outcome,
        fee: numberToHex(receipt.gasUsed * receipt.effectiveGasPrice),
        gasPerPubdata: numberToHex(OFFERED_GAS_PER_PUBDATA),
        initiatorAddress: receipt.from,
        receivedAt: isoTime(place.block.timestamp),
        ethCommitTxHash: commit?.hash ?? null,
        ethProveTxHash: prove?.hash ?? null,
        ethExecuteTxHash: execute?.hash ?? null,
      };
    },

    async zks_getL2ToL1LogProof(params) {
      const [transactionHash, index = 0] = params;
      const moment = await view.moment();
      const place = view.history.find(hash(transactionHash));
      const inBatch = place === undefined ? undefined : view.inBatch(moment, place);
      // As long as the contract on Ethereum would not accept the proof there is none.
      if (place === undefined || inBatch === undefined || inBatch.batch.info.batchNumber > moment.executed) return null;
      const ofTransaction = integer(index ?? 0, 'index');
      if (ofTransaction >= view.logsOf(place).length) return null;
      const { batch } = inBatch;
      const leaves = batch.contents.logs.map(eraLeaf);
      const id = view.firstLogIndex(batch, place) + ofTransaction;
      return { proof: eraProof(leaves, id, l2.chain.id), root: eraRoot(leaves, l2.chain.id), id, batchNumber: Number(batch.info.batchNumber) };
    },

    async zks_estimateGasL1ToL2(params) {
      const call = plainCall(params[0]);
      const data = (call['data'] ?? call['input'] ?? '0x') as Hex;
      const dependencies = dependenciesOf(params[0]);
      // The sender need not have what it will get from Ethereum.
      const override = call['from'] === undefined ? {} : { [String(call['from'])]: { balance: numberToHex(maxUint256 >> 1n) } };
      const { gas: _gas, gasPrice: _price, maxFeePerGas: _most, maxPriorityFeePerGas: _tip, ...free } = call;
      const execution = hexToBigInt((await node({ method: 'eth_estimateGas', params: [free, 'latest', override] })) as Hex);
      return numberToHex((execution * 6n) / 5n + leastPriorityGas(size(data), dependencies));
    },

    async zks_estimateFee(params) {
      const gas = (await node({ method: 'eth_estimateGas', params: [plainCall(params[0])] })) as Hex;
      return { gas_limit: gas, max_fee_per_gas: numberToHex(await l2.getGasPrice()), max_priority_fee_per_gas: '0x0', gas_per_pubdata_limit: numberToHex(OFFERED_GAS_PER_PUBDATA) };
    },
  };
}

/**
 * Least gas that the contract on Ethereum accepts for a transaction (script/devnet/zksync/PriorityTransaction.sol).
 * @param length bytes of calldata
 */
function leastPriorityGas(length: number, dependencies: number): bigint {
  // 25 words of head and lengths, then the data in whole words and a word for each dependency.
  const encoded = BigInt(25 * 32 + Math.ceil(length / 32) * 32 + dependencies * 32);
  const overhead = encoded * 10n > 10_000n ? encoded * 10n : 10_000n;
  const grown = 167_157n + (encoded * 1_656n + 543n) / 544n + BigInt(dependencies) * 2_473n;
  const computation = grown > 173_484n ? grown : 173_484n;
  return overhead + computation + BigInt(88 + 64 * dependencies) * 800n;
}

function dependenciesOf(call: unknown): number {
  const { eip712Meta } = Object(call) as { eip712Meta?: { factoryDeps?: unknown[] } };
  return eip712Meta?.factoryDeps?.length ?? 0;
}

function integer(value: unknown, what: string): number {
  const read = typeof value === 'string' && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : value;
  if (typeof read === 'number' && Number.isSafeInteger(read) && read >= 0) return read;
  throw new RpcError({ code: INVALID_PARAMS, message: `The ${what} must be a number, not ${JSON.stringify(value)}` });
}

function hash(value: unknown, what = 'transaction'): Hex {
  if (typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)) return value.toLowerCase() as Hex;
  throw new RpcError({ code: INVALID_PARAMS, message: `A ${what} hash has 32 bytes; this is ${JSON.stringify(value)}` });
}

function address(value: unknown): Address {
  if (typeof value === 'string' && isAddress(value, { strict: false })) return value;
  throw new RpcError({ code: INVALID_PARAMS, message: `An address has 20 bytes; this is ${JSON.stringify(value)}` });
}
