import type { CircuitInfo } from './artifacts.ts';
import type { BuiltCircuit } from './ensureBuilt.ts';

/** What a circuit's build has that the one before had not. */
export interface CircuitChange {
  name: string;
  state: 'unchanged' | 'changed' | 'new';
  hash: string;
  /** Undefined for a new circuit. */
  before?: ChangedFacts;
  after: ChangedFacts;
  /** `+` added, `-` removed, `~` edited: source files by name. Settings are versions, flags and beacons. */
  files: string[];
  settings: string[];
  /** It was compiled now; false if it was found built. */
  isFresh: boolean;
}

export interface ChangedFacts {
  main: string;
  constraints: number;
  wires: number;
  /** SHA-256 of the proving key and of the verifying key. */
  zkeySha256: string;
  vkeySha256: string;
}

export function changeOf({ info, before, isFresh }: BuiltCircuit): CircuitChange {
  const state = before === undefined ? 'new' : before.hash === info.hash && before.zkeySha256 === info.zkeySha256 ? 'unchanged' : 'changed';
  return {
    name: info.name,
    state,
    hash: info.hash,
    ...(before === undefined ? {} : { before: factsOf(before) }),
    after: factsOf(info),
    files: before === undefined ? [] : differences(before.files, info.files),
    settings: before === undefined ? [] : differences(before.settings, info.settings),
    isFresh,
  };
}

/** One line for an unchanged circuit, more for another. */
export function changeLines({ name, state, hash, before, after, files, settings, isFresh }: CircuitChange): string[] {
  const keys = (facts: ChangedFacts): string => `${facts.zkeySha256.slice(0, 16)} (verifying ${facts.vkeySha256.slice(0, 16)})`;
  if (state === 'unchanged') return [`${name}: unchanged (${hash})${isFresh ? ', built again, same key' : ''}`];
  if (before === undefined) return [`${name}: new (${hash}), ${count(after.constraints)} constraints, ${count(after.wires)} wires`, `  key          ${keys(after)}`];
  const line = (title: string, from: string, to: string): string => `  ${title.padEnd(12)} ${from === to ? `${to}, as before` : `${from} → ${to}`}`;
  const number = (title: string, from: number, to: number): string => line(title, count(from), count(to)) + (from === to ? '' : ` (${to > from ? '+' : '−'}${count(Math.abs(to - from))})`);
  return [
    `${name}: changed (${hash})${isFresh ? '' : ', found built'}`,
    ...(before.main === after.main ? [] : [line('sizes', before.main, after.main)]),
    ...files.map((file, i) => `  ${(i === 0 ? 'sources' : '').padEnd(12)} ${file}`),
    ...settings.map((setting, i) => `  ${(i === 0 ? 'settings' : '').padEnd(12)} ${setting}`),
    number('constraints', before.constraints, after.constraints),
    number('wires', before.wires, after.wires),
    line('key', keys(before), keys(after)),
  ];
}

function factsOf({ main, constraints, wires, zkeySha256, vkeySha256 }: CircuitInfo): ChangedFacts {
  return { main, constraints, wires, zkeySha256, vkeySha256 };
}

/** Names whose value differs. */
function differences(before: Readonly<Record<string, string>> = {}, after: Readonly<Record<string, string>> = {}): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => before[name] !== after[name]).map((name) => `${before[name] === undefined ? '+' : after[name] === undefined ? '-' : '~'} ${name}`);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
