/** The help texts, made from the table of commands. */
import type { Command, Option } from './types.ts';

export const GLOBAL_OPTIONS: readonly Option[] = [
  {
    name: 'url',
    value: 'URL',
    about:
      'the hub (default: PORTOLAN_URL, PORTOLAN_PUBLIC_URL, or HOST and PORT: http://127.0.0.1:8080)',
  },
  {
    name: 'admin-key',
    value: 'KEY',
    about: 'admin key (default: PORTOLAN_ADMIN_KEY, or admin.key in PORTOLAN_DATA_DIR or ./data)',
  },
];

export function generalHelp(commands: readonly Command[]): string {
  const list = columns(commands.map(({ name, about }) => [name, about]));
  return [
    'Usage: npx portolan <command> [options]',
    '',
    ...list,
    '',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    'npx portolan <command> --help tells the options of a command.',
  ].join('\n');
}

export function commandHelp({ name, about, options }: Command): string {
  return [
    `Usage: npx portolan ${name} ${options.map(usageOf).join(' ')}`.trimEnd(),
    '',
    `  ${about}`,
    '',
    ...optionLines([...options, ...GLOBAL_OPTIONS]),
  ].join('\n');
}

function usageOf({ name, value, isRequired }: Option): string {
  return isRequired === true ? `--${name} ${value}` : `[--${name} ${value}]`;
}

function optionLines(options: readonly Option[]): string[] {
  const own = options.map(({ name, value, about }) => [`--${name} ${value}`, about] as const);
  return columns([
    ...own,
    ['--export', 'print the export lines and nothing else, for eval "$(…)"'],
    ['--json', 'print the answer as JSON and nothing else'],
    ['--help', 'print this'],
  ]);
}

function columns(pairs: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...pairs.map(([left]) => left.length));
  return pairs.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
