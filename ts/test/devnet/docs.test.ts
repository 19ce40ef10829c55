import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseEther } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths } from '../../base/paths.ts';
import { environmentOf } from '../../cli/devnet/env.ts';
import { orderFlags } from '../../cli/devnetOrders.ts';
import { verbFlags } from '../../cli/devnetVerbs.ts';
import { optionNames } from '../../devnet/config/options.ts';
import { type Devnet, startDevnet } from '../../devnet/devnet.ts';
import { pinnedVersion, testedClients } from '../../devnet/versions.ts';

/*
 * Every snippet of the devnet's documentation that is marked with `run`, against one devnet. npm and npx, which take longer to start than what
 * they start, are left out: the commands behind them run as they stand.
 */

const docs = join(paths.root, 'ts', 'devnet', 'docs');
const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
const textOf = (page: string): string => readFileSync(join(docs, page), 'utf8');

interface Snippet {
  language: string;
  code: string;
}

function snippetsOf(page: string): Snippet[] {
  return [...textOf(page).matchAll(/^```(ts|sh) run\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => ({ language, code }));
}

const folder = mkdtempSync(join(tmpdir(), 'docs-'));
/** Inside of the checkout, so that packages are found. */
const scratch = join(paths.forgeOut, `docs-${process.pid}`);
let devnet: Devnet;
let variables: Record<string, string>;

beforeAll(async () => {
  devnet = await startDevnet({ sequencer: false, control: true, folder });
  variables = environmentOf(devnet, join(folder, 'devnet.json'));
  Object.assign(process.env, variables);
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n[ "$1 $2 $3 $4" = "run --silent devnet --" ] || { echo "not a command of these pages: npm $*" >&2; exit 1; }\nshift 4\nexec node ts/tools/run.cjs ts/cli/devnet.ts "$@"\n`);
  writeFileSync(join(folder, 'npx'), '#!/bin/sh\nprogram=$1\nshift\nexec node_modules/.bin/"$program" "$@"\n');
  for (const name of ['npm', 'npx']) chmodSync(join(folder, name), 0o755);
});
afterAll(async () => {
  await devnet?.stop();
  for (const name of Object.keys(variables ?? {})) delete process.env[name];
  rmSync(folder, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
});

test.each(pages.filter((page) => snippetsOf(page).length > 0))('the snippets of %s run', async (page) => {
  for (const [i, { language, code }] of snippetsOf(page).entries()) {
    if (language === 'sh') {
      await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', code], { cwd: paths.root, env: { ...process.env, ...variables, TMPDIR: folder, PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
    } else {
      const file = join(scratch, `${page.replace('.md', '')}-${i}.ts`);
      writeFileSync(file, code);
      await import(/* @vite-ignore */ file);
    }
  }
});

test('the withdrawal that a snippet has finalized counts as claimed, and says whom it paid', async () => {
  const up = (await devnet.relayers.messages({ limit: 1_000 })).filter(({ message }) => message.chain === 'zksync' && message.direction === 'up' && message.value > 0n);
  expect(up).toMatchObject([{ stage: 'claimed', route: undefined, next: undefined, message: { to: devnet.accounts[0]?.address, value: parseEther('0.25') } }]);
});

test('there are snippets for each client and direction', () => {
  const all = pages.flatMap(snippetsOf).map(({ code }) => code).join('\n');
  for (const name of ['npx cast', "from 'viem'", "from 'viem/zksync'", "from 'ethers'", "from 'zksync-ethers'", "from '@consensys/linea-sdk'", 'claimMessage', 'finalizeWithdrawal', 'time +3h']) expect(all).toContain(name);
});

test('options and pages that the docs name exist', () => {
  const known = new Set<string>([...optionNames, ...optionNames.map((name) => `no-${name}`), ...Object.keys(verbFlags), ...Object.keys(orderFlags)]);
  for (const page of pages) {
    const text = textOf(page);
    // Flags behind `npm run devnet --`, and in text by themselves.
    const commands = [...text.matchAll(/npm run (?:--silent )?devnet --(.*)/g)].map(([, rest = '']) => (rest.split('`')[0] ?? '').split(/[|)#]/)[0] ?? '');
    const alone = [...text.matchAll(/`(--[^`]+)`/g)].map(([, flag = '']) => flag);
    const flags = [...commands, ...alone].flatMap((line) => [...line.matchAll(/(?<=^|\s)--([a-z][a-z-]*[a-z])/g)].map(([, flag = '']) => flag));
    expect(flags.filter((flag) => !known.has(flag)), page).toEqual([]);
    for (const [, target = ''] of text.matchAll(/\]\(([\w-]+\.md)\)/g)) expect(pages, page).toContain(target);
  }
});

test('the versions that the docs name are those that package.json pins', () => {
  const text = textOf('troubleshooting.md');
  const versionIn = (label: string): string | undefined => text.split('\n').find((line) => line.startsWith(`| ${label}`))?.split('|')[2]?.trim();
  for (const name of testedClients) expect(versionIn(name), name).toBe(pinnedVersion(name));
  for (const tool of ['anvil', 'forge', 'cast']) expect(versionIn('anvil, forge, cast'), tool).toBe(pinnedVersion(`@foundry-rs/${tool}`));
});
