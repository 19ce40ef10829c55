import type { LedgerState } from '../state/ledger.ts';
import { openingOf, findPair, pairKey, unopenedPairs } from './pairs.ts';
import { refuse } from './refusal.ts';
import type { PairRequest, Store } from './store.ts';

export interface PairDeskOptions {
  store: Pick<Store, 'requestPair'>;
  /** What the store has, in the order of acceptance. */
  requests: readonly PairRequest[];
  /** The newest ledger state. */
  state: () => LedgerState;
  /** Whether a chain's contract knows a token. */
  isRegistered: (chainIndex: number, token: number) => Promise<boolean>;
  /** Pairs that may wait for a block. Default 64. */
  maxPending?: number;
}

/** Takes requests for new pairs. Nothing is signed for them: the next block opens both halves, each naming the other, in free leaves. */
export class PairDesk {
  readonly #options: Required<PairDeskOptions>;
  readonly #requests: PairRequest[];
  #pending: { state: LedgerState; count: number; pairs: PairRequest[] } | null = null;

  constructor(options: PairDeskOptions) {
    this.#options = { maxPending: 64, ...options };
    this.#requests = [...options.requests];
  }

  /** Pairs that somebody asked for and no block has opened, in the order of acceptance. */
  pending(): PairRequest[] {
    const state = this.#options.state();
    const count = this.#requests.length;
    if (this.#pending?.state !== state || this.#pending.count !== count) this.#pending = { state, count, pairs: unopenedPairs(state, this.#requests) };
    return this.#pending.pairs;
  }

  /**
   * Accepts a request; asking again for what is pending changes nothing. Calls must not overlap.
   * @throws RollupError with a reason when there is such a pair already, or there cannot be one
   */
  async request(pair: PairRequest): Promise<void> {
    const { store, state, isRegistered, maxPending } = this.#options;
    const { chainIndex, token, peerChain, peerToken } = pair;
    // Both throw when there is no such chain.
    state().chain(chainIndex);
    state().chain(peerChain);
    if (chainIndex === peerChain && token === peerToken) {
      throw refuse('sameHalf', 'A pair needs two different tokens', { ...pair }, 'Name another token, or the same one on another chain.');
    }
    const open = findPair(state(), pair);
    if (open !== null) {
      const [first, second] = [open.first, open.second].map(({ chainIndex: on, leafIndex, token: of }) => ({ chainIndex: on, leafIndex, token: of }));
      throw refuse('pairExists', 'There is a pair of these tokens already', { first, second }, 'Use that pair: GET /pools shows it.');
    }
    if (this.pending().some((other) => pairKey(other) === pairKey(pair))) return;
    for (const half of [{ chainIndex, token }, { chainIndex: peerChain, token: peerToken }]) {
      if (!(await isRegistered(half.chainIndex, half.token))) throw refuse('unknownToken', 'The chain has not registered this token', half, 'Name tokens that can be deposited on their chains.');
    }
    if (this.pending().length >= maxPending) throw refuse('tooManyPending', 'Too many pairs wait to be opened', { maximum: maxPending }, 'Wait for the next block.');
    if (openingOf(state().chains, pair) === null) throw refuse('treeFull', 'The tree of a chain has no room for a pool', { chainIndex, peerChain }, 'Use a pair that is open.');
    await store.requestPair(pair);
    this.#requests.push({ ...pair });
  }
}
