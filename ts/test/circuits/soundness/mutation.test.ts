import { describe, expect, it } from 'vitest';
import { mutate } from '../../../circuit/soundness/mutation.ts';
import { explain, mutationText } from '../../../circuit/soundness/mutationText.ts';
import { exitSubject, joinSubject } from './subjects.ts';

/*
 * Every statement of the circuits is taken away once, in thought: something must then move that could not, or a lie be accepted that was
 * refused. What is not noticed is listed with its reason in subjects.ts.
 */

for (const [name, subject] of Object.entries({ exit: exitSubject, join: joinSubject })) {
  it(`${name}: every constraint group is needed by a test, or explained`, async () => {
    const { explanations, ...parameters } = await subject();
    const report = mutate(parameters);
    console.info(`${name}: ${mutationText(report, { explanations })}`);
    expect(report.accepted).toEqual([]);
    expect(explain(report, explanations)).toEqual({ unexplained: [], unneeded: [] });
  });
}

describe('the mutation test can fail', () => {
  it('a lie that is dropped leaves survivors; a reason that is not needed is seen', async () => {
    const { lies, ...parameters } = await exitSubject();
    const report = mutate({ ...parameters, lies: lies.filter(({ name }) => !name.startsWith('a pool leaf through a nonce')) });
    const survivors = [': = (Range(nonce).in nonce)', 'Range(nonce): = (bits.in in)', 'Range(nonce).bits: = (in out)'];
    expect(report.survivors.map(({ key }) => key)).toEqual(survivors);
    expect(mutationText(report)).toContain('SURVIVES Range(nonce).bits: = (in out) (1): not explained');
    const reasons = { [survivors[0] ?? '']: 'a reason', 'path: = (no such group)': 'a reason' };
    expect(explain(report, reasons)).toEqual({ unexplained: survivors.slice(1), unneeded: ['path: = (no such group)'] });
  });
});
