import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { paths } from '../../base/paths.ts';
import { circuitArtifacts, readInfo } from '../../circuit/artifacts.ts';
import { readInstances } from '../../circuit/instances.ts';
import { params } from '../../spec/params.ts';

/** Rows of the first table of circuits/README.md. */
const rows = [...readFileSync(join(paths.circuits, 'README.md'), 'utf8').matchAll(/^\| (\w+) \| ([\d,]+) \| (`.*`) \|$/gm)].map(([, name, constraints, inputs]) => ({
  name,
  constraints: Number(constraints?.replaceAll(',', '')),
  public: inputs?.replaceAll('`', '').split(' '),
}));

describe('circuits/README.md', () => {
  it('lists every circuit with its public inputs', () => {
    expect(rows.map(({ name, public: inputs }) => [name, inputs])).toEqual(readInstances().map((instance) => [instance.name, instance.publicInputs]));
  });

  for (const { name = '', constraints } of rows) {
    it(`states the constraints of ${name}`, () => {
      const info = readInfo(circuitArtifacts(name));
      expect(info.constraints).toBe(constraints);
    });
  }

  it('is right that a segment fills its domain and a slot costs at most 20,000', () => {
    const { constraints, publicInputs, domain } = readInfo(circuitArtifacts('segment'));
    expect(domain).toBe(2 ** 17);
    expect(constraints + publicInputs + 1).toBeLessThanOrEqual(domain);
    expect(constraints / params.slots).toBeLessThan(20_000);
  });
});
