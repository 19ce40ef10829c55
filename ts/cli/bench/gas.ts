import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { run } from '../../base/exec.ts';
import { foundryBinary, paths, root } from '../../base/paths.ts';
import { operationLength } from '../../spec/pubdata.ts';
import { params } from '../../spec/params.ts';
import type { Figure, Mark } from './figure.ts';
import { marks } from './marks.ts';
import type { SectionParameters } from './section.ts';

/** Gas by group and name, as forge's snapshots have it. */
export type Snapshots = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Runs forge's gas tests. The snapshots in git stay as they are. */
export async function measureGas({ progress, signal }: SectionParameters): Promise<Figure[]> {
  progress.report('gas: forge tests');
  mkdirSync(paths.forgeOut, { recursive: true });
  const folder = mkdtempSync(join(paths.forgeOut, 'bench-gas-'));
  try {
    await run({ command: foundryBinary('forge'), args: ['test', '--match-path', 'test/gas/*'], cwd: root, env: { FOUNDRY_SNAPSHOTS: folder }, signal });
    return gasFigures(readSnapshots(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readSnapshots(folder: string): Snapshots {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const read = (name: string): Record<string, string> => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>;
  return Object.fromEntries(
    files.map((name) => [name.slice(0, -'.json'.length), Object.fromEntries(Object.entries(read(name)).map(([key, gas]) => [key, Number(gas)]))]),
  );
}

/** The figures that users and operators pay for, and what follows from differences. @throws RollupError when a test did not leave its snapshot */
export function gasFigures(snapshots: Snapshots): Figure[] {
  const gas = (group: string, name: string): number => {
    const value = snapshots[group]?.[name];
    if (value === undefined) throw new RollupError('A gas test left no snapshot', { facts: { group, name }, hint: 'See test/gas.' });
    return value;
  };
  const rollup = (name: string): number => gas('Rollup', name);
  const story = (name: string): number => gas('Story', name);
  const figure = (name: string, value: number, mark?: Mark): Figure => ({ section: 'gas', name, value, unit: 'gas', ...(mark ? { mark } : {}) });

  const proveSegment = story('prove: 1 block of 3 segments') - story('prove: 1 block of 2 segments');
  const executeWithdraw = (rollup('execute: 10 withdraws') - rollup('execute: empty')) / 10;
  return [
    figure('deposit ETH', rollup('deposit native coin'), marks.depositNative),
    figure('deposit ERC-20', rollup('deposit ERC-20'), marks.depositToken),
    figure('request full exit', rollup('request full exit'), marks.requestFullExit),
    figure('commit: fixed (empty block)', rollup('commit primary: empty'), marks.commitEmpty),
    ...commitFigures((name) => gas('CommitOperations', name), figure),
    { section: 'gas', name: 'public data of a transfer', value: operationLength('transfer'), unit: 'bytes', mark: marks.transferBytes },
    figure('commit: 3 deposits, 1 full exit', rollup('commit primary: 3 deposits, 1 full exit'), marks.commitRequests),
    figure('commit: 10 withdraws, own chain', rollup('commit primary: 10 withdraws, own chain'), marks.commitOwnWithdraws),
    figure('commit: 10 withdraws, other chain', rollup('commit primary: 10 withdraws, other chain'), marks.commitOtherWithdraws),
    figure('commit: 100 transfers', rollup('commit primary: 100 transfers'), marks.commitTransfers100),
    figure('commit: 200 transfers', rollup('commit primary: 200 transfers'), marks.commitTransfers200),
    figure('commit on a secondary: fixed', rollup('commit secondary: empty')),
    figure('commit on a secondary: one more withdraw', (rollup('commit secondary: 10 withdraws') - rollup('commit secondary: empty')) / 10),
    figure('prove: fixed (call, block, join)', story('prove: 1 block of 2 segments') - 2 * proveSegment),
    figure('prove: one more segment', proveSegment),
    figure('prove: 3 blocks of 8 segments', story('prove: 3 blocks of 8 segments'), marks.proveBlocks),
    figure('sync the primary: its own work', rollup('sync primary (gateway double)'), marks.syncPrimary),
    figure('sync the primary: direct gateway and arbitrator included', story('sync primary (direct gateway)')),
    figure('sync a secondary: its own work', rollup('sync secondary (gateway double)')),
    figure('sync a secondary: direct gateway and arbitrator included', story('sync secondary (direct gateway)')),
    figure('confirmBlock: 3 chains (direct gateways)', story('confirmBlock: 3 chains (direct gateways)')),
    figure('receive a confirmation', rollup('confirm'), marks.confirm),
    figure('execute: fixed (empty block)', rollup('execute: empty'), marks.executeEmpty),
    figure('execute: 1 full exit', rollup('execute: 1 full exit'), marks.executeFullExit),
    figure('execute: 10 withdraws', rollup('execute: 10 withdraws'), marks.executeWithdraws),
    figure('execute: one more withdraw', executeWithdraw, marks.executeWithdraw),
    figure('withdraw pending ETH', rollup('withdraw pending native coin'), marks.withdrawNative),
    figure('withdraw pending ERC-20', rollup('withdraw pending ERC-20')),
  ];
}

const KINDS = [
  { type: 'deposit', name: 'deposit', plural: 'deposits' },
  { type: 'fullExit', name: 'full exit', plural: 'full exits' },
  { type: 'withdraw', name: 'withdraw', plural: 'withdraws' },
  { type: 'open', name: 'open', plural: 'opens' },
  { type: 'transfer', name: 'transfer', plural: 'transfers' },
  { type: 'transferToNew', name: 'transfer to new', plural: 'transfers to new' },
  { type: 'changeKey', name: 'change key', plural: 'change keys' },
  { type: 'collectFees', name: 'collect fees', plural: 'collect fees' },
  { type: 'openPool', name: 'open pool', plural: 'open pools' },
  { type: 'swapIn', name: 'swap in', plural: 'swaps in' },
  { type: 'swapOut', name: 'swap out', plural: 'swaps out' },
  { type: 'addLiquidity', name: 'liquidity change', plural: 'liquidity changes' },
  { type: 'credit', name: 'credit', plural: 'credits' },
] as const;

/** One more operation in a segment, a byte of it, one more swap with both sides, and one more segment: differences of whole transactions. */
function commitFigures(gas: (name: string) => number, figure: (name: string, value: number, mark?: Mark) => Figure): Figure[] {
  const several = ({ count, one, many }: { count: number; one: string; many: string }): number => (gas(`${count} ${many}`) - gas(`1 ${one}`)) / (count - 1);
  const more = Object.fromEntries(KINDS.map(({ type, name, plural }) => [type, several({ count: params.slots, one: name, many: plural })])) as Record<(typeof KINDS)[number]['type'], number>;
  const swapsInSegment = Math.floor(params.slots / 2);
  return [
    figure('commit: one more segment', gas('2 segments of 1 transfer') - gas('1 transfer') - more.transfer),
    ...KINDS.flatMap(({ type, name }) => [
      figure(`commit: one more ${name}`, more[type], type === 'transfer' ? marks.commitTransfer : undefined),
      figure(`commit: one more ${name}, each of its ${operationLength(type)} bytes`, more[type] / operationLength(type)),
    ]),
    figure('commit: one more swap, both sides in a segment', several({ count: swapsInSegment, one: 'swap, one chain', many: 'swaps, one chain' }), marks.commitSwap),
    figure('commit: one more swap, a side on each of two chains', several({ count: params.slots, one: 'swap, two chains', many: 'swaps, two chains' }), marks.commitSwap),
    figure('commit: one more change of liquidity, both sides with credits', 2 * (more.addLiquidity + more.credit)),
  ];
}
