/** A JSON-RPC call. */
export interface RpcCall {
  method: string;
  params: readonly unknown[];
}

/** What a JSON-RPC call is refused with; `data` holds e.g. what a contract reverted with. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor({ code, message, data }: { code: number; message: string; data?: unknown }) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** Codes of the JSON-RPC specification; SERVER_ERROR is what Era's node uses for everything that it understands and refuses. */
export const PARSE_ERROR = -32_700;
export const INVALID_REQUEST = -32_600;
export const METHOD_NOT_FOUND = -32_601;
export const INVALID_PARAMS = -32_602;
export const INTERNAL_ERROR = -32_603;
export const SERVER_ERROR = -32_000;

/** @returns the call's result @throws RpcError */
export type RpcHandler = (call: RpcCall) => Promise<unknown>;

interface RpcRequest {
  id?: unknown;
  method?: unknown;
  params?: unknown;
}

interface RpcAnswer {
  jsonrpc: '2.0';
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Answers what a client sent: one request or several; undefined when none of them wants an answer. */
export async function answerText(text: string, handle: RpcHandler): Promise<RpcAnswer | RpcAnswer[] | undefined> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failure(null, new RpcError({ code: PARSE_ERROR, message: 'This is no JSON' }));
  }
  if (!Array.isArray(body)) return await answerOne(body, handle);
  if (body.length === 0) return failure(null, new RpcError({ code: INVALID_REQUEST, message: 'A batch holds at least one request' }));
  // One after the other: a batch may send a transaction and ask for what it changed.
  const answers: RpcAnswer[] = [];
  for (const request of body) {
    const answer = await answerOne(request, handle);
    if (answer !== undefined) answers.push(answer);
  }
  return answers.length === 0 ? undefined : answers;
}

async function answerOne(request: unknown, handle: RpcHandler): Promise<RpcAnswer | undefined> {
  const { id, method, params = [] } = Object(request) as RpcRequest;
  if (typeof method !== 'string' || !Array.isArray(params)) {
    return failure(id ?? null, new RpcError({ code: INVALID_REQUEST, message: 'A request has a method and a list of params' }));
  }
  try {
    const result = (await handle({ method, params })) ?? null;
    return id === undefined ? undefined : { jsonrpc: '2.0', id, result };
  } catch (error) {
    return id === undefined ? undefined : failure(id, error);
  }
}

function failure(id: unknown, error: unknown): RpcAnswer {
  const { code, message, data } = error instanceof RpcError ? error : { code: INTERNAL_ERROR, message: error instanceof Error ? error.message : String(error), data: undefined };
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** Sends calls to a node by HTTP. Errors come back as the node gave them. */
export function httpNode({ name, url }: { name: string; url: string }): RpcHandler {
  let last = 0;
  return async ({ method, params }) => {
    let answer: RpcAnswer;
    try {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: ++last, method, params }) });
      answer = (await response.json()) as RpcAnswer;
    } catch (cause) {
      throw new RpcError({ code: INTERNAL_ERROR, message: `Chain ${name} does not answer: ${cause instanceof Error ? cause.message : String(cause)}` });
    }
    if (answer.error !== undefined) throw new RpcError(answer.error);
    return answer.result;
  };
}
