/** The closing table: what came in by which dialect, and what went out in which. */
import { type DoorDialect, doors, type Ledger, type Route } from './books/ledger.ts';

const head = [
  'registered in',
  'recorded',
  'duplicates',
  'pushed as',
  'expected',
  'received',
  'verified',
  'failed',
  'p50 ms',
  'p99 ms',
];

/** Lines of text, without a line feed at the end. */
export function closingTable({ counts, routes }: Pick<Ledger, 'counts' | 'routes'>): string {
  const rows = doors.flatMap((door) => rowsOf(door, counts[door], routes()));
  const total = totalRow(counts, routes());
  return align([head, ...rows, total]);
}

function rowsOf(
  door: DoorDialect,
  { recorded, duplicates }: { recorded: number; duplicates: number },
  routes: readonly Route[],
): string[][] {
  return routes
    .filter((route) => route.registeredIn === door)
    .sort((left, right) => left.pushedAs.localeCompare(right.pushedAs))
    .map((route, index) => [
      ...(index === 0 ? [door, number(recorded), number(duplicates)] : ['', '', '']),
      route.pushedAs,
      ...cellsOf(route),
    ]);
}

function totalRow(counts: Ledger['counts'], routes: readonly Route[]): string[] {
  const sum = (of: (route: Route) => number) => routes.reduce((all, route) => all + of(route), 0);
  return [
    'total',
    number(doors.reduce((all, door) => all + counts[door].recorded, 0)),
    number(doors.reduce((all, door) => all + counts[door].duplicates, 0)),
    '',
    ...cellsOf({
      expected: sum((route) => route.expected),
      received: sum((route) => route.received),
      verified: sum((route) => route.verified),
      latenciesMs: routes.flatMap((route) => route.latenciesMs),
    }),
  ];
}

function cellsOf(route: Pick<Route, 'expected' | 'received' | 'verified' | 'latenciesMs'>) {
  const { expected, received, verified, latenciesMs } = route;
  return [
    ...[expected, received, verified, expected - verified].map(number),
    milliseconds(percentile(latenciesMs, 0.5)),
    milliseconds(percentile(latenciesMs, 0.99)),
  ];
}

/** The nearest rank: the smallest value that at least this share of them do not exceed. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const milliseconds = (value: number | undefined) => value?.toFixed(1) ?? '–';
const number = (value: number) => value.toLocaleString('en');

/** Words to the left, numbers to the right, a rule below the head and above the last row. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isWord = head[column] === 'registered in' || head[column] === 'pushed as';
        return isWord ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
  const rule = '─'.repeat(lines[0]?.length ?? 0);
  return [...lines.slice(0, 1), rule, ...lines.slice(1, -1), rule, ...lines.slice(-1)].join('\n');
}
