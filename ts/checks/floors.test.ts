import { expect, test } from 'vitest';
import { floorViolations, importsOf, tsFloors, undeclaredPackages } from './floors.ts';
import { handWrittenCode, repositoryFiles, textOf } from './repository.ts';

function modules(): string[] {
  return repositoryFiles().filter((file) => /\.(ts|sol)$/.test(file) && !file.endsWith('.d.ts') && !/^test\/fixtures\//.test(file));
}

test('every module imports its own folder and lower floors only', () => {
  expect(modules().flatMap((file) => floorViolations(file, textOf(file)))).toEqual([]);
});

test('every package that is imported is declared', () => {
  const manifest = JSON.parse(textOf('package.json')) as { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  const remappings = [...textOf('foundry.toml').matchAll(/^\s*"([^"=]+)=/gm)].map((match) => match[1] ?? '');
  expect(remappings).toContain('forge-std/');
  expect(modules().flatMap((file) => undeclaredPackages(file, textOf(file), file.endsWith('.sol') ? remappings : packages))).toEqual([]);
  expect(undeclaredPackages('ts/a.ts', "import a from 'left';\nimport { b } from 'viem/chains';\nimport 'node:fs';", ['viem'])).toEqual(['ts/a.ts imports left, which is not declared']);
  expect(undeclaredPackages('src/A.sol', 'import { B } from "src/B.sol";', ['forge-std/'])).toEqual(['src/A.sol imports src/B.sol, which is not declared']);
});

test('every folder below ts/ has its floor', () => {
  const exempt = ['checks', 'test', 'tools'];
  const folders = new Set(handWrittenCode().flatMap((file) => (/^ts\/[^/]+\//.test(file) ? [file.split('/')[1] ?? ''] : [])));
  expect([...folders].filter((folder) => !(folder in tsFloors) && !exempt.includes(folder))).toEqual([]);
});

test('a violation names both files and both floors', () => {
  const violations = (file: string, ...targets: string[]): string[] => floorViolations(file, targets.map((target) => (file.endsWith('.sol') ? `import { A } from "${target}";` : `import { a } from '${target}';`)).join('\n'));
  expect(violations('ts/state/ledger.ts', '../chain/clients.ts')).toEqual(['state/ledger.ts may not import chain/clients.ts (2 → 4)']);
  expect(violations('ts/state/ledger.ts', '../circuit/compile.ts')).toEqual(['state/ledger.ts may not import circuit/compile.ts (2 → 2)']);
  expect(violations('ts/state/ledger.ts', './tree.ts', '../spec/leaf.ts', 'viem')).toEqual([]);
  expect(violations('ts/state/ledger.test.ts', '../chain/clients.ts')).toEqual([]);
  expect(violations('ts/cli/main.ts', './main.test.ts')).toEqual(['cli/main.ts may not import cli/main.test.ts (a test)']);
  expect(violations('ts/cli/main.ts', '../checks/floors.ts')).toEqual(['ts/cli/main.ts may not import ts/checks/floors.ts (outside of the floors)']);
  expect(violations('src/libraries/Pubdata.sol', '../interfaces/IRollup.sol')).toEqual(['src/libraries/Pubdata.sol may not import src/interfaces/IRollup.sol (2 → 3)']);
  expect(violations('src/rollup/Proving.sol', '../PrimaryRollup.sol')).toEqual(['src/rollup/Proving.sol may not import src/PrimaryRollup.sol (4 → 5)']);
  expect(violations('src/PrimaryRollup.sol', './rollup/Proving.sol', '@openzeppelin/contracts/a.sol')).toEqual([]);
  expect(violations('src/Arbitrator.sol', '../script/devnet/A.sol')).toEqual(['src/Arbitrator.sol may not import script/devnet/A.sol (src → script)']);
});

test('all ways to import are seen', () => {
  const text = `import 'a';\nimport { b,\n  c } from "b";\nexport { d } from './d.ts';\nconst e = await import('../e.ts');\nimport type { F } from 'f';\nnew Worker(new URL('./g.ts', import.meta.url));`;
  expect(importsOf('ts/x.ts', text)).toEqual(['a', 'b', './d.ts', '../e.ts', 'f', './g.ts']);
  expect(importsOf('src/x.sol', 'import { A,\n  B } from "./A.sol";\nimport "b.sol";')).toEqual(['./A.sol', 'b.sol']);
});
