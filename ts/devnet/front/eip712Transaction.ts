import { type Address, concat, fromRlp, getAddress, hashTypedData, type Hex, hexToBigInt, isAddress, keccak256, numberToHex, recoverAddress, size, slice } from 'viem';
import { RpcError, SERVER_ERROR } from './rpc.ts';

/** Type byte of zkSync's own transactions. */
export const EIP712_TYPE = '0x71';

/** A zkSync transaction (type 0x71) of an account without code, its signature checked. */
export interface Eip712Transaction {
  /** As clients compute it: of the signed digest and the signature. */
  hash: Hex;
  from: Address;
  to: Address;
  nonce: number;
  gas: bigint;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
  value: bigint;
  data: Hex;
}

const types = {
  Transaction: [
    { name: 'txType', type: 'uint256' },
    { name: 'from', type: 'uint256' },
    { name: 'to', type: 'uint256' },
    { name: 'gasLimit', type: 'uint256' },
    { name: 'gasPerPubdataByteLimit', type: 'uint256' },
    { name: 'maxFeePerGas', type: 'uint256' },
    { name: 'maxPriorityFeePerGas', type: 'uint256' },
    { name: 'paymaster', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'value', type: 'uint256' },
    { name: 'data', type: 'bytes' },
    { name: 'factoryDeps', type: 'bytes32[]' },
    { name: 'paymasterInput', type: 'bytes' },
  ],
} as const;

const CONTRACT_DEPLOYER: Address = '0x0000000000000000000000000000000000008006';

/** Fields in the order of the serialization. */
const FIELDS = 16;

/**
 * Reads a serialized transaction: `0x71 ‖ rlp[nonce, maxPriorityFee, maxFee, gas, to, value, data, v, r, s, chainId, from, gasPerPubdata,
 * factoryDeps, signature, [paymaster, paymasterInput]]`.
 * @throws RpcError when it is not whole, not signed by `from` for this chain, or needs what an EVM cannot do (zkSync bytecode, paymasters)
 */
export async function readEip712Transaction(serialized: Hex, chainId: number): Promise<Eip712Transaction> {
  const fields = decode(serialized);
  const text = (i: number): Hex => {
    const field = fields[i];
    return typeof field === 'string' ? field : refuse(`field ${i} is no value`);
  };
  const number = (i: number): bigint => (text(i) === '0x' ? 0n : hexToBigInt(text(i)));
  const from = addressIn(text(11), 'sender');
  if (text(4) === '0x') refuse('it has no receiver; deploy EVM code with a transaction of type 2');
  const to = addressIn(text(4), 'receiver');
  if (list(fields[13]).length > 0 || to === CONTRACT_DEPLOYER) refuse('a local chain has no EraVM and takes no zkSync bytecode; deploy EVM code with a transaction of type 2');
  if (list(fields[15]).length > 0) refuse('paymasters are not supported on a local chain');
  if (number(10) !== BigInt(chainId)) refuse(`it is for chain ${number(10)}, this is chain ${chainId}`);

  const digest = hashTypedData({
    domain: { name: 'zkSync', version: '2', chainId },
    types,
    primaryType: 'Transaction',
    message: {
      txType: hexToBigInt(EIP712_TYPE),
      from: hexToBigInt(from),
      to: hexToBigInt(to),
      gasLimit: number(3),
      gasPerPubdataByteLimit: number(12),
      maxFeePerGas: number(2),
      maxPriorityFeePerGas: number(1),
      paymaster: 0n,
      nonce: number(0),
      value: number(5),
      data: text(6),
      factoryDeps: [],
      paymasterInput: '0x',
    },
  });
  const signature = text(14) === '0x' ? concat([word(number(8)), word(number(9)), numberToHex(number(7), { size: 1 })]) : text(14);
  const signer = size(signature) === 65 ? await signerOf(digest, signature) : undefined;
  if (signer !== from) refuse(`its signature is ${signer === undefined ? 'none of an account without code' : `of ${signer}`}, its sender is ${from}`);
  return {
    hash: keccak256(concat([digest, keccak256(signature)])),
    ...{ from, to, nonce: Number(number(0)), gas: number(3), maxFeePerGas: number(2), maxPriorityFeePerGas: number(1), value: number(5), data: text(6) },
  };
}

type Rlp = Hex | readonly Rlp[];

function decode(serialized: Hex): readonly Rlp[] {
  let fields: Rlp;
  try {
    fields = fromRlp(slice(serialized, 1)) as Rlp;
  } catch {
    return refuse('it is no RLP');
  }
  return Array.isArray(fields) && fields.length === FIELDS ? fields : refuse(`it does not have ${FIELDS} fields`);
}

function list(field: Rlp | undefined): readonly Rlp[] {
  return Array.isArray(field) ? field : refuse('a list is missing');
}

function addressIn(value: Hex, what: string): Address {
  return isAddress(value) ? getAddress(value) : refuse(`its ${what} is no address`);
}

async function signerOf(digest: Hex, signature: Hex): Promise<Address | undefined> {
  try {
    return await recoverAddress({ hash: digest, signature });
  } catch {
    return undefined;
  }
}

function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}

function refuse(reason: string): never {
  throw new RpcError({ code: SERVER_ERROR, message: `The zkSync transaction is refused: ${reason}` });
}
