import { decodeFunctionData, encodeFunctionResult, toFunctionSelector } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { primaryRollupAbi } from '../chain/generated/abi.ts';
import { storedBlockHash } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { Backwards } from '../test/recovery/backwards.ts';
import { patience, worldOf } from '../test/recovery/world.ts';
import { readChainBlocks, readConfirmedBlocks, readPrimaryBlocks } from './chainData.ts';
import { FakeRollupWorld, type Lie } from './fakeWorld.ts';
import type { PlainHistory } from './plainHistory.ts';
import { ChainDataError } from './rpc.ts';
import { nextStoredBlocks } from './storedBlocks.ts';

interface RpcLog {
  data: Hex;
  topics: Hex[];
  blockNumber: Hex;
  logIndex: Hex;
}

const logsOf = (change: (logs: RpcLog[]) => RpcLog[]): Lie => (request, answer) => (request.method === 'eth_getLogs' ? change(answer as RpcLog[]) : answer);
const numberOf = (log: RpcLog): number => Number(log.topics[1]);

describe('chain data', () => {
  let world: FakeRollupWorld;
  let history: PlainHistory;
  const read = (lie?: Lie) => readPrimaryBlocks({ deployment: world.deployment, client: world.client(0, lie), patience });

  beforeAll(() => {
    ({ world, history } = worldOf({ blocks: 6 }));
  });

  it('reads every block with what each chain holds of it', async () => {
    const blocks = await read();
    expect(blocks.map(({ blockNumber }) => blockNumber)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const [i, { segments, finalRoot, storedBlocks, stored, syncHashes }] of blocks.entries()) {
      expect(segments).toEqual(world.blocks[i]?.block.segments);
      expect(finalRoot).toBe(world.blocks[i]?.block.finalRoot);
      expect(storedBlocks).toEqual(world.blocks[i]?.storedBlocks);
      expect(stored).toEqual(storedBlocks[0]);
      expect(syncHashes).toEqual(storedBlocks.map(({ syncHash }) => syncHash));
    }
    expect(blocks.at(-1)?.finalRoot).toBe(history.state.finalRoot);
  });

  it('reads a part, and from a known block on', async () => {
    const { deployment } = world;
    const client = world.client(0);
    const part = await readPrimaryBlocks({ deployment, client, from: 3, to: 4, patience });
    expect(part.map(({ blockNumber }) => blockNumber)).toEqual([3, 4]);
    const after = part[1] ?? expect.fail();
    const asked: number[] = [];
    const watched = world.client(0, (request, answer) => {
      if (request.method === 'eth_getLogs') asked.push(Number((request.params as [{ fromBlock: Hex }])[0].fromBlock));
      return answer;
    });
    const rest = await readPrimaryBlocks({ deployment, client: watched, after, patience });
    expect(rest.map(({ blockNumber }) => blockNumber)).toEqual([5, 6]);
    expect(rest[1]?.storedBlocks).toEqual(world.blocks[5]?.storedBlocks);
    expect(Math.min(...asked)).toBe(after.chainBlock);
    expect(await readPrimaryBlocks({ deployment, client, after: rest[1] ?? expect.fail(), patience })).toEqual([]);
  });

  it('reads what a chain needs to sync and execute, from its own commits', async () => {
    const { deployment } = world;
    for (const { chainIndex } of deployment.chains) {
      const blocks = await readChainBlocks({ deployment, chainIndex, client: world.client(chainIndex), patience });
      expect(blocks.map(({ stored }) => stored)).toEqual(world.blocks.map(({ storedBlocks }) => storedBlocks[chainIndex]));
      expect(blocks.map(({ onchainData }) => onchainData)).toEqual(
        world.blocks.map(({ block }) => `0x${block.segments.filter((segment) => segment.chainIndex === chainIndex).map(({ onchainData }) => onchainData.slice(2)).join('')}`),
      );
    }
  });

  it('takes smaller ranges of events when an RPC refuses large ones, and asks again when it fails', async () => {
    const own = world.rpcs[0] ?? expect.fail();
    own.maximumLogRange = 3;
    let failures = 0;
    const flaky: Lie = ({ method }, answer) => {
      if (method !== 'eth_getTransactionByHash' || ++failures % 2 === 0) return answer;
      throw new Error('too many requests');
    };
    expect(await read(flaky)).toHaveLength(6);
    expect(failures).toBeGreaterThan(3);
    own.maximumLogRange = Number.POSITIVE_INFINITY;
  });

  it('gives up on an RPC that always fails', async () => {
    const dead: Lie = ({ method }, answer) => {
      if (method === 'eth_getLogs') throw new Error('service unavailable');
      return answer;
    };
    await expect(read(dead)).rejects.toMatchObject({ message: 'Events cannot be read: the RPC of linea does not answer', facts: { tries: 3, reason: expect.stringContaining('service unavailable') as string } });
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    const lie: Lie = (request, answer) => {
      if (request.method === 'eth_getTransactionByHash') stop.abort();
      return answer;
    };
    await expect(readPrimaryBlocks({ deployment: world.deployment, client: world.client(0, lie), patience, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses a block that is not committed', async () => {
    await expect(readPrimaryBlocks({ deployment: world.deployment, client: world.client(0), to: 7, patience })).rejects.toMatchObject({ facts: { committed: 6, actual: 7 } });
  });

  it('reads calldata whose offsets lead backwards, as the contract does', async () => {
    const lie: Lie = ({ method }, answer) => (method === 'eth_getTransactionByHash' ? { ...(answer as object), input: backwards((answer as { input: Hex }).input) } : answer);
    expect((await read(lie)).map(({ segments }) => segments)).toEqual(world.blocks.map(({ block }) => block.segments));
  });

  describe('sees through', () => {
    const refused = async (lie: Lie, message: string, facts: Record<string, unknown> = {}): Promise<void> => {
      const error: unknown = await read(lie).then(
        () => expect.fail('the lie was believed'),
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ChainDataError);
      expect(error).toMatchObject({ message, facts, hint: 'Do not trust the RPC of linea: read the chain from another one.' });
    };

    it('wrong calldata', async () => {
      const block = world.blocks[2] ?? expect.fail();
      const data = block.block.segments[0]?.l2Data ?? block.block.segments[0]?.onchainData ?? expect.fail();
      const target = block.block.segments.map(({ onchainData, l2Data }) => (l2Data.length > 2 ? l2Data : onchainData)).find((bytes) => bytes.length > 40) ?? data;
      // The lowest byte of an amount or a key.
      const changed = `${target.slice(0, -2)}${target.endsWith('01') ? '02' : '01'}`;
      const lie: Lie = ({ method }, answer) => {
        if (method !== 'eth_getTransactionByHash') return answer;
        const transaction = answer as { input: string };
        return { ...transaction, input: transaction.input.replace(target.slice(2), changed.slice(2)) };
      };
      await refused(lie, 'Calldata of block 3 on linea is not what the contract holds', { expected: storedBlockHash(block.storedBlocks[0] ?? expect.fail()) });
    });

    it('calldata of another transaction', async () => {
      const hashes: unknown[] = [];
      let first: unknown;
      const lie: Lie = ({ method, params }, answer) => {
        if (method !== 'eth_getTransactionByHash') return answer;
        hashes.push(params);
        first ??= answer;
        return { ...(answer as object), input: (first as { input: string }).input };
      };
      await refused(lie, 'Calldata of block 3 on linea is not what the contract holds', { actual: 'no such block in the calldata' });
    });

    it('calldata that no contract accepts', async () => {
      const lie: Lie = ({ method }, answer) => (method === 'eth_getTransactionByHash' ? { ...(answer as object), input: (answer as { input: string }).input.replaceAll(/01000000(?=0000000[12])/g, 'ff000000') } : answer);
      await refused(lie, 'Calldata of block 1 on linea is not what the contract holds', { actual: 'calldata that cannot be decoded' });
    });

    it('a dropped block', async () => {
      await refused(logsOf((logs) => logs.filter((log) => numberOf(log) !== 4)), 'Events of the rollup contract have a gap: a block was left out or moved', { expected: 4, actual: 5 });
    });

    it('another order', async () => {
      const swapped: Record<number, number> = { 2: 3, 3: 2 };
      const lie = logsOf((logs) => {
        const places = new Map(logs.map((log) => [numberOf(log), { blockNumber: log.blockNumber, logIndex: log.logIndex }]));
        return logs.map((log) => ({ ...log, ...places.get(swapped[numberOf(log)] ?? numberOf(log)) }));
      });
      await refused(lie, 'Events of the rollup contract have a gap: a block was left out or moved', { expected: 2, actual: 3 });
    });

    it('a truncated history', async () => {
      await refused(logsOf((logs) => logs.filter((log) => numberOf(log) <= 4)), 'Events of the rollup contract end at another block than its counter', { expected: 6, actual: 4 });
      await refused(logsOf(() => []), 'Events of the rollup contract end at another block than its counter', { expected: 6, actual: 0 });
    });

    it('a history that goes on', async () => {
      const lie = logsOf((logs) => [...logs, { ...(logs.at(-1) ?? expect.fail()), logIndex: '0x9', topics: [logs[0]?.topics[0] ?? '0x', `0x${'7'.padStart(64, '0')}`] }]);
      await refused(lie, 'Events of the rollup contract end at another block than its counter', { expected: 6, actual: 7 });
    });

    it('another final root in the event', async () => {
      const lie = logsOf((logs) => logs.map((log) => (numberOf(log) === 5 ? { ...log, data: `0x${'1'.padStart(64, '0')}${log.data.slice(66)}` as Hex } : log)));
      await refused(lie, 'The event of block 5 on linea says something else than the block', { actual: { finalRoot: 1n } });
    });

    it('an event that was not asked for', async () => {
      await refused(logsOf((logs) => logs.map((log) => ({ ...log, address: world.deployment.arbitrator }))), 'An RPC gave an event that was not asked for');
    });

    it('altered counters', async () => {
      await refused(answering('totalBlocksCommitted', 5), 'Events of the rollup contract end at another block than its counter', { expected: 5, actual: 6 });
      await refused(answering('totalBlocksConfirmed', 6), 'Counters of linea cannot be so', { actual: '6, 4, 4, 6, 0' });
    });

    it('another stored hash', async () => {
      const hash: Hex = `0x${'ab'.repeat(32)}`;
      await refused(answering('storedBlockHash', hash), 'Calldata of block 1 on linea is not what the contract holds', { expected: hash });
    });

    it('another rollup', async () => {
      await refused(answering('deploymentId', 5n), "Another rollup than the deployment's answers on linea", { field: 'deploymentId', actual: 5n });
      await refused((request, answer) => (request.method === 'eth_chainId' ? '0x1' : answer), "Another rollup than the deployment's answers on linea", { field: 'chainId', expected: 1001, actual: 1 });
    });

    it('an unknown mode, and a halt elsewhere', async () => {
      await refused(answering('mode', 3), 'linea is in an unknown mode');
      await refused(answering('mode', 2), 'linea is halted at another block than it has confirmed', { expected: 4, actual: 0 });
    });
  });

  describe('when blocks are taken back', () => {
    it('the ones that stand count', async () => {
      const { world: own, history: told } = worldOf({ blocks: 3 });
      const previous = told.storedBlocks;
      const [fourth, fifth] = [told.next(), told.next()];
      const block = { ...fourth.block, timestamp: fourth.block.timestamp + 1 };
      const storedBlocks = nextStoredBlocks({ deployment: own.deployment, previous, block });
      const dropped = [{ block, storedBlocks }, { ...fifth, storedBlocks: nextStoredBlocks({ deployment: own.deployment, previous: storedBlocks, block: fifth.block }) }];
      for (const rollup of own.rollups) {
        rollup.commit(dropped);
        rollup.revert(3);
        rollup.commit([fourth]);
      }
      const blocks = await readPrimaryBlocks({ deployment: own.deployment, client: own.client(0), patience });
      expect(blocks.map((read) => read.storedBlocks)).toEqual([...own.blocks, fourth].map((told) => told.storedBlocks));
      expect(await readChainBlocks({ deployment: own.deployment, chainIndex: 1, client: own.client(1), patience })).toMatchObject([{}, {}, {}, { stored: fourth.storedBlocks[1] }]);

      const after = blocks[3] ?? expect.fail();
      for (const rollup of own.rollups) {
        rollup.revert(2);
        rollup.commit([own.blocks[2] ?? expect.fail(), fourth, fifth]);
      }
      const rest = await readPrimaryBlocks({ deployment: own.deployment, client: own.client(0), after, patience });
      expect(rest.map((read) => read.storedBlocks)).toEqual([fifth.storedBlocks]);

      const withoutReverts = own.client(0, logsOf((logs) => logs.filter((log) => log.topics.length > 1)));
      await expect(readPrimaryBlocks({ deployment: own.deployment, client: withoutReverts, patience })).rejects.toMatchObject({ facts: { expected: 6, actual: 4 } });
      const onlyReverts = own.client(0, logsOf((logs) => logs.filter((log) => numberOf(log) !== 5)));
      await expect(readPrimaryBlocks({ deployment: own.deployment, client: onlyReverts, patience })).rejects.toMatchObject({ message: expect.stringContaining('blocks were reverted that were not there') as string });
    });

    it('a reorg while events are read starts again', async () => {
      const { world: own } = worldOf({ blocks: 2, together: 1 });
      const [rollup, rpc] = [own.primary, own.rpcs[0] ?? expect.fail()];
      const [, second] = own.blocks;
      if (!second) expect.fail();
      let isDone = false;
      let moved: Hex | undefined;
      const lie: Lie = ({ method }, answer) => {
        if (method !== 'eth_getLogs' || isDone) return answer;
        isDone = true;
        rpc.reorganize(7);
        rpc.mine();
        rollup.forget(1);
        moved = rollup.commit([second]);
        return answer;
      };
      const blocks = await readPrimaryBlocks({ deployment: own.deployment, client: own.client(0, lie), patience });
      expect(blocks.map(({ transaction }) => transaction)).toEqual([blocks[0]?.transaction, moved]);
      expect(isDone).toBe(true);
    });
  });

  describe('through another contract', () => {
    const through = `0x${'ee'.repeat(20)}` as const;

    it('finds calldata within calldata, and in a trace', async () => {
      for (const hidden of [false, true]) {
        const own = new FakeRollupWorld();
        own.primary.commit(world.blocks.slice(0, 2), { through, hidden });
        (own.rpcs[0] ?? expect.fail()).traces = true;
        const blocks = await readPrimaryBlocks({ deployment: own.deployment, client: own.client(0), patience });
        expect(blocks.map(({ finalRoot }) => finalRoot)).toEqual(world.blocks.slice(0, 2).map(({ block }) => block.finalRoot));
      }
    });

    it('is not taken in by other blocks in their place', async () => {
      const own = new FakeRollupWorld();
      own.primary.commit(world.blocks.slice(0, 2), { through, hidden: true });
      const decoy = new FakeRollupWorld();
      decoy.primary.commit(world.blocks.slice(0, 2), { through });
      const { finalRoot } = world.blocks[1]?.block ?? expect.fail();
      const { input } = await decoy.client(0).getTransaction({ hash: (await readPrimaryBlocks({ deployment: decoy.deployment, client: decoy.client(0), patience }))[0]?.transaction ?? expect.fail() });
      const word = finalRoot.toString(16).padStart(64, '0');
      expect(input).toContain(word);
      const lie: Lie = ({ method }, answer) => (method === 'eth_getTransactionByHash' ? { ...(answer as object), input: input.replaceAll(word, '01'.padStart(64, '0')) } : answer);
      const reading = () => readPrimaryBlocks({ deployment: own.deployment, client: own.client(0, lie), patience });
      await expect(reading()).rejects.toMatchObject({ message: 'Calldata of block 2 on linea is not what the contract holds' });
      (own.rpcs[0] ?? expect.fail()).traces = true;
      expect((await reading()).map((block) => block.finalRoot)).toEqual(world.blocks.slice(0, 2).map(({ block }) => block.finalRoot));
    });

    it('reads what a chain has confirmed from the primary, too', async () => {
      const own = new FakeRollupWorld();
      own.primary.commit(world.blocks.slice(0, 3));
      const zksync = own.rollups[1] ?? expect.fail();
      zksync.commit(world.blocks.slice(0, 3), { through, hidden: true });
      const part = { deployment: own.deployment, chainIndex: 1, client: own.client(1), from: 2, patience };
      await expect(readChainBlocks(part)).rejects.toMatchObject({ message: 'A block of zksync was not committed by a call of its own' });
      const blocks = await readConfirmedBlocks({ ...part, primaryClient: own.client(0) });
      const expected = await readChainBlocks({ ...part, deployment: world.deployment, client: world.client(1), to: 3 });
      expect(blocks.map(({ stored, onchainData }) => ({ stored, onchainData }))).toEqual(expected.map(({ stored, onchainData }) => ({ stored, onchainData })));
      const unread = own.client(0, () => {
        throw new Error('gone');
      });
      await expect(readConfirmedBlocks({ ...part, primaryClient: unread })).rejects.toMatchObject({ message: 'A block of zksync was not committed by a call of its own' });
      await expect(readConfirmedBlocks({ ...part, chainIndex: 0, client: unread })).rejects.toThrow('The head cannot be read: the RPC of linea does not answer');
    });

    it('says so when there is neither', async () => {
      const own = new FakeRollupWorld();
      own.primary.commit(world.blocks.slice(0, 1), { through, hidden: true });
      await expect(readPrimaryBlocks({ deployment: own.deployment, client: own.client(0), patience })).rejects.toMatchObject({
        message: 'A block of linea was not committed by a call of its own',
        hint: expect.stringContaining('debug_traceTransaction') as string,
      });
    });
  });
});

/** The same call of the primary's commitBlocks with every value before what points to it. */
function backwards(input: Hex): Hex {
  const { functionName, args } = decodeFunctionData({ abi: primaryRollupAbi, data: input });
  if (functionName !== 'commitBlocks') throw new Error(`${functionName} is not expected`);
  const memory = new Backwards(10 * 32);
  const blocks = args[2].map(({ blockNumber, timestamp, finalRoot, joinC1, segments }) => {
    const places = segments.map(({ chainIndex, rootIn, rootOut, legsIn, legsOut, c1, c2, onchainData, l2Data }) =>
      memory.tuple([BigInt(chainIndex), rootIn, rootOut, legsIn, legsOut, c1, c2], [memory.bytes(onchainData), memory.bytes(l2Data)]),
    );
    return memory.tuple([BigInt(blockNumber), timestamp, finalRoot, joinC1], [memory.array(places)]);
  });
  return memory.calldata(input.slice(0, 10) as Hex, [...Array<bigint>(8).fill(0n), BigInt(memory.words([0n])), BigInt(memory.array(blocks))]);
}

/** A contract function of the primary that answers something else. */
function answering(functionName: string, result: unknown): Lie {
  const item = primaryRollupAbi.find((candidate) => candidate.type === 'function' && candidate.name === functionName);
  if (item?.type !== 'function') throw new Error(`there is no function ${functionName}`);
  const selector = toFunctionSelector(item);
  return ({ method, params }, answer) =>
    method === 'eth_call' && (params as [{ data: string }])[0].data.startsWith(selector) ? encodeFunctionResult({ abi: primaryRollupAbi, functionName, result } as never) : answer;
}
