import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { untilCommitted } from './untilCommitted.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A sequencer that gives these answers to `/status`, the last one again and again; null: it is not ready. */
async function sequencerOf(answers: unknown[]): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    response.writeHead(answer === null ? 503 : 200).end(JSON.stringify(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

const standing = (part: Record<string, unknown>) => ({ pendingOperations: 0, lastBlock: 2, chains: [{ committed: 2 }, { committed: 2 }], halted: null, exitMode: null, ...part });

test('waits for the block and for every chain', async () => {
  const { url, asked } = await sequencerOf([null, standing({ pendingOperations: 1 }), standing({ chains: [{ committed: 2 }, { committed: 1 }] }), standing({})]);
  await untilCommitted({ url });
  expect(asked()).toBe(4);
});

test.each([['a halt', { halted: { message: 'a fault' }, pendingOperations: 1 }], ['exit mode', { exitMode: { message: 'stopped' }, lastBlock: 3 }]])('does not wait in %s', async (_, part) => {
  const { url, asked } = await sequencerOf([standing(part)]);
  await untilCommitted({ url });
  expect(asked()).toBe(1);
});

test('gives up after its time', async () => {
  const { url, asked } = await sequencerOf([standing({ pendingOperations: 1 })]);
  await untilCommitted({ url, ms: 250 });
  expect(asked()).toBeGreaterThan(1);
  await untilCommitted({ url: 'http://127.0.0.1:1', ms: 250 });
});
