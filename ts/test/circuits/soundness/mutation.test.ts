import { beforeAll, describe, expect, it } from 'vitest';
import { groupConstraints } from '../../../circuit/soundness/groups.ts';
import { violatedBy } from '../../../circuit/soundness/lies.ts';
import { mutate, type MutationReport } from '../../../circuit/soundness/mutation.ts';
import { explain, mutationText } from '../../../circuit/soundness/mutationText.ts';
import { segmentReport, segmentSubject, signatureSubject, twoSlotSubject } from './segmentSubject.ts';
import { exitSubject, joinSubject, type MutationSubject } from './subjects.ts';

/*
 * Every statement of the circuits is taken away once, in thought: something must then move that could not, or a lie be accepted that was
 * refused. What is not noticed is listed with its reason beside the subject.
 */

function check(name: string, report: MutationReport, { explanations }: MutationSubject): void {
  console.info(`${name}: ${mutationText(report, { explanations })}`);
  expect(report.accepted).toEqual([]);
  expect(explain(report, explanations)).toEqual({ unexplained: [], unneeded: [] });
}

for (const [name, load] of Object.entries({ exit: exitSubject, join: joinSubject })) {
  it(`${name}: every constraint group is needed by a test, or explained`, async () => {
    const subject = await load();
    check(name, mutate(subject), subject);
  });
}

describe('segment', () => {
  let two: MutationReport;
  let segment: Awaited<ReturnType<typeof segmentSubject>>;
  let report: MutationReport;
  beforeAll(async () => {
    const subject = await signatureSubject();
    const signature = mutate(subject);
    check('signature', signature, subject);
    segment = await segmentSubject();
    two = mutate(await twoSlotSubject());
    report = segmentReport(segment, { signature, two });
  });

  it('valid operations are valid', () => {
    for (const { name, witness } of segment.cases) expect(violatedBy(segment.system, witness), name).toEqual([]);
  });

  it('every constraint group is needed by a test, or explained', () => check('segment', report, segment));

  it('every forgery is refused by one statement alone', () => {
    const groups = groupConstraints(segment.system);
    const keyOf = new Map(groups.flatMap(({ key, constraints }) => constraints.map((c) => [c, key])));
    const shared = segment.lies.map(({ name, witness }) => ({ name, by: [...new Set(violatedBy(segment.system, witness).map((c) => keyOf.get(c)))] })).filter(({ by }) => by.length !== 1);
    expect(shared).toEqual([]);
  });

  it('what stands between two slots is needed by a test as well', () => {
    const known = new Set(report.groups.map(({ key }) => key));
    const links = two.groups.filter(({ key }) => !known.has(key)).map(({ key }) => key);
    console.info(`two slots: ${links.length} groups that one slot does not have`);
    expect(links).toContain('slot: = (accruedIn accruedOut)');
    expect(two.accepted).toEqual([]);
    expect(two.survivors.map(({ key }) => key).filter((key) => !known.has(key))).toEqual([]);
  });
});

describe('the mutation test can fail', () => {
  it('a lie that is dropped leaves survivors; a reason that is not needed is seen', async () => {
    const { lies, ...parameters } = await exitSubject();
    const report = mutate({ ...parameters, lies: lies.filter(({ name }) => !name.includes('through a nonce of more than 32 bits')) });
    const survivors = [': = (Range(nonce).in nonce)', 'Range(nonce): = (bits.in in)', 'Range(nonce).bits: = (in out)'];
    expect(report.survivors.map(({ key }) => key)).toEqual(survivors);
    expect(mutationText(report)).toContain('SURVIVES Range(nonce).bits: = (in out) (1): not explained');
    const reasons = { [survivors[0] ?? '']: 'a reason', 'path: = (no such group)': 'a reason' };
    expect(explain(report, reasons)).toEqual({ unexplained: survivors.slice(1), unneeded: ['path: = (no such group)'] });
  });
});
