/** Operators' entries, all dialects together: few rows, kept by every process. */
import type { OperatorEntry } from '../../dialects/hub-port.ts';
import type { Classifier, EventType } from '../../events/types.ts';
import { present } from '../../lib/present.ts';
import type { Database } from '../database.ts';

export interface EntryRow {
  readonly code: string;
  readonly type: EventType;
  readonly classifier: Classifier | null;
  readonly label: string | null;
  readonly send: boolean;
  readonly updatedAt: Date;
}

export const entryColumns = 'code, type, classifier, label, send, updated_at as "updatedAt"';

export function entryFromRow({ updatedAt, ...row }: EntryRow): OperatorEntry {
  const { code, type, send, classifier, label } = row;
  return { code, type, send, ...present({ classifier, label }), updatedAtMs: updatedAt.getTime() };
}

export interface Entries {
  /** Grows with every change. */
  readonly version: number;
  /** By dialect, in the order of their codes. */
  readonly ofDialect: ReadonlyMap<string, readonly OperatorEntry[]>;
}

const versionStatement = {
  name: 'vocabulary-version',
  // By the primary key of hub_facts.
  text: `select value::bigint as version from hub_facts where name = 'vocabulary-version'`,
};

/** The cheap question: asked by every process every other second. */
export async function readVersion(database: Database): Promise<number> {
  const [row] = await database.query<{ version: number }>(versionStatement);
  if (row === undefined) throw new Error('the version of the vocabulary is missing');
  return row.version;
}

/** Version and entries of one moment: one statement. */
export async function readEntries(database: Database): Promise<Entries> {
  const rows = await database.query<EntryRow & { dialect: string | null; version: number }>(
    `select f.value::bigint as version, v.dialect, ${entryColumns}
     from hub_facts f left join vocabulary_entries v on true
     where f.name = 'vocabulary-version'
     order by v.dialect collate "C", v.code collate "C"`,
  );
  const ofDialect = new Map<string, OperatorEntry[]>();
  for (const { dialect, version: _version, ...row } of rows) {
    if (dialect === null) continue;
    const entries = ofDialect.get(dialect) ?? [];
    entries.push(entryFromRow(row));
    ofDialect.set(dialect, entries);
  }
  const [first] = rows;
  if (first === undefined) throw new Error('the version of the vocabulary is missing');
  return { version: first.version, ofDialect };
}
