import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Abi, type AbiParameter, parseAbi } from 'viem';
import { paths } from '../../base/paths.ts';

/* ABIs of the deployed services, from the packages that clients use, and those of our own, from forge. */

const require = createRequire(import.meta.url);
const eraFolder = join(paths.nodeModules, '@matterlabs', 'zksync-contracts', 'contracts');

/** ABI of one of our contracts. */
export function ourAbi(contract: string): Abi {
  return (JSON.parse(readFileSync(join(paths.forgeOut, `${contract}.sol`, `${contract}.json`), 'utf8')) as { abi: Abi }).abi;
}

/** @param contract as linea-sdk names it */
export function lineaAbi(contract: 'LineaRollup' | 'L2MessageService'): Abi {
  const factories = require(`@consensys/linea-sdk/dist/typechain/factories/${contract}__factory`) as Record<string, { abi: Abi }>;
  return factories[`${contract}__factory`]?.abi ?? [];
}

/** ABI that zksync-ethers carries. */
export function zksyncEthersAbi(name: string): Abi {
  const file = JSON.parse(readFileSync(join(paths.nodeModules, 'zksync-ethers', 'abi', `${name}.json`), 'utf8')) as Abi | { abi: Abi };
  return 'abi' in file ? file.abi : file;
}

/** ABIs of interfaces of @matterlabs/zksync-contracts; @param files below its contracts/, without `.sol` */
export function eraInterfaceAbi(files: readonly string[]): Abi {
  const names = files.map((file) => `${file}.sol`);
  const solc = require('solc') as { compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string };
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(eraFolder, name), 'utf8') }])),
    settings: { outputSelection: { '*': { '*': ['abi'] } } },
  };
  const read = (path: string): { contents: string } | { error: string } => {
    const file = path.startsWith('@openzeppelin/') ? join(paths.nodeModules, openZeppelin(path)) : join(eraFolder, path);
    return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `There is no ${path}` };
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as { contracts?: Record<string, Record<string, { abi: Abi }>>; errors?: { severity: string; formattedMessage: string }[] };
  const error = output.errors?.find(({ severity }) => severity === 'error');
  if (error !== undefined || output.contracts === undefined) throw new Error(error?.formattedMessage ?? 'solc compiled nothing');
  return names.flatMap((name) => Object.values(output.contracts?.[name] ?? {}).flatMap(({ abi }) => abi));
}

function openZeppelin(path: string): string {
  return path.replace('contracts-upgradeable-v4', 'contracts-upgradeable').replace('contracts-v4', 'contracts');
}

/** Errors that zkSync's contracts define beside their interfaces; an enum in one of them is a uint8. */
export function eraErrors(): Abi {
  const files = readdirSync(eraFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('Errors.sol'));
  const definitions = files.flatMap((file) => [...readFileSync(join(eraFolder, file), 'utf8').matchAll(/^error (\w+)\(([^)]*)\);/gm)]);
  const lines = definitions.map(([, name, parameters = '']) => {
    const typesOnly = parameters.split(',').map((parameter) => parameter.trim().split(/\s+/)[0] ?? '');
    return `error ${name}(${typesOnly.map((type) => (/^[A-Z]/.test(type) ? 'uint8' : type)).join(', ')})`;
  });
  return parseAbi([...new Set(lines)]) as Abi;
}

/** One line for each function, event and error: everything of it that a client can see, without names of parameters. */
export function linesOf(abi: Abi): string[] {
  const lines = abi.flatMap((item) => {
    if (item.type === 'function') return [`function ${item.name}${listOf(item.inputs)} ${item.stateMutability === 'pure' ? 'view' : item.stateMutability} returns ${listOf(item.outputs)}`];
    if (item.type === 'event') return [`event ${item.name}${listOf(item.inputs)}${item.anonymous === true ? ' anonymous' : ''}`];
    return item.type === 'error' ? [`error ${item.name}${listOf(item.inputs)}`] : [];
  });
  return [...new Set(lines)].sort();
}

/** What identifies an item to a caller: kind, name and parameters, without results. */
export function keyOf(line: string): string {
  return line.replace(/ (?:view|payable|nonpayable) returns .*$/, '').replaceAll(' indexed', '');
}

function listOf(parameters: readonly AbiParameter[]): string {
  return `(${parameters.map((parameter) => `${typeOf(parameter)}${'indexed' in parameter && parameter.indexed === true ? ' indexed' : ''}`).join(',')})`;
}

function typeOf(parameter: AbiParameter): string {
  if (!parameter.type.startsWith('tuple')) return parameter.type;
  const { components } = parameter as { components: readonly AbiParameter[] };
  return `(${components.map(typeOf).join(',')})${parameter.type.slice('tuple'.length)}`;
}
