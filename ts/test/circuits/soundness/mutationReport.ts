import { pathToFileURL } from 'node:url';
import { mutate, type MutationReport } from '../../../circuit/soundness/mutation.ts';
import { mutationText, type Explanations } from '../../../circuit/soundness/mutationText.ts';
import { segmentReport, segmentSubject, signatureSubject, twoSlotSubject } from './segmentSubject.ts';
import { exitSubject, joinSubject } from './subjects.ts';

export const mutationCircuits = ['signature', 'segment', 'join', 'exit'] as const;
export type MutationCircuit = (typeof mutationCircuits)[number];

/** Runs the mutation test of a circuit: half a minute, several minutes for the segment. */
export async function mutationReport({ circuit }: { circuit: MutationCircuit }): Promise<{ report: MutationReport; explanations: Explanations }> {
  if (circuit === 'segment') {
    const segment = await segmentSubject();
    const [signature, two] = [mutate(await signatureSubject()), mutate(await twoSlotSubject())];
    return { report: segmentReport(segment, { signature, two }), explanations: segment.explanations };
  }
  const subject = await { signature: signatureSubject, join: joinSubject, exit: exitSubject }[circuit]();
  return { report: mutate(subject), explanations: subject.explanations };
}

/** `npx tsx ts/test/circuits/soundness/mutationReport.ts segment [--json]`: a line for every constraint group. */
async function main(): Promise<void> {
  const [name, ...flags] = process.argv.slice(2);
  const circuit = mutationCircuits.find((known) => known === name);
  if (circuit === undefined) throw new Error(`expected one of ${mutationCircuits.join(', ')}, got ${name ?? 'nothing'}`);
  const { report, explanations } = await mutationReport({ circuit });
  console.log(flags.includes('--json') ? JSON.stringify({ circuit, ...report, explanations }, null, 2) : mutationText(report, { explanations, all: true }));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
