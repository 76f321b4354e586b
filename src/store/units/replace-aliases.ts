/** Makes a unit's further names those of its details. */
import type { HandlingUnit } from '../../events/unit.ts';
import { aliasesOf } from '../../events/unit-aliases.ts';
import type { Database } from '../database.ts';
import { replacerOf } from './replace-rows.ts';

const replace = replacerOf({ name: 'unit_aliases', columns: ['kind', 'value'] });

export function replaceAliases(
  database: Database,
  unit: Pick<HandlingUnit, 'id' | 'details'>,
): Promise<void> {
  const pairs = aliasesOf(unit.details).map(({ kind, value }) => [kind, value] as const);
  return replace(database, unit, pairs);
}
