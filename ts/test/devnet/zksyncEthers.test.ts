import { types, utils, type Wallet } from 'zksync-ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testAccount } from '../../devnet/accounts.ts';
import { type ClientWorld, ethers, startClientWorld } from './clients.ts';

/* The unmodified client of zkSync against a devnet: nothing of ours is named but the two URLs and a funded key. */

const bob = testAccount('bob').address;
const ether = ethers.parseEther;
const selector = (error: string): string => ethers.id(error).slice(0, 10);
let world: ClientWorld;
let alice: Wallet;

beforeAll(async () => {
  world = await startClientWorld();
  alice = world.wallet('alice');
});
afterAll(async () => await world?.stop());

describe('contracts', () => {
  it('are found from the node', async () => {
    const { l1, l2, zksync } = world;
    expect(await l2.getBridgehubContractAddress()).toBe(zksync.messageService.bridgehub);
    expect(await l2.getMainContractAddress()).toBe(zksync.messageService.diamond);
    expect(await alice.getMainContractAddress()).toBe(zksync.messageService.diamond);
    expect(await l2.l1ChainId()).toBe(31_337);
    expect(await l2.getL1ChainId()).toBe(31_337);
    expect(await l2.isEthBasedChain()).toBe(true);
    expect(await alice.getBaseToken()).toBe(utils.ETH_ADDRESS_IN_CONTRACTS);
    const { sharedL1, l1Nullifier, l1NativeTokenVault } = await alice.getDefaultBridgeAddresses();
    const hub = await alice.getBridgehubContract();
    expect(sharedL1).toBe(await hub.sharedBridge());
    for (const address of [sharedL1, l1Nullifier, l1NativeTokenVault]) expect(await l1.getCode(address)).not.toBe('0x');
  });
});

describe('ETH', () => {
  it('is deposited, and the priority operation followed until it is final', async () => {
    const { l2 } = world;
    const before = await l2.getBalance(bob);
    const deposit = await alice.deposit({ token: utils.ETH_ADDRESS, to: bob, amount: ether('1') });
    expect(await deposit.wait()).toMatchObject({ status: 1, type: 255, to: bob });
    expect((await l2.getBalance(bob)) - before).toBe(ether('1'));
    const final = await deposit.waitFinalize();
    expect(await l2.getTransactionStatus(final.hash)).toBe(types.TransactionStatus.Finalized);
    const { l1BatchNumber, l2MessageIndex, l2TxNumberInBlock, proof } = await alice.getPriorityOpConfirmation(final.hash);
    expect(final.l1BatchNumber).toBe(l1BatchNumber);
    expect(proof).toHaveLength(16);
    const main = await alice.getMainContract();
    const proved = async (status: number): Promise<boolean> => await main.proveL1ToL2TransactionStatus(final.hash, l1BatchNumber ?? 0, l2MessageIndex, l2TxNumberInBlock ?? 0, proof, status);
    expect(await proved(1)).toBe(true);
    expect(await proved(0)).toBe(false);
  });

  it('is withdrawn and paid on Ethereum, once', async () => {
    const { l1 } = world;
    const before = await l1.getBalance(bob);
    const withdrawal = await alice.withdraw({ token: utils.ETH_ADDRESS, to: bob, amount: ether('0.25') });
    expect(await withdrawal.waitFinalize()).toMatchObject({ status: 1, type: utils.EIP712_TX_TYPE, hash: withdrawal.hash });
    expect(await alice.isWithdrawalFinalized(withdrawal.hash)).toBe(false);
    await (await alice.finalizeWithdrawal(withdrawal.hash)).wait();
    expect((await l1.getBalance(bob)) - before).toBe(ether('0.25'));
    expect(await alice.isWithdrawalFinalized(withdrawal.hash)).toBe(true);
    await expect(alice.finalizeWithdrawal(withdrawal.hash)).rejects.toMatchObject({ data: selector('WithdrawalAlreadyFinalized()') });
  });

  it('is burnt by a withdrawal', async () => {
    const { l2 } = world;
    const before = await l2.getBalance(alice.address);
    const withdrawal = await alice.withdraw({ token: utils.ETH_ADDRESS, amount: ether('0.5'), overrides: { type: 2 } });
    expect(await withdrawal.wait()).toMatchObject({ status: 1, type: 2 });
    expect(before - (await l2.getBalance(alice.address))).toBe(ether('0.5'));
    expect(await l2.getBalance(utils.L2_BASE_TOKEN_ADDRESS)).toBe(0n);
  });
});

describe('a token of Ethereum', () => {
  const tokenOf = (): string => world.ethereum.tokens.find(({ symbol }) => symbol === 'TST')?.address ?? '';

  it('is given back when the deposit failed on zkSync', async () => {
    const token = tokenOf();
    const before = await alice.getBalanceL1(token);
    // Too little gas to deploy a stand-in, enough for the contract on Ethereum.
    const deposit = await alice.deposit({ token, to: bob, amount: 77n, approveERC20: true, l2GasLimit: 280_000n });
    const hash = utils.getL2HashFromPriorityOp(await deposit.waitL1Commit(), world.zksync.messageService.diamond);
    await expect(deposit.wait()).rejects.toThrow('transaction execution reverted');
    expect(await alice.getBalanceL1(token)).toBe(before - 77n);
    await expect(deposit.waitFinalize()).rejects.toThrow('transaction execution reverted');
    await world.devnet.relayers.idle();
    await (await alice.claimFailedDeposit(hash)).wait();
    expect(await alice.getBalanceL1(token)).toBe(before);
    await expect(alice.claimFailedDeposit(hash)).rejects.toMatchObject({ data: selector('DepositDoesNotExist()') });
  });

  it('gets a stand-in on zkSync and comes back', async () => {
    const { l1, l2 } = world;
    const token = tokenOf();
    const deposit = await alice.deposit({ token, to: alice.address, amount: 1_000n, approveERC20: true, refundRecipient: alice.address });
    expect(await deposit.wait()).toMatchObject({ status: 1 });
    const standIn = await l2.l2TokenAddress(token);
    expect(await l2.l1TokenAddress(standIn)).toBe(token);
    expect(await l2.getBalance(alice.address, 'latest', standIn)).toBe(1_000n);
    const erc20 = new ethers.Contract(standIn, ['function name() view returns (string)', 'function symbol() view returns (string)', 'function decimals() view returns (uint8)'], l2);
    expect([await erc20['name']?.(), await erc20['symbol']?.(), await erc20['decimals']?.()]).toEqual(['Test Token', 'TST', 18n]);

    const before = await alice.getBalanceL1(token);
    const withdrawal = await alice.withdraw({ token: standIn, to: alice.address, amount: 400n });
    await withdrawal.waitFinalize();
    await (await alice.finalizeWithdrawal(withdrawal.hash)).wait();
    expect((await alice.getBalanceL1(token)) - before).toBe(400n);
    expect(await l2.getBalance(alice.address, 'latest', standIn)).toBe(600n);
    expect(await l1.getTransactionCount(alice.address)).toBeGreaterThan(0);
  });
});
