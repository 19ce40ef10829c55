import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFunctionResult, toFunctionSelector, type Abi, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '../base/progress.ts';
import { iArbitratorAbi, primaryRollupAbi } from '../chain/generated/abi.ts';
import { patience, worldOf } from '../test/recovery/world.ts';
import { otherSources } from './crossCheck.ts';
import type { FakeRollupWorld, Lie } from './fakeWorld.ts';
import type { PlainHistory } from './plainHistory.ts';
import { recover, type Recovered, type RecoverParameters } from './recover.ts';
import { ChainDataError, type ReadClient } from './rpc.ts';
import { listSnapshots } from './snapshotFolder.ts';
import { nextStoredBlocks } from './storedBlocks.ts';

interface Lies {
  linea?: Lie;
  zksync?: Lie;
  ethereum?: Lie;
}

/** Answers of a contract's function. */
function answering(abi: Abi, functionName: string, result: unknown): Lie {
  const item = abi.find((candidate) => candidate.type === 'function' && candidate.name === functionName);
  if (item?.type !== 'function') throw new Error(`there is no function ${functionName}`);
  const selector = toFunctionSelector(item);
  return ({ method, params }, answer) =>
    method === 'eth_call' && (params as [{ data: string }])[0].data.startsWith(selector) ? encodeFunctionResult({ abi, functionName, result } as never) : answer;
}

const dead: Lie = () => {
  throw new Error('connection refused');
};

const both = (...lies: Lie[]): Lie => (request, answer) => lies.reduce((told, lie) => lie(request, told), answer);

function namedClients(world: FakeRollupWorld, lies: Lies): Map<string, ReadClient> {
  return new Map([
    ['zksync', world.client(1, lies.zksync)],
    ['ethereum', world.client(2, lies.ethereum)],
  ]);
}

function run(world: FakeRollupWorld, lies: Lies = {}, parameters: Partial<RecoverParameters> = {}): Promise<Recovered> {
  const { deployment } = world;
  return recover({ deployment, client: world.client(0, lies.linea), others: otherSources({ deployment, named: namedClients(world, lies) }), patience, ...parameters });
}

describe('recover', () => {
  let folder: string;
  let world: FakeRollupWorld;
  let history: PlainHistory;
  let count = 0;
  const newFolder = (): string => join(folder, String(++count));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recover-test-'));
    ({ world, history } = worldOf({ blocks: 8 }));
  });
  afterAll(async () => await rm(folder, { recursive: true }));

  it('rebuilds the state up to the last confirmed block, and everybody agrees', async () => {
    const recovered = await run(world);
    expect(recovered).toMatchObject({ blockNumber: 6, isConfirmed: true, isHalted: false, startedFrom: 0, finalRoot: world.blocks[5]?.block.finalRoot });
    expect(recovered.state.finalRoot).toBe(recovered.finalRoot);
    expect(recovered.storedBlocks).toEqual(world.blocks[5]?.storedBlocks);
    expect(recovered.agreements).toEqual(['zksync', 'ethereum', 'arbitrator'].map((name) => ({ name, blockNumber: 6 })));
    expect(recovered.operations).toBeGreaterThan(100);
  });

  it('goes as far as it is told', async () => {
    const committed = await run(world, {}, { to: 'committed' });
    expect(committed).toMatchObject({ blockNumber: 8, isConfirmed: false, finalRoot: history.state.finalRoot });
    expect(committed.operations).toBe(history.operationCount);
    expect(committed.state.chains.map((chain) => chain.entries())).toEqual(history.state.chains.map((chain) => chain.entries()));
    expect(await run(world, {}, { to: 3 })).toMatchObject({ blockNumber: 3, isConfirmed: true, agreements: [{ blockNumber: 3 }, { blockNumber: 3 }, { blockNumber: 3 }] });
    expect(await run(world, {}, { to: 0 })).toMatchObject({ blockNumber: 0 });
    await expect(run(world, {}, { to: 9 })).rejects.toMatchObject({ message: 'There is no block 9 yet', facts: { committed: 8, actual: 9 } });
  });

  it('does without chains that do not answer, and says so', async () => {
    const { deployment } = world;
    const named = namedClients(world, { zksync: dead });
    const lines: string[] = [];
    const progress: Progress = { report: (line) => lines.push(line) };
    const others = otherSources({ deployment, named });
    const relaxed = { ...others, secondaries: others.secondaries.map((comparison) => ({ ...comparison, isRequired: false })) };
    const recovered = await run(world, {}, { others: relaxed, progress });
    expect(recovered.agreements).toMatchObject([{ name: 'ethereum', blockNumber: 6 }, { name: 'arbitrator' }, { name: 'zksync', blockNumber: null, note: expect.stringContaining('connection refused') as string }]);
    expect(lines.some((line) => line.startsWith('zksync does not answer: its word is left out'))).toBe(true);
    await expect(run(world, { zksync: dead })).rejects.toThrow('The head cannot be read: the RPC of zksync does not answer');
    await expect(run(world, { linea: dead })).rejects.toThrow('The head cannot be read: the RPC of linea does not answer');
  });

  it('begins with the newest snapshot that stands', async () => {
    const directory = newFolder();
    await run(world, {}, { directory, to: 3 });
    const lines: string[] = [];
    const recovered = await run(world, {}, { directory, progress: { report: (line) => lines.push(line) } });
    expect(recovered).toMatchObject({ startedFrom: 3, blockNumber: 6, finalRoot: world.blocks[5]?.block.finalRoot });
    expect(recovered.state.finalRoot).toBe(recovered.finalRoot);
    expect((await listSnapshots(directory)).map(({ blockNumber }) => blockNumber)).toEqual([6, 3]);
    expect(recovered.file).toContain('block-0000000006.snapshot');
    expect(lines.at(-1)).toMatch(/^block 6 of 6 replayed, \d+ operations, 0 s left$/);
    // Nothing left to do, and a target below the newest.
    expect(await run(world, {}, { directory })).toMatchObject({ startedFrom: 6, operations: 0, agreements: [{ blockNumber: 6 }, {}, {}] });
    expect(await run(world, {}, { directory, to: 5 })).toMatchObject({ startedFrom: 3, blockNumber: 5 });
  });

  it('writes snapshots on the way, and the last one when it is stopped', async () => {
    const directory = newFolder();
    const stop = new AbortController();
    const progress: Progress = { report: (line) => line.includes('replayed') && stop.abort() };
    const lie: Lie = ({ method, params }, answer) => {
      if (method === 'eth_call' && (params as [{ data: string }])[0].data.endsWith('5')) stop.abort();
      return answer;
    };
    await expect(run(world, { linea: lie }, { directory, progress, signal: stop.signal, snapshotEvery: 2 })).rejects.toMatchObject({
      message: expect.stringMatching(/^Stopped after block \d of 6$/) as string,
      hint: expect.stringContaining('Run the same command again') as string,
    });
    const recovered = await run(world, {}, { directory, snapshotEvery: 2 });
    expect(recovered.blockNumber).toBe(6);
    expect((await listSnapshots(directory)).length).toBeGreaterThanOrEqual(2);
    expect((await readdir(directory)).every((name) => name.endsWith('.snapshot'))).toBe(true);
  });

  it('takes an older snapshot when the chain has another block now, and none when it has none of them', async () => {
    const { world: own, history: told } = worldOf({ blocks: 4, unconfirmed: 2 });
    const directory = newFolder();
    await run(own, {}, { directory, to: 3 });
    const previous = own.blocks[2]?.storedBlocks ?? expect.fail();
    await run(own, {}, { directory, to: 'committed' });
    const fourth = own.blocks[3] ?? expect.fail();
    const block = { ...fourth.block, timestamp: fourth.block.timestamp + 1 };
    const other = { block, storedBlocks: nextStoredBlocks({ deployment: own.deployment, previous, block }) };
    for (const rollup of own.rollups) {
      rollup.revert(3);
      rollup.commit([other]);
    }
    const lines: string[] = [];
    const recovered = await run(own, {}, { directory, to: 'committed', progress: { report: (line) => lines.push(line) } });
    expect(recovered).toMatchObject({ startedFrom: 3, blockNumber: 4, storedBlocks: other.storedBlocks });
    expect(lines).toContain('the snapshot of block 4 is not used: the chain has another block there now');
    expect(told.blockNumber).toBe(4);

    const elsewhere = worldOf({ blocks: 4, seed: 2 }).world;
    expect(await run(elsewhere, {}, { directory, to: 'committed' })).toMatchObject({ startedFrom: 0, finalRoot: elsewhere.blocks[3]?.block.finalRoot });
  });

  describe('of a halted rollup', () => {
    const halted = (): FakeRollupWorld => {
      const { world: own } = worldOf({ blocks: 5, unconfirmed: 2 });
      own.arbitrator.halted = true;
      const root = own.blocks[2]?.block.finalRoot ?? expect.fail();
      for (const rollup of own.rollups) Object.assign(rollup, { mode: 2, haltBlock: 3, haltRoot: root, counters: { ...rollup.counters, executed: 3 } });
      return own;
    };

    it('goes to the halt and no further', async () => {
      const own = halted();
      expect(await run(own)).toMatchObject({ blockNumber: 3, isHalted: true, isConfirmed: true });
      expect(await run(own, {}, { to: 2 })).toMatchObject({ blockNumber: 2, isHalted: false });
      for (const to of ['committed', 4] as const) await expect(run(own, {}, { to })).rejects.toMatchObject({ message: 'The rollup is halted: later blocks never happen', facts: { haltedAt: 3, actual: to } });
    });

    it('goes to the halt before the chains hear of it', async () => {
      const { world: own } = worldOf({ blocks: 5, unconfirmed: 2 });
      // Confirmed by the arbitrator and synced everywhere, and on no chain but one has the confirmation arrived.
      for (const rollup of own.rollups.slice(1)) rollup.counters = { ...rollup.counters, confirmed: 1 };
      own.primary.counters = { ...own.primary.counters, confirmed: 0 };
      own.arbitrator.halted = true;
      expect(await run(own)).toMatchObject({ blockNumber: 3, isHalted: true });
    });

    it('goes to the halt while a chain has not executed up to it', async () => {
      const own = halted();
      for (const rollup of own.rollups.slice(0, 2)) rollup.counters = { ...rollup.counters, executed: 1 };
      expect(await run(own)).toMatchObject({ blockNumber: 3, isHalted: true });
      const { finalRoot } = own.blocks[2]?.block ?? expect.fail();
      await expect(run(own, { zksync: answering(primaryRollupAbi, 'haltRoot', finalRoot) })).rejects.toMatchObject({ message: 'zksync has another block 3 than linea', facts: { expected: 0n, actual: finalRoot } });
    });

    it('compares the root that exits are proved against', async () => {
      const own = halted();
      await expect(run(own, { linea: answering(primaryRollupAbi, 'haltRoot', 1n) })).rejects.toMatchObject({ message: 'linea has another block 3 than linea', facts: { what: 'root that exits are proved against' } });
      await expect(run(own, { zksync: answering(primaryRollupAbi, 'haltRoot', 1n) })).rejects.toMatchObject({ message: 'zksync has another block 3 than linea', facts: { actual: 1n } });
      const elsewhere = both(answering(primaryRollupAbi, 'haltBlock', 2), answering(primaryRollupAbi, 'totalBlocksConfirmed', 2), answering(primaryRollupAbi, 'totalBlocksExecuted', 2));
      await expect(run(own, { zksync: elsewhere })).rejects.toMatchObject({ message: 'Two chains are halted at different blocks', facts: { linea: 3, zksync: 2 } });
    });
  });

  describe('sees through', () => {
    const refused = async (lies: Lies, message: string, facts: Record<string, unknown>, hint: string, own = world): Promise<void> => {
      const error: unknown = await run(own, lies).then(
        () => expect.fail('the lie was believed'),
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ChainDataError);
      expect(error).toMatchObject({ message, facts, hint: expect.stringContaining(hint) as string });
    };
    const lineaOrZksync = 'At least one of these lies or is far behind: the RPC of linea, the RPC of zksync.';

    it('a secondary that holds another block', async () => {
      await refused({ zksync: answering(primaryRollupAbi, 'storedBlockHash', `0x${'cd'.repeat(32)}`) }, 'zksync has another block 6 than linea', { what: 'stored block hash' }, lineaOrZksync);
    });

    it('a secondary that sent another sync hash, or none', async () => {
      for (const byte of ['cd', '00']) await refused({ zksync: answering(primaryRollupAbi, 'syncHashSent', `0x${byte.repeat(32)}`) }, 'zksync has another block 6 than linea', { what: 'sync hash that was sent' }, lineaOrZksync);
    });

    it('a secondary that has not synced what is confirmed', async () => {
      const lie = both(answering(primaryRollupAbi, 'totalBlocksSynced', 5), answering(primaryRollupAbi, 'totalBlocksConfirmed', 5));
      await refused({ zksync: lie }, 'zksync does not have what is confirmed', { expected: 'synced blocks up to block 6', actual: 5, confirmedBy: 'linea' }, 'the RPC of zksync, the RPC of linea');
    });

    it('a primary that hides confirmed blocks', async () => {
      const names = ['totalBlocksProved', 'totalBlocksSynced', 'totalBlocksConfirmed', 'totalBlocksExecuted'];
      const lie = both(...names.map((name) => answering(primaryRollupAbi, name, 4)));
      await refused({ linea: lie }, 'linea does not have what is confirmed', { expected: 'proved blocks up to block 6', actual: 4, confirmedBy: 'zksync' }, 'the RPC of linea, the RPC of zksync');
      const unsynced = both(...names.slice(1).map((name) => answering(primaryRollupAbi, name, 4)));
      await refused({ linea: unsynced }, 'linea does not have what is confirmed', { expected: 'synced blocks up to block 6' }, 'the RPC of linea');
    });

    it('a made-up continuation, by the arbitrator and the other chains', async () => {
      // The same rollup, but one in which the operator has paid himself: consistent in itself.
      const { world: forged } = worldOf({ blocks: 8, seed: 99 });
      const { deployment } = world;
      const client = forged.client(0);
      const others = otherSources({ deployment, named: namedClients(world, {}) });
      await expect(recover({ deployment, client, others, patience })).rejects.toMatchObject({ message: 'zksync has another block 6 than linea', facts: { what: 'stored block hash' } });
      const arbitratorOnly = { ...others, secondaries: [] };
      await expect(recover({ deployment, client, others: arbitratorOnly, patience })).rejects.toMatchObject({ message: 'The arbitrator knows another block 6 than linea', facts: { what: 'confirmed root' } });
      forged.confirm(8);
      await expect(recover({ deployment, client, others, patience })).rejects.toMatchObject({ message: 'zksync does not have what is confirmed', facts: { actual: 6, confirmedBy: 'linea' } });
      await expect(recover({ deployment, client, others: arbitratorOnly, patience })).rejects.toMatchObject({ facts: { expected: 'blocks confirmed by the arbitrator up to block 8', actual: 6 } });
      // Alone nobody can tell: then the contract refuses the exit proof.
      const alone = { secondaries: [], arbitrator: { source: { ...others.arbitrator.source, client: world.client(2, dead) }, isRequired: false } };
      expect(await recover({ deployment, client, others: alone, patience })).toMatchObject({ blockNumber: 8, agreements: [{ name: 'the arbitrator', blockNumber: null }] });
    });

    it('an arbitrator that confirmed something else', async () => {
      await refused({ ethereum: answering(iArbitratorAbi, 'confirmedRoot', 0n) }, 'The arbitrator knows another block 6 than linea', { what: 'confirmed root', actual: 0n }, 'the RPC of linea, the RPC of ethereum');
      await refused({ ethereum: answering(iArbitratorAbi, 'syncHashOf', `0x${'00'.repeat(32)}`) }, 'The arbitrator knows another block 6 than linea', { what: 'sync hash of linea' }, 'the RPC of ethereum');
      await refused({ ethereum: answering(iArbitratorAbi, 'lastConfirmedBlock', 5) }, 'ethereum does not have what is confirmed', { actual: 5 }, 'the RPC of ethereum');
    });

    it('a halt that is not one', async () => {
      const root = world.blocks[5]?.block.finalRoot;
      const lie = both(answering(primaryRollupAbi, 'mode', 2), answering(primaryRollupAbi, 'haltBlock', 6), answering(primaryRollupAbi, 'haltRoot', root));
      await refused({ linea: lie }, 'A chain is halted and the arbitrator is not', { linea: 6, arbitrator: 'not halted' }, 'the RPC of linea, the RPC of ethereum');
      const { world: own } = worldOf({ blocks: 5, unconfirmed: 2 });
      own.arbitrator.halted = true;
      await refused({ ethereum: answering(iArbitratorAbi, 'lastConfirmedBlock', 2) }, 'A chain has confirmed a block behind the halt', { arbitrator: 'halted at 2', linea: 'confirmed 3' }, 'the RPC of ethereum, the RPC of linea', own);
    });

    it('another arbitrator’s chain, another block 0', async () => {
      const wrongChain: Lie = ({ method }, answer) => (method === 'eth_chainId' ? '0x5' : answer);
      const { deployment } = world;
      const named = new Map([...namedClients(world, {}), ['arbitrator', world.client(2, wrongChain)]]);
      await expect(run(world, {}, { others: otherSources({ deployment, named }) })).rejects.toMatchObject({ message: 'Another chain than the arbitrator’s answers', facts: { expected: 1003, actual: 5 } });
      await refused({ linea: answering(primaryRollupAbi, 'storedBlockHash', `0x${'cd'.repeat(32)}`) }, 'linea has another block 0 than the deployment', { contract: deployment.chains[0]?.rollup }, 'Do not trust the RPC of linea');
    });

    it('public data that do not lead to the final root', async () => {
      const { world: own, history: told } = worldOf({ blocks: 3, unconfirmed: 0 });
      const previous = told.storedBlocks;
      const honest = told.next();
      const commitWrong = (block: typeof honest.block): void => {
        const storedBlocks = nextStoredBlocks({ deployment: own.deployment, previous, block });
        for (const rollup of own.rollups) rollup.commit([{ block, storedBlocks }]);
      };
      commitWrong({ ...honest.block, finalRoot: 5n });
      const message = 'Public data of block 4 do not lead to its final root';
      expect(await run(own)).toMatchObject({ blockNumber: 3 });
      await expect(run(own, {}, { to: 'committed' })).rejects.toMatchObject({ message, facts: { proved: 3, expected: 5n, actual: honest.block.finalRoot }, hint: expect.stringContaining('Nobody has proved the block') as string });
      for (const rollup of own.rollups) rollup.revert(3);
      const overdraft = { chainIndex: 0, rootIn: 0n, rootOut: 0n, legsIn: 0n, legsOut: 0n, c1: 0n, c2: 0n, onchainData: '0x' as Hex, l2Data: `0x05${'00ffff'}${'000000'}${'0000000001'}${'0000'}` as Hex };
      commitWrong({ ...honest.block, segments: [overdraft] });
      own.primary.counters = { ...own.primary.counters, proved: 4 };
      await expect(run(own, {}, { to: 'committed' })).rejects.toMatchObject({ message, facts: { reason: 'Public data of a segment do not fit the state' }, hint: expect.stringContaining('Do not trust the RPC of linea') as string });
    });
  });
});
