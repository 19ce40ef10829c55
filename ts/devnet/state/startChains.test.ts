import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zeroHash } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { paths } from '../../base/paths.ts';
import { publicClient } from '../../chain/clients.ts';
import { secondaryRollup } from '../../chain/contracts.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { l2MessageServiceAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../accounts.ts';
import { Anvil, type AnvilParameters } from '../anvil.ts';
import { networksOf, readTopology } from '../deploy.ts';
import { waitForLock } from '../lock.ts';
import { PortError } from '../ports.ts';
import { clockOf } from './chainState.ts';
import { PreBuiltStates } from './preBuilt.ts';
import { deployLock, startChains, type StartedChains } from './startChains.ts';
import { stateKey } from './stateKey.ts';

const folder = mkdtempSync(join(tmpdir(), 'start-chains-'));
const states = new PreBuiltStates(join(folder, 'states'));
const topology = readTopology('devnet');
const anvils = networksOf(topology).map(({ name, chainId }): AnvilParameters => ({ name, chainId, port: 0, logFile: join(folder, `${name}.log`), ...(name === 'zksync' ? { gasPrice: 0n } : {}) }));
const running: Anvil[] = [];
afterAll(async () => {
  await Promise.all(running.map((anvil) => anvil.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(parameters: { signal?: AbortSignal; anvils?: readonly AnvilParameters[] } = {}): Promise<StartedChains & { lines: string[]; milliseconds: number }> {
  const lines: string[] = [];
  const begin = performance.now();
  const started = await startChains({ anvils, topology, states, onAnvil: (anvil) => running.push(anvil), progress: { report: (line) => lines.push(line) }, ...parameters });
  return { ...started, lines, milliseconds: Math.round(performance.now() - begin) };
}

/** All that clients can read of the deployment: blocks with transactions, receipts with logs, and the states at blocks. */
async function historyOf(deployment: Deployment): Promise<unknown> {
  return await Promise.all(deployment.chains.map(async (chain) => {
    const client = publicClient(chain);
    const last = Number(await secondaryRollup({ address: chain.rollup, client }).read.deployedAtBlock());
    const blocks = await Promise.all(Array.from({ length: last + 1 }, async (_, i) => await client.getBlock({ blockNumber: BigInt(i), includeTransactions: true })));
    const receipts = await Promise.all(blocks.flatMap(({ transactions }) => transactions.map(async ({ hash }) => await client.getTransactionReceipt({ hash }))));
    const balances = await Promise.all(blocks.map(async ({ number }) => await client.getBalance({ address: testAccount('deployer').address, blockNumber: number })));
    return { blocks, receipts, balances, logs: await client.getLogs({ fromBlock: 0n, toBlock: BigInt(last) }) };
  }));
}

const withoutUrls = ({ arbitratorRpcUrl: _, chains, ...rest }: Deployment): unknown => ({ ...rest, chains: chains.map(({ rpcUrl: _url, ...chain }) => chain) });

test('a state that does not load is deployed anew; the next start loads what that left', async () => {
  const key = stateKey({ anvils, topology });
  // Whole by its checksum, but nothing that anvil understands.
  const chains = anvils.map(({ name, chainId }) => ({ name, chainId, head: { number: 1, hash: zeroHash, timestamp: 0 }, state: Buffer.from('{}') }));
  const at = '0x0000000000000000000000000000000000000001';
  const contracts = { rollup: at, gateway: at, l1Gateway: at, verifier: at, extension: at } as const;
  const linea0 = { chainIndex: 0, name: 'linea', chainId: 31_338, rpcUrl: 'http://127.0.0.1:1', role: 'primary', ...contracts, deployedAtBlock: 0, tokens: [], messageService: { kind: 'direct' } } as const;
  const nothing: Deployment = { name: 'devnet', deploymentId: 1n, arbitratorChainId: 31_337, arbitratorRpcUrl: 'http://127.0.0.1:1', arbitrator: at, chains: [{ ...linea0, tokens: [] }] };
  states.keep(key, { deployment: nothing, chains });
  const cold = await start();
  expect(cold.origin).toBe('deployed');
  expect(cold.lines.join('\n')).toContain('the kept state of the chains is of no use, deploying anew');
  expect(existsSync(join(paths.deployments, 'devnet'))).toBe(false);
  const before = await historyOf(cold.deployment);
  await Promise.all(cold.anvils.map((anvil) => anvil.stop()));

  const warm = await start();
  process.stdout.write(`chains: deployed in ${cold.milliseconds} ms, loaded in ${warm.milliseconds} ms\n`);
  expect(warm.origin).toBe('pre-built');
  expect(withoutUrls(warm.deployment)).toEqual(withoutUrls(cold.deployment));
  expect(warm.deployment.chains.map(({ rpcUrl }) => rpcUrl)).not.toEqual(cold.deployment.chains.map(({ rpcUrl }) => rpcUrl));
  expect(await historyOf(warm.deployment)).toEqual(before);

  const linea = warm.deployment.chains[0];
  const service = linea?.messageService;
  if (linea === undefined || service?.kind !== 'linea') throw new Error('chain 0 is not Linea');
  const events = await publicClient(linea).getContractEvents({ abi: l2MessageServiceAbi, address: service.l2Service, eventName: 'ServiceVersionMigrated', fromBlock: 1n });
  expect(events).toHaveLength(1);

  // All clocks are now, and so is the last block of each chain.
  const clocks = await Promise.all(warm.anvils.map(clockOf));
  const heads = await Promise.all(warm.deployment.chains.map(async (chain) => await publicClient(chain).getBlock()));
  expect(new Set(heads.map(({ timestamp }) => timestamp)).size).toBe(1);
  for (const time of [...clocks, Number(heads[0]?.timestamp)]) expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(5);
  // zkSync's gas stays free.
  expect(heads[1]?.baseFeePerGas).toBe(0n);

  // A port that is taken is no fault of the state, nor is a system that gives none.
  const taken = anvils.map((anvil) => (anvil.name === 'linea' ? { ...anvil, port: warm.anvils[1]?.port ?? 0 } : anvil));
  await expect(start({ anvils: taken })).rejects.toThrow('is taken');
  const without = anvils.map((anvil) => ({ ...anvil, findPort: async () => await Promise.reject(new PortError({ message: 'The system gives no port', use: { what: 'test' } })) }));
  await expect(start({ anvils: without })).rejects.toThrow('The system gives no port');
  expect(states.find(key)).toBeDefined();
  await Promise.all(warm.anvils.map((anvil) => anvil.stop()));
});

test('two that start at once deploy once; who waits can be interrupted', async () => {
  const free = await waitForLock({ file: deployLock(), waiting: () => {} });
  states.remove(stateKey({ anvils, topology }));
  const interrupted = new AbortController();
  const waiting = expect(start({ signal: interrupted.signal })).rejects.toThrow();
  interrupted.abort();
  await waiting;
  free();
  const again = await waitForLock({ file: deployLock(), waiting: () => {} });
  const held: number[] = [];
  const second = waitForLock({ file: deployLock(), waiting: (holder) => held.push(holder) });
  await new Promise((resolve) => setTimeout(resolve, 120));
  again();
  (await second)();
  expect(held).toEqual([process.pid]);
});
