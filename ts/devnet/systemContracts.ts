import type { Address } from 'viem';

/** Where zkSync has its system contracts, besides the messenger, which the topology names: contract → address. */
export const SYSTEM_CONTRACTS = {
  L2BaseToken: '0x000000000000000000000000000000000000800a',
  L2AssetRouter: '0x0000000000000000000000000000000000010003',
  L2NativeTokenVault: '0x0000000000000000000000000000000000010004',
} as const satisfies Record<string, Address>;
