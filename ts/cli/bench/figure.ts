import { formatTable } from '../output.ts';

export type Unit = 'constraints' | 'wires' | 'gas' | 'bytes' | 'seconds' | 'mebibytes' | 'per second' | 'per minute' | 'times';

/** What another system needs, or what this one may need at most. */
export interface Mark {
  value: number;
  /** Whose figure it is and what exactly it counts. */
  of: string;
}

/** One measured number. */
export interface Figure {
  section: SectionName;
  name: string;
  value: number;
  unit: Unit;
  mark?: Mark;
}

export const sectionNames = ['circuits', 'setup', 'edit', 'profiles', 'swaps', 'gas', 'ledger', 'recovery', 'devnet'] as const;
export type SectionName = (typeof sectionNames)[number];

const shortUnit: Record<Unit, string> = {
  constraints: '',
  wires: '',
  gas: 'gas',
  bytes: 'B',
  seconds: 's',
  mebibytes: 'MiB',
  'per second': '/s',
  'per minute': '/min',
  times: '×',
};

/** Three significant digits or all digits of the integer part. */
export function formatValue(value: number, unit: Unit): string {
  const digits = Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const text = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return shortUnit[unit] === '' ? text : `${text} ${shortUnit[unit]}`;
}

/** How many times better than the mark (2.0 = half the cost or twice the rate); below 1 is worse. */
export function advantage({ value, unit, mark }: Figure): number | undefined {
  if (!mark || value === 0) return undefined;
  return unit === 'per second' || unit === 'per minute' || unit === 'times' ? value / mark.value : mark.value / value;
}

/** The table that people read. */
export function formatFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { section, name, value, unit, mark } = figure;
    const times = advantage(figure);
    return [section, name, formatValue(value, unit), mark ? formatValue(mark.value, unit) : '', times === undefined ? '' : `${times.toFixed(2)} ×`, mark?.of ?? ''];
  });
  const lines = formatTable({
    columns: [{ title: 'section' }, { title: 'figure' }, { title: 'measured', align: 'right' }, { title: 'mark', align: 'right' }, { title: 'better', align: 'right' }, { title: 'mark is' }],
    rows,
    groupBy: 1,
  });
  return `${lines.join('\n')}\n`;
}
