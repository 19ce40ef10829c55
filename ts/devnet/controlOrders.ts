import { isHex } from 'viem';
import { RollupError } from '../base/errors.ts';
import type { Devnet } from './devnet.ts';
import type { MessageStatus } from './relayers/book.ts';
import { type Fault, FAULT_KINDS, type FaultSpec } from './relayers/faults.ts';
import type { FlushReport } from './relayers/flush.ts';
import type { Mode, RelayerStatus } from './relayers/relayer.ts';
import type { ReorgReport } from './relayers/reorg.ts';
import { type Direction, isDirection, parseRoutes } from './relayers/routes.ts';
import type { Relayers, RetryReport } from './relayers/startRelayers.ts';
import type { DevnetState } from './state/devnetState.ts';
import { isStateOrder, obeyState, type StateAnswers, type StateOrder } from './state/stateOrders.ts';

/** What a devnet in another process can be asked to do. `routes` are words as in `parseRoutes`; empty means all. */
export type DevnetOrder =
  | { do: 'removeSequencer' }
  | { do: 'hold' | 'release'; chain?: string; direction?: Direction }
  | { do: 'passTime'; seconds: number }
  | { do: 'relays' }
  | { do: 'mode'; mode: Mode; routes: string }
  | { do: 'delay'; seconds: number; routes: string }
  | { do: 'flush'; routes: string; now: boolean; dryRun: boolean }
  | { do: 'messages'; limit: number }
  | { do: 'message' | 'retry'; hash: string }
  | { do: 'addFault'; fault: FaultSpec }
  | { do: 'faults' }
  | { do: 'clearFaults'; id?: number }
  | { do: 'reorg'; chain: string; depth: number; again?: boolean }
  | StateOrder;

/** What the devnet answers. */
export interface OrderAnswers extends StateAnswers {
  removeSequencer: Record<string, never>;
  hold: RelayerStatus[];
  release: RelayerStatus[];
  passTime: { timestamp: bigint };
  relays: RelayerStatus[];
  mode: RelayerStatus[];
  delay: RelayerStatus[];
  flush: FlushReport;
  messages: MessageStatus[];
  message: MessageStatus[];
  retry: RetryReport[];
  addFault: Fault;
  faults: Fault[];
  clearFaults: Fault[];
  reorg: ReorgReport;
}

export type OrderAnswer = OrderAnswers[DevnetOrder['do']];

export type Controlled = Pick<Devnet, 'removeSequencer' | 'passTime' | keyof DevnetState> & { relayers: Omit<Relayers, 'passTime' | 'stop' | 'idle' | 'status' | 'paused' | 'forgive'> };

/** Carries an order out. @throws RollupError when it cannot be done */
export async function obey({ removeSequencer, passTime, relayers, ...state }: Controlled, order: DevnetOrder): Promise<OrderAnswer> {
  if (isStateOrder(order)) return await obeyState(state, order);
  switch (order.do) {
    case 'removeSequencer':
      await removeSequencer();
      return {};
    case 'hold':
    case 'release': {
      const { chain, direction } = order;
      const filter = { ...(chain === undefined ? {} : { chain }), ...(direction === undefined ? {} : { direction }) };
      await relayers.setMode(order.do === 'hold' ? 'manual' : 'auto', [filter]);
      return await relayers.routes();
    }
    case 'passTime':
      return { timestamp: await passTime(order.seconds) };
    case 'relays':
      return await relayers.routes();
    case 'mode':
      await relayers.setMode(order.mode, parseRoutes([order.routes]));
      return await relayers.routes();
    case 'delay':
      relayers.setDelay(order.seconds, parseRoutes([order.routes]));
      return await relayers.routes();
    case 'flush':
      return await relayers.flush({ routes: parseRoutes([order.routes]), now: order.now, dryRun: order.dryRun });
    case 'messages':
      return await relayers.messages({ limit: order.limit });
    case 'message':
      return await relayers.message(order.hash);
    case 'retry':
      return await relayers.retry(order.hash);
    case 'addFault':
      return await relayers.faults.add(order.fault);
    case 'faults':
      return relayers.faults.list();
    case 'clearFaults':
      return await relayers.faults.clear(order.id);
    case 'reorg':
      return await relayers.reorg(order.chain, order.depth, { again: order.again === true });
  }
}

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === 'string';
const isFlag: Test = (value) => typeof value === 'boolean';
const isWhole: Test = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isCount: Test = (value) => isWhole(value) && value !== 0;
const isHash: Test = (value) => isHex(value) && value.length === 66;
const orNone =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const isOneOf =
  (words: readonly string[]): Test =>
  (value) =>
    words.includes(value as string);

const FAULT: Readonly<Record<string, Test>> = { kind: isOneOf(FAULT_KINDS), route: isText, count: orNone(isCount), message: orNone(isHash), seconds: orNone(isCount) };

const isFault: Test = (value) => typeof value === 'object' && value !== null && hasFields(value as Record<string, unknown>, FAULT);

const orFilter: Readonly<Record<string, Test>> = { chain: orNone(isText), direction: orNone((value) => isDirection(String(value))) };

/** Fields of each order. */
const FIELDS: Readonly<Record<DevnetOrder['do'], Readonly<Record<string, Test>>>> = {
  removeSequencer: {},
  hold: orFilter,
  release: orFilter,
  passTime: { seconds: isCount },
  relays: {},
  mode: { mode: isOneOf(['auto', 'manual']), routes: isText },
  delay: { seconds: isWhole, routes: isText },
  flush: { routes: isText, now: isFlag, dryRun: isFlag },
  messages: { limit: isCount },
  message: { hash: isHash },
  retry: { hash: isHash },
  addFault: { fault: isFault },
  faults: {},
  clearFaults: { id: orNone(isCount) },
  reorg: { chain: isText, depth: isCount, again: orNone(isFlag) },
  snapshot: {},
  snapshots: {},
  revert: { id: isCount },
  dump: { file: isText },
};

function hasFields(value: Record<string, unknown>, fields: Readonly<Record<string, Test>>): boolean {
  return Object.entries(fields).every(([name, test]) => test(value[name])) && Object.keys(value).every((name) => name in fields);
}

/** @throws RollupError when the text is no order */
export function readOrder(text: string): DevnetOrder {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch (cause) {
    throw new RollupError('An order is one JSON object', { cause });
  }
  const { do: name, ...fields } = value;
  const known = typeof name === 'string' && Object.hasOwn(FIELDS, name) ? FIELDS[name as DevnetOrder['do']] : undefined;
  if (known !== undefined && hasFields(fields, known)) return value as DevnetOrder;
  const expected = known === undefined ? `do: one of ${Object.keys(FIELDS).join(', ')}` : `${String(name)} with ${Object.keys(known).join(', ') || 'no fields'}`;
  throw new RollupError('This is no order for a devnet', { facts: { expected, actual: text.slice(0, 200) } });
}
