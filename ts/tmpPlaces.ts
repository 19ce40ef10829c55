import { JoinHarness } from './test/circuits/joinHarness.ts';
import { joinPairLies } from './test/circuits/joinPairLies.ts';
import { joinLies } from './test/circuits/joinLies.ts';
const join = await JoinHarness.load();
for (const [t, lies] of Object.entries({...joinLies, ...joinPairLies})) for (const [n, { witness, refusedBy }] of Object.entries(lies)) {
  const w = witness(join); const p = join.places(w);
  const vs = join.tester.violations(w, 100);
  const ok = JSON.stringify(p) === JSON.stringify([...refusedBy].sort());
  if (!ok) console.log(`${t} / ${n}: ${vs.map(v=>v.component+'{'+v.signals.slice(0,3).join(' ')+'}').join('  |  ')}`);
}
