/** How long work reports what it does. One line per call; a caller that shows a bar uses `fraction`. */
export interface Progress {
  /** @param fraction 0…1 when known */
  report(message: string, fraction?: number): void;
}

export const silentProgress: Progress = { report: () => {} };

/** Lines for people, or one JSON object a line. */
export type LogFormat = 'text' | 'json';

/** Plain lines with the elapsed seconds, good for terminals and CI logs alike; as `json` with the time of day. */
export function lineProgress(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`), prefix = '', format: LogFormat = 'text'): Progress {
  const start = Date.now();
  let lastLine = '';
  return {
    report(message, fraction) {
      const percent = fraction === undefined ? '' : ` ${Math.round(fraction * 100)} %`;
      const line = `${prefix}${message}${percent}`;
      if (line === lastLine) return;
      lastLine = line;
      if (format === 'json') write(JSON.stringify({ time: new Date().toISOString(), message: `${prefix}${message}`, ...(fraction === undefined ? {} : { fraction }) }));
      else write(`[${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s] ${line}`);
    },
  };
}
