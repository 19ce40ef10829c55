import { vi } from 'vitest';
import { describeLies } from './lies.ts';
import { feeLies, feeLiesOfThreeSlots, feeLiesOfTwoSlots } from './segmentFeeLies.ts';
import { keyLies, keyLiesOfTwoSlots } from './segmentKeyLies.ts';
import { liquidityLies, liquidityLiesOfThreeSlots } from './segmentLiquidityLies.ts';
import { paymentLies } from './segmentPaymentLies.ts';
import { shareLies, shareLiesOfTwoSlots } from './segmentShareLies.ts';
import { swapLies } from './segmentSwapLies.ts';

/* In the sizes of the profile "small": the rules of a slot are the same. */
vi.hoisted(() => {
  process.env['ROLLUP_PROFILE'] = 'small';
});

describeLies('segment, lies', { ...paymentLies, ...keyLies, ...feeLies, ...swapLies, ...shareLies });
describeLies('segment of two slots, lies', { ...keyLiesOfTwoSlots, ...feeLiesOfTwoSlots, ...liquidityLies, ...shareLiesOfTwoSlots }, { slots: 2 });
describeLies('segment of three slots, lies', { ...feeLiesOfThreeSlots, ...liquidityLiesOfThreeSlots }, { slots: 3 });
