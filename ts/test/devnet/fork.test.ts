import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestClient, http, parseEther, publicActions } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { Anvil } from '../../devnet/anvil.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import { startDevnet } from '../../devnet/devnet.ts';

/* A devnet whose Ethereum and Linea begin with the state of other nodes; on Ethereum's there is a contract where a service of the real network is. */

const folder = mkdtempSync(join(tmpdir(), 'fork-'));
const origin = new Anvil({ name: 'origin', chainId: 1, port: 0, logFile: join(folder, 'origin.log'), timestamp: 1_700_000_000 });
const lineaOrigin = new Anvil({ name: 'lineaOrigin', chainId: 59_144, port: 0, logFile: join(folder, 'lineaOrigin.log'), timestamp: 1_700_000_000 });
afterAll(async () => {
  await Promise.all([origin.stop(), lineaOrigin.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const REAL_LINEA_ROLLUP = '0xd19d4B5d358258f05D7B411E21A1460D11B0876F';
const HOLDER = '0x00000000000000000000000000000000000000Aa';
const RECEIVER = '0x00000000000000000000000000000000000000bb';
const LINEA_BLOCKS = 50;
/** Returns 42. */
const REAL_CODE = '0x602a60005260206000f3';

test('its contracts and balances are there, ours are beside them, and messages are carried', async () => {
  await Promise.all([origin.start(), lineaOrigin.start()]);
  const real = createTestClient({ mode: 'anvil', transport: http(origin.url) }).extend(publicActions);
  await real.setBalance({ address: HOLDER, value: parseEther('77') });
  await real.setCode({ address: REAL_LINEA_ROLLUP, bytecode: REAL_CODE });
  await real.mine({ blocks: 100 });
  const block = Number(await real.getBlockNumber());
  // A change without a block counts as part of the last one.
  await real.mine({ blocks: 1 });
  await real.setBalance({ address: HOLDER, value: 0n });
  await real.mine({ blocks: 1 });

  // Of before the fork: nobody finalizes them here. On the real network they are more than one finalization reaches over.
  await createTestClient({ mode: 'anvil', transport: http(lineaOrigin.url, { timeout: 120_000 }) }).mine({ blocks: LINEA_BLOCKS });

  const lines: string[] = [];
  const forks = { ethereum: { url: origin.url, block }, linea: { url: lineaOrigin.url } };
  const devnet = await startDevnet({ sequencer: false, folder: join(folder, 'devnet'), forks, relayers: { pollInterval: 50 }, progress: { report: (line) => lines.push(line) } });
  try {
    const { ethereum, linea } = devnet.clients;
    // The origin's state, as of the block that was named, under our chain id and with a clock of now.
    expect(await ethereum.public.getChainId()).toBe(31_337);
    expect(await ethereum.public.getBalance({ address: HOLDER })).toBe(parseEther('77'));
    expect(await ethereum.public.getBlockNumber()).toBeGreaterThan(BigInt(block));
    expect(Math.abs(Number((await ethereum.public.getBlock()).timestamp) - Date.now() / 1000)).toBeLessThan(600);
    // The contract that was there answers as before; ours is elsewhere, and the start said so.
    expect((await ethereum.public.call({ to: REAL_LINEA_ROLLUP })).data).toBe(`0x${'2a'.padStart(64, '0')}`);
    const ours = devnet.networks?.['ethereum']?.contracts['LineaRollup'] ?? '0x';
    expect(ours).not.toBe(REAL_LINEA_ROLLUP);
    expect(lines).toContainEqual(`the fork has a contract at ${REAL_LINEA_ROLLUP} (l1Service): the simulated one is at ${ours}`);
    expect(devnet.networks?.['ethereum']?.contracts['Bridgehub']).toBe('0x303a465B659cBB0ab36eE643eA362c509EEb5213');

    const l2Service = { address: devnet.networks?.['linea']?.contracts['L2MessageService'] ?? '0x', abi: l2MessageServiceAbi } as const;
    const zero = '0x0000000000000000000000000000000000000000' as const;
    const wallet = ethereum.wallet('alice');
    const hash = await wallet.deposit({ client: devnet.clients.zksync.public, token: zero, amount: 5n, to: linea.wallet('bob').account.address, refundRecipient: wallet.account.address });
    expect(await ethereum.public.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' });
    // The fee pays for the claim on Ethereum at the origin's gas price.
    const fee = parseEther('0.01');
    const up = await linea.wallet('alice').writeContract({ ...l2Service, functionName: 'sendMessage', args: [RECEIVER, fee, '0x'], value: fee + 7n });
    await linea.public.waitForTransactionReceipt({ hash: up });
    await devnet.relayers.idle();
    expect(await devnet.relayers.message(up)).toMatchObject([{ stage: 'claimed' }]);
    // The value, and what the claim left of the fee.
    expect(await ethereum.public.getBalance({ address: RECEIVER })).toBeGreaterThan(7n);
    // The first finalization begins behind the fork.
    const [first] = await ethereum.public.getContractEvents({ address: ours, abi: lineaRollupAbi, eventName: 'DataFinalizedV3', fromBlock: BigInt(block), strict: true });
    expect(first?.args.startBlockNumber).toBeGreaterThan(BigInt(LINEA_BLOCKS));
    await devnet.events.refresh();
    expect(devnet.events.list().map(({ chain, kind }) => `${chain} ${kind}`)).toContain('zksync claimed');
  } finally {
    await devnet.stop();
  }
});
