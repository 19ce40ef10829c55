import { parseAbi } from 'viem';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildContracts } from '../../devnet/deploy.ts';
import { eraErrors, keyOf, linesOf, ourAbi } from './realAbi.ts';
import { services } from './services.ts';

/* Every function, event and error of the simulated services is the deployed one's, down to results, `indexed` and `payable`. */

const anywhere = new Set(linesOf(eraErrors()));

beforeAll(async () => await buildContracts());

describe.each(Object.entries(services))('%s', (contract, { real, beyond, calls }) => {
  const theirs = new Set(real());
  const ours = (): string[] => linesOf(ourAbi(contract));

  it('is what the deployed contract is', () => {
    const byKey = new Map([...theirs].map((line) => [keyOf(line), line]));
    const different = ours()
      .filter((line) => !theirs.has(line) && !Object.hasOwn(beyond, line))
      .map((line) => `${line}   (deployed: ${byKey.get(keyOf(line)) ?? 'nothing'})`);
    expect(different).toEqual([]);
  });

  it('has no exception without need', () => {
    const have = new Set(ours());
    expect(Object.keys(beyond).filter((line) => !have.has(line) || theirs.has(line))).toEqual([]);
  });

  // What a client cannot do here. The lists are files so that they are read, and so that nothing joins them unnoticed; `vitest -u` writes them.
  it('lacks what its list says, and nothing else', async () => {
    const have = new Set(ours());
    // Era's packages do not tell which contract throws which of their errors.
    const absent = [...theirs].filter((line) => !have.has(line) && !anywhere.has(line)).toSorted();
    await expect(`${absent.join('\n')}\n`).toMatchFileSnapshot(`signatures/absent/${contract}.txt`);
  });

  it('has what clients call', () => {
    const names = new Set(ours().flatMap((line) => /^function (\w+)/.exec(line)?.[1] ?? []));
    expect(calls.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('the comparison', () => {
  const line = (text: string): string | undefined => linesOf(parseAbi([text]))[0];

  it('sees results, payable, indexed and tuples', () => {
    expect(line('function f(uint256 a) view returns (bool)')).toBe('function f(uint256) view returns (bool)');
    expect(line('function f(uint256 a) pure returns (bool b)')).toBe(line('function f(uint256) view returns (bool)'));
    expect(line('function f(uint256 a) payable')).not.toBe(line('function f(uint256 a)'));
    expect(line('event E(address indexed a, uint256 b)')).toBe('event E(address indexed,uint256)');
    expect(line('event E(address a, uint256 b)')).not.toBe(line('event E(address indexed a, uint256 b)'));
    expect(linesOf(parseAbi(['struct S { uint256 a; bytes32[] b; }', 'function f(S[] s)']))).toEqual(['function f((uint256,bytes32[])[]) nonpayable returns ()']);
  });

  it('finds a function by its parameters alone, and an event too', () => {
    expect(keyOf('function f(uint256) view returns (bool)')).toBe('function f(uint256)');
    expect(keyOf('event E(address indexed,uint256)')).toBe('event E(address,uint256)');
  });

  it('has read the packages', () => {
    for (const { real } of Object.values(services)) expect(real().length).toBeGreaterThan(90);
  });
});
