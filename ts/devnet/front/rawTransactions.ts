import { type Address, getAddress, type Hex, hexToBytes, hexToNumber, numberToHex, padHex, slice, zeroAddress, zeroHash } from 'viem';
import { zkSyncChainAbi } from '../../chain/generated/abi.ts';
import type { EraPlace } from '../relayers/eraHistory.ts';
import { firstBlockOf } from '../relayers/logCursor.ts';
import type { RpcObject } from './eraDress.ts';
import { OFFERED_GAS_PER_PUBDATA } from './eraFees.ts';
import type { EraView } from './eraView.ts';
import { RpcError, type RpcHandler, SERVER_ERROR } from './rpc.ts';

/** Types that EVM and Era have in common, as Era's node names them. */
const NAMES: Readonly<Record<string, string>> = { '0x0': 'LegacyTransaction', '0x1': 'EIP2930Transaction', '0x2': 'EIP1559Transaction' };

/**
 * Answers zks_getRawBlockTransactions: what was signed on zkSync, or requested on Ethereum.
 * @throws RpcError for a block with a transaction of zkSync's own type: of these the chain keeps no signature
 */
export async function rawBlockTransactions({ view, node, blockNumber }: { view: EraView; node: RpcHandler; blockNumber: number }): Promise<unknown[]> {
  const block = (await node({ method: 'eth_getBlockByNumber', params: [numberToHex(blockNumber), true] })) as RpcObject | null;
  if (block === null) return [];
  await view.history.refresh();
  const transactions = (block['transactions'] as RpcObject[]).map((transaction) => ({ transaction, place: view.history.find(transaction['hash'] as Hex) }));
  const requests = transactions.some(({ place }) => place?.transaction.priority !== undefined) ? await requestsOf(view) : [];
  const received = hexToNumber(block['timestamp'] as Hex) * 1_000;
  return await Promise.all(
    transactions.map(async ({ transaction, place }) => {
      if (place?.transaction.priority !== undefined) return { ...requested(requests, place.transaction.priority.canonicalTxHash), received_timestamp_ms: received, raw_bytes: null };
      return { ...(await signed(transaction, place, node)), received_timestamp_ms: received };
    }),
  );
}

async function signed(transaction: RpcObject, place: EraPlace | undefined, node: RpcHandler): Promise<RpcObject> {
  const hex = (field: string): Hex => transaction[field] as Hex;
  const transactionType = NAMES[hex('type')];
  if (place?.transaction.eip712Hash !== undefined || transactionType === undefined) {
    const type = transactionType === undefined ? hex('type') : '0x71';
    throw new RpcError({ code: SERVER_ERROR, message: `A local zkSync chain does not keep transactions of type ${type} in their raw form: ${place?.transaction.eip712Hash ?? hex('hash')}` });
  }
  const raw = (await node({ method: 'eth_getRawTransactionByHash', params: [hex('hash')] })) as Hex;
  const price = transaction['maxFeePerGas'] === undefined ? hex('gasPrice') : hex('maxFeePerGas');
  return {
    common_data: {
      L2: {
        nonce: hexToNumber(hex('nonce')),
        fee: {
          gas_limit: hex('gas'),
          max_fee_per_gas: price,
          max_priority_fee_per_gas: transaction['maxPriorityFeePerGas'] ?? price,
          gas_per_pubdata_limit: numberToHex(OFFERED_GAS_PER_PUBDATA),
        },
        initiatorAddress: hex('from'),
        signature: bytes(`${padHex(hex('r'), { size: 32 })}${padHex(hex('s'), { size: 32 }).slice(2)}${recoveryByte(hex('v')).slice(2)}`),
        transactionType,
        input: { hash: hex('hash'), data: bytes(raw) },
        paymasterParams: { paymaster: zeroAddress, paymasterInput: [] },
      },
    },
    execute: { contractAddress: transaction['to'], calldata: hex('input'), value: hex('value'), factoryDeps: [] },
    raw_bytes: raw,
  };
}

/** What the mailbox on Ethereum said of all priority transactions. */
async function requestsOf({ parameters: { l1, diamond } }: EraView) {
  return await l1.getContractEvents({ abi: zkSyncChainAbi, address: diamond, eventName: 'NewPriorityRequest', fromBlock: await firstBlockOf(l1), strict: true });
}

function requested(requests: Awaited<ReturnType<typeof requestsOf>>, canonicalTxHash: Hex): RpcObject {
  const event = requests.find(({ args }) => args.txHash === canonicalTxHash);
  if (event === undefined) throw new RpcError({ code: SERVER_ERROR, message: `The mailbox on Ethereum has no priority transaction ${canonicalTxHash}` });
  const { txId, txHash, transaction: request, factoryDeps } = event.args;
  const [toMint = 0n, refundRecipient = 0n] = request.reserved;
  return {
    common_data: {
      L1: {
        sender: addressOf(request.from),
        serialId: Number(txId),
        layer2TipFee: '0x0',
        fullFee: '0x0',
        maxFeePerGas: numberToHex(request.maxFeePerGas),
        gasLimit: numberToHex(request.gasLimit),
        gasPerPubdataLimit: numberToHex(request.gasPerPubdataByteLimit),
        opProcessingType: 'Common',
        priorityQueueType: 'Deque',
        canonicalTxHash: txHash,
        toMint: numberToHex(toMint),
        refundRecipient: addressOf(refundRecipient),
        // The node has given these two up and fills them so.
        deadlineBlock: 0,
        ethHash: zeroHash,
        ethBlock: Number(event.blockNumber),
      },
    },
    execute: { contractAddress: addressOf(request.to), calldata: request.data, value: numberToHex(request.value), factoryDeps: factoryDeps.map(bytes) },
  };
}

/** Era's node writes some bytes as a list of numbers. */
function bytes(value: Hex): number[] {
  return [...hexToBytes(value)];
}

/** 27 or 28, in whatever form a transaction has it. */
function recoveryByte(v: Hex): Hex {
  const number = hexToNumber(v);
  const parity = number < 27 ? number : number < 35 ? number - 27 : (number - 35) % 2;
  return numberToHex(27 + parity, { size: 1 });
}

/** An address that is a number, as the mailbox writes them. */
function addressOf(value: bigint): Address {
  return getAddress(slice(numberToHex(value, { size: 32 }), 12)).toLowerCase() as Address;
}
