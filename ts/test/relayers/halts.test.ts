import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hex, keccak256, parseEther, toHex } from 'viem';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Relayers, startRelayers } from '../../devnet/relayers/startRelayers.ts';
import { operator, relayer, startNetwork, type TestNetwork } from './network.ts';

const folder = mkdtempSync(join(tmpdir(), 'halts-'));
const FINAL_ROOT = 77n;
const FEE = parseEther('0.0001');
const HASHES: [Hex, Hex] = [keccak256(toHex('chain 0')), keccak256(toHex('chain 1'))];
const CHAINS = [0, 1] as const;
type ChainIndex = (typeof CHAINS)[number];

let network: TestNetwork;
let running: Relayers | undefined;
let lines: string[] = [];

beforeAll(async () => {
  network = await startNetwork(folder);
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await network?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Relayers {
  lines = [];
  const keys = { relayer: relayer.privateKey, operator: operator.privateKey };
  running = startRelayers({ deployment: network.deployment, keys, defaults: { pollInterval: 40 }, log: (line) => lines.push(line) });
  return running;
}

const chainOf = (chainIndex: ChainIndex) => (chainIndex === 0 ? network.linea : network.zksync);
const described = (chainIndex: ChainIndex) => network.deployment.chains[chainIndex]!;

async function requestHalt(chainIndex: ChainIndex): Promise<void> {
  const { rollup, gateway } = described(chainIndex);
  await chainOf(chainIndex).write('RollupDouble', rollup, 'requestHalt', [gateway], chainIndex === 0 ? FEE : 0n);
}

async function atArbitrator(functionName: string, args: readonly unknown[], value = 0n): Promise<void> {
  await network.ethereum.write('Arbitrator', network.deployment.arbitrator, functionName, args, value);
}

async function sendHalt(chainIndex: ChainIndex): Promise<void> {
  await atArbitrator('sendHalt', [chainIndex], parseEther('0.1'));
}

async function isHalted(): Promise<boolean> {
  return await network.ethereum.read('Arbitrator', network.deployment.arbitrator, 'halted');
}

async function halt(chainIndex: ChainIndex): Promise<{ block: number; root: bigint; hash: Hex; count: bigint }> {
  const { rollup } = described(chainIndex);
  const read = async <T>(name: string): Promise<T> => await chainOf(chainIndex).read<T>('RollupDouble', rollup, name);
  return { block: await read('haltBlock'), root: await read('haltRoot'), hash: await read('haltHash'), count: await read('halts') };
}

async function setDouble(chainIndex: ChainIndex, functionName: 'setRefuses' | 'setGasNeeded', value: boolean | bigint): Promise<void> {
  await chainOf(chainIndex).write('RollupDouble', described(chainIndex).rollup, functionName, [value]);
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`did not happen in time: ${what}\n${lines.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// The tests run in order on one network: the arbitrator halts once.
describe('relayers in exit mode', () => {
  it('confirm a block first', async () => {
    const relayers = start();
    await network.linea.write('RollupDouble', described(0).rollup, 'syncAll', [described(0).gateway, 1, FINAL_ROOT, HASHES], FEE);
    await network.zksync.write('RollupDouble', described(1).rollup, 'sync', [described(1).gateway, 1, HASHES[1]]);
    await relayers.idle();
    await atArbitrator('confirmBlock', [1], parseEther('0.1'));
    await relayers.idle();
    expect(await isHalted()).toBe(false);
  });

  it('carry the halt request of either chain up, from wherever they were stopped', async () => {
    const snapshots = await Promise.all([network.ethereum, network.linea, network.zksync].map(async ({ control }) => await control.snapshot()));
    await requestHalt(1);
    await start().idle();
    expect(await isHalted()).toBe(true);
    expect(lines.filter((line) => /^zksync claimer: message \d+ of batch \d+ delivered$/.test(line))).toHaveLength(1);
    await running?.stop();

    for (const [i, { control }] of [network.ethereum, network.linea, network.zksync].entries()) await control.revert({ id: snapshots[i]! });
    expect(await isHalted()).toBe(false);
    const first = start();
    await requestHalt(0);
    await until(() => lines.some((line) => line.startsWith('linea finalize')), 'the request is finalized');
    await first.stop();
    await start().idle();
    expect(await isHalted()).toBe(true);
    await expect(atArbitrator('confirmBlock', [2], parseEther('0.1'))).rejects.toThrow();
  });

  it('carry a second request, which changes nothing', async () => {
    const relayers = start();
    await requestHalt(0);
    await requestHalt(1);
    await relayers.idle();
    expect(lines.filter((line) => line.includes('not delivered'))).toEqual([]);
    expect(await isHalted()).toBe(true);
  });

  it('carry the halt down to both chains', async () => {
    const relayers = start();
    for (const chainIndex of CHAINS) await sendHalt(chainIndex);
    await relayers.idle();
    for (const chainIndex of CHAINS) expect(await halt(chainIndex)).toEqual({ block: 1, root: FINAL_ROOT, hash: HASHES[chainIndex], count: 1n });
    expect(relayers.status().every(({ waiting, error }) => waiting === 0 && error === undefined)).toBe(true);
  });

  it('try a halt on Linea again until the rollup takes it', async () => {
    const relayers = start();
    await setDouble(0, 'setRefuses', true);
    await sendHalt(0);
    await until(() => lines.some((line) => line.startsWith('linea postman down') && line.includes('not delivered')), 'a refusal');
    await relayers.stop();
    await setDouble(0, 'setRefuses', false);
    await start().idle();
    expect((await halt(0)).count).toBe(2n);
  });

  it('leave a halt that failed on zkSync failed, and carry the next one, with more gas if somebody pays for it', async () => {
    const relayers = start();
    await setDouble(1, 'setGasNeeded', 2_500_000n);
    for (let i = 0; i < 2; i++) {
      await sendHalt(1);
      await relayers.idle();
      expect(lines.filter((line) => line.includes('failed for good'))).toHaveLength(i + 1);
    }
    expect((await halt(1)).count).toBe(1n);
    const { l1Gateway } = described(1);
    await network.ethereum.write('ZkSyncL1Gateway', l1Gateway, 'sendHaltWithGas', [1, 4_000_000n], parseEther('0.5'));
    await relayers.idle();
    expect(await halt(1)).toEqual({ block: 1, root: FINAL_ROOT, hash: HASHES[1], count: 2n });
  });
});
