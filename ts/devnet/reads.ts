import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import type { DevnetDescription } from '../chain/deployments.ts';
import type { EventStream } from './events/eventStream.ts';
import type { Readiness } from './readiness.ts';

/** What the control server tells, in the life of a devnet from its start on. */
export interface Told {
  ready(): Promise<Readiness>;
  /** Undefined while the devnet starts. */
  description(): DevnetDescription | undefined;
  events(): EventStream | undefined;
}

/**
 * Answers GET requests:
 * - `/ready`: 200 when the devnet can be used, 503 with what is missing otherwise;
 * - `/events`: what happened, one JSON object a line; `?after=N` leaves out the first ones, `?follow` goes on with what happens;
 * - `/`: the description, as in devnet.json but with numbers as decimal strings.
 */
export function answerReads(told: Told): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => void answer(told, request, response).catch((error: unknown) => json(response, 500, { error: formatError(error) }));
}

async function answer(told: Told, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://devnet');
  if (pathname === '/ready') {
    const readiness = await told.ready();
    json(response, readiness.ready ? 200 : 503, readiness);
  } else if (pathname === '/events') {
    const events = told.events();
    if (events === undefined) json(response, 503, await told.ready());
    else await streamEvents({ events, searchParams, response });
  } else if (pathname === '/') {
    const description = told.description();
    if (description === undefined) json(response, 503, await told.ready());
    else json(response, 200, description);
  } else json(response, 404, { error: `The devnet has no ${pathname}`, expected: ['/ready', '/events', '/'] });
}

async function streamEvents({ events, searchParams, response }: { events: EventStream; searchParams: URLSearchParams; response: ServerResponse }): Promise<void> {
  const after = searchParams.get('after') ?? '0';
  if (!/^\d{1,15}$/.test(after)) {
    json(response, 400, { error: '`after` is not the number of an event', expected: 'a whole number', actual: after });
    return;
  }
  await events.refresh();
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for (const event of events.list(Number(after))) response.write(`${JSON.stringify(event)}\n`);
  if (!searchParams.has('follow')) {
    response.end();
    return;
  }
  const unsubscribe = events.subscribe((event) => response.write(`${JSON.stringify(event)}\n`));
  response.on('close', unsubscribe);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(`${stringifyPlain(body, 2)}\n`);
}
