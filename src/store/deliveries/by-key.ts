/**
 * Finding deliveries, and what else comes and goes with them, by keys that are at hand, so that no belief of the planner's matters.
 *
 * `deliveries` is empty at one moment and full at the next, and what is known of it may be a minute old: after a
 * vacuum of a table that had been drained but for a row the planner finds it as cheap to read all
 * of it for each key as to look the key up. For 256 keys and 30,000 rows that took five seconds, over and over,
 * until the next vacuum.
 */

/**
 * That `columns`, a table's primary key, are those of a row of `keys`, in words that leave no other way than from
 * `keys` to the table by that key: such a comparison can neither be hashed nor merged, and no other index
 * knows it. Reading from end to end is discouraged for all of a connection (database.ts).
 */
export function isByKey(table: string, keys: string, columns = ['bucket', 'id']): string {
  const rowOf = (name: string) => `(${columns.map((column) => `${name}.${column}`).join(', ')})`;
  const [row, key] = [rowOf(table), rowOf(keys)];
  return `${row} >= ${key} and ${row} <= ${key}`;
}
