/** A parcel's way from announced to delivered, in the parcel network's dialect. */
import { parcels, publishedRegistration, spellingsOf, type Unit } from '../cast.ts';
import { loginV1, loginV2, loginV3 } from '../speak/parcels.ts';
import { type Outcome, type ParcelEvent, registerParcelEvent, type Stage, step } from '../stage.ts';
import { at } from './clock.ts';
import { playParcelLogs } from './parcel-logs.ts';

/** What happens, the network's id for it, and the word that the hub has for that id. */
const way: readonly (readonly [string, string, string, Omit<ParcelEvent, EachHas>])[] = [
  ['12:10', '001', 'announced', {}],
  ['13:30', '002', 'received', { locationContext: 'Drammen', locationContextId: '3001' }],
  ['14:05', '003', 'loading', { locationContext: 'Drammen', locationContextId: '3001' }],
  ['14:20', '004', 'in-transit', { locationContext: 'Oslo', lat: 59.911096, lon: 10.752457 }],
  ['14:21', '010', 'communication-sent', { comChannelType: 'SMS' }],
  ['15:40', '006', 'arrived-at-service-point', { locationContext: 'Oslo', message: 'Shelf 12' }],
  ['18:25', '013', 'delivered', { locationContext: 'Oslo', message: 'Delivered' }],
];
type EachHas = 'eventType' | 'eventTime';

export async function playParcelWay(stage: Stage): Promise<void> {
  const { client, world } = stage;
  const tokens = [
    await loginV1(client, world.login),
    await loginV2(client, world.login),
    await loginV3(client, world.login, 60),
  ];
  stage.say({ time: '12:00', dialect: 'parcels', text: 'logged in by v-1, v-2 and v-3' });

  const { followed } = parcels;
  const spellings = spellingsOf(followed.reference);
  for (const [index, [time, eventType, type, details]] of way.entries()) {
    const trackingReference = spellings[index % spellings.length] ?? followed.reference;
    const token = tokens[index % tokens.length] ?? '';
    const event = { trackingReference, eventType, eventTime: at(time), ...details };
    await tell(stage, `${eventType} ${type} as ${trackingReference}`, {
      ...{ time, token, type, event, unit: followed, expect: 'recorded' },
    });
    // Some systems send again what they are not sure of, and not always in the same spelling.
    if (eventType !== '013') continue;
    const respelled = { ...event, trackingReference: spellings[(index + 1) % 3] ?? '' };
    await tell(stage, `${eventType} again, as ${respelled.trackingReference}`, {
      ...{ time, token, type, event: respelled, unit: followed, expect: 'duplicate' },
    });
  }
  await playPublishedSample(stage, tokens[0] ?? '');
  await playParcelLogs(
    stage,
    tokens[2] ?? '',
    way.map(([, eventType]) => eventType),
  );
}

async function tell(
  stage: Stage,
  text: string,
  given: {
    readonly time: string;
    readonly token: string;
    readonly unit: Unit;
    readonly type: string;
    readonly event: ParcelEvent & { readonly trackingReference: string };
    readonly expect: Outcome;
  },
): Promise<void> {
  const { time, event, ...rest } = given;
  await step(stage, { time, dialect: 'parcels', text }, () =>
    registerParcelEvent(stage, {
      ...rest,
      eventTime: event.eventTime,
      body: JSON.stringify(event),
    }),
  );
}

/** The network's own sample request, byte for byte; an event of 2022, which is late but welcome. */
async function playPublishedSample(stage: Stage, token: string): Promise<void> {
  const sample = {
    token,
    unit: parcels.sample,
    type: 'delivered',
    eventTime: '2022-08-04T12:51:00+01:00',
    body: publishedRegistration,
  };
  const line = { time: '18:30', dialect: 'parcels', text: "the network's sample request" } as const;
  await step(stage, line, async () => {
    await registerParcelEvent(stage, { ...sample, expect: 'recorded' });
    await registerParcelEvent(stage, { ...sample, expect: 'duplicate' });
  });
}
