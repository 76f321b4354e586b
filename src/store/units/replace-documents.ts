/** Makes a unit's documents those given. */
import type { HandlingUnit } from '../../events/unit.ts';
import type { Database } from '../database.ts';
import { replacerOf } from './replace-rows.ts';

const replace = replacerOf({ name: 'unit_documents', columns: ['type', 'reference'] });

export function replaceDocuments(
  database: Database,
  unit: Pick<HandlingUnit, 'id' | 'documents'>,
): Promise<void> {
  const pairs = unit.documents.map(({ type, reference }) => [type, reference] as const);
  return replace(database, unit, pairs);
}
