import { type Abi, type Address, encodeFunctionData, zeroAddress } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../../chain/generated/abi.ts';
import { type LineaPosition, lineaPosition } from './lineaTree.ts';
import type { LineaView } from './lineaView.ts';
import { isFinal, labelOf, type Message, messageKey, type Stage, stageOf } from './message.ts';
import { Postman, type PostmanPolicy, UnderpricedError } from './postman.ts';
import type { Log, Manner, Relayer, Step } from './relayer.ts';
import { type Direction, type RouteId, routeName } from './routes.ts';
import { chainTime, type Sender } from './sender.ts';

export interface LineaPostmanParameters {
  view: LineaView;
  /** Sends the claims: on Linea for messages down, on Ethereum for messages up. */
  sender: Sender;
  /** Seconds of the receiving chain's clock from anchoring, or finalization, to the claim. */
  delay: () => number;
  policy: PostmanPolicy;
  log: Log;
}

/** Claims messages on Linea, once they are anchored. */
export function lineaPostmanDown(parameters: LineaPostmanParameters): LineaPostman {
  const { view, sender } = parameters;
  const contract = { abi: l2MessageServiceAbi, address: view.services.l2Service } as const;
  return postman({
    ...parameters,
    direction: 'down',
    ready: 'anchored',
    messages: () => view.down,
    claim: async (message, worthwhile, { afterSend } = {}) => {
      const call = { ...contract, functionName: 'claimMessage', args: [message.from, message.to, message.fee, message.value, zeroAddress, message.data, message.number ?? 0n] } as const;
      if (worthwhile !== undefined) worthwhile(await costOf(sender, call));
      await sender.send({ ...call, afterSend });
    },
  });
}

/** Claims messages on Ethereum with a proof, once they are finalized. Everything that the proof needs is in the two chains' events. */
export function lineaPostmanUp(parameters: LineaPostmanParameters): LineaPostman {
  const { view, sender } = parameters;
  const contract = { abi: lineaRollupAbi, address: view.services.l1Service } as const;

  /** Position of a message in the trees of the finalization that holds its block. */
  const position = (message: Message): LineaPosition => {
    const { block } = message.places[0];
    const finalization = view.finalizations.find(({ firstBlock, lastBlock }) => block >= firstBlock && block <= lastBlock);
    const hashes = view.up.filter(({ places: [sent] }) => finalization !== undefined && sent.block >= finalization.firstBlock && sent.block <= finalization.lastBlock).map(({ hash }) => hash);
    const found = lineaPosition(hashes, message.hash);
    if (found !== undefined) return found;
    throw new RollupError(`Message ${message.hash} is not in the finalization of its block`, { facts: { block, transaction: finalization?.transaction } });
  };

  return postman({
    ...parameters,
    direction: 'up',
    ready: 'finalized',
    messages: () => view.up,
    claim: async (message, worthwhile, { afterSend } = {}) => {
      const { proof, leafIndex, root: merkleRoot } = position(message);
      const { from, to, fee, value, data } = message;
      const claim = { proof, messageNumber: message.number ?? 0n, leafIndex, from, to, fee, value, feeRecipient: zeroAddress, merkleRoot, data };
      const call = { ...contract, functionName: 'claimMessageWithProof', args: [claim] } as const;
      if (worthwhile !== undefined) worthwhile(await costOf(sender, call));
      await sender.send({ ...call, afterSend });
    },
  });
}

export interface LineaPostman extends Relayer {
  postman: Postman;
}

/** What a claim costs: gas, and the most wei that a unit of it may take. */
interface Cost {
  gas: bigint;
  gasPrice: bigint;
}

/** Throws when a claim is not worth it; undefined for one that is wanted by hand. */
type Worthwhile = ((cost: Cost) => void) | undefined;

interface PostmanParameters extends LineaPostmanParameters {
  direction: Direction;
  /** Stage at which a message can be claimed. */
  ready: Stage;
  messages: () => readonly Message[];
  claim(message: Message, worthwhile: Worthwhile, manner?: Manner): Promise<void>;
}

function postman({ view, sender, delay, policy, log, direction, ready, messages, claim }: PostmanParameters): LineaPostman {
  const id: RouteId = { chain: view.services.chainName, role: 'postman', direction };
  const rules = new Postman(policy);
  let waiting = 0;

  const step = (message: Message, now: bigint | undefined, worthwhile: Worthwhile): Step => {
    const notBefore = (message.places.at(-1)?.timestamp ?? 0n) + BigInt(delay());
    return {
      key: messageKey(message),
      label: labelOf(message),
      messages: [message],
      to: 'claimed',
      ...(now === undefined || notBefore <= now ? {} : { notBefore }),
      async perform(manner) {
        try {
          await claim(message, worthwhile, manner);
        } catch (error) {
          if (!(error instanceof UnderpricedError)) rules.failed(message);
          throw error;
        }
        log(`${routeName(id)}: ${labelOf(message)} delivered`);
        return {};
      },
    };
  };

  const open = async (forced?: Message): Promise<{ mine: Message[]; now: bigint | undefined }> => {
    await view.refresh();
    const key = forced === undefined ? undefined : messageKey(forced);
    const mine = messages().filter((message) => !isFinal(message) && (rules.ignores(message) === undefined || messageKey(message) === key));
    waiting = mine.length;
    return { mine, now: delay() === 0 || waiting === 0 ? undefined : await chainTime(sender.client) };
  };

  return {
    id,
    independent: true,
    postman: rules,
    waiting: () => waiting,
    ignores: (message) => rules.ignores(message),
    forgive: () => rules.forgive(),
    async plan(forced) {
      const { mine, now } = await open(forced);
      const claimable = mine.filter((message) => stageOf(message) === ready);
      const rule = (message: Message): Worthwhile => (forced === undefined && !rules.isOwn(message) ? (cost) => rules.requireWorthwhile(message, cost) : undefined);
      return claimable.map((message) => step(message, now, rule(message)));
    },
    async preview(assumed) {
      const { mine, now } = await open();
      const coming = new Set(assumed.map(messageKey));
      const isReady = (message: Message): boolean => stageOf(message) === ready || coming.has(messageKey(message));
      return mine.filter(isReady).map((message) => {
        const { notBefore } = step(message, now, undefined);
        return { message, to: 'claimed' as const, ...(notBefore === undefined || coming.has(messageKey(message)) ? {} : { notBefore }) };
      });
    },
  };
}

async function costOf(sender: Sender, { abi, address, functionName, args }: { abi: Abi; address: Address; functionName: string; args: readonly unknown[] }): Promise<Cost> {
  const data = encodeFunctionData({ abi, functionName, args });
  const [gas, { maxFeePerGas }] = await Promise.all([sender.estimate({ to: address, data, what: `${functionName} on ${sender.client.chain.name}` }), sender.client.estimateFeesPerGas()]);
  return { gas, gasPrice: maxFeePerGas };
}
