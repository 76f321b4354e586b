/** Finds the rows: every file under rows/ is one, so that adding a row edits no list. */
import { readdir } from 'node:fs/promises';
import type { Row } from './row.ts';

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && 'name' in value && 'run' in value;
}

/** All rows in their order. Throws for a file that exports none. */
export async function discoverRows(): Promise<readonly Row[]> {
  const folder = new URL('rows/', import.meta.url);
  const files = (await readdir(folder)).filter((name) => /^[\w-]+\.(js|ts)$/.test(name));
  const rows = await Promise.all(
    files.map(async (file) => {
      const { row }: { row?: unknown } = await import(new URL(file, folder).href);
      if (!isRow(row)) throw new Error(`bench/rows/${file} exports no row`);
      return row;
    }),
  );
  return rows.sort((a, b) => a.order - b.order);
}
