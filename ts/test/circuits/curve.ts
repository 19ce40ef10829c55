import { Field } from '@noble/curves/abstract/modular.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { FIELD } from '../../spec/field.ts';
import { SUBGROUP_ORDER } from '../../spec/signature.ts';

export interface SmallOrderPoint {
  order: number;
  x: bigint;
  y: bigint;
}

/** A point of Baby Jubjub of each order that divides the cofactor 8: 8, 4, 2, 1. */
export function smallOrderPoints(): SmallOrderPoint[] {
  const { Point } = babyjubjub;
  const field = Field(FIELD);
  for (let y = 2n; ; y++) {
    const yy = field.sqr(y);
    const xx = field.div(field.sub(1n, yy), field.sub(168700n, field.mul(168696n, yy)));
    let x: bigint;
    try {
      x = field.sqrt(xx);
    } catch {
      continue; // no point has this y
    }
    const any = Point.fromAffine({ x, y });
    const torsion = any.multiplyUnsafe(SUBGROUP_ORDER - 1n).add(any);
    const points = [torsion, torsion.double(), torsion.double().double(), Point.ZERO];
    if (points[2]?.equals(Point.ZERO)) continue; // its order is below 8
    return points.map((point, k) => ({ order: 8 >> k, ...point.toAffine() }));
  }
}
