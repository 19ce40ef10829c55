import type { Progress } from '../../base/progress.ts';
import type { Figure } from './figure.ts';

export interface SectionParameters {
  progress: Progress;
  /** Cancels; whatever the section started has ended when its promise settles. */
  signal: AbortSignal;
  /** Leave out what needs minutes, e.g. the cold start. */
  quick: boolean;
  /** Also the large profile. */
  large: boolean;
}

/** Measures one part of the system. @throws RollupError when it cannot be measured */
export type MeasureSection = (parameters: SectionParameters) => Promise<Figure[]>;
