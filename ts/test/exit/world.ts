import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEther, type Hex } from 'viem';
import { stringify } from '../../base/json.ts';
import { publicClient } from '../../chain/clients.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { commands } from '../../cli/commands/registry.ts';
import { runCommandLine } from '../../cli/commands/run.ts';
import { testAccount, testAccounts } from '../../devnet/accounts.ts';
import { depositEvent, testUser, type TestUser } from '../../sequencer/testSupport.ts';
import type { OrderTransaction, SignedTransaction } from '../../sequencer/store.ts';
import { signOperation } from '../../spec/signature.ts';
import type { Ran } from '../cliNetwork.ts';
import { balance, depositFor, requestFullExit, testClient } from '../sequencer/chain.ts';
import { deployRollups, type TestDeployment } from '../sequencer/deployment.ts';
import { HandOperator } from './operator.ts';

/*
 * Three rollups on one anvil whose operator disappears in the middle of everything. The primary takes any proof, so that blocks need none;
 * the secondaries' verifier is the real one, and so are the exits' proofs.
 *
 *   block 1  deposits: alice 1 ETH on chain 0, 10 on chain 1, 20 on chain 2; bob 3 on chain 1
 *   block 2  a pair between chains 1 and 2 is opened                              … both executed everywhere
 *   block 3  alice adds 4 and 8 ETH; bob withdraws 1 of his 3                     … synced everywhere, nobody confirmed it
 *   block 4  alice gives bob 1 ETH on chain 1; bob's deposit on chain 2 comes in  … committed everywhere, synced on chains 0 and 1
 *   in no block: carol's deposit of 5 on chain 0, bob's full exit request on chain 2
 */

export const PAIR = { chainIndex: 1, token: 1, peerChain: 2, peerToken: 1 };

export const users = { alice: userOf(1, 'alice'), bob: userOf(2, 'bob'), carol: userOf(3, 'carol') };

function userOf(seed: number, name: 'alice' | 'bob' | 'carol'): TestUser {
  return { ...testUser(seed), owner: BigInt(testAccount(name).address) };
}

export interface ExitWorld {
  test: TestDeployment;
  operator: HandOperator;
  /** What the commands read with --deployment. */
  file: string;
  folder: string;
  /** Runs a command line without a sequencer. */
  cli: (...args: string[]) => Promise<Ran>;
  /** The same for somebody whom one chain does not answer. */
  cliWithout: (chainIndex: number, ...args: string[]) => Promise<Ran>;
  /** What an account has on one chain. */
  held: (chainIndex: number, address: Hex) => Promise<bigint>;
  pass: (seconds: number) => Promise<void>;
  stop: () => Promise<void>;
}

export async function startExitWorld(): Promise<ExitWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'exit-test-'));
  const test = await deployRollups({ anvilOf: [0, 0, 0], verifier: ['VerifierDouble', 'Verifier', 'Verifier'], logFolder: folder });
  const { deployment } = test;
  const file = join(folder, 'network.json');
  const describe = (path: string, chains: readonly ChainDeployment[]): void =>
    writeFileSync(path, stringify({ pid: 2 ** 22 + 1, deployment: { ...deployment, chains }, accounts: testAccounts, logs: {} }));
  describe(file, deployment.chains);
  const chain = (chainIndex: number): ChainDeployment => deployment.chains[chainIndex]!;
  return {
    test,
    operator: await HandOperator.connect(deployment),
    file,
    folder,
    cli: async (...args) => await run(file, args),
    async cliWithout(chainIndex, ...args) {
      const partial = join(folder, 'partial.json');
      describe(partial, deployment.chains.map((own) => (own.chainIndex === chainIndex ? { ...own, rpcUrl: 'http://127.0.0.1:1' } : own)));
      return await run(partial, args);
    },
    held: async (chainIndex, address) => await balance(chain(chainIndex), address),
    async pass(seconds) {
      const control = testClient(chain(0));
      await control.increaseTime({ seconds });
      await control.mine({ blocks: 1 });
    },
    async stop() {
      await test.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function run(file: string, args: readonly string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine({ commands, args: [...args, '--deployment', file], env: {}, writeOut: (line) => out.push(line), writeError: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Everything up to the moment in which the operator is gone. */
export async function untilTheOperatorIsGone({ test: { deployment }, operator }: ExitWorld): Promise<void> {
  const { alice, bob, carol } = users;
  const [zero, one, two] = deployment.chains as [ChainDeployment, ChainDeployment, ChainDeployment];
  const timestamp = async (): Promise<number> => Number((await publicClient(zero).getBlock()).timestamp);

  await depositFor(zero, alice, parseEther('1'));
  await depositFor(one, alice, parseEther('10'));
  await depositFor(one, bob, parseEther('3'), 'bob');
  await depositFor(two, alice, parseEther('20'));
  const requests = [
    [depositEvent(0, alice, parseEther('1'))],
    [depositEvent(0, alice, parseEther('10')), depositEvent(1, bob, parseEther('3'))],
    [depositEvent(0, alice, parseEther('20'))],
  ];
  await operator.finish(operator.seal({ requests, timestamp: await timestamp() }));
  await operator.finish(operator.seal({ pairs: [PAIR], timestamp: await timestamp() }));

  const sign = signer(deployment.deploymentId);
  const [half, peer] = [operator.tip.state.chain(1).pools()[0]!, operator.tip.state.chain(2).pools()[0]!];
  const add = sign.order(alice, { from: 0, nonce: 0n, pool: half.leafIndex, peerLeaf: peer.leafIndex, amount: parseEther('4'), peerAmount: parseEther('8') });
  const third = operator.seal({ transactions: [add, sign.withdraw(bob, { leafIndex: 1, amount: parseEther('1') })], timestamp: await timestamp() });
  await operator.commit(third);
  await operator.prove(third);
  await operator.sync(third);

  await depositFor(two, bob, parseEther('2'), 'bob');
  const fourth = operator.seal({
    requests: [[], [], [depositEvent(1, bob, parseEther('2'))]],
    transactions: [sign.transfer(alice, bob, { leafIndex: 0, nonce: 1n, amount: parseEther('1') })],
    timestamp: await timestamp(),
  });
  await operator.commit(fourth);
  await operator.prove(fourth);
  await operator.sync(fourth, [0, 1]);

  await depositFor(zero, carol, parseEther('5'), 'carol');
  await requestFullExit(two, 'bob', 0);
}

const validUntil = 4_000_000_000;

/** Transactions on chain 1, in its own coin and without fees. */
function signer(deploymentId: bigint) {
  const domain = { deploymentId, chainIndex: 1 };
  const common = { token: 1n, validUntil, fee: 0n };
  return {
    withdraw(user: TestUser, { leafIndex, amount }: { leafIndex: number; amount: bigint }): SignedTransaction {
      const message = { type: 'withdraw' as const, leafIndex, amount, nonce: 0n, to: user.owner, ...common };
      return { ...message, chainIndex: 1, signature: signOperation(message, domain, user.key) };
    },
    transfer(from: TestUser, to: TestUser, { leafIndex, nonce, amount }: { leafIndex: number; nonce: bigint; amount: bigint }): SignedTransaction {
      const message = { type: 'transfer' as const, from: leafIndex, nonce, amount, toOwner: to.owner, toKeyX: to.keyX, toKeyY: to.keyY, ...common };
      return { ...message, chainIndex: 1, signature: signOperation(message, domain, from.key) };
    },
    order({ owner, keyX, keyY, key }: TestUser, part: Pick<OrderTransaction, 'from' | 'nonce' | 'pool' | 'peerLeaf' | 'amount' | 'peerAmount'>): OrderTransaction {
      const order = { type: 'addLiquidity' as const, chainIndex: 1, owner, keyX, keyY, peerChain: 2, peerToken: 1n, limit: 0n, peerLimit: 0n, ...common, ...part };
      return { ...order, signature: signOperation(order, domain, key) };
    },
  };
}
