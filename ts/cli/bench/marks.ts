import type { Mark } from './figure.ts';

/** Reference systems: Hermez, zkLink, zkSync Lite; numbers measured on their public contracts and circuits or published by them. */
export const referenceSystems = 'Hermez, zkLink, zkSync Lite';

const zkLink = (value: number, what: string): Mark => ({ value, of: `zkLink: ${what}` });
const hermez = (value: number, what: string): Mark => ({ value, of: `Hermez: ${what}` });
const bound = (value: number, what: string): Mark => ({ value, of: `our bound: ${what}` });

export const marks = {
  slotConstraints: hermez(43_812, 'one more L2 transfer, 2^32 leaves, same compiler and flags'),
  slotConstraintsBound: bound(17_000, 'a slot'),
  segmentConstraintsBound: bound(2 ** 17, 'a segment'),
  swapConstraints: hermez(104_700, 'two linked transactions'),
  setupTimes: bound(100, 'times faster'),
  editSeconds: bound(75, 'edited source to verified proof on 2 cores'),
  exitConstraints: hermez(69_721, 'withdraw circuit'),
  exitSeconds: { value: 30, of: 'zkLink: exit proof at its fastest, 2 a minute' },
  exitMebibytes: zkLink(32 * 1024, 'memory of an exit prover'),
  transferBytes: hermez(14, 'transfer'),
  depositNative: zkLink(71_721, 'deposit ETH'),
  depositToken: zkLink(113_434, 'deposit ERC-20'),
  requestFullExit: zkLink(69_220, 'request full exit'),
  commitEmpty: zkLink(84_281, 'empty block'),
  commitRequests: zkLink(121_665, '3 deposits, 1 full exit'),
  commitOwnWithdraws: zkLink(145_683, '10 withdraws, own chain'),
  commitOtherWithdraws: zkLink(141_160, '10 withdraws, other chain'),
  commitTransfers100: zkLink(129_602, '100 transfers'),
  commitTransfers200: zkLink(172_089, '200 transfers'),
  commitTransfer: zkLink(425, 'one more transfer'),
  commitSwap: zkLink(1_306, 'one more match of two orders, by its gas counter'),
  proveBlocks: zkLink(502_151, 'one aggregated proof of 4 blocks'),
  syncPrimary: zkLink(51_712, "send the primary's sync hash"),
  confirm: zkLink(56_638, 'receive a confirmation'),
  executeEmpty: zkLink(56_827, 'empty'),
  executeFullExit: zkLink(90_585, '1 full exit'),
  executeWithdraws: zkLink(384_469, '10 withdraws'),
  executeWithdraw: zkLink((384_469 - 56_827) / 10, 'one more withdraw'),
  withdrawNative: zkLink(48_623, 'withdraw pending ETH'),
  recoverSeconds: bound(300, '100,000 operations in minutes'),
  recoverMebibytes: bound(2 * 1024, 'peak memory'),
  warmStart: bound(15, 'warm start'),
  warmChains: bound(3, 'warm start without sequencer'),
  chainsMebibytes: bound(1024, 'memory without provers'),
  coldStory: bound(480, 'fresh clone to finished story, npm ci included'),
  story: bound(180, 'warm story'),
  peakMebibytes: bound(4 * 1024, 'peak memory'),
} as const satisfies Record<string, Mark>;
