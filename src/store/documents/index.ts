/** Documents behind the hub's port: giving, reading, finding. */
import type { DocumentsPort } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';
import { createDocumentWriter } from './create.ts';
import { findDocuments } from './find.ts';
import { getDocument } from './get.ts';
import type { Planner } from './planner.ts';
import { documentProgress } from './progress.ts';

export interface DocumentsParts {
  readonly database: Database;
  readonly nowMs: () => number;
  /** A new id that carries the bucket. */
  readonly newId: (bucket: number) => string;
  /** Tells units of the stops; absent: nobody does. */
  readonly planner?: Planner;
}

export function createDocuments(parts: DocumentsParts): DocumentsPort {
  const { database } = parts;
  return {
    create: createDocumentWriter(parts),
    get: (principal, id) => getDocument(database, principal, id),
    find: (principal, query) => findDocuments(database, principal, query),
    progress: (principal, id, page) => documentProgress(database, principal, { id, page }),
  };
}
