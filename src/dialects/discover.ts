/**
 * Finds the dialects: the list is the folder listing. A folder that does not keep the contract
 * stops the start, by name, so that a half-written partner is never served.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CANONICAL_FIELDS } from '../events/fields.ts';
import { Problem } from '../events/problem.ts';
import { EVENT_TYPES } from '../events/types.ts';
import type { Dialect } from './dialect.ts';

const ownFolder = fileURLToPath(new URL('.', import.meta.url));
/** `.ts` when run from the sources, `.js` from the build. */
const extension = extname(fileURLToPath(import.meta.url));

const functions = ['routes', 'renderProblem'] as const;
const optional = ['push', 'canPush', 'configure'] as const;
const objects = ['openapi', 'vocabulary', 'replay'] as const;

/** What is wrong with an export, in a few words; undefined when it is a dialect. */
export function faultOf(candidate: unknown, folder: string): string | undefined {
  if (typeof candidate !== 'object' || candidate === null) return 'exports no `dialect`';
  const dialect = candidate as Partial<Dialect>;
  if (dialect.name !== folder) return `calls itself ${String(dialect.name)}`;
  for (const name of functions) {
    if (typeof dialect[name] !== 'function') return `lacks the function ${name}`;
  }
  for (const name of objects) {
    if (typeof dialect[name] !== 'object' || dialect[name] === null) return `lacks ${name}`;
  }
  if (!Array.isArray(dialect.prefixes) || dialect.prefixes.length === 0) return 'lacks prefixes';
  for (const name of optional) {
    const member = dialect[name];
    if (member !== undefined && typeof member !== 'function') return `has a bad ${name}`;
  }
  const unsaid = EVENT_TYPES.find((type) => dialect.vocabulary?.types?.[type] === undefined);
  if (unsaid !== undefined) return `does not say how it calls ${unsaid}`;
  return faultOfRenderings(dialect.renderings);
}

function faultOfRenderings(renderings: Dialect['renderings'] | undefined): string | undefined {
  if (!Array.isArray(renderings)) return 'lacks renderings';
  for (const { form, say, fields } of renderings) {
    if (typeof form !== 'string' || typeof say !== 'function') return 'has a bad rendering';
    const silent = CANONICAL_FIELDS.find((field) => fields?.[field] === undefined);
    if (silent !== undefined) return `does not say what its ${form} does with ${silent}`;
  }
  return undefined;
}

/** Every dialect by name, in alphabetical order. Throws when a folder is incomplete. */
export async function discoverDialects(
  folder: string = ownFolder,
): Promise<ReadonlyMap<string, Dialect>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const dialects = new Map<string, Dialect>();
  for (const name of names.sort()) {
    const index = join(folder, name, `index${extension}`);
    if (!existsSync(index)) throw new Error(`dialect folder ${name} has no index${extension}`);
    const loaded: { dialect?: unknown } = await import(pathToFileURL(index).href);
    const fault = faultOf(loaded.dialect, name);
    if (fault !== undefined) throw new Error(`dialect folder ${name} ${fault}`);
    dialects.set(name, loaded.dialect as Dialect);
  }
  return dialects;
}

/** The dialects with the operator's options by name. Throws with a message for the operator. */
export function configureDialects(
  dialects: ReadonlyMap<string, Dialect>,
  options: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, Dialect> {
  const configured = new Map(dialects);
  for (const [name, given] of Object.entries(options)) {
    const dialect = dialects.get(name);
    if (dialect === undefined) throw new Error(`there is no dialect ${name}`);
    if (dialect.configure === undefined) throw new Error(`the dialect ${name} has no options`);
    try {
      configured.set(name, dialect.configure(given));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Error(`${name}: ${error.message}`);
    }
  }
  return configured;
}
