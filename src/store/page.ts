/**
 * Cursor pages. A cursor is the sort key of the last row shown, so a page starts right behind it
 * by an index and is not upset by rows that come in between. It is opaque, not secret: what it may
 * reach is decided by the query it is used in.
 */
import type { Page, PageRequest } from '../dialects/hub-port.ts';
import { invalid } from '../events/problem.ts';
import { isUuid } from '../lib/id.ts';

const limitMax = 200;
const cursorCharsMax = 300;

export interface PageOf<Row, Item> {
  /** One row more than the limit, when there are that many. */
  readonly rows: readonly Row[];
  readonly limit: number;
  readonly itemOf: (row: Row) => Item;
  readonly cursorOf: (row: Row) => string;
}

/** Rows of a page, kept between 1 and 200 whatever was asked. */
export function limitOf(page: PageRequest): number {
  return Math.min(Math.max(Math.trunc(page.limit), 1), limitMax);
}

export function pageOf<Row, Item>({
  rows,
  limit,
  itemOf,
  cursorOf,
}: PageOf<Row, Item>): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: shown.map(itemOf), nextCursor: hasMore ? cursorOf(last) : null };
}

/** `list` keeps the cursor of one list from being used in another. */
export function encodeCursor(list: string, parts: readonly string[]): string {
  return Buffer.from([list, ...parts].join(' '), 'utf8').toString('base64url');
}

/** The parts behind the list's name. Throws `invalid-input` naming `cursor`. */
export function decodeCursor(list: string, cursor: string): string[] {
  if (cursor.length > cursorCharsMax) throw badCursor();
  const [name, ...parts] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  // Encoded again it must be the same text: base64 decoders skip what they do not know.
  if (name !== list || encodeCursor(list, parts) !== cursor) throw badCursor();
  return parts;
}

/** The id in a cursor whose only part is an id; undefined without a cursor. */
export function idCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [id, ...rest] = decodeCursor(list, cursor);
  if (id === undefined || rest.length > 0 || !isUuid(id)) throw badCursor();
  return id;
}

export function badCursor() {
  return invalid('cursor', 'not a cursor of this list', 'cursor');
}
