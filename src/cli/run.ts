/** Runs one command line: finds the command, reads the settings, calls the hub, prints. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listenUrl } from '../lib/listen-url.ts';
import { createHubClient } from './client.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, GLOBAL_OPTIONS, generalHelp } from './help.ts';
import { blocks, quoted } from './next-calls.ts';
import {
  CliError,
  type Command,
  type Environment,
  type Io,
  type Shown,
  type Values,
} from './types.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8080;
const DEFAULT_DATA_DIR = './data';

/** Exit status: 0, 1 when the hub refused or could not be reached, 2 for wrong usage. */
export async function run(
  argv: readonly string[],
  environment: Environment,
  io: Io,
): Promise<0 | 1 | 2> {
  try {
    await runCommand(argv, environment, io);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    io.err(`portolan: ${oneLine(message)}`);
    return error instanceof CliError ? error.exitStatus : 1;
  }
}

async function runCommand(
  argv: readonly string[],
  environment: Environment,
  io: Io,
): Promise<void> {
  const { words, values, isHelp, isJson, isExport } = parse(argv);
  const command = COMMANDS.find(({ name }) => name === words.join(' '));
  if (isHelp) {
    io.out(command === undefined ? generalHelp(COMMANDS) : commandHelp(command));
    return;
  }
  if (command === undefined)
    throw usage(words.length === 0 ? 'a command is needed' : 'no such command');
  checkOptions(command, values);
  const url = hubUrlOf(values, environment);
  const { key, inShell } = await adminKeyOf(values, environment, io);
  const hub = createHubClient({ url, adminKey: key, io });
  const given = { hub, values, io, adminKey: inShell };
  const answer = await command.send(given);
  if (isJson) return io.out(JSON.stringify(answer));
  const shown = command.show(answer, given);
  io.out((isExport ? (shown.exports ?? []) : linesOf(shown, values)).join('\n'));
}

/** PORTOLAN_URL is what the printed lines export; the others are the hub's own settings. */
function hubUrlOf(values: Values, environment: Environment): string {
  const [named, ofHub] = ['PORTOLAN_URL', 'PORTOLAN_PUBLIC_URL'].map((name) =>
    setting(environment, name),
  );
  // Port 0 is any that was free, which only the hub's own line tells.
  const port = Number(setting(environment, 'PORT') ?? 0) || DEFAULT_PORT;
  const listening = listenUrl(setting(environment, 'HOST') ?? DEFAULT_HOST, port);
  return values['url'] ?? named ?? ofHub ?? listening;
}

function linesOf({ about, exports = [], next = [] }: Shown, values: Values): string[] {
  const isKeyNeeded = next.length > 0 && values['admin-key'] !== undefined;
  const note = ['# the lines below take the admin key from PORTOLAN_ADMIN_KEY: put it there first'];
  const parts = [[...about, ...exports], isKeyNeeded ? note : [], next];
  return blocks(parts.filter((part) => part.length > 0));
}

/** All options of all commands are texts and mean the same everywhere, so one parse fits all. */
function parse(argv: readonly string[]) {
  const names = [...COMMANDS.flatMap(({ options }) => options), ...GLOBAL_OPTIONS].map(
    ({ name }) => [name, { type: 'string' }] as const,
  );
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(names),
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        export: { type: 'boolean' },
      },
    });
    const { help, json, export: isExport, ...rest } = values;
    const texts = Object.entries(rest).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return {
      words: positionals,
      values: Object.fromEntries(texts),
      isHelp: help === true,
      isJson: json === true,
      isExport: isExport === true,
    };
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'wrong options');
  }
}

function checkOptions({ name, options }: Command, values: Values): void {
  const known = new Set([...options, ...GLOBAL_OPTIONS].map((option) => option.name));
  const strange = Object.keys(values).find((given) => !known.has(given));
  if (strange !== undefined) throw usage(`${name} takes no --${strange}`);
  const missing = options.find((option) => option.isRequired && (values[option.name] ?? '') === '');
  if (missing !== undefined) throw usage(`${name} needs --${missing.name} ${missing.value}`);
}

interface AdminKey {
  readonly key: string;
  /** How a shell says it between double quotes. */
  readonly inShell: string;
}

async function adminKeyOf(values: Values, environment: Environment, io: Io): Promise<AdminKey> {
  const given = values['admin-key'] ?? setting(environment, 'PORTOLAN_ADMIN_KEY');
  if (given !== undefined) {
    return { key: checkedKey(given, 'the admin key'), inShell: '$PORTOLAN_ADMIN_KEY' };
  }
  const folder = setting(environment, 'PORTOLAN_DATA_DIR') ?? DEFAULT_DATA_DIR;
  const path = join(folder, 'admin.key');
  const text = await io.readFile(path).catch(() => {
    throw new CliError(
      `no admin key: give --admin-key or PORTOLAN_ADMIN_KEY, or run where ${path} can be read`,
    );
  });
  return { key: checkedKey(text.trim(), path), inShell: `$(cat ${quoted(path)})` };
}

/** A header would refuse other characters with an error that nobody understands. */
function checkedKey(key: string, source: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CliError(`${source} holds no usable key`);
  return key;
}

/** An empty variable counts as not set, as for the hub. */
function setting(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function usage(message: string): CliError {
  return new CliError(`${message} (npx portolan --help tells more)`, 2);
}

/** Text from elsewhere must neither break the line nor steer the terminal. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '?');
}
