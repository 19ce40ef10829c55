import { describeLies } from './lies.ts';
import { feeLies, feeLiesOfThreeSlots, feeLiesOfTwoSlots } from './segmentFeeLies.ts';
import { keyLies, keyLiesOfTwoSlots } from './segmentKeyLies.ts';
import { liquidityLies, liquidityLiesOfThreeSlots } from './segmentLiquidityLies.ts';
import { paymentLies } from './segmentPaymentLies.ts';
import { swapLies } from './segmentSwapLies.ts';

describeLies('segment, lies', { ...paymentLies, ...keyLies, ...feeLies, ...swapLies });
describeLies('segment of two slots, lies', { ...keyLiesOfTwoSlots, ...feeLiesOfTwoSlots, ...liquidityLies }, { slots: 2 });
describeLies('segment of three slots, lies', { ...feeLiesOfThreeSlots, ...liquidityLiesOfThreeSlots }, { slots: 3 });
