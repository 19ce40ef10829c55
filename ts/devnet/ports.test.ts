import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { assertPortFree, freePort, listen, PortError, PortTakenError } from './ports.ts';

/** What a system says that lets nobody listen. */
function refusing(code: string): Server {
  const server = createServer();
  server.listen = () => {
    queueMicrotask(() => server.emit('error', Object.assign(new Error(`listen ${code}`), { code })));
    return server;
  };
  return server;
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('a taken port is named with the flag that chooses another, if there is one', async () => {
  const server = createServer();
  const port = await listen(server, { port: 0, what: 'test' });
  const [chosen, found] = [await refusal(assertPortFree({ port, what: 'Control', flag: '--port-control' })), await refusal(assertPortFree({ port, what: 'Node' }))];
  await new Promise((resolve) => server.close(resolve));
  expect(chosen).toBeInstanceOf(PortTakenError);
  expect(chosen).toMatchObject({ message: `Port ${port} is taken`, facts: { for: 'Control' }, hint: 'Free it, or choose another with `--port-control <port>` (0 for any free one).' });
  expect(found).toMatchObject({ message: `Port ${port} is taken`, facts: { for: 'Node' }, hint: 'Free it, or start again: any free port will do.' });
  await assertPortFree({ port, what: 'Control' });
});

test('a port that the system refuses for another reason is not called taken', async () => {
  const use = { what: 'Chain linea', flag: '--port-linea' };
  const errors = [
    await refusal(listen(refusing('EACCES'), { port: 80, ...use })),
    await refusal(listen(refusing('EACCES'), { port: 80, what: 'Chain linea' })),
    await refusal(listen(refusing('EMFILE'), { port: 0, ...use })),
    await refusal(listen(refusing('EADDRNOTAVAIL'), { port: 9_000, ...use })),
  ];
  for (const error of errors) {
    expect(error).toBeInstanceOf(PortError);
    expect(error).not.toBeInstanceOf(PortTakenError);
  }
  const another = 'choose another with `--port-linea <port>` (0 for any free one)';
  expect(errors).toMatchObject([
    { message: 'The system refuses port 80', facts: { for: 'Chain linea', code: 'EACCES' }, hint: `This user may not listen there, as is usual below 1024: ${another}.`, cause: { message: 'listen EACCES' } },
    { message: 'The system refuses port 80', hint: undefined },
    { message: 'The system gives no port', facts: { code: 'EMFILE' }, hint: 'Too many files and connections are open. Allow more (`ulimit -n`), or end other programs.' },
    { message: 'The system refuses port 9000', facts: { code: 'EADDRNOTAVAIL' }, hint: undefined },
  ]);
});

test('a port that somebody will need later is not given away', async () => {
  // Every other pair: a system may hand out even or odd ones only.
  const free = (port: number): boolean => Math.floor(port / 2) % 2 === 0;
  const except = Array.from({ length: 65_536 }, (_, port) => port).filter((port) => !free(port));
  const given: number[] = [];
  while (given.length < 20) given.push(await freePort({ except }));
  expect(given.filter((port) => !free(port))).toEqual([]);
});
