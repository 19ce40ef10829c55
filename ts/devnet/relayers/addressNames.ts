import { arbitratorEndpoint } from '../../chain/clients.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { addressKey, type AddressNames } from './trace.ts';

/** Names of a deployment's contracts, for traces. A contract may have one address on several chains, and another contract there. */
export function addressNames(deployment: Deployment): AddressNames {
  const { name: l1 } = arbitratorEndpoint(deployment);
  const names = new Map<string, string>();
  const add = (chain: string, label: string, address: string): void => {
    const key = addressKey(chain, address);
    if (!names.has(key)) names.set(key, label);
  };
  add(l1, 'Arbitrator', deployment.arbitrator);
  for (const { name, rollup, gateway, l1Gateway, tokens, messageService: service } of deployment.chains) {
    add(name, `${name} rollup`, rollup);
    add(name, `${name} gateway`, gateway);
    add(l1, `${name} L1 gateway`, l1Gateway);
    for (const { token, symbol, address } of tokens) if (token !== 1) add(name, symbol, address);
    if (service.kind === 'linea') {
      add(l1, 'LineaRollup', service.l1Service);
      add(name, 'L2MessageService', service.l2Service);
    }
    if (service.kind === 'zksync') {
      add(l1, 'Bridgehub', service.bridgehub);
      add(l1, `${name} diamond`, service.diamond);
      add(name, 'L1Messenger', service.l1Messenger);
    }
  }
  return names;
}
