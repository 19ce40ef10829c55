import { groups, type OptionName, optionNames, optionSpec, variableOf } from './options.ts';
import { DEFAULT_CONFIG_FILE, type ReadConfigReturnType } from './readConfig.ts';

/** Columns of the flag in the help. */
const FLAG_WIDTH = 31;
const WIDTH = 150;

/** Every option with its default, by group. */
export function optionsHelp(): string {
  const sections = groups.map((group) => {
    const names = optionNames.filter((name) => optionSpec(name).group === group);
    return [`${group}`, ...names.flatMap(optionLines)].join('\n');
  });
  return [
    ...sections,
    wrap(
      `Every option is also an environment variable (--port-linea: ${variableOf('port-linea')}) and a key of a JSON file (--config, else ${DEFAULT_CONFIG_FILE} ` +
        'in the working folder: { "port-linea": 9546 }). A flag goes before a variable, that before the file.',
      0,
    ),
  ].join('\n\n');
}

function optionLines(name: OptionName): string[] {
  const { type, help, default: fallback, variable } = optionSpec(name);
  const isToggle = type.value === '';
  const flag = isToggle && fallback === true ? `--[no-]${name}` : `--${name}${isToggle ? '' : ` ${type.value}`}`;
  const shown = isToggle || fallback === undefined || (Array.isArray(fallback) && fallback.length === 0) ? '' : type.show(fallback);
  const notes = [
    ...(isToggle && fallback === true ? ['default: yes'] : []),
    // The folder's default is a path of this machine.
    ...(shown === '' ? [] : [name === 'folder' ? 'default .devnet' : `default ${shown}`]),
    ...(type.separator === undefined ? [] : ['may be given several times']),
    ...(variable === undefined ? [] : [`also ${variable}`]),
  ];
  const about = `${help}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  return wrap(about, FLAG_WIDTH)
    .split('\n')
    .map((line, i) => (i === 0 ? `  ${flag.padEnd(FLAG_WIDTH - 2)} ${line.trimStart()}`.replace(/ +$/, '') : ` ${line}`));
}

function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= WIDTH - indent) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n');
}

/** What `--print-config` shows: each option, its value and where that comes from. */
export function configText({ config, sources }: Pick<ReadConfigReturnType, 'config' | 'sources'>): string {
  const rows = shownNames().map((name) => [name, optionSpec(name).type.show(config[name]), sources[name]] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value, source]) => `${name.padEnd(width)}  ${value.padEnd(24)}  ${source === 'default' ? 'default' : `from ${source}`}`).join('\n');
}

/** The same for programs. */
export function configObject({ config, sources }: Pick<ReadConfigReturnType, 'config' | 'sources'>): Record<string, { value: unknown; source: string }> {
  return Object.fromEntries(shownNames().map((name) => [name, { value: config[name] ?? null, source: sources[name] }]));
}

function shownNames(): OptionName[] {
  return optionNames.filter((name) => optionSpec(name).flagOnly !== true);
}
