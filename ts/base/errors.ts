/**
 * The one error class of the project. An error says what went wrong, which facts matter (expected, actual, addresses, paths) and what
 * to do next; the cause is kept, never swallowed.
 */
export interface RollupErrorOptions {
  /** Facts worth printing under the message, in order. */
  facts?: Record<string, unknown>;
  /** What the reader should do next, as an imperative sentence. */
  hint?: string;
  cause?: unknown;
}

export class RollupError extends Error {
  override readonly name = 'RollupError';
  readonly facts: Record<string, unknown>;
  readonly hint: string | undefined;

  constructor(message: string, options: RollupErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.facts = options.facts ?? {};
    this.hint = options.hint;
  }
}

/** Several failures that happened together, e.g. while stopping processes. */
export function joinErrors(message: string, errors: readonly unknown[]): RollupError {
  return new RollupError(message, {
    facts: Object.fromEntries(errors.map((error, i) => [`${i + 1}`, firstLine(error)])),
    cause: errors[0],
  });
}

/** The first line of anything thrown. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}

/** Human-readable text of anything thrown: message, facts, hint, causes; no stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = [error.message.split('\n').slice(0, 12).join('\n')];
  if (error instanceof RollupError) {
    for (const [key, value] of Object.entries(error.facts)) lines.push(`  ${key}: ${formatFact(value)}`);
  }
  // Raw revert data of a contract can be thousands of characters long.
  if (error.cause !== undefined) lines.push(`  cause: ${firstLine(error.cause).slice(0, 300)}`);
  if (error instanceof RollupError && error.hint) lines.push(`  next: ${error.hint}`);
  return lines.join('\n');
}

function formatFact(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return value.toString();
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v)) ?? String(value);
}
