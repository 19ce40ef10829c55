import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../base/paths.ts';

/** Files of the checkout that git has or would add, as paths relative to its root. */
export function repositoryFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  return listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export function isGenerated(file: string): boolean {
  return file.includes('/generated/') || file.startsWith('test/fixtures/') || file.startsWith('test/snapshots/') || file === 'package-lock.json';
}

/** Code that people write and read. */
export function handWrittenCode(): string[] {
  return repositoryFiles().filter((file) => /\.(ts|cjs|mjs|sol|circom)$/.test(file) && !isGenerated(file));
}
