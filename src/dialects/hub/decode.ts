/** Requests of the hub's own API → what the hub is asked to do. Pure; throws `Problem`. */
import { invalid, Problem } from '../../events/problem.ts';
import { queryInstantMs } from '../../events/query-instant.ts';
import type { SubscriptionFilter } from '../../events/subscription.ts';
import { parseInstant } from '../../events/time.ts';
import { FREIGHT_FAMILIES } from '../../events/types.ts';
import { sliceJsonArray } from '../../lib/json-slices.ts';
import { present } from '../../lib/present.ts';
import type { Vocabulary } from '../dialect.ts';
import type {
  EventQuery,
  NewSubscription,
  PageRequest,
  ReplayRange as PortRange,
  SubscriptionsPort,
} from '../hub-port.ts';
import { type DecodedEvent, decodeEvent } from './decode-event.ts';
import { ownerOf, wordOf } from './decode-words.ts';
import { type EventQuery as EventQueryBody, eventsMax } from './schemas/events.ts';
import type {
  DigestQuery,
  FilterBody,
  ReplayRange,
  SubscriptionBody,
  SubscriptionPatch,
} from './schemas/subscriptions.ts';
import type { UnitQuery } from './schemas/units.ts';
import { type PageQuery, pageLimitDefault } from './schemas.ts';

export interface ReceivedEvents {
  readonly body: unknown;
  readonly bodyText: string;
  /** Organization of the token; undefined for the operator. */
  readonly organization: string | undefined;
  readonly vocabulary: Vocabulary;
}

/** One event object or a list of them; a fault of one event of a list is told in its own place. */
export function decodeEvents({ body, bodyText, ...given }: ReceivedEvents): DecodedEvent[] {
  if (!Array.isArray(body)) {
    return [decodeEvent({ event: body, received: bodyText, ...given })];
  }
  if (body.length === 0) throw badList('the list holds no event', 'minItems');
  if (body.length > eventsMax) {
    throw badList(`the list holds ${body.length} events; the limit is ${eventsMax}`, 'maxItems');
  }
  const slices = sliceJsonArray(bodyText);
  return body.map((event, at) => decodeEvent({ event, received: slices[at] ?? '', ...given }));
}

function badList(message: string, rule: string): Problem {
  return new Problem('invalid-input', message, { issues: [{ path: '', message, rule }] });
}

export function decodeSubscription(
  body: SubscriptionBody,
  organization: string | undefined,
): NewSubscription {
  const owner = ownerOf(body.organization, organization);
  return {
    dialect: 'hub',
    url: decodeUrl(body.url),
    filter: decodeFilter(body.filter ?? {}),
    ...present({
      organization: organization === undefined ? owner : undefined,
      sinceMs: instantMs('since', body.since ?? undefined),
      ratePerSecond: body.ratePerSecond,
      concurrency: body.concurrency,
      notices: body.notices,
    }),
  };
}

/** Null is told on: it takes a limit away. */
export function decodePatch({
  url,
  filter,
  ...rest
}: SubscriptionPatch): Parameters<SubscriptionsPort['update']>[2] {
  return {
    ...rest,
    ...present({
      url: url === undefined ? undefined : decodeUrl(url),
      filter: filter === undefined ? undefined : decodeFilter(filter),
    }),
  };
}

function decodeFilter(body: FilterBody): SubscriptionFilter {
  const freightFamily = wordOf('filter.freightFamily', body.freightFamily, FREIGHT_FAMILIES);
  return present({ ...body, unit: body.unit?.toLowerCase(), freightFamily });
}

/** Only that it is an address at all; which ones may be reached is the guard's to say. */
function decodeUrl(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) {
    throw invalid('url', 'is not an absolute http or https address', 'format');
  }
  return url;
}

export function decodeEventQuery(query: EventQueryBody): EventQuery {
  const { unit, type } = query;
  return present({
    unit,
    type,
    occurredFromMs: queryInstantMs('occurredFrom', query.occurredFrom),
    occurredToMs: queryInstantMs('occurredTo', query.occurredTo),
    recordedFromMs: queryInstantMs('recordedFrom', query.recordedFrom),
    recordedToMs: queryInstantMs('recordedTo', query.recordedTo),
    asOfMs: decodeAsOf(query.asOf),
  });
}

export function decodeUnitQuery({ reference, spi, document, asOf }: UnitQuery) {
  return present({ reference, spi, document, asOfMs: decodeAsOf(asOf) });
}

export function decodeAsOf(asOf: string | undefined): number | undefined {
  return queryInstantMs('asOf', asOf);
}

/** Two instants, the end not included, or two sequence numbers, both included. */
export function decodeRange(range: ReplayRange | undefined): PortRange {
  const [from, to] = [range?.from ?? undefined, range?.to ?? undefined];
  if (typeof from === 'number' || typeof to === 'number') {
    if (typeof from === 'string' || typeof to === 'string') {
      throw invalid('to', 'is not of the same kind as from: instants or sequence numbers', 'type');
    }
    checkOrder(from, to);
    return present({ fromSequence: from, toSequence: to });
  }
  const [fromMs, toMs] = [instantMs('from', from), instantMs('to', to)];
  checkOrder(fromMs, toMs);
  return present({ fromMs, toMs });
}

const hourMs = 3_600_000;
const digestHoursMax = 744;

/** The last day where nothing is asked for; `to` alone is the day before it. */
export function decodeDigestRange({ from, to }: DigestQuery, nowMs: number) {
  const toMs = queryInstantMs('to', to) ?? nowMs;
  const fromMs = queryInstantMs('from', from) ?? toMs - 23 * hourMs;
  checkOrder(fromMs, toMs);
  if (toMs - fromMs > digestHoursMax * hourMs) {
    throw invalid('from', `is more than ${digestHoursMax} hours before to`, 'range');
  }
  return { fromMs, toMs };
}

function checkOrder(from: number | undefined, to: number | undefined): void {
  if (from !== undefined && to !== undefined && from > to) {
    throw invalid('to', 'is before from', 'order');
  }
}

export function decodePage({ limit, cursor }: PageQuery): PageRequest {
  return { limit: limit ?? pageLimitDefault, ...present({ cursor }) };
}

function instantMs(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseInstant(text);
  if (!parsed.ok) throw invalid(path, parsed.message, parsed.code);
  return parsed.value.epochMs;
}
