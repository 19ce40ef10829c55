import { isAddressEqual } from 'viem';
import { zkSyncL1GatewayAbi } from '../../chain/generated/abi.ts';
import { eraLeaf, eraProof } from './eraTree.ts';
import { messageKey, stageOf } from './message.ts';
import type { Log, Relayer, Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { chainTime, type Sender } from './sender.ts';
import type { MessageFromZkSync, ZkSyncView } from './zkSyncView.ts';

export interface ZkSyncClaimerParameters {
  view: ZkSyncView;
  l1: Sender;
  /** Seconds of Ethereum's clock from the execution of the batch to the claim. */
  delay: () => number;
  log: Log;
}

/** Presents our gateway's messages, with proofs, to the gateway on Ethereum, once their batch is executed. */
export function zkSyncClaimer({ view, l1, delay, log }: ZkSyncClaimerParameters): Relayer {
  const { chainName, l1Gateway, l2, l2Gateway } = view.services;
  const id: RouteId = { chain: chainName, role: 'claimer', direction: 'up' };
  let waiting = 0;

  const open = async (): Promise<{ mine: MessageFromZkSync[]; now: bigint | undefined }> => {
    await view.refresh();
    const mine = view.up(await view.rightBatches()).filter((message) => isAddressEqual(message.from, l2Gateway) && stageOf(message) !== 'claimed');
    waiting = mine.filter((message) => stageOf(message) === 'executed').length;
    return { mine, now: delay() === 0 || waiting === 0 ? undefined : await chainTime(l1.client) };
  };

  const step = (message: MessageFromZkSync, now: bigint | undefined): Step => {
    const { number = 0n, batch, txNumberInBatch, data } = message;
    const batchNumber = batch?.info.batchNumber ?? 0n;
    const label = `message ${number} of batch ${batchNumber}`;
    const notBefore = (message.places.at(-1)?.timestamp ?? 0n) + BigInt(delay());
    return {
      ...{ key: messageKey(message), label, messages: [message], to: 'claimed' },
      ...(now === undefined || notBefore <= now ? {} : { notBefore }),
      async perform({ afterSend } = {}) {
        const proof = eraProof((batch?.contents.logs ?? []).map(eraLeaf), Number(number), l2.chain.id);
        await l1.send({ abi: zkSyncL1GatewayAbi, address: l1Gateway, functionName: 'finalizeMessage', args: [batchNumber, number, txNumberInBatch, data, proof], afterSend });
        log(`${routeName(id)}: ${label} delivered`);
        return {};
      },
    };
  };

  return {
    id,
    independent: true,
    waiting: () => waiting,
    ignores: ({ from }) => (isAddressEqual(from, l2Gateway) ? undefined : 'its sender, or whoever it is for, finalizes it on Ethereum with a proof (zks_getL2ToL1LogProof); no relayer does'),
    async plan() {
      const { mine, now } = await open();
      return mine.filter((message) => stageOf(message) === 'executed').map((message) => step(message, now));
    },
    async preview(assumed) {
      const { mine, now } = await open();
      const coming = new Set(assumed.map(messageKey));
      return mine
        .filter((message) => stageOf(message) === 'executed' || coming.has(messageKey(message)))
        .map((message) => {
          const notBefore = coming.has(messageKey(message)) ? undefined : step(message, now).notBefore;
          return { message, to: 'claimed', ...(notBefore === undefined ? {} : { notBefore }) };
        });
    },
  };
}
