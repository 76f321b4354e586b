/** Adds or replaces an operator's entry. One statement, which also counts the change. */
import type { NewOperatorEntry, OperatorEntry } from '../../dialects/hub-port.ts';
import { Problem } from '../../events/problem.ts';
import { type Database, sqlState } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { type EntryRow, entryColumns, entryFromRow } from './read.ts';

/** Per dialect: more than any partner has, and small enough to be kept by every process. */
export const entriesMax = 1_000;

const uniqueViolation = '23505';

const statement = {
  name: 'vocabulary-put',
  // Changes come one after the other, behind the lock of the version's row.
  text: `with version as (
      update hub_facts set value = (value::bigint + 1)::text where name = 'vocabulary-version'
      returning value
    ), room as (
      select from version where
        exists (select from vocabulary_entries where dialect = $1 and code = $2)
        or (select count(*) from vocabulary_entries where dialect = $1) < ${entriesMax}
    )
    insert into vocabulary_entries as v
      (dialect, code, type, classifier, label, send, created_at, updated_at)
    select $1, $2, $3, $4, $5, $6, $7::timestamptz, $7::timestamptz from room
    on conflict (dialect, code) do update set type = excluded.type,
      classifier = excluded.classifier, label = excluded.label, send = excluded.send,
      updated_at = excluded.updated_at
    returning ${entryColumns}, xmax = 0 as created`,
};

export interface PutGiven {
  readonly dialect: string;
  readonly entry: NewOperatorEntry;
  readonly nowMs: number;
}

/** Throws `conflict`: another code is sent for that type already, or there is no room. */
export async function putEntry(
  database: Database,
  given: PutGiven,
): Promise<{ readonly entry: OperatorEntry; readonly created: boolean }> {
  const { dialect, entry, nowMs } = given;
  const { code, type, classifier = null, label = null, send = false } = entry;
  const values = [dialect, code, type, classifier, label, send, timestamp(nowMs)];
  const rows = await database
    .query<EntryRow & { created: boolean }>(statement, values)
    .catch(async (error: unknown) => {
      if (sqlState(error) === uniqueViolation) throw await alreadySent(database, given);
      throw error;
    });
  const [row] = rows;
  if (row === undefined) {
    throw new Problem(
      'conflict',
      `${dialect} has ${entriesMax} entries already; remove some first`,
    );
  }
  const { created, ...stored } = row;
  return { entry: entryFromRow(stored), created };
}

async function alreadySent(database: Database, { dialect, entry }: PutGiven): Promise<Problem> {
  const { type, classifier = null } = entry;
  const [other] = await database.query<{ code: string }>(
    `select code from vocabulary_entries
     where dialect = $1 and type = $2 and coalesce(classifier, '') = coalesce($3, '') and send`,
    [dialect, type, classifier],
  );
  const what = classifier === null ? type : `${classifier} ${type}`;
  const message = `the code ${other?.code ?? 'of another entry'} is sent for ${what} already`;
  return new Problem('conflict', message, { issues: [{ path: 'send', message, rule: 'unique' }] });
}
