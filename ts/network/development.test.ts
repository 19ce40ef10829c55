import { createServer, type Server } from 'node:http';
import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Endpoint } from '../chain/clients.ts';
import { testAccount, userAccounts } from '../devnet/accounts.ts';
import { assertNoPublicAccounts, findRealChain } from './development.ts';

/* Nodes that only say whether they are anvils. */

const servers: Server[] = [];
let anvil: Endpoint;
let tunnel: Endpoint;
const env = { ALLOW_DEVELOPMENT_KEYS: '1' };
const own: Address = '0x00000000000000000000000000000000000000aA';

async function node(name: string, result: unknown): Promise<Endpoint> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(result === undefined ? { error: { code: -32_601, message: 'no such method' } } : { result }) })));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { name, chainId: 59_144, rpcUrl: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
}

beforeAll(async () => {
  anvil = await node('anvil', { currentBlockNumber: 1 });
  tunnel = await node('tunnel', undefined);
});
afterAll(() => servers.forEach((server) => server.close()));

describe('a chain on which public keys do harm', () => {
  it('is one whose id is not that of a local chain', async () => {
    expect(await findRealChain([{ ...tunnel, chainId: 31_337 }], {})).toBeUndefined();
    expect(await findRealChain([{ ...tunnel, chainId: 31_337 }, anvil], {})).toBe(anvil);
  });

  it('is none when that is said, and anvils of this machine answer', async () => {
    expect(await findRealChain([anvil, { ...anvil, chainId: 1 }], env)).toBeUndefined();
  });

  it('is one all the same behind a tunnel, or at a URL that only looks as if it was of this machine', async () => {
    expect(await findRealChain([anvil, tunnel], env)).toBe(tunnel);
    for (const rpcUrl of ['https://rpc.example', anvil.rpcUrl.replace('http://', 'http://localhost:x@')]) {
      const abroad = { ...anvil, rpcUrl };
      expect(await findRealChain([anvil, abroad], env), rpcUrl).toBe(abroad);
    }
  });
});

describe('accounts of the public mnemonic', () => {
  it('are refused where a chain is real, users and operators, with what they would do', async () => {
    const accounts = { governor: testAccount('validator').address, sender: own, validator: userAccounts({ count: 30 })[29]!.address.toLowerCase() as Address };
    const refused = assertNoPublicAccounts({ networks: [tunnel], env, accounts });
    await expect(refused).rejects.toThrow('An account is one of the public mnemonic');
    await expect(refused).rejects.toMatchObject({ facts: { network: 'tunnel (chain id 59144)', governor: expect.stringContaining(accounts.governor) as string, validator: expect.any(String) as string } });
    await expect(refused).rejects.not.toMatchObject({ facts: { sender: expect.anything() as unknown } });
  });

  it('are taken on local chains and where they are allowed; other accounts everywhere', async () => {
    const accounts = { governor: testAccount('alice').address };
    await assertNoPublicAccounts({ networks: [{ ...tunnel, chainId: 31_337 }], env: {}, accounts });
    await assertNoPublicAccounts({ networks: [anvil], env, accounts });
    await assertNoPublicAccounts({ networks: [tunnel], env: {}, accounts: { governor: own } });
    await expect(assertNoPublicAccounts({ networks: [anvil], env: {}, accounts })).rejects.toThrow('public mnemonic');
  });
});
