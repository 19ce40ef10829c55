import { TEST_MNEMONIC } from '../accounts.ts';
import { BALANCE, USER_COUNT } from '../anvil.ts';
import type { StartDevnetOptions } from '../devnet.ts';
import type { DevnetConfig } from './options.ts';

/** What a config means for `startDevnet`. */
export function startOptionsOf(config: DevnetConfig): StartDevnetOptions {
  const forks = {
    ...fork('ethereum', config['fork-ethereum'], config['fork-ethereum-block']),
    ...fork('linea', config['fork-linea'], config['fork-linea-block']),
    ...fork('zksync', config['fork-zksync'], config['fork-zksync-block']),
  };
  return {
    ports: { ethereum: config['port-ethereum'], linea: config['port-linea'], zksync: config['port-zksync'] },
    sequencerPort: config['port-sequencer'],
    controlPort: config['port-control'],
    control: true,
    sequencer: config.sequencer,
    minimumFees: config['minimum-fee'],
    fresh: config.fresh,
    ...(config.load === undefined ? {} : { load: config.load }),
    ...usersOf(config),
    blockTimes: { ethereum: config['block-time-ethereum'], linea: config['block-time-linea'], zksync: config['block-time-zksync'] },
    ...(Object.keys(forks).length === 0 ? {} : { forks }),
    chainIds: config['chain-ids'],
    relayers: {
      delays: {
        ...{ anchor: config['anchor-delay'], finalize: config['finalize-delay'], postman: config['postman-delay'] },
        ...{ sequencer: config['sequencer-delay'], execute: config['execute-delay'], claimer: config['claimer-delay'], seal: config['seal-delay'] },
      },
      manual: config.manual,
      sponsoring: config.sponsoring,
    },
    folder: config.folder,
    logFormat: config['log-format'],
  };
}

/** Nothing when nobody asked for others: the usual users are those of the kept state. */
function usersOf({ mnemonic, accounts: count, balance }: DevnetConfig): Pick<StartDevnetOptions, 'users'> {
  const asked = { ...(mnemonic === TEST_MNEMONIC ? {} : { mnemonic }), ...(count === USER_COUNT ? {} : { count }), ...(balance === BALANCE ? {} : { balance }) };
  return Object.keys(asked).length === 0 ? {} : { users: asked };
}

function fork(chain: string, url: string | undefined, block: number | undefined): Record<string, { url: string; block?: number }> {
  return url === undefined ? {} : { [chain]: { url, ...(block === undefined ? {} : { block }) } };
}
