import type { Hex } from 'viem';
import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment } from '../chain/deployments.ts';
import { type Claim, contentOf, type MessageSource, type MessageStage, type NetworkMessage } from './message.ts';
import { messageSource, type SentMessage } from './messageSource.ts';
import { type Relayer, type RelayerEvent, startRelayer } from './relayer.ts';
import { pointlessOnceHalted } from './sources.ts';

const TRANSACTION: Hex = `0x${'11'.repeat(32)}`;
const deployment = { chains: [] } as unknown as Deployment;
const KEY: Hex = `0x${'01'.repeat(32)}`;

let running: Relayer | undefined;
afterEach(async () => await running?.stop());

function message(id: string, stage: MessageStage): NetworkMessage {
  return { chain: 'linea', direction: 'up', id, content: `message ${id}`, transaction: TRANSACTION, block: 1n, stage, waitsFor: stage === 'delivered' ? undefined : 'something' };
}

/** A source whose claims fail with a reason that the test may change. */
function source(messages: () => NetworkMessage[], reason: () => string, claimed: string[] = []): MessageSource {
  return {
    name: 'linea up',
    read: () => Promise.resolve(messages()),
    claim({ id }): Promise<Claim> {
      claimed.push(id);
      return Promise.reject(new Error(reason()));
    },
  };
}

function start(sources: MessageSource[]): RelayerEvent[] {
  const events: RelayerEvent[] = [];
  running = startRelayer({ deployment, privateKey: KEY, pollMs: 1, sources, onEvent: (event) => events.push(event) });
  return events;
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 2))) if (Date.now() > end) throw new Error('it did not happen in time');
}

describe('the relayer', () => {
  it('tries a refused claim again, later each time, and says a reason once', async () => {
    const claimed: string[] = [];
    let reason = 'the receiver refuses';
    const events = start([source(() => [message('1', 'claimable')], () => reason, claimed)]);
    await until(() => claimed.length >= 4);
    reason = 'another reason';
    await until(() => events.filter(({ type }) => type === 'refused').length >= 2);
    expect(events.flatMap((event) => (event.type === 'refused' ? [event.reason] : []))).toEqual(['the receiver refuses', 'another reason']);
  });

  it('claims what comes after a message that is refused', async () => {
    const claimed: string[] = [];
    start([source(() => [message('1', 'claimable'), message('2', 'claimable')], () => 'no', claimed)]);
    await until(() => claimed.includes('2'));
    expect(claimed.slice(0, 2)).toEqual(['1', '2']);
  });

  it('says once what a message waits for, and leaves alone what cannot be claimed', async () => {
    const claimed: string[] = [];
    let stage: MessageStage = 'sent';
    let looks = 0;
    const events = start([source(() => (looks++, [message('1', stage), message('2', 'delivered')]), () => 'no', claimed)]);
    await until(() => looks > 5);
    expect(events).toEqual([{ type: 'waiting', source: 'linea up', id: '1', content: 'message 1', waitsFor: 'something' }]);
    stage = 'failed';
    await until(() => events.length === 2);
    expect(claimed).toEqual([]);
  });

  it('goes on after an RPC that did not answer', async () => {
    let fails = true;
    let looks = 0;
    const events = start([source(() => { looks++; if (fails) throw new Error('no answer'); return []; }, () => '')]);
    await until(() => looks > 3);
    fails = false;
    const before = looks;
    await until(() => looks > before + 3);
    expect(events).toEqual([{ type: 'unreadable', source: 'linea up', reason: 'no answer' }]);
  });
});

describe('a source of messages', () => {
  const sent: SentMessage<null> = { id: '1', content: '', transaction: TRANSACTION, block: 1n, event: null };
  const claim = (): Promise<Claim> => Promise.reject(new Error('not here'));

  it('looks at what is delivered three times in all, ten minutes apart: a reorg may undo it', async () => {
    let [now, asked] = [0, 0];
    const messages = messageSource({ chain: 'linea', direction: 'up', read: () => Promise.resolve([sent]), stage: () => (asked++, Promise.resolve({ stage: 'delivered', waitsFor: undefined })), claim, now: () => now });
    for (const minutes of [0, 1, 9, 11, 12, 22, 40, 80]) {
      now = minutes * 60_000;
      expect((await messages.read())[0]?.stage).toBe('delivered');
    }
    expect(asked).toBe(3);
  });

  it('takes for delivered what can be claimed without any effect, and asks that of nothing else', async () => {
    let [stage, pointless, asked]: [MessageStage, boolean, number] = ['sent', false, 0];
    const isPointless = () => (asked++, Promise.resolve(pointless));
    const messages = messageSource({ chain: 'linea', direction: 'up', read: () => Promise.resolve([sent]), stage: () => Promise.resolve({ stage, waitsFor: 'x' }), claim, isPointless });
    const look = async (): Promise<MessageStage | undefined> => (await messages.read())[0]?.stage;
    expect([await look(), asked]).toEqual(['sent', 0]);
    stage = 'claimable';
    expect([await look(), asked]).toEqual(['claimable', 1]);
    pointless = true;
    expect([await look(), asked]).toEqual(['delivered', 2]);
  });

  it('asks about an open message each time, and gives no claim for what is not claimable', async () => {
    let asked = 0;
    const messages = messageSource({ chain: 'linea', direction: 'up', read: () => Promise.resolve([sent]), stage: () => (asked++, Promise.resolve({ stage: 'sent', waitsFor: 'x' })), claim });
    await messages.read();
    const [seen] = await messages.read();
    expect(asked).toBe(2);
    await expect(messages.claim(seen!)).rejects.toThrow(/cannot be claimed/);
    await expect(messages.claim({ ...seen!, id: '2', stage: 'claimable' })).rejects.toThrow(/cannot be claimed/);
  });
});

it('of the messages only halt requests are pointless, and only once the arbitrator has halted', async () => {
  let halted = false;
  const isPointless = pointlessOnceHalted(() => Promise.resolve(halted));
  const asked = async (...messages: Hex[]): Promise<boolean[]> => await Promise.all(messages.map(async (bytes) => await isPointless({ content: contentOf(bytes) })));
  expect(await asked('0x04', '0x01')).toEqual([false, false]);
  halted = true;
  expect(await asked('0x04', '0x01', '0x02', '0x03', '0x05')).toEqual([true, false, false, false, false]);
});

it('a message says what it is', () => {
  expect(contentOf(`0x0300000005${'00'.repeat(32)}`)).toBe('confirmation of block 5');
  expect(contentOf('0x04')).toBe('halt request');
  expect(contentOf('0x')).toBe('unknown content');
});
