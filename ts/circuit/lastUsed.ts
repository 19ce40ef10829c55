import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Hash of the build that was used last, by circuit. */
export type UsedBuilds = Readonly<Record<string, string>>;

/**
 * Which build of each circuit was used last in a profile. It only serves to say what changed since, so a file that is missing or damaged
 * means that nothing is known.
 */
export function lastUsedBuilds(buildFolder: string, profile: string): UsedBuilds {
  return readAll(buildFolder)[profile] ?? {};
}

/** Other circuits of the profile stay as they are. */
export function noteUsedBuilds(buildFolder: string, profile: string, used: UsedBuilds): void {
  const all = readAll(buildFolder);
  const now = { ...all, [profile]: { ...all[profile], ...used } };
  if (JSON.stringify(now) === JSON.stringify(all)) return;
  mkdirSync(buildFolder, { recursive: true });
  const draft = join(buildFolder, `.last-used-${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(now, null, 2)}\n`);
  renameSync(draft, fileIn(buildFolder));
}

function fileIn(buildFolder: string): string {
  return join(buildFolder, 'last-used.json');
}

function readAll(buildFolder: string): Record<string, Record<string, string>> {
  const path = fileIn(buildFolder);
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
  } catch {
    return {};
  }
}
