import type { Deployment } from '../../chain/deployments.ts';
import { bridgehubAbi, l2MessageServiceAbi, lineaRollupAbi, zkSyncChainAbi } from '../../chain/generated/abi.ts';
import { RollupError } from '../../base/errors.ts';
import type { Address } from 'viem';
import type { RouteId } from './routes.ts';
import type { Sender } from './sender.ts';

/** Types of pauses of Linea's services (`PauseType`). */
const GENERAL = 1;
const L1_L2 = 2;
const L2_L1 = 3;
const FINALIZATION = 6;

export interface PausesParameters {
  deployment: Deployment;
  /** Sends as the administrator of the services. */
  l1: Sender;
  /** By name of the chain. */
  l2: ReadonlyMap<string, Sender>;
  /** Validator of the zkSync chains. */
  validator: Address;
}

/** The services' own pauses, used by who may use them. */
export class Pauses {
  readonly #parameters: PausesParameters;

  constructor(parameters: PausesParameters) {
    this.#parameters = parameters;
  }

  /** Pauses what the relayer of a route calls. @throws RevertError when the service refuses, e.g. soon after an earlier pause */
  async pause(route: RouteId): Promise<void> {
    await this.#set(route, true);
  }

  async resume(route: RouteId): Promise<void> {
    await this.#set(route, false);
  }

  async #set({ chain: name, role, direction }: RouteId, paused: boolean): Promise<void> {
    const { deployment, l1, l2, validator } = this.#parameters;
    const service = deployment.chains.find((chain) => chain.name === name)?.messageService;
    const onChain = l2.get(name);
    const byType = paused ? 'pauseByType' : 'unPauseByType';
    if (service?.kind === 'linea' && onChain !== undefined) {
      if (role === 'finalize') await l1.send({ abi: lineaRollupAbi, address: service.l1Service, functionName: byType, args: [FINALIZATION] });
      else if (direction === 'up') await l1.send({ abi: lineaRollupAbi, address: service.l1Service, functionName: byType, args: [L2_L1] });
      else await onChain.send({ abi: l2MessageServiceAbi, address: service.l2Service, functionName: byType, args: [role === 'anchor' ? GENERAL : L1_L2] });
      return;
    }
    if (service?.kind === 'zksync') {
      // Nothing pauses the node: Ethereum takes no new requests; the chain has no validator.
      if (role === 'sequencer') await l1.send({ abi: bridgehubAbi, address: service.bridgehub, functionName: paused ? 'pause' : 'unpause', args: [] });
      else await l1.send({ abi: zkSyncChainAbi, address: service.diamond, functionName: 'setValidator', args: [validator, !paused] });
      return;
    }
    throw new RollupError('The route has no pause', { facts: { chain: name, role } });
  }
}
