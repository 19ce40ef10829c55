/** A column is as wide as its widest cell; `right` aligns numbers. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
}

export interface FormatTableParameters {
  columns: readonly Column[];
  rows: readonly (readonly string[])[];
  /** A cell equal to the one above it is left out in these leading columns, so that groups show. */
  groupBy?: number;
}

/** Plain text that reads the same in a terminal and in a log file. @returns lines without trailing blanks */
export function formatTable({ columns, rows, groupBy = 0 }: FormatTableParameters): string[] {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i]?.align === 'right' ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const shown = rows.map((row, r) => {
    const above = rows[r - 1];
    let isSame = above !== undefined;
    return row.map((cell, i) => {
      isSame = isSame && i < groupBy && above?.[i] === cell;
      return isSame ? '' : cell;
    });
  });
  return [line(columns.map(({ title }) => title)), line(widths.map((width) => '-'.repeat(width))), ...shown.map(line)];
}

/** `0x1234…abcd`, for tables; the whole value is in `--json`. */
export function shortHex(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** `1.3 s` or `2 min 05 s`. @param milliseconds any duration */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}
