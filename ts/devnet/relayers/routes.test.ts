import { expect, test } from 'vitest';
import { parseRoutes, routeIdsOf, routeName, type RouteId, selectRoutes, UnknownWordError } from './routes.ts';

const ids: RouteId[] = [
  { chain: 'linea', role: 'anchor', direction: 'down' },
  { chain: 'linea', role: 'finalize', direction: 'up' },
  { chain: 'linea', role: 'postman', direction: 'up' },
  { chain: 'linea', role: 'postman', direction: 'down' },
  { chain: 'zksync', role: 'batcher', direction: 'up' },
];
const routes = ids.map((id) => ({ id }));
const chosen = (...words: string[]): string[] => selectRoutes(routes, parseRoutes(words)).map(({ id }) => routeName(id));

test('routes in words', () => {
  expect(chosen()).toHaveLength(5);
  expect(chosen('linea', 'anchor')).toEqual(['linea anchor']);
  expect(chosen('linea anchor finalize')).toEqual(['linea anchor', 'linea finalize']);
  expect(chosen('linea', 'postman', 'up', 'zksync')).toEqual(['linea postman up', 'zksync batcher']);
  expect(chosen('postman')).toEqual(['linea postman up', 'linea postman down']);
  expect(chosen('up')).toEqual(['linea finalize', 'linea postman up', 'zksync batcher']);
  expect(chosen('linea anchor, zksync')).toEqual(['linea anchor', 'zksync batcher']);
  expect(chosen('linea', 'down')).toEqual(['linea anchor', 'linea postman down']);
});

test('routes that there are not are refused, with those that there are', () => {
  expect(() => chosen('linea', 'batcher')).toThrow(expect.objectContaining({ message: 'There is no such route', facts: { expected: ids.map(routeName).join(', '), actual: 'linea batcher' } }));
  expect(() => chosen('mars')).toThrow(UnknownWordError);
});

test('the routes of chains are known before they run', () => {
  const chains = [{ name: 'a', messageService: { kind: 'zksync' } }, { name: 'b', messageService: { kind: 'direct' } }, { name: 'c', messageService: { kind: 'linea' } }];
  expect(routeIdsOf(chains).map(routeName)).toEqual(['a batcher', 'a claimer', 'a sequencer', 'c finalize', 'c postman up', 'c anchor', 'c postman down']);
});
