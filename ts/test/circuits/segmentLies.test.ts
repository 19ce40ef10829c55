import { describeLies } from './lies.ts';
import { feeLies, feeLiesOfThreeSlots, feeLiesOfTwoSlots } from './segmentFeeLies.ts';
import { keyLies, keyLiesOfTwoSlots } from './segmentKeyLies.ts';
import { paymentLies } from './segmentPaymentLies.ts';

describeLies('segment, lies', { ...paymentLies, ...keyLies, ...feeLies });
describeLies('segment of two slots, lies', { ...keyLiesOfTwoSlots, ...feeLiesOfTwoSlots }, { slots: 2 });
describeLies('segment of three slots, lies', feeLiesOfThreeSlots, { slots: 3 });
