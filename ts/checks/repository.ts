import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';

/** Files of the checkout that git has or would add, as paths relative to its root. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  return [...new Set(listed.split('\n'))].filter((file) => file !== '' && existsSync(join(root, file)));
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Files that a program writes and git holds. */
export function isGenerated(file: string): boolean {
  return file.includes('/generated/') || file.startsWith('test/fixtures/') || isSnapshot(file) || file === 'package-lock.json';
}

/** Gas that forge writes down; its format has no room for a comment. */
export function isSnapshot(file: string): boolean {
  return file.startsWith('test/snapshots/');
}

export function isCode(file: string): boolean {
  return /\.(ts|cjs|mjs|sol|circom)$/.test(file);
}

/** Code that people write and read. */
export function handWrittenCode(): string[] {
  return repositoryFiles().filter((file) => isCode(file) && !isGenerated(file));
}

/** The checks' own rules name what they forbid. */
export function isRuleItself(file: string): boolean {
  return /^ts\/checks\/(hygiene|words)(\.test)?\.ts$/.test(file);
}
