import { readAllClaims, type ChainClaims } from '../../recovery/claims.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { takeOnEach } from '../../recovery/leave.ts';
import { payAll, refundAll, type LeaveOutcome } from '../../recovery/refunds.ts';
import { accountOption, chainsEnvironment, keyEnvironment, type CommandSpec } from './command.ts';
import { findAccount, findAddress, findChains } from './network.ts';
import { notOpenLines, outcomeLines, plainRefusals, refusalLines } from './leaveText.ts';

export const refundCommand: CommandSpec = {
  name: 'refund',
  summary: 'in exit mode: get deposits and bonds back that no block has used, and have them paid',
  description: [
    'Refunds the deposits for an owner, and the bonds of his full exit requests, that no block up to the last one has used, and pays them to the owner.',
    'Needs no recovery and no proofs. `exit` does it too, with everything else that the owner has.',
  ],
  options: [accountOption, { name: 'owner', value: 'ADDRESS', help: 'whose deposits and bonds: an address or a named account (default: your own)' }],
  environment: [...chainsEnvironment, keyEnvironment],
  examples: ['npm run cli -- refund --account dave', 'npm run cli -- refund --account dave --owner 0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65'],
  async run(context) {
    const network = findChains(context);
    const { deployment } = network;
    const account = findAccount(context, network);
    const text = context.options.text('owner');
    const owner = text === undefined ? account.address : findAddress(text, network);
    const wallets = new ChainWallets({ deployment, account });
    const { claims, silent } = await readAllClaims({ deployment, owner });
    const { progress, signal } = context;
    async function* take(chain: ChainClaims): AsyncGenerator<LeaveOutcome> {
      const parameters = { claims: chain, owner, place: wallets.of(chain.chain), progress };
      yield* refundAll(parameters);
      yield* payAll(parameters);
    }
    const { outcomes, refusals } = await takeOnEach({ claims: claims.filter(({ exitMode }) => exitMode.exitsOpen), take, progress, signal });
    return {
      data: { owner, outcomes, refusals: plainRefusals(refusals), open: openRequests(claims), silent },
      lines: [...outcomeLines(deployment, outcomes, owner), ...refusalLines(refusals), ...notOpenLines(claims, silent)],
    };
  },
};

/** Requests that are not refundable yet, with where they are. */
function openRequests(claims: readonly ChainClaims[]): { chain: string; requestId: bigint; type: string; expiresAt: number }[] {
  return claims.flatMap(({ chain, requests }) =>
    requests.filter(({ status }) => status === 'open').map(({ requestId, type, expiresAt }) => ({ chain: chain.name, requestId, type, expiresAt })),
  );
}
