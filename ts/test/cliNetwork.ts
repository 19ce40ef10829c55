import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stringify, stringifyPlain } from '../base/json.ts';
import type { DevnetDescription } from '../chain/deployments.ts';
import { commands } from '../cli/commands/registry.ts';
import { runCommandLine } from '../cli/commands/run.ts';

/* A devnet of which only the description and the sequencer's answers exist: what the commands' tests run against. */

export const zero = '0x0000000000000000000000000000000000000000';
export const alice = { name: 'alice', address: '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc', privateKey: '0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba' } as const;
export const bob = { name: 'bob', address: '0x976EA74026E726554dB657fA54763abd0C3a0aa9', privateKey: '0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e' } as const;

/** What a command line did. */
export interface Ran {
  code: number;
  out: string;
  err: string;
}

export interface CliNetwork {
  folder: string;
  /** File that describes it. */
  devnet: string;
  /** Bodies of the requests that were posted. */
  posted: Record<string, unknown>[];
  /** What the sequencer answers as a user's leaves and as pairs. */
  leaves: Record<string, unknown>[];
  pools: Record<string, unknown>[];
  /** Further fields of its status. */
  status: Record<string, unknown>;
  description: (changes: Partial<DevnetDescription>) => DevnetDescription;
  cli: (args: readonly string[], env?: Record<string, string>) => Promise<Ran>;
  stop: () => Promise<void>;
}

export const hash = (digit: string): string => `0x${digit.repeat(64)}`;
const block = {
  blockNumber: 1,
  finalRoot: '5',
  proofs: { done: 1, total: 2 },
  arbitratorTransaction: null,
  operations: [
    { type: 'deposit', chainIndex: 0, amount: '7' },
    { type: 'changeKey', chainIndex: 0, leafIndex: 3, fee: '2000000000000000', keyX: '5', keyY: '6' },
    { type: 'transferToNew', chainIndex: 0, from: 3, to: 4, amount: '10000000000000000', fee: '0', toOwner: bob.address, toKeyX: '5', toKeyY: '6' },
    { type: 'collectFees', chainIndex: 0, leafIndex: 3, amount: '2000000000000000' },
  ],
  chains: [{ chainIndex: 0, stage: 'committed', transactions: { commit: hash('a') }, withdrawalsPushed: false }],
};

/** Answers of a sequencer, by path. */
function answer({ leaves, pools, status }: Pick<CliNetwork, 'leaves' | 'pools' | 'status'>, method: string, path: string): { status: number; body: unknown } {
  if (method === 'POST') return { status: 202, body: { id: 'abc' } };
  if (path === '/status') {
    const chains = [{ chainIndex: 0, committed: 3, proved: 2, synced: 1, confirmed: 1, executed: 0 }];
    const fees = { operator: { owner: bob.address, keyX: '1', keyY: '2' }, minimumFees: [{ kind: 'transfer', token: 1, amount: '2000000000000000' }] };
    return { status: 200, body: { deploymentId: '1', chains, pendingOperations: 4, lastBlock: 3, ...fees, ...status } };
  }
  if (path === '/pools') return { status: 200, body: pools };
  if (path.startsWith('/users/')) return { status: 200, body: leaves };
  const leaf = leaves.find(({ leafIndex }) => path === `/leaves/0/${String(leafIndex)}`);
  if (leaf !== undefined) return { status: 200, body: leaf };
  if (path.startsWith('/blocks?')) return { status: 200, body: [block] };
  if (path === '/blocks/1') return { status: 200, body: block };
  return { status: 404, body: { error: { message: 'There is no such thing', facts: {} } } };
}

function describeNetwork(sequencerUrl: string, changes: Partial<DevnetDescription>): DevnetDescription {
  const chain = { chainIndex: 0, name: 'linea', chainId: 31338, rpcUrl: 'http://127.0.0.1:1', role: 'primary' as const, rollup: zero, gateway: zero, l1Gateway: zero, verifier: zero, extension: zero, deployedAtBlock: 0 } as const;
  const tokens = [
    { token: 1, symbol: 'ETH', decimals: 18, address: zero },
    { token: 2, symbol: 'TST', decimals: 18, address: alice.address },
  ] as const;
  return {
    pid: process.pid,
    deployment: {
      name: 'test',
      deploymentId: 1n,
      arbitratorChainId: 31337,
      arbitratorRpcUrl: 'http://127.0.0.1:1',
      arbitrator: zero,
      chains: [{ ...chain, tokens: [...tokens], messageService: { kind: 'direct' } }],
    },
    sequencerUrl,
    accounts: [alice, bob],
    logs: {},
    ...changes,
  };
}

export async function startCliNetwork(): Promise<CliNetwork> {
  const folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
  const devnet = join(folder, 'devnet.json');
  const answers: Pick<CliNetwork, 'posted' | 'leaves' | 'pools' | 'status'> = { posted: [], leaves: [], pools: [], status: {} };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      if (text !== '') answers.posted.push(JSON.parse(text) as Record<string, unknown>);
      const { status, body } = answer(answers, request.method ?? '', request.url ?? '');
      response.writeHead(status, { connection: 'close' }).end(stringifyPlain(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const description: CliNetwork['description'] = (changes) => describeNetwork(url, changes);
  writeFileSync(devnet, stringify(description({})));
  return Object.assign(answers, {
    folder,
    devnet,
    description,
    async cli(args: readonly string[], env: Record<string, string> = { ROLLUP_DEVNET: devnet }): Promise<Ran> {
      const [out, err]: [string[], string[]] = [[], []];
      const code = await runCommandLine({ commands, args, env, writeOut: (line) => out.push(line), writeError: (line) => err.push(line) });
      return { code, out: out.join('\n'), err: err.join('\n') };
    },
    async stop() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  });
}
