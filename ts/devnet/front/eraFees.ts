import type { ChainPublicClient } from '../../chain/clients.ts';

/** L2 gas for a byte of pubdata that transactions offer by default. */
export const OFFERED_GAS_PER_PUBDATA = 50_000;
/** What a byte of pubdata costs on a local chain, in L2 gas: Era's node says 1 where it costs nothing. */
export const GAS_PER_PUBDATA = 1;
/** Wei for a byte of pubdata. */
export const PUBDATA_PRICE = 0;

/** Neither gas nor pubdata ends a local batch; clients divide by these. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;
/** The base token is ETH. */
const ONE_TO_ONE = { numerator: 1, denominator: 1 };

/** Wei that gas costs now. */
export interface GasPrices {
  l1: number;
  l2: number;
}

export async function gasPrices({ l1, l2 }: { l1: ChainPublicClient; l2: ChainPublicClient }): Promise<GasPrices> {
  const [ofL1, ofL2] = await Promise.all([l1.getGasPrice(), l2.getGasPrice()]);
  return { l1: Number(ofL1), l2: Number(ofL2) };
}

/** Answers zks_getFeeParams: the second fee model of Era, in which a local batch costs nothing beyond its gas. */
export function feeParams(prices: GasPrices): unknown {
  return {
    V2: {
      config: {
        minimal_l2_gas_price: prices.l2,
        compute_overhead_part: 0,
        pubdata_overhead_part: 0,
        batch_overhead_l1_gas: 0,
        max_gas_per_batch: UNBOUNDED,
        max_pubdata_per_batch: UNBOUNDED,
      },
      l1_gas_price: prices.l1,
      l1_pubdata_price: PUBDATA_PRICE,
      conversion_ratio: { l1: ONE_TO_ONE, sl: ONE_TO_ONE, ...ONE_TO_ONE },
    },
  };
}

/** Answers zks_getBatchFeeInput: what the second fee model makes of `feeParams`. */
export function batchFeeInput(prices: GasPrices): unknown {
  return { fair_l2_gas_price: prices.l2, fair_pubdata_price: PUBDATA_PRICE, l1_gas_price: prices.l1 };
}
