import { type AddressInfo, createServer, type Server } from 'node:net';
import { RollupError, type RollupErrorOptions } from '../base/errors.ts';

/** The address that everything of a devnet listens on: its keys are public. */
export const HOST = '127.0.0.1';

/** Who wants a port: its name, and the flag that chooses another. */
export interface PortUse {
  what: string;
  /** Absent where nobody can choose: any free port will do. */
  flag?: string;
}

/** A part of the devnet cannot listen where it should. */
export class PortError extends RollupError {
  constructor({ message, use: { what }, ...options }: RollupErrorOptions & { message: string; use: PortUse }) {
    super(message, { ...options, facts: { for: what, ...options.facts } });
  }
}

/** Somebody else listens there. */
export class PortTakenError extends PortError {
  constructor({ port, cause, ...use }: PortUse & { port: number; cause?: unknown }) {
    super({ message: `Port ${port} is taken`, use, hint: use.flag === undefined ? 'Free it, or start again: any free port will do.' : `Free it, or ${anotherPort(use.flag)}.`, cause });
  }
}

function anotherPort(flag: string): string {
  return `choose another with \`${flag} <port>\` (0 for any free one)`;
}

/** @throws PortTakenError naming the port and the flag that changes it; PortError when the system refuses for another reason */
export async function assertPortFree({ port, ...use }: PortUse & { port: number }): Promise<void> {
  const server = createServer();
  await listen(server, { port, ...use });
  await new Promise((resolve) => server.close(resolve));
}

/**
 * A port that was free a moment ago. Whoever uses it finds out whether it still is.
 * @param except ports that somebody will need later
 * @throws PortError when the system gives none
 */
export async function freePort({ except = [] }: { except?: readonly number[] } = {}): Promise<number> {
  for (;;) {
    const server = createServer();
    const port = await listen(server, { port: 0, what: 'Any chain' });
    await new Promise((resolve) => server.close(resolve));
    if (!except.includes(port)) return port;
  }
}

/**
 * Lets a server listen.
 * @param port 0: any free one
 * @returns the port
 * @throws PortTakenError naming the port and the flag that changes it; PortError when the system refuses for another reason
 */
export async function listen(server: Server, { port, ...use }: PortUse & { port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => reject(refusalOf({ port, use, cause }));
    server.once('error', fail);
    server.listen(port, HOST, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function refusalOf({ port, use, cause }: { port: number; use: PortUse; cause: NodeJS.ErrnoException }): PortError {
  const { code = 'unknown' } = cause;
  if (code === 'EADDRINUSE') return new PortTakenError({ port, ...use, cause });
  const message = port === 0 ? 'The system gives no port' : `The system refuses port ${port}`;
  const hint = hintFor(code, use);
  return new PortError({ message, use, facts: { code }, ...(hint === undefined ? {} : { hint }), cause });
}

function hintFor(code: string, { flag }: PortUse): string | undefined {
  if (code === 'EMFILE' || code === 'ENFILE') return 'Too many files and connections are open. Allow more (`ulimit -n`), or end other programs.';
  if (code !== 'EACCES' || flag === undefined) return undefined;
  return `This user may not listen there, as is usual below 1024: ${anotherPort(flag)}.`;
}
