/** Codes that lately came from a partner's side and were recorded as `other`. */
import type { UnknownCode } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';

/** Events looked at, the newest: bounds the statement whatever the table holds. */
export const eventsLookedAt = 1_000;

/** Most frequent first; known ones, e.g. those of before an entry was added, are left out. */
export async function readUnknownCodes(
  database: Database,
  dialect: string,
  isKnown: (code: string) => boolean,
): Promise<readonly UnknownCode[]> {
  // By events_of_unknown_code, from its end; ids begin with the time of recording.
  const rows = await database.query<{ code: string; count: number; last: Date }>(
    `select source_code as code, count(*) as count, max(recorded_at) as last
     from (
       select source_code, recorded_at from events
       where dialect = $1 and type = 'other' and source_code is not null
       order by id desc limit ${eventsLookedAt}
     ) e
     group by source_code order by count(*) desc, source_code collate "C"`,
    [dialect],
  );
  return rows
    .filter(({ code }) => !isKnown(code))
    .map(({ code, count, last }) => ({ code, count, lastRecordedAtMs: last.getTime() }));
}
