/** What a command is, and what it is given; the commands themselves are in commands.ts. */

/** The outside world, so that tests need no process. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly fetch: typeof fetch;
  readonly readFile: (path: string) => Promise<string>;
  /** Without echo from a terminal, else the first line of standard input. */
  readonly readPassword: (prompt: string) => Promise<string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Option values by long name. */
export type Values = Readonly<Record<string, string | undefined>>;

/** A JSON object as it came from the hub. */
export type Answer = Readonly<Record<string, unknown>>;

export interface Option {
  readonly name: string;
  /** Word for the value in the help text. */
  readonly value: string;
  readonly about: string;
  readonly isRequired?: boolean;
}

export interface Command {
  /** E.g. `organization create`. */
  readonly name: string;
  readonly about: string;
  readonly options: readonly Option[];
  readonly send: (given: CommandParts) => Promise<Answer>;
  /** For people; `--json` prints the answer itself. */
  readonly show: (answer: Answer, given: CommandParts) => Shown;
}

/** Lines; every line but those of `about` is for a shell. */
export interface Shown {
  readonly about: readonly string[];
  /** What the lines that follow, and the next commands, read; alone with `--export`. */
  readonly exports?: readonly string[];
  readonly next?: readonly string[];
}

export interface CommandParts {
  readonly hub: HubClient;
  readonly values: Values;
  readonly io: Io;
  /** The admin key as a shell says it between double quotes; never the key itself. */
  readonly adminKey: string;
}

export interface HubClient {
  readonly url: string;
  /** `path` below `/hub/v1`. Throws `CliError`. */
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body?: object) => Promise<Answer>;
}

/** Ends the command with one line and an exit status: 2 for wrong usage, 1 for everything else. */
export class CliError extends Error {
  readonly exitStatus: 1 | 2;

  constructor(message: string, exitStatus: 1 | 2 = 1) {
    super(message);
    this.exitStatus = exitStatus;
  }
}

/** A member that the hub documents as text; empty where an older hub does not send it. */
export function textOf(answer: Answer, name: string): string {
  const value = answer[name];
  return typeof value === 'string' ? value : '';
}

export function itemsOf(answer: Answer, name = 'items'): readonly Answer[] {
  const value = answer[name];
  return Array.isArray(value) ? value.filter(isAnswer) : [];
}

export function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
