import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Abi, type Address, concat, createTestClient, encodeAbiParameters, encodeDeployData, getAddress, type Hex, http, keccak256, numberToHex, parseAbi, publicActions, slice, stringToHex, walletActions, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import type { Deployment } from '../chain/deployments.ts';
import { hasCode } from '../chain/lookups.ts';
import { SYSTEM_CONTRACTS } from './systemContracts.ts';

/** A chain's message service in a topology file; a zero address is left open. The last three are for the deployment of simulated services only. */
export interface PlacedService {
  kind: string;
  l1Messenger?: Address;
  l1Service?: Address;
  l2Service?: Address;
  bridgehub?: Address;
  diamond?: Address;
  l1Nullifier?: Address;
  l1AssetRouter?: Address;
  l1NativeTokenVault?: Address;
}

/** zkSync's contracts on Ethereum are at their addresses on mainnet, too. */
const ZKSYNC_ON_ETHEREUM = {
  bridgehub: '0x303a465B659cBB0ab36eE643eA362c509EEb5213',
  diamond: '0x32400084C286CF3E17e7B677ea9583e60a000324',
  l1Nullifier: '0xD7f9f54194C633F36CCD5F3da84ad4a1c38cB2cB',
  l1AssetRouter: '0x8829AD80E425C646DAB305381ff105169FeEcE56',
  l1NativeTokenVault: '0xbeD1EB542f9a5aA6419Ff3deb921A372681111f6',
} as const satisfies Record<string, Address>;

/** Linea's services are where clients that know the network by its name look for them: at their addresses on mainnet. */
const LINEA = { l1Service: '0xd19d4B5d358258f05D7B411E21A1460D11B0876F', l2Service: '0x508Ca82Df566dCD1B0DE8296e70a96332cD644ec' } as const satisfies Record<string, Address>;

export interface PlaceServicesParameters {
  rpcUrl: string;
  chainId: number;
  l1RpcUrl: string;
  messageService: PlacedService;
  /** Key of who owns zkSync's contracts. */
  deployer: Hex;
  /**
   * On a fork: where somebody else's contract is, ours is put beside it, and this is told. zkSync's system contracts are replaced all the same: anvil
   * cannot run the code that they have on Era.
   */
  beside?: (line: string) => void;
}

/**
 * Puts services into the places that clients know; script/devnet/DeployServices.s.sol sets them up there.
 * @returns the service with its places filled in
 */
export async function placeServices({ rpcUrl, chainId, l1RpcUrl, messageService, deployer, beside }: PlaceServicesParameters): Promise<PlacedService> {
  if (messageService.kind === 'linea') {
    const { l1Service } = await freePlaces(l1RpcUrl, { l1Service: LINEA.l1Service }, beside);
    const { l2Service } = await freePlaces(rpcUrl, { l2Service: LINEA.l2Service }, beside);
    await place({ rpcUrl: l1RpcUrl, contracts: { LineaRollup: l1Service } });
    await place({ rpcUrl, contracts: { L2MessageService: l2Service } });
    return { ...messageService, l1Service, l2Service };
  }
  if (messageService.kind !== 'zksync') return messageService;
  if (messageService.l1Messenger !== undefined) await place({ rpcUrl, contracts: { L1Messenger: messageService.l1Messenger, ...SYSTEM_CONTRACTS } });
  const places = await freePlaces(l1RpcUrl, ZKSYNC_ON_ETHEREUM, beside);
  const { bridgehub, diamond, l1Nullifier, l1AssetRouter, l1NativeTokenVault } = places;
  const owner = privateKeyToAccount(deployer).address;
  const made: [contract: string, address: Address, args: unknown[]][] = [
    ['Bridgehub', bridgehub, [owner]],
    ['ZkSyncChain', diamond, [BigInt(chainId), bridgehub, owner]],
    ['L1Nullifier', l1Nullifier, [owner, bridgehub]],
    // No wrapped ETH: 0 excludes nothing.
    ['L1AssetRouter', l1AssetRouter, [owner, zeroAddress, bridgehub, l1Nullifier, BigInt(chainId), diamond]],
    ['L1NativeTokenVault', l1NativeTokenVault, [owner, zeroAddress, l1AssetRouter, l1Nullifier]],
  ];
  for (const [contract, address, args] of made) await construct({ rpcUrl: l1RpcUrl, contract, address, args, deployer });
  return { ...messageService, ...places };
}

/** The places where nobody is; another one, always the same, instead of each where somebody is. All as they are without `beside`. */
async function freePlaces<const Name extends string>(rpcUrl: string, places: Readonly<Record<Name, Address>>, beside: PlaceServicesParameters['beside']): Promise<Record<Name, Address>> {
  if (beside === undefined) return places;
  const entries = await Promise.all(
    Object.entries<Address>(places).map(async ([name, address]): Promise<[string, Address]> => {
      if (!(await hasCode(nodeOf(rpcUrl), address))) return [name, address];
      const free = getAddress(slice(keccak256(concat([stringToHex('devnet'), address])), 12));
      beside(`the fork has a contract at ${address} (${name}): the simulated one is at ${free}`);
      return [name, free];
    }),
  );
  return Object.fromEntries(entries) as Record<Name, Address>;
}

async function place({ rpcUrl, contracts }: { rpcUrl: string; contracts: Record<string, Address> }): Promise<void> {
  await Promise.all(Object.entries(contracts).map(async ([name, address]) => await nodeOf(rpcUrl).setCode({ address, bytecode: artifactOf(name).deployedBytecode.object })));
}

/**
 * Makes a contract at an address of our choice. Its creation code is put there and called: it writes the storage and returns the code, immutable values
 * filled in, as it does when a contract is made.
 */
async function construct({ rpcUrl, contract, address, args, deployer }: { rpcUrl: string; contract: string; address: Address; args: unknown[]; deployer: Hex }): Promise<void> {
  const { abi, bytecode } = artifactOf(contract);
  const node = nodeOf(rpcUrl);
  await node.setCode({ address, bytecode: encodeDeployData({ abi, bytecode: bytecode.object, args }) });
  const account = privateKeyToAccount(deployer);
  const { data: code } = await node.call({ account, to: address });
  const hash = await node.sendTransaction({ account, chain: null, to: address });
  const { status } = await node.waitForTransactionReceipt({ hash, pollingInterval: 20 });
  if (code === undefined || status !== 'success') throw new RollupError('A contract could not be made in its place', { facts: { contract, address, status } });
  await node.setCode({ address, bytecode: code });
}

interface Artifact {
  abi: Abi;
  bytecode: { object: Hex };
  deployedBytecode: { object: Hex };
}

function artifactOf(contract: string): Artifact {
  return JSON.parse(readFileSync(join(paths.forgeOut, `${contract}.sol`, `${contract}.json`), 'utf8')) as Artifact;
}

function nodeOf(rpcUrl: string) {
  return createTestClient({ mode: 'anvil', transport: http(rpcUrl) }).extend(publicActions).extend(walletActions);
}

const vaultAbi = parseAbi([
  'function assetRouter() view returns (address)',
  'function nativeTokenVault() view returns (address)',
  'function ETH_TOKEN_ASSET_ID() view returns (bytes32)',
  'function chainBalance(uint256 chainId, bytes32 asset) view returns (uint256)',
]);
/** Storage slot of L1NativeTokenVault.chainBalance. */
const CHAIN_BALANCE_SLOT = 5n;

/**
 * Puts the coins on Ethereum that the accounts of the other chains have from their start, so that they can be withdrawn like any others.
 * @param coins wei that all accounts of a chain hold together
 */
export async function backCoins({ chains, arbitratorRpcUrl }: Deployment, coins: bigint): Promise<void> {
  const l1 = createTestClient({ mode: 'anvil', transport: http(arbitratorRpcUrl) }).extend(publicActions);
  const add = async (address: Address): Promise<void> => await l1.setBalance({ address, value: (await l1.getBalance({ address })) + coins });
  for (const { chainId, messageService } of chains) {
    if (messageService.kind === 'linea') await add(messageService.l1Service);
    if (messageService.kind !== 'zksync') continue;
    const router = await l1.readContract({ address: messageService.bridgehub, abi: vaultAbi, functionName: 'assetRouter' });
    const vault = await l1.readContract({ address: router, abi: vaultAbi, functionName: 'nativeTokenVault' });
    const asset = await l1.readContract({ address: router, abi: vaultAbi, functionName: 'ETH_TOKEN_ASSET_ID' });
    const ofChain = keccak256(encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [BigInt(chainId), CHAIN_BALANCE_SLOT]));
    const balance = { address: vault, abi: vaultAbi, functionName: 'chainBalance', args: [BigInt(chainId), asset] } as const;
    const value = (await l1.readContract(balance)) + coins;
    await l1.setStorageAt({ address: vault, index: keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [asset, ofChain])), value: numberToHex(value, { size: 32 }) });
    const actual = await l1.readContract(balance);
    if (actual !== value) throw new RollupError('The vault keeps its balances elsewhere', { facts: { vault, slot: CHAIN_BALANCE_SLOT, expected: value, actual } });
    await add(vault);
  }
}
