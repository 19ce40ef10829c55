import { firstLine } from '../../base/errors.ts';
import { type DevnetConfig, type OptionName, optionNames } from '../../devnet/config/options.ts';
import { assertPortFree } from '../../devnet/ports.ts';
import { checkTool, installedVersion, pinnedVersion, testedClients, tools } from '../../devnet/versions.ts';
import { findDevnet } from '../../chain/deployments.ts';
import type { Verb } from '../devnetVerbs.ts';
import { noWords } from './find.ts';

/** One thing that was looked at. */
export interface Finding {
  what: string;
  ok: boolean;
  /** What was found; when it is not ok with what was expected and what to do. */
  found: string;
}

export const doctor: Verb = {
  name: 'doctor',
  help: ['doctor [--json]         versions of anvil, forge, cast, Node and the tested clients, ports and folder: what would keep a devnet from starting'],
  takesOptions: true,
  async run({ file, words, json, read }) {
    noWords('doctor', words);
    const findings = [node(), ...(await Promise.all(tools.map(toolFinding))), ...testedClients.map(clientFinding), ...(await placeFindings(file, read.config))];
    const width = Math.max(...findings.map(({ what }) => what.length));
    const lines = findings.map(({ what, ok, found }) => `${ok ? '✓' : '✗'} ${what.padEnd(width)}  ${found}`);
    process.stdout.write(`${json ? JSON.stringify(findings, undefined, 2) : lines.join('\n')}\n`);
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};

const LEAST_NODE = 20;

function node(): Finding {
  const { node: version } = process.versions;
  const ok = Number(version.split('.')[0]) >= LEAST_NODE;
  return { what: 'node', ok, found: ok ? version : `${version}; expected ${LEAST_NODE} or later: install it from nodejs.org` };
}

async function toolFinding(tool: (typeof tools)[number]): Promise<Finding> {
  try {
    return { what: tool, ok: true, found: await checkTool({ tool }) };
  } catch (error) {
    const { facts = {}, hint = '' } = error as { facts?: Record<string, unknown>; hint?: string };
    return { what: tool, ok: false, found: `${firstLine(error)}: ${Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`).join(', ')}. ${hint}` };
  }
}

function clientFinding(name: string): Finding {
  const expected = pinnedVersion(name);
  const actual = installedVersion(name);
  if (actual === expected) return { what: name, ok: true, found: `${actual}, the version that the tests run` };
  return { what: name, ok: false, found: `expected ${expected}, actual ${actual ?? 'not installed'}. Run \`npm ci\`.` };
}

async function placeFindings(file: string, config: DevnetConfig): Promise<Finding[]> {
  const running = findDevnet(file);
  if (running !== undefined) return [{ what: 'devnet', ok: true, found: `process ${running.pid} runs it: ${file}` }];
  const ports = optionNames.filter((name): name is Extract<OptionName, `port-${string}`> => name.startsWith('port-'));
  return await Promise.all(
    ports.map(async (name): Promise<Finding> => {
      const port = config[name];
      if (port === 0) return { what: name, ok: true, found: 'any free one' };
      try {
        await assertPortFree({ port, what: name, flag: `--${name}` });
        return { what: name, ok: true, found: `${port} is free` };
      } catch (error) {
        return { what: name, ok: false, found: `${firstLine(error)}. ${(error as { hint?: string }).hint ?? ''}` };
      }
    }),
  );
}
