import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../base/paths.ts';
import { eraErrors, eraInterfaceAbi, lineaAbi, linesOf, zksyncEthersAbi } from './realAbi.ts';

/** One of our simulated contracts and what it is compared with. */
export interface Service {
  /** Lines of the deployed one (`linesOf`). */
  real: () => readonly string[];
  /** What ours has and the packages do not show, with the reason. */
  beyond: Readonly<Record<string, string>>;
  /** Functions that clients call. */
  calls: readonly string[];
}

const CREATED = 'local: sets the contract up';
const MEMBER = 'public in the deployed contract, but in none of its interfaces';
const LIBRARY = 'a newer version of the same library: the deployed one refuses with a text';

/** Signatures of LineaRollup 8.0 and L2MessageService 1.0, which are newer than linea-sdk's. */
const deployed = (name: string): string[] => readFileSync(join(paths.root, 'ts', 'test', 'devnet', 'signatures', `${name}.txt`), 'utf8').trimEnd().split('\n');
const linea = (name: 'LineaRollup' | 'L2MessageService') => () => [...deployed(name), ...linesOf(lineaAbi(name))];

const errors = linesOf(eraErrors());
const l1 = (...names: string[]): string[] => names.map((name) => `l1-contracts/${name}`);
const era = (files: readonly string[], abis: readonly string[]) => () => [...linesOf(eraInterfaceAbi(files)), ...abis.flatMap((name) => linesOf(zksyncEthersAbi(name))), ...errors];

/** Owner and pause: in every contract of zkSync on Ethereum, in none of the interfaces. */
const controlled = Object.fromEntries(
  [
    ...['event OwnershipTransferStarted(address indexed,address indexed)', 'event OwnershipTransferred(address indexed,address indexed)', 'event Paused(address)', 'event Unpaused(address)'],
    ...['acceptOwnership()', 'pause()', 'renounceOwnership()', 'transferOwnership(address)', 'unpause()'].map((name) => `function ${name} nonpayable returns ()`),
    ...['function owner() view returns (address)', 'function paused() view returns (bool)', 'function pendingOwner() view returns (address)'],
  ].map((line) => [line, MEMBER]),
);
/** Of the library that writes a role's name; it is never thrown. */
const strings = { 'error StringsInsufficientHexLength(uint256,uint256)': LIBRARY };

export const services: Readonly<Record<string, Service>> = {
  LineaRollup: {
    real: linea('LineaRollup'),
    beyond: strings,
    calls: [
      ...['sendMessage', 'claimMessage', 'claimMessageWithProof', 'isMessageClaimed', 'l2MerkleRootsDepths', 'inboxL2L1MessageStatus', 'rollingHashes', 'limitInWei', 'periodInSeconds', 'currentPeriodEnd'],
      ...['currentPeriodAmountInWei', 'submitBlobs', 'finalizeBlocks', 'verifiers'],
    ],
  },
  L2MessageService: {
    real: linea('L2MessageService'),
    beyond: {
      ...strings,
      'error OnlySecurityCouncilCanUnpauseIndefinitePause(uint8)': 'of the pauses that 8.0 has on Ethereum',
      'event PausedIndefinitely(address,uint8 indexed)': 'of the pauses that 8.0 has on Ethereum',
      'event UnPausedDueToExpiry(uint8 indexed)': 'of the pauses that 8.0 has on Ethereum',
      'function nonSecurityCouncilCooldownEnd() view returns (uint256)': 'of the pauses that 8.0 has on Ethereum',
      'function pauseTypeExpiryTimestamps(uint8) view returns (uint256)': 'of the pauses that 8.0 has on Ethereum',
      'event NonSecurityCouncilCooldownEndReset()': 'of the pauses that 8.0 has on Ethereum',
      'function resetNonSecurityCouncilCooldownEnd() nonpayable returns ()': 'of the pauses that 8.0 has on Ethereum',
    },
    calls: ['sendMessage', 'claimMessage', 'inboxL1L2MessageStatus', 'minimumFeeInWei', 'limitInWei', 'currentPeriodEnd'],
  },
  Bridgehub: {
    real: era(l1('bridgehub/IBridgehub'), ['IBridgehub']),
    beyond: { ...controlled, 'function MAX_NUMBER_OF_ZK_CHAINS() view returns (uint256)': MEMBER },
    calls: [
      ...['getZKChain', 'getHyperchain', 'baseToken', 'baseTokenAssetId', 'assetRouter', 'sharedBridge'],
      ...['l2TransactionBaseCost', 'requestL2TransactionDirect', 'requestL2TransactionTwoBridges', 'proveL2MessageInclusion', 'proveL2LogInclusion', 'proveL1ToL2TransactionStatus'],
    ],
  },
  ZkSyncChain: {
    real: era(l1(...['IMailbox', 'IMailboxImpl', 'IGetters', 'IExecutor', 'IAdmin', 'IMessageVerification', 'ILegacyGetters'].map((name) => `state-transition/chain-interfaces/${name}`)), ['IZkSyncHyperchain', 'IZkSync']),
    beyond: { 'event NewPriorityRequestId(uint256 indexed,bytes32 indexed)': 'newer than the packages' },
    calls: [
      ...['requestL2Transaction', 'l2TransactionBaseCost', 'proveL2MessageInclusion', 'proveL1ToL2TransactionStatus', 'finalizeEthWithdrawal', 'getTotalBatchesExecuted', 'l2LogsRootHash'],
      ...['getSettlementLayer', 'getProtocolVersion', 'getVerifier', 'storedBatchHash', 'commitBatchesSharedBridge', 'proveBatchesSharedBridge', 'executeBatchesSharedBridge', 'revertBatchesSharedBridge'],
    ],
  },
  L1AssetRouter: {
    real: era(l1('bridge/asset-router/IL1AssetRouter'), ['IL1AssetRouter', 'IL1SharedBridge']),
    beyond: {
      ...controlled,
      'function ERA_CHAIN_ID() view returns (uint256)': MEMBER,
      'function L1_CHAIN_ID() view returns (uint256)': MEMBER,
      'function assetDeploymentTracker(bytes32) view returns (address)': MEMBER,
    },
    calls: ['L1_NULLIFIER', 'nativeTokenVault', 'isWithdrawalFinalized', 'finalizeWithdrawal', 'bridgeRecoverFailedTransfer', 'claimFailedDeposit', 'bridgehubDeposit'],
  },
  L1Nullifier: {
    real: era(l1('bridge/interfaces/IL1Nullifier'), ['IL1Nullifier']),
    beyond: {
      ...controlled,
      'function encodeTxDataHash(bytes1,address,bytes32,bytes) view returns (bytes32)': MEMBER,
      'function l1AssetRouter() view returns (address)': MEMBER,
    },
    calls: ['finalizeDeposit', 'isWithdrawalFinalized', 'claimFailedDeposit'],
  },
  L1NativeTokenVault: {
    real: era(l1('bridge/ntv/IL1NativeTokenVault', 'bridge/interfaces/IAssetHandler', 'bridge/interfaces/IL1AssetHandler'), ['IL1NativeTokenVault']),
    beyond: {
      ...controlled,
      'function BASE_TOKEN_ASSET_ID() view returns (bytes32)': MEMBER,
      'function tokenDataOriginChainId(bytes) view returns (uint256)': MEMBER,
      'function deployStandIn(bytes32,address,bytes) nonpayable returns (address)': 'local: for the vault itself',
    },
    calls: ['assetId', 'tokenAddress', 'originChainId', 'chainBalance', 'ensureTokenIsRegistered'],
  },
  L2AssetRouter: {
    real: era(l1('bridge/asset-router/IL2AssetRouter', 'bridge/interfaces/IL2SharedBridgeLegacyFunctions'), ['IL2AssetRouter', 'IL2Bridge']),
    beyond: {
      ...controlled,
      'function BASE_TOKEN_ASSET_ID() view returns (bytes32)': MEMBER,
      'function ERA_CHAIN_ID() view returns (uint256)': MEMBER,
      'function L1_CHAIN_ID() view returns (uint256)': MEMBER,
      'function L2_LEGACY_SHARED_BRIDGE() view returns (address)': MEMBER,
      'function assetDeploymentTracker(bytes32) view returns (address)': MEMBER,
      'function finalizeDeposit(address,address,address,uint256,bytes) payable returns ()': 'payable in the deployed contract, not in its interface',
      'function initialize(address,uint256,uint256,address) nonpayable returns ()': CREATED,
    },
    calls: ['L1_ASSET_ROUTER', 'l1TokenAddress', 'l2TokenAddress', 'withdraw', 'finalizeDeposit'],
  },
  L2NativeTokenVault: {
    real: era(l1('bridge/ntv/IL2NativeTokenVault', 'bridge/interfaces/IAssetHandler'), ['IL2NativeTokenVault']),
    beyond: { 'function deployStandIn(bytes32,address,bytes) nonpayable returns (address)': 'local: for the vault itself' },
    calls: ['L1_CHAIN_ID', 'BASE_TOKEN_ASSET_ID', 'assetId', 'originChainId', 'l2TokenAddress'],
  },
  BridgedToken: {
    real: era(l1('bridge/interfaces/IBridgedStandardToken'), ['IBridgedStandardToken', 'IERC20']),
    beyond: {
      'function bridgeInitialize(bytes32,address,bytes) nonpayable returns ()': CREATED,
      'function decodeString(bytes) view returns (string)': 'local: for the token itself',
    },
    calls: ['originToken', 'l1Address', 'name', 'symbol', 'decimals', 'balanceOf', 'transfer', 'approve', 'allowance'],
  },
  L2BaseToken: { real: era(['system-contracts/interfaces/IBaseToken'], ['IEthToken']), beyond: {}, calls: ['withdraw', 'withdrawWithMessage', 'balanceOf'] },
  L1Messenger: { real: era(['system-contracts/interfaces/IL1Messenger'], ['IL1Messenger']), beyond: {}, calls: ['sendToL1'] },
};
