import { expect, it } from 'vitest';
import { isOnThisMachine, originOf } from '../chain/clients.ts';
import { withoutSecrets } from './secrets.ts';

const KEY = 'h3pQ7vT1mZ9aB5cD8eF2';
const env = { SEPOLIA_RPC_URL: `https://rpc.example/v2/${KEY}`, LINEA_RPC_URL: `https://user:${KEY}@linea.example/`, PLAIN_RPC_URL: 'http://127.0.0.1:8545', OTHER: 'text', EMPTY: undefined };

it('an error shows no more of an RPC URL than its origin and its variable', () => {
  const url = env.SEPOLIA_RPC_URL;
  expect(withoutSecrets(`HTTP request failed.\nURL: ${url}\nagain ${url}/`, env)).toBe('HTTP request failed.\nURL: https://rpc.example ($SEPOLIA_RPC_URL)\nagain https://rpc.example ($SEPOLIA_RPC_URL)/');
  for (const text of [`connect to ${env.LINEA_RPC_URL}`, `path /v2/${KEY} of rpc.example`, `password ${KEY}`, `{"rpcUrl":"${url}"}`]) {
    expect(withoutSecrets(text, env)).not.toContain(KEY);
  }
});

it('texts without them stay as they are', () => {
  const text = 'node at http://127.0.0.1:8545/ says "text"; see https://rpc.example/docs';
  expect(withoutSecrets(text, env)).toBe(text);
});

it('of a URL only protocol and host are shown', () => {
  expect(originOf(env.LINEA_RPC_URL)).toBe('https://linea.example');
  expect(originOf(`${env.SEPOLIA_RPC_URL}?a=b`)).toBe('https://rpc.example');
  expect(originOf('$NAME')).toBe('not a URL');
});

it('a URL is of this machine by its host alone, without user or password', () => {
  for (const url of ['http://127.0.0.1:8545', 'http://localhost:8545/path', 'http://[::1]:1', 'http://localhost']) expect(isOnThisMachine(url), url).toBe(true);
  for (const url of ['http://localhost:x@rpc.example.com/', 'http://127.0.0.1:8545@rpc.example.com', 'http://user:x@localhost:8545', 'http://127.0.0.1.example:8545', 'ftp://localhost:1', 'localhost:8545', '']) {
    expect(isOnThisMachine(url), url).toBe(false);
  }
});
