import { decodeFunctionData, type Abi, type Address, type EncodeFunctionDataParameters, encodeFunctionData, type Hex } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { getTokenBalance } from '../../chain/actions/getTokenBalance.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import { arbitratorEndpoint, publicClient, type ChainPublicClient } from '../../chain/clients.ts';
import { arbitrator, secondaryRollup } from '../../chain/contracts.ts';
import type { ChainDeployment, Deployment, TestAccount } from '../../chain/deployments.ts';
import { decodeRevert } from '../../chain/errors.ts';
import { iArbitratorAbi, primaryRollupAbi, secondaryRollupAbi } from '../../chain/generated/abi.ts';
import { readChainBlocks } from '../../recovery/chainData.ts';
import type { ReplayedBlock } from './calldata.ts';
import type { Cast } from './cast.ts';
import { readCosts, owedOf, type Entitlement, type Unowned } from './entitlements.ts';
import { nativeToken } from './custody.ts';
import type { Wreck } from './exitPhases.ts';
import type { Check } from './ledger.ts';

/** Whether an error's name is the expected one. */
const named = (what: string, expected: string, actual: string): Check => ({ what, expected, actual, ok: actual === expected });

/** Each user has, on each chain and of each token, exactly what was in the wallet and what was owed, less the costs of the own transactions. */
export async function checkMoney({ cast, entitlements, heads }: { cast: Cast; entitlements: readonly Entitlement[]; heads: readonly bigint[] }): Promise<{ checks: Check[]; after: Map<Entitlement, bigint> }> {
  const costs = await readCosts({ cast, heads });
  const after = new Map<Entitlement, bigint>();
  const checks: Check[] = [];
  for (const entitlement of entitlements) {
    const { user, chainIndex, token, wallet } = entitlement;
    const { chain, symbol, decimals, address } = placeOf(cast.deployment, chainIndex, token);
    const actual = await getTokenBalance({ client: publicClient(chain), tokenAddress: address, holder: cast.clients[user].account.address });
    after.set(entitlement, actual);
    // The devnet's message services are run with the operator's account, so its wallet pays for more than it does itself.
    if (user === 'operator' && token === nativeToken) continue;
    const cost = token === nativeToken ? (costs.find((row) => row.user === user && row.chainIndex === chainIndex)?.cost ?? 0n) : 0n;
    const expected = wallet + owedOf(entitlement) - cost;
    checks.push({ what: `${user}, ${chain.name}: ${symbol} in the wallet`, expected: formatAmount(expected, decimals), actual: formatAmount(actual, decimals), ok: actual === expected });
  }
  return { checks, after };
}

/** Before anybody leaves, a contract holds what is owed and what is nobody's; afterwards only the latter. */
export async function checkContracts({ deployment, entitlements, unowned }: { deployment: Deployment; entitlements: readonly Entitlement[]; unowned: readonly Unowned[] }): Promise<Check[]> {
  const checks = unowned.map(async ({ chainIndex, token, contract, unowned: rest }): Promise<Check[]> => {
    const { chain, symbol, decimals, address } = placeOf(deployment, chainIndex, token);
    const owed = entitlements.filter((row) => row.chainIndex === chainIndex && row.token === token).reduce((sum, row) => sum + owedOf(row), 0n);
    const left = await getTokenBalance({ client: publicClient(chain), tokenAddress: address, holder: chain.rollup });
    const show = (amount: bigint): string => formatAmount(amount, decimals);
    return [
      { what: `${chain.name}: ${symbol} in the contract when the operator disappears = owed to users + nobody's`, expected: show(owed + rest), actual: show(contract), ok: contract === owed + rest },
      { what: `${chain.name}: ${symbol} in the contract when all have left = nobody's`, expected: show(rest), actual: show(left), ok: left === rest },
    ];
  });
  return (await Promise.all(checks)).flat();
}

/** Every chain stands at the block that the arbitrator confirmed last, at its root, which the primary's calldata lead to; the block after it never happens. */
export async function checkHalt({ deployment }: Cast, { confirmed, lost }: Wreck, last: ReplayedBlock | undefined): Promise<Check[]> {
  const checks = deployment.chains.map(async (chain): Promise<Check[]> => {
    const { read } = secondaryRollup({ address: chain.rollup, client: publicClient(chain) });
    const [mode, haltBlock, haltRoot, exitsOpen, executed, reached, synced] = await Promise.all([
      read.mode(), read.haltBlock(), read.haltRoot(), read.exitsOpen(), read.totalBlocksExecuted(), read.totalBlocksConfirmed(), read.totalBlocksSynced(),
    ]);
    const isSynced = chain.role === 'secondary';
    return [
      named(`${chain.name}: mode, last block, executed`, `2, ${confirmed}, ${confirmed}, open`, `${mode}, ${haltBlock}, ${executed}, ${exitsOpen ? 'open' : 'closed'}`),
      named(`${chain.name}: root that exits are proved against`, String(last?.after.finalRoot), String(haltRoot)),
      named(`${chain.name}: block ${lost}`, `${isSynced ? 'synced' : 'committed'}, never confirmed`, `${synced >= lost ? 'synced' : 'committed'}, ${reached >= lost ? 'confirmed' : 'never confirmed'}`),
    ];
  });
  return (await Promise.all(checks)).flat();
}

interface Call<TAbi extends Abi> {
  client: ChainPublicClient;
  address: Address;
  abi: TAbi;
  functionName: string;
  args: readonly unknown[];
  from?: Address;
  value?: bigint;
}

/** Name of the error with which a contract refuses a call; `accepted` when it does not. */
async function refusalOf<const TAbi extends Abi>({ client, address, abi, functionName, args, from, value }: Call<TAbi>): Promise<string> {
  const data = encodeFunctionData({ abi, functionName, args } as EncodeFunctionDataParameters);
  try {
    await client.call({ to: address, data, ...(from === undefined ? {} : { account: from }), ...(value === undefined ? {} : { value }) });
    return 'accepted';
  } catch (error) {
    return decodeRevert(error)?.name ?? 'another error';
  }
}

/** Life does not go on: no deposits, requests, blocks, confirmations, and the block after the last one is not executed. */
export async function checkStandstill({ cast, wreck, accounts }: { cast: Cast; wreck: Wreck; accounts: readonly TestAccount[] }): Promise<Check[]> {
  const { deployment } = cast;
  const { lost } = wreck;
  const validator = accounts.find(({ name }) => name === 'validator')?.address;
  const l1 = publicClient(arbitratorEndpoint(deployment));
  const checks = deployment.chains.map(async (chain): Promise<Check[]> => {
    const client = publicClient(chain);
    const target = { client, address: chain.rollup, abi: secondaryRollupAbi } as const;
    const block = (await readChainBlocks({ deployment, chainIndex: chain.chainIndex, from: lost, to: lost }))[0];
    if (block === undefined || validator === undefined) throw new RollupError(`Block ${lost} of ${chain.name} is not there`);
    const stored = { ...block.stored, priorityRequestsTotal: BigInt(block.stored.priorityRequestsTotal), timestamp: BigInt(block.stored.timestamp) };
    const commit = chain.role === 'primary'
      ? await refusalOf({ ...target, abi: primaryRollupAbi, functionName: 'commitBlocks', args: [stored, [], []], from: validator })
      : await refusalOf({ ...target, functionName: 'commitBlocks', args: [stored, []], from: validator });
    return [
      named(`${chain.name}: another block is committed`, 'WrongMode', commit),
      named(`${chain.name}: block ${lost} is executed`, 'BlockNotConfirmed', await refusalOf({ ...target, functionName: 'executeBlocks', args: [[{ stored, onchainData: block.onchainData }]] })),
      named(`${chain.name}: block ${lost} is taken back`, 'WrongMode', await refusalOf({ ...target, functionName: 'revertBlocks', args: [stored], from: validator })),
      named(`${chain.name}: somebody deposits`, 'WrongMode', await refusalOf({ ...target, functionName: 'depositNative', args: [validator, 1n, 2n], from: validator, value: 1n })),
    ];
  });
  const { read } = arbitrator({ address: deployment.arbitrator, client: l1 });
  return [
    ...(await Promise.all(checks)).flat(),
    named(`block ${lost} is confirmed by the arbitrator`, 'AlreadyHalted', await refusalOf({ client: l1, address: deployment.arbitrator, abi: iArbitratorAbi, functionName: 'confirmBlock', args: [lost] })),
    named('last block of the arbitrator', String(wreck.confirmed), String(await read.lastConfirmedBlock())),
  ];
}

/** Nothing is taken twice: each transaction that exited or refunded something is refused when it comes again, and a proof is good for its own leaf and chain only. */
export async function checkReplays({ deployment, heads }: { deployment: Deployment; heads: readonly bigint[] }): Promise<Check[]> {
  const taken = await Promise.all(deployment.chains.map(async (chain) => ({ chain, calls: await exitCalls(chain, heads[chain.chainIndex] ?? 0n) })));
  const checks: Check[] = [];
  for (const { chain, calls } of taken) {
    const target = { client: publicClient(chain), address: chain.rollup, abi: secondaryRollupAbi } as const;
    for (const { functionName, args } of calls) {
      const expected = functionName === 'exitLeaves' ? 'LeafAlreadyExited' : 'WrongPriorityRequest';
      checks.push(named(`${chain.name}: ${functionName} a second time`, expected, await refusalOf({ ...target, functionName, args })));
    }
    const exits = calls.flatMap((call) => (call.functionName === 'exitLeaves' ? call.args[0] : []));
    const [exit] = exits;
    if (exit === undefined) continue;
    checks.push(named(`${chain.name}: the proof of leaf ${exit.leafIndex} for another leaf`, 'InvalidProof', await refusalOf({ ...target, functionName: 'exitLeaves', args: [[{ ...exit, leafIndex: unusedLeaf }]] })));
    for (const other of deployment.chains.filter(({ chainIndex }) => chainIndex !== chain.chainIndex)) {
      // Of a leaf that did not exit over there, so that only the proof can be wrong.
      const theirs = taken.find((item) => item.chain === other)?.calls.flatMap((call) => (call.functionName === 'exitLeaves' ? call.args[0].map(({ leafIndex }) => leafIndex) : [])) ?? [];
      const foreign = exits.find(({ leafIndex }) => !theirs.includes(leafIndex));
      if (foreign === undefined) continue;
      const call = { client: publicClient(other), address: other.rollup, abi: secondaryRollupAbi, functionName: 'exitLeaves', args: [[foreign]] } as const;
      checks.push(named(`${other.name}: the proof of leaf ${foreign.leafIndex} of ${chain.name}`, 'InvalidProof', await refusalOf(call)));
    }
  }
  return checks;
}

/** Leaves are given out in order, so the last one is empty. */
const unusedLeaf = 2 ** 24 - 1;

const takers = ['exitLeaves', 'refundDeposit', 'refundBond'] as const;
type ExitCall = Extract<ReturnType<typeof decodeFunctionData<typeof secondaryRollupAbi>>, { functionName: (typeof takers)[number] }>;

/** The calls that exited or refunded something on a chain after a block. */
async function exitCalls(chain: ChainDeployment, head: bigint): Promise<ExitCall[]> {
  const client = publicClient(chain);
  const events = await client.getContractEvents({ address: chain.rollup, abi: secondaryRollupAbi, strict: true, fromBlock: head + 1n });
  const hashes = new Set<Hex>(events.flatMap(({ eventName, transactionHash }) => (['Exited', 'DepositRefunded', 'BondRefunded'].includes(eventName) ? [transactionHash] : [])));
  const calls = await Promise.all([...hashes].map(async (hash) => decodeFunctionData({ abi: secondaryRollupAbi, data: (await client.getTransaction({ hash })).input })));
  return calls.flatMap((call) => ((takers as readonly string[]).includes(call.functionName) ? [call as ExitCall] : []));
}

function placeOf(deployment: Deployment, chainIndex: number, token: number): { chain: ChainDeployment; symbol: string; decimals: number; address: Address } {
  const chain = deployment.chains[chainIndex];
  const found = chain?.tokens.find((candidate) => candidate.token === token);
  if (chain === undefined || found === undefined) throw new RollupError('There is no such token', { facts: { chainIndex, token } });
  return { chain, symbol: found.symbol, decimals: found.decimals, address: found.address };
}
