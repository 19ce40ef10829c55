import { Follower } from '../../circuit/soundness/follow.ts';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { exitSignals, leafExitSignals } from '../../prover/witnessExit.ts';
import { params } from '../../spec/params.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { CHAIN_INDEX, LEAF, world, type LeafName } from './world.ts';

export const EXIT_PUBLIC = ['finalRoot', 'chainIndex', 'leafIndex', 'owner', 'token', 'amount'];

/** The exit circuit under test. */
export class ExitHarness {
  readonly tester: CircuitTester;
  readonly state = world();
  readonly #follower: Follower;

  private constructor(tester: CircuitTester) {
    this.tester = tester;
    const given = new Uint8Array(tester.wireCount).fill(1, 1, 1 + tester.system.lastInput);
    this.#follower = new Follower(tester.system, tester.witness(this.signals('bob')), given);
  }

  static async load(): Promise<ExitHarness> {
    const { arity, depth, chains } = params;
    return new ExitHarness(await createTester({ file: 'exit.circom', template: 'Exit', parameters: [arity, depth, chains], publicInputs: EXIT_PUBLIC }));
  }

  /** Of an honest exit; of another state than the test world if one is given. */
  signals(name: LeafName, state = this.state): SignalInputs {
    return exitSignals({ state, chainIndex: CHAIN_INDEX, leafIndex: LEAF[name] });
  }

  witness(name: LeafName, changes: SignalInputs = {}, state = this.state): Witness {
    return this.tester.witness({ ...this.signals(name, state), ...changes });
  }

  /** Whatever the leaf is and holds: of coins, or of shares of whatever is said to be the pool. */
  claim(name: LeafName, { pool = null, changes = {}, state = this.state }: { pool?: number | null; changes?: SignalInputs; state?: LedgerState } = {}): Witness {
    return this.tester.witness({ ...leafExitSignals({ state, chainIndex: CHAIN_INDEX, leafIndex: LEAF[name], pool }), ...changes });
  }

  value(witness: Witness, name: string): bigint {
    return witness[this.tester.wire(name)] ?? 0n;
  }

  /** A witness with some wires changed and everything that is computed from them following. */
  following(witness: Witness, changes: Record<string, bigint>): Witness {
    const wires = new Map(Object.entries(changes).map(([name, value]) => [this.tester.wire(name), value]));
    return this.#follower.follow({ witness, changes: wires }).witness;
  }

  places(witness: Witness): string[] {
    return [...new Set(this.tester.violations(witness, 100).map(({ component }) => component))].sort();
  }
}
