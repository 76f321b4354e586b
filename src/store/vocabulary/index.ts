/**
 * Vocabularies behind the hub's port: each dialect's own with the operators' entries on top. The
 * entries are kept in memory, so that decoding and encoding ask nobody. A change made here is known
 * before it is answered; one made by another process is found by `refresh`, to be called often.
 */
import type { Vocabulary } from '../../dialects/dialect.ts';
import {
  entryOf,
  mergeVocabulary,
  type NewOperatorEntry,
  type VocabularyPort,
} from '../../dialects/hub-port.ts';
import { invalid, Problem } from '../../events/problem.ts';
import { type Database, isUnavailable } from '../database.ts';
import { putEntry } from './put.ts';
import { type Entries, readEntries, readVersion } from './read.ts';
import { removeEntry } from './remove.ts';
import { readUnknownCodes } from './unknown-codes.ts';

export interface VocabularyParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** What each dialect knows by itself, by name. */
  readonly own: ReadonlyMap<string, Vocabulary>;
}

export interface KeptVocabulary extends VocabularyPort {
  /** Notices what other processes changed. One look-up of one row when they changed nothing. */
  readonly refresh: () => Promise<void>;
}

/** Resolves when the entries are known. */
export async function createVocabulary(parts: VocabularyParts): Promise<KeptVocabulary> {
  const { database, nowMs, own } = parts;
  const merged = new Map<string, Vocabulary>();
  let known: Entries = { version: -1, ofDialect: new Map() };

  async function load(): Promise<void> {
    const read = await readEntries(database);
    // Of two that read at once the later state stays, whichever answer comes last.
    if (read.version <= known.version) return;
    known = read;
    for (const [dialect, vocabulary] of own) {
      merged.set(dialect, mergeVocabulary(vocabulary, read.ofDialect.get(dialect) ?? []));
    }
  }

  function ownOf(dialect: string): Vocabulary {
    const vocabulary = own.get(dialect);
    if (vocabulary === undefined) throw new Problem('not-found', `no such dialect: ${dialect}`);
    return vocabulary;
  }

  await load();
  return {
    of: (dialect) => merged.get(dialect) ?? ownOf(dialect),
    async list(dialect) {
      const vocabulary = merged.get(dialect) ?? ownOf(dialect);
      const isKnown = (code: string) => entryOf(vocabulary, code) !== undefined;
      const unknown = await readUnknownCodes(database, dialect, isKnown);
      return { vocabulary, operator: known.ofDialect.get(dialect) ?? [], unknown };
    },
    async put(dialect, entry) {
      checkEntry(ownOf(dialect), entry);
      const put = await putEntry(database, { dialect, entry, nowMs: nowMs() });
      await load();
      return put;
    },
    async remove(dialect, code) {
      ownOf(dialect);
      const isRemoved = await removeEntry(database, dialect, code);
      if (isRemoved) await load();
      return isRemoved;
    },
    async refresh() {
      try {
        if ((await readVersion(database)) !== known.version) await load();
      } catch (error) {
        // Health and every call tell of it already; until it is back, the words stay as they are.
        if (!isUnavailable(error)) throw error;
      }
    },
  };
}

/** Throws `invalid-input` for what the dialect could neither read nor say. */
function checkEntry({ shape }: Vocabulary, { code, type, send }: NewOperatorEntry): void {
  if (shape !== undefined && !new RegExp(shape.pattern).test(code)) {
    throw invalid('code', `is not ${shape.words}`, 'pattern');
  }
  if (send === true && type === 'other') {
    throw invalid('send', 'is not possible for other: an unknown event keeps its own code', 'not');
  }
}
