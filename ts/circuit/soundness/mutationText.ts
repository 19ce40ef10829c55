import type { GroupResult, MutationReport } from './mutation.ts';

/** Reasons for groups that no test can notice, by key. */
export type Explanations = Readonly<Record<string, string>>;

export interface ExplainedReport {
  /** Survivors without a reason. */
  unexplained: string[];
  /** Reasons for groups that are noticed, or that do not exist. */
  unneeded: string[];
}

/** Compares a report with the reasons that are written down. Both lists must be empty. */
export function explain({ survivors }: MutationReport, explanations: Explanations): ExplainedReport {
  const surviving = new Set(survivors.map(({ key }) => key));
  return {
    unexplained: [...surviving].filter((key) => !(key in explanations)),
    unneeded: Object.keys(explanations).filter((key) => !surviving.has(key)),
  };
}

export interface MutationTextOptions {
  explanations?: Explanations;
  /** Also a line for every group that is noticed. */
  all?: boolean;
}

/** A report for people: totals, survivors with their reasons and, on demand, how each group is noticed. */
export function mutationText(report: MutationReport, { explanations = {}, all = false }: MutationTextOptions = {}): string {
  const { constraints, groups, noticedAlone, survivors, accepted } = report;
  const count = (by: (group: GroupResult) => boolean): number => groups.filter(by).length;
  return [
    `${constraints} constraints in ${groups.length} groups; ${noticedAlone} constraints are noticed when they alone are missing`,
    `groups noticed because something moves: ${count(({ moves }) => moves.length > 0)}, because an input is loose: ${count(({ loose }) => loose.length > 0)}, by lies: ${count(({ lies }) => lies.length > 0)}`,
    ...accepted.map((name) => `ACCEPTED LIE ${name}`),
    ...survivors.map(({ key, size }) => `SURVIVES ${key} (${size}): ${explanations[key] ?? 'not explained'}`),
    ...(all ? groups.map(groupLine) : []),
  ].join('\n');
}

function groupLine({ key, size, alone, moves, loose, lies }: GroupResult): string {
  const by = [...moves.map((name) => `moves: ${name}`), ...loose.map((name) => `loose: ${name}`), ...lies.map((name) => `lie: ${name}`)];
  return `${key} (${alone}/${size} alone) ${by[0] ?? 'SURVIVES'}${by.length > 1 ? ` and ${by.length - 1} more` : ''}`;
}
