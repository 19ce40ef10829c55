import { createServer } from 'node:http';
import { encodeAbiParameters, encodeEventTopics, type Hex, numberToHex, padHex, parseAbi } from 'viem';
import { afterEach, expect, it } from 'vitest';
import { publicClient } from '../chain/clients.ts';
import { EventScan } from './eventScan.ts';

/* A node that gives logs in short ranges only, and whose chain can be changed. */

const abi = parseAbi(['event Sent(uint256 value)']);
const CONTRACT = '0x00000000000000000000000000000000000000aa';
const MOST_BLOCKS = 100;

/** Blocks that the node which is asked for logs does not have yet. */
let lag = 0;
/** Value sent in each block; the hash of a block follows from its branch. */
let chain: { branch: number; value: number }[] = [];
let queries: number[] = [];
let close: () => void = () => {};
afterEach(() => {
  lag = 0;
  close();
});

const hashOf = (number: number): Hex => padHex(numberToHex(((chain[number]?.branch ?? 0) << 24) + number + 1), { size: 32 });

function answer(method: string, params: unknown[]): unknown {
  if (method === 'eth_blockNumber') return numberToHex(chain.length - 1);
  if (method === 'eth_getBlockByNumber') {
    const number = Number(params[0]);
    return number < chain.length ? { number: numberToHex(number), hash: hashOf(number), transactions: [], timestamp: '0x1' } : null;
  }
  const { fromBlock, toBlock } = params[0] as { fromBlock: Hex; toBlock: Hex };
  const [from, to] = [Number(fromBlock), Number(toBlock)];
  queries.push(to - from + 1);
  if (to - from + 1 > MOST_BLOCKS) throw new Error('block range is too wide');
  return chain.flatMap(({ value }, number) =>
    number < from || number > to || number >= chain.length - lag || value === 0 ? [] : [{
      address: CONTRACT, topics: encodeEventTopics({ abi, eventName: 'Sent' }), data: encodeAbiParameters([{ type: 'uint256' }], [BigInt(value)]),
      blockNumber: numberToHex(number), blockHash: hashOf(number), transactionHash: hashOf(number), transactionIndex: '0x0', logIndex: '0x0', removed: false,
    }]);
}

async function scanOfNode(fromBlock: bigint) {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString())).on('end', () => {
      const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: unknown[] };
      response.setHeader('content-type', 'application/json');
      try {
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answer(method, params) }));
      } catch (error) {
        response.end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: (error as Error).message } }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => server.close();
  const { port } = server.address() as { port: number };
  queries = [];
  return new EventScan({ client: publicClient({ name: 'test', chainId: 1, rpcUrl: `http://127.0.0.1:${port}` }), abi, address: CONTRACT, eventName: 'Sent', fromBlock });
}

const blocks = (count: number, branch = 0, offset = 0) => Array.from({ length: count }, (_, i) => ({ branch, value: (i + offset) % 50 === 0 ? i + offset + 1 : 0 }));
const valuesOf = (scan: Awaited<ReturnType<typeof scanOfNode>>): number[] => scan.events.map(({ args }) => Number(args.value));

it('reads everything from its first block on in ranges that the node gives, and then only the newest', async () => {
  chain = blocks(1_000);
  const scan = await scanOfNode(100n);
  await scan.refresh();
  expect(valuesOf(scan)).toEqual(Array.from({ length: 18 }, (_, i) => 101 + 50 * i));
  chain = [...chain, ...blocks(60, 0, 1_000)];
  queries = [];
  await scan.refresh();
  expect(valuesOf(scan).slice(-2)).toEqual([1_001, 1_051]);
  // The new blocks, and the newest of the others once more: in all more than the node gives at once.
  expect(queries).toEqual([188, 64, 64, 60]);
});

it('forgets what a reorg removed and reads what took its place', async () => {
  chain = blocks(60);
  const scan = await scanOfNode(0n);
  await scan.refresh();
  chain = [...chain, ...blocks(50, 0, 60)];
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([1, 51, 101]);
  // From block 60 on another branch, shorter, with other events.
  chain = [...chain.slice(0, 60), { branch: 1, value: 777 }];
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([1, 51, 777]);
  chain = [{ branch: 2, value: 5 }];
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([5]);
});

it('finds what a node that is behind did not show, in its place and once', async () => {
  chain = blocks(60);
  const scan = await scanOfNode(0n);
  await scan.refresh();
  chain = [...chain, ...blocks(60, 0, 60)];
  lag = 30;
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([1, 51]);
  // Another node of the same URL has it, and what came after it.
  chain = [...chain, ...blocks(40, 0, 120)];
  lag = 0;
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([1, 51, 101, 151]);
  // One that is behind again takes nothing away; nothing comes twice.
  lag = 80;
  await scan.refresh();
  lag = 0;
  await scan.refresh();
  expect(valuesOf(scan)).toEqual([1, 51, 101, 151]);
});
