import { addressCommand } from './address.ts';
import { balancesCommand } from './balances.ts';
import { blockCommand, blocksCommand } from './blocks.ts';
import { changeKeyCommand } from './changeKey.ts';
import type { CommandSpec } from './command.ts';
import { depositCommand } from './deposit.ts';
import { executeCommand } from './execute.ts';
import { exitCommand } from './exit.ts';
import { exitModeAdvanceCommand, exitModeCommand, exitModeTriggerCommand } from './exitMode.ts';
import { fullExitCommand } from './fullExit.ts';
import { poolAddCommand, poolOpenCommand, poolRemoveCommand } from './pool.ts';
import { poolsCommand } from './pools.ts';
import { quoteCommand } from './quote.ts';
import { recoverCommand } from './recover.ts';
import { refundCommand } from './refund.ts';
import { statusCommand } from './status.ts';
import { swapCommand } from './swap.ts';
import { transferCommand } from './transfer.ts';
import { withdrawCommand } from './withdraw.ts';
import { withdrawPendingCommand } from './withdrawPending.ts';

/** In the order in which a newcomer needs them. */
export const commands: readonly CommandSpec[] = [
  depositCommand,
  transferCommand,
  withdrawCommand,
  fullExitCommand,
  withdrawPendingCommand,
  swapCommand,
  quoteCommand,
  poolsCommand,
  poolOpenCommand,
  poolAddCommand,
  poolRemoveCommand,
  changeKeyCommand,
  balancesCommand,
  addressCommand,
  statusCommand,
  blocksCommand,
  blockCommand,
  exitModeCommand,
  exitModeTriggerCommand,
  exitModeAdvanceCommand,
  recoverCommand,
  exitCommand,
  refundCommand,
  executeCommand,
];
