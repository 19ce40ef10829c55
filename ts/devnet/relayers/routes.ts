import { RollupError } from '../../base/errors.ts';

/** A word that names nothing here: a route, a chain, or a fault that a route cannot have. */
export class UnknownWordError extends RollupError {}

/** `up`: to the arbitrator. */
export type Direction = 'up' | 'down';

/** What a relayer does; with its chain (and for a postman its direction) that names it. */
export type Role = 'anchor' | 'finalize' | 'postman' | 'sequencer' | 'batcher' | 'claimer';

const ROLES: readonly Role[] = ['anchor', 'finalize', 'postman', 'sequencer', 'batcher', 'claimer'];

/** One relayer's part of the way between Ethereum and a chain. */
export interface RouteId {
  /** Name of the chain. */
  chain: string;
  role: Role;
  direction: Direction;
}

/** The relayers that a chain with this message service has. */
const ROUTES: Readonly<Record<string, readonly Omit<RouteId, 'chain'>[]>> = {
  linea: [{ role: 'finalize', direction: 'up' }, { role: 'postman', direction: 'up' }, { role: 'anchor', direction: 'down' }, { role: 'postman', direction: 'down' }],
  zksync: [{ role: 'batcher', direction: 'up' }, { role: 'claimer', direction: 'up' }, { role: 'sequencer', direction: 'down' }],
};

/** The routes that there will be when these chains run. */
export function routeIdsOf(chains: readonly { name: string; messageService: { kind: string } }[]): RouteId[] {
  return chains.flatMap(({ name, messageService }) => (ROUTES[messageService.kind] ?? []).map((route) => ({ chain: name, ...route })));
}

/** Routes by chain, role and direction; all that fit. */
export interface RouteFilter {
  chain?: string;
  role?: Role;
  direction?: Direction;
}

/** E.g. `linea anchor`, `linea postman up`. */
export function routeName({ chain, role, direction }: RouteId): string {
  return role === 'postman' ? `${chain} ${role} ${direction}` : `${chain} ${role}`;
}

/** Whether a filter means a route. */
export function fits({ chain, role, direction }: RouteFilter, route: RouteId): boolean {
  return (chain === undefined || route.chain === chain) && (role === undefined || route.role === role) && (direction === undefined || route.direction === direction);
}

/**
 * The routes that at least one filter fits; all of them when there is no filter.
 * @throws UnknownWordError when a filter fits none
 */
export function selectRoutes<T extends { id: RouteId }>(routes: readonly T[], filters: readonly RouteFilter[]): T[] {
  for (const filter of filters) {
    if (routes.some(({ id }) => fits(filter, id))) continue;
    const actual = [filter.chain ?? 'any chain', filter.role, filter.direction].filter((word) => word !== undefined).join(' ');
    const expected = routes.map(({ id }) => routeName(id)).join(', ');
    throw new UnknownWordError('There is no such route', { facts: { expected, actual }, hint: 'A chain, a role, or `up` or `down` alone means all routes that fit.' });
  }
  return filters.length === 0 ? [...routes] : routes.filter(({ id }) => filters.some((filter) => fits(filter, id)));
}

/**
 * Reads routes as people write them, e.g. `linea anchor finalize zksync` or `linea postman up`: a chain's name begins a route; so does a role after
 * another role, for the same chain; a role or a direction alone means every chain.
 */
export function parseRoutes(words: readonly string[]): RouteFilter[] {
  const filters: RouteFilter[] = [];
  for (const word of words.flatMap((text) => text.split(/[\s,]+/)).filter((text) => text !== '')) {
    const last = filters.at(-1);
    if (isRole(word)) {
      if (last === undefined || last.role !== undefined) filters.push({ ...(last?.chain === undefined ? {} : { chain: last.chain }), role: word });
      else last.role = word;
    } else if (isDirection(word)) {
      if (last === undefined || last.direction !== undefined) filters.push({ direction: word });
      else last.direction = word;
    } else filters.push({ chain: word });
  }
  return filters;
}

export function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

export function isDirection(word: string): word is Direction {
  return word === 'up' || word === 'down';
}
