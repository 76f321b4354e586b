/** Orders that went a little or very wrong: random changes at random places of a good one. */
import fc from 'fast-check';

export interface Mutant {
  readonly order: unknown;
  /** Dotted paths of what was changed, as they were before. */
  readonly changed: readonly string[];
}

type Path = readonly (string | number)[];

/** Values that are right somewhere, and others that are right nowhere. */
const values: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 4.1, 7.5, 1e21, -90, 180.5, 90, 1e-9, 34],
  ...['', ' ', 'x', '1', '4.1', '-5', '0', 'null', 'true', '\u{1f69a}', 'é'.repeat(300)],
  ...['loading', 'unloading', 'pallet', 'side', 'tent', 'TNE', 'M3', 'M', 'PL', 'DE', 'ZZ', 'pl'],
  ...['EUR', 'BYN', 'BYR', 'P10D', 'P1W', 'P10DT1H', '-P1D', 'a@b', 'a@', 'a b@c', '1008544-1'],
  ...['2017-02-20', '2024-02-29', '2023-02-29', '1970-12-31', '2199-01-01', '0000-00-00'],
  ...['11:20:00+01:00', '23:59:59Z', '24:00:00Z', '11:20+01:00', '11:20:00+18:30', '11:20:00'],
  ...['01930000-0000-7000-8000-000000000001', '01930000-0000-7000-8000-000000000002'],
  ...[[], {}, [null], [[]], [{}], ['tent'], ['9', 9], ['side', 'back', 'side'], [1, 2]],
];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, child]) => pathsIn(child, [...path, key]))];
}

function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    root,
  );
}

/** Changes the root in place, unless there is nothing at that place. */
function change(root: Record<string, unknown>, path: Path, apply: (holder: Holder) => void): void {
  const holder = at(root, path.slice(0, -1));
  const key = path.at(-1);
  if (key !== undefined && typeof holder === 'object' && holder !== null) {
    apply({ holder: holder as Record<string | number, unknown>, key });
  }
}

interface Holder {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

interface Step {
  readonly place: number;
  readonly kind: 'set' | 'drop' | 'graft' | 'add' | 'repeat';
  readonly value: unknown;
  readonly from: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  place: fc.nat(),
  kind: fc.constantFrom('set', 'set', 'set', 'drop', 'drop', 'graft', 'add', 'repeat'),
  value: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  ),
  from: fc.nat(),
});

function apply(order: Record<string, unknown>, { place, kind, value, from }: Step): string {
  const paths = pathsIn(order).slice(1);
  const path = paths[place % paths.length] ?? [];
  change(order, path, ({ holder, key }) => {
    if (kind === 'set') holder[key] = structuredClone(value);
    else if (kind === 'drop') drop(holder, key);
    else if (kind === 'graft') {
      holder[key] = structuredClone(at(order, paths[from % paths.length] ?? []));
    } else if (kind === 'add') add(holder, key, value);
    else if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
  });
  return path.join('.');
}

function drop(holder: Record<string | number, unknown>, key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** A member that no table names, beside the one at the place. */
function add(holder: Record<string | number, unknown>, key: string | number, value: unknown): void {
  if (Array.isArray(holder)) holder.push(structuredClone(value));
  else holder[`${key}_of_ours`] = structuredClone(value);
}

/** One to four changes of one of the good orders. */
export function mutantsOf(good: readonly object[]): fc.Arbitrary<Mutant> {
  return fc
    .record({
      base: fc.constantFrom(...good),
      steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    })
    .map(({ base, steps }) => {
      const order = structuredClone(base) as Record<string, unknown>;
      return { changed: steps.map((one) => apply(order, one)), order };
    });
}
