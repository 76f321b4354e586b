/**
 * The schema as text, read from the catalogue: what the migrations add up to. A test compares it
 * with migrations/schema.sql, so every change of the schema is seen in review. Partitions made at
 * run time (`events_y2026m11`) are left out.
 */
import type { Database } from './database.ts';

interface Table {
  readonly oid: number;
  readonly name: string;
  readonly partition_key: string | null;
  readonly bound: string | null;
  readonly parent: string | null;
  readonly options: string[] | null;
}

const tablesSql = `
select c.oid::int, c.relname as name, pg_get_partkeydef(c.oid) as partition_key,
  pg_get_expr(c.relpartbound, c.oid) as bound, i.inhparent::regclass::text as parent,
  c.reloptions as options
from pg_class c
left join pg_inherits i on i.inhrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and (c.relpartbound is null or pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT')
order by c.relname`;

const columnsSql = `
select a.attrelid::int as table_oid, a.attname as name,
  format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
  pg_get_expr(d.adbin, d.adrelid) as default_value
from pg_attribute a
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = any ($1::int[]) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum`;

/** Not-null constraints are constraints of their own since PostgreSQL 18; columns say them here. */
const constraintsSql = `
select conrelid::int as table_oid, conname as name, pg_get_constraintdef(oid) as definition
from pg_constraint
where conrelid = any ($1::int[]) and contype in ('p', 'u', 'f', 'c') and conparentid = 0
order by contype desc, conname`;

const indexesSql = `
select i.indrelid::int as table_oid, pg_get_indexdef(i.indexrelid) as definition
from pg_index i
where i.indrelid = any ($1::int[])
  and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
  and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
order by i.indexrelid::regclass::text`;

/** A body as the migration wrote it. */
const functionsSql = `
select pg_get_functiondef(oid) as definition from pg_proc
where pronamespace = 'public'::regnamespace order by proname`;

const triggersSql = `
select t.tgrelid::int as table_oid, pg_get_triggerdef(t.oid) as definition
from pg_trigger t
where t.tgrelid = any ($1::int[]) and not t.tgisinternal
order by t.tgname`;

const typesSql = `
select t.typname as name,
  string_agg('  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod), e',\\n'
    order by a.attnum) as columns
from pg_type t
join pg_class c on c.oid = t.typrelid and c.relkind = 'c'
join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
where t.typnamespace = 'public'::regnamespace
group by t.typname order by t.typname`;

const sequencesSql = `
select sequencename as name, data_type::text as type from pg_sequences
where schemaname = 'public' order by sequencename`;

interface Column {
  readonly table_oid: number;
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default_value: string | null;
}

interface Definition {
  readonly table_oid: number;
  readonly name: string;
  readonly definition: string;
}

function columnLine(column: Column): string {
  const fallback = column.default_value === null ? '' : ` default ${column.default_value}`;
  return `  ${column.name} ${column.type}${column.required ? ' not null' : ''}${fallback}`;
}

function tableText(
  table: Table,
  parts: {
    columns: Column[];
    constraints: Definition[];
    indexes: Definition[];
    triggers: Definition[];
  },
): string {
  if (table.parent !== null) {
    return `create table ${table.name} partition of ${table.parent} ${table.bound?.toLowerCase()};`;
  }
  const lines = [
    ...parts.columns.map(columnLine),
    ...parts.constraints.map(({ name, definition }) => `  constraint ${name} ${definition}`),
  ];
  const partition = table.partition_key === null ? '' : ` partition by ${table.partition_key}`;
  const options = table.options === null ? '' : ` with (${table.options.join(', ')})`;
  const indexes = parts.indexes.map(({ definition }) => `${definition};`);
  const triggers = parts.triggers.map(({ definition }) => `${definition};`);
  return [
    `create table ${table.name} (\n${lines.join(',\n')}\n)${partition}${options};`,
    ...indexes,
    ...triggers,
  ].join('\n');
}

/** The whole schema; equal schemas give equal text. */
export async function dumpSchema(database: Database): Promise<string> {
  const tables = await database.query<Table>(tablesSql);
  const oids = [tables.map((table) => table.oid)];
  const columns = await database.query<Column>(columnsSql, oids);
  const constraints = await database.query<Definition>(constraintsSql, oids);
  const indexes = await database.query<Definition>(indexesSql, oids);
  const triggers = await database.query<Definition>(triggersSql, oids);
  const sequences = await database.query<{ name: string; type: string }>(sequencesSql);
  const types = await database.query<{ name: string; columns: string }>(typesSql);
  const functions = await database.query<{ definition: string }>(functionsSql);
  const texts = tables.map((table) => {
    const own = <T extends { table_oid: number }>(rows: readonly T[]) =>
      rows.filter((row) => row.table_oid === table.oid);
    return tableText(table, {
      columns: own(columns),
      constraints: own(constraints),
      indexes: own(indexes),
      triggers: own(triggers),
    });
  });
  const counters = sequences.map(({ name, type }) => `create sequence ${name} as ${type};`);
  const header =
    '-- Made by `npm run schema` from the migrations; compared by a test. Do not edit.';
  const rows = types.map(({ name, columns }) => `create type ${name} as (\n${columns}\n);`);
  const bodies = functions.map(({ definition }) => `${definition.trim()};`);
  return `${[header, ...counters, ...rows, ...bodies, ...texts].join('\n\n')}\n`;
}
