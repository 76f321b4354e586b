/**
 * Row `query`: what callers ask most often, at two sizes of the database, over real HTTP. What counts
 * is growth: a hundred times the events must not make an answer twice as slow.
 *
 * Few connections ask, so that the latencies are those of the questions and not of a queue.
 */
import { type Asker, createAsker, subscribeTo } from '../freight/asker.ts';
import { createChance, sample } from '../freight/chance.ts';
import { fillWithFreight } from '../freight/fill.ts';
import { type FreightUnit, makeUnits } from '../freight/units.ts';
import { type RunningHub, startHub, textIn } from '../hub.ts';
import type { Lab } from '../lab.ts';
import type { Question } from '../load/run.ts';
import type { Load } from '../load.ts';
import { alternate, type Subject } from '../rounds.ts';
import type { Findings, Measure, Row } from '../row.ts';
import { find } from '../statistics.ts';

const eventsCounts = { small: 10_000, large: 1_000_000 } as const;
type Size = keyof typeof eventsCounts;
/** With settings of one's own both sizes are so many events per unit of the settings. */
const eventsPerUnit = { small: 5, large: 500 } as const satisfies Record<Size, number>;

const connections = 4;
const ownersCount = 40;
const growthMost = 2;
/** Few are corrected, so nearly all events of a unit are shown. */
const shownShareLeast = 0.8;

interface World {
  readonly hub: RunningHub;
  readonly asker: Asker;
  /** Units that the asker sees, at random. */
  readonly containers: readonly FreightUnit[];
  readonly parcels: readonly FreightUnit[];
  /** Of the containers, in their order. */
  readonly subscriptions: readonly string[];
}

interface Kind {
  readonly name: string;
  readonly title: string;
  readonly of: 'containers' | 'parcels';
  readonly proof: 'tracing' | 'terminal' | 'log';
  readonly path: (unit: FreightUnit, subscription: string) => string;
  /** A text that the right answer holds. */
  readonly text: (unit: FreightUnit) => string;
  /** A text that stands in it once for every event. */
  readonly perEvent: string;
}

const tracing = '/api-tracing-code/v1/handling-units';

const kinds: readonly Kind[] = [
  {
    name: 'reference',
    title: 'tracing by reference',
    of: 'containers',
    proof: 'tracing',
    path: ({ reference }) => `${tracing}?reference=${reference}`,
    text: ({ reference }) => `"reference":"${reference}"`,
    perEvent: '"eventDate":',
  },
  {
    name: 'spi',
    title: 'tracing by SPI',
    of: 'containers',
    proof: 'tracing',
    path: ({ spi }) => `${tracing}?spi=${spi}`,
    text: ({ spi }) => `"pswId":"${spi}"`,
    perEvent: '"eventDate":',
  },
  {
    name: 'past',
    title: 'past events',
    of: 'containers',
    proof: 'terminal',
    path: (_, subscription) => `/event-subscriptions/${subscription}/events`,
    text: ({ reference }) => `"equipmentNumber":"${reference}"`,
    perEvent: '"eventOccurrenceTime8601":',
  },
  {
    name: 'log',
    title: 'parcel event log',
    of: 'parcels',
    proof: 'log',
    path: ({ reference }) => `/ws/json/parcel/tracking/v-2/fetch/${reference}/EN/false`,
    text: ({ reference }) => `"trackingNumber":"${reference}"`,
    perEvent: '"eventTimeUtc":',
  },
];

const eventsOf = ({ settings: { mode, units } }: Lab, size: Size): number =>
  mode === 'own' ? units * eventsPerUnit[size] : eventsCounts[size];
const titleOf = (lab: Lab, kind: Kind, size: Size) =>
  `${kind.title}, ${eventsOf(lab, size).toLocaleString('en-US')} events`;

/** A hub with that many events, and someone who sees a quarter of the units. */
async function prepare(lab: Lab, size: Size): Promise<World> {
  const hub = await startHub(lab, { database: `query_${size}` });
  const create = async (name: string) =>
    textIn(await hub.call('POST', '/hub/v1/organizations', { name }), 'id');
  const owners: string[] = [];
  for (let at = 0; at < ownersCount; at += 1) owners.push(await create(`Owner ${at}`));
  const terminal = await create('Terminal');
  const asker = await createAsker(hub);
  const eventsCount = eventsOf(lab, size);
  const nowMs = Date.now();
  const chance = createChance(1);
  const units = makeUnits({
    ...{ eventsCount, owners, nowMs, chance },
    forwarder: asker.organization,
  });
  lab.progress(`writing ${eventsCount} events of ${units.length} handling units`);
  const { databaseUrl } = hub;
  await fillWithFreight({ databaseUrl, units, terminal, nowMs, chance, signal: lab.signal });
  const isSeen = ({ parties }: FreightUnit) => parties.length > 0;
  const seen = (family: FreightUnit['freightFamily']) =>
    units.filter((unit) => unit.freightFamily === family && isSeen(unit));
  const containers = sample(seen('Container'), lab.settings.units, chance);
  const parcels = sample(seen('Parcel'), lab.settings.units, chance);
  const subscriptions = await subscribeTo(hub, asker, containers);
  return { hub, asker, containers, parcels, subscriptions };
}

/** One round of a kind of question. Throws when one answer is not about the unit asked for. */
function subjectOf(lab: Lab, load: Load, given: { kind: Kind; size: Size; world: World }): Subject {
  const { kind, size, world } = given;
  const { hub, asker, subscriptions } = world;
  const questions: Question[] = world[kind.of].map((unit, at) => ({
    path: kind.path(unit, subscriptions[at] ?? ''),
    text: kind.text(unit),
  }));
  const job = { url: hub.url, method: 'GET', path: '', headers: asker[kind.proof], connections };
  return {
    name: `${kind.name}-${size}`,
    title: titleOf(lab, kind, size),
    unit: 'requests/s',
    async run(seconds) {
      const expected = { status: 200, text: '' };
      const { perSec, p50Ms, p99Ms } = await load.run({ ...job, questions, seconds, expected });
      return { figure: perSec, details: { p50Ms, p99Ms } };
    },
  };
}

/** Looks at one whole answer: an empty one would be quick, and worth nothing. */
async function checkAnswer({ hub, asker, ...world }: World, kind: Kind): Promise<void> {
  const [unit] = world[kind.of];
  if (unit === undefined) throw new Error(`no ${kind.of} to ask about: more --units are needed`);
  const path = kind.path(unit, world.subscriptions[0] ?? '');
  const answer = await (await fetch(`${hub.url}${path}`, { headers: asker[kind.proof] })).text();
  const shown = answer.split(kind.perEvent).length - 1;
  if (shown >= unit.eventCount * shownShareLeast) return;
  throw new Error(`${kind.title}: ${shown} of ${unit.eventCount} events: ${answer.slice(0, 500)}`);
}

async function run(lab: Lab): Promise<Findings> {
  const load = lab.startLoad();
  const sizes: Size[] = lab.settings.mode === 'quick' ? ['small'] : ['small', 'large'];
  const worlds: { size: Size; world: World }[] = [];
  for (const size of sizes) worlds.push({ size, world: await prepare(lab, size) });
  for (const kind of kinds) for (const { world } of worlds) await checkAnswer(world, kind);
  const measures = await alternate({
    ...lab,
    subjects: kinds.flatMap((kind) =>
      worlds.map((given) => subjectOf(lab, load, { kind, ...given })),
    ),
  });
  const note = `Asked over ${connections} connections.`;
  if (!sizes.includes('large')) return { measures, floors: [], targets: [], notes: [note] };
  return {
    measures,
    floors: [],
    targets: kinds.map(({ name }) => ({
      ...{ measure: `${name}-large`, floor: `${name}-small` },
      ...{ detail: 'p99Ms', most: growthMost },
    })),
    notes: [note, growthNote(measures)],
  };
}

function growthNote(measures: readonly Measure[]): string {
  const growth = (name: string, detail: string) => {
    const [small, large] = (['small', 'large'] as const).map(
      (size) => find(measures, `${name}-${size}`).details[detail] ?? 0,
    );
    return ((large ?? 0) / (small ?? 1)).toFixed(2);
  };
  const texts = kinds.map(
    ({ name, title }) => `${title} p50 × ${growth(name, 'p50Ms')}, p99 × ${growth(name, 'p99Ms')}`,
  );
  return `From the smaller to the larger: ${texts.join('; ')}.`;
}

export const row: Row = {
  name: 'query',
  title: 'tracing, past events and event log, at two sizes of the database',
  order: 3,
  run,
};
