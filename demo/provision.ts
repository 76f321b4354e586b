/** What an operator does once for every partner: organizations, credentials, and the freight. */
import { randomBytes } from 'node:crypto';
import type { Role, Unit } from './cast.ts';
import { cast, containers, ordinaryContainers, ordinaryParcels, parcels } from './cast.ts';
import type { Client } from './http.ts';
import { text } from './json.ts';
import { bookUnit, createFor, createOrganization, fetchToken } from './speak/hub.ts';
import type { Login } from './speak/parcels.ts';
import { fetchSogetToken } from './speak/soget.ts';

/** An organization of the story with what it proves itself by. */
export interface Member {
  readonly id: string;
  /** Access token of its application. */
  readonly token: string;
  readonly apiKey: string;
}

export interface World {
  readonly members: Readonly<Record<Role, Member>>;
  /** The parcel network's service user. */
  readonly login: Login;
}

export async function provision(client: Client, adminKey: string): Promise<World> {
  const create = (role: Role) => createMember(client, adminKey, role);
  const members = {
    port: await create('port'),
    terminal: await create('terminal'),
    shipper: await create('shipper'),
    parcelNetwork: await create('parcelNetwork'),
    stranger: await create('stranger'),
  };
  const login = { username: 'wsfoobar', password: randomBytes(18).toString('base64url') };
  await createFor(client, adminKey, {
    organization: members.parcelNetwork.id,
    what: 'users',
    body: login,
  });
  return { members, login };
}

async function createMember(client: Client, adminKey: string, role: Role): Promise<Member> {
  const { name, scopes } = cast[role];
  const id = await createOrganization(client, adminKey, name);
  const application = await createFor(client, adminKey, {
    organization: id,
    what: 'applications',
    body: { name: `${name} demo`, scopes },
  });
  const key = await createFor(client, adminKey, {
    organization: id,
    what: 'api-keys',
    body: { name: `${name} demo` },
  });
  const credentials = {
    clientId: text(application, 'clientId'),
    clientSecret: text(application, 'clientSecret'),
  };
  // Both endpoints give the same kind of token; each partner uses the one that it knows.
  const speaksSoget = scopes.includes('soget.tracing');
  const token = await (speaksSoget ? fetchSogetToken : fetchToken)(client, credentials);
  return { id, token, apiKey: text(key, 'apiKey') };
}

/** Books all the freight in the name of its owners; how many units. */
export async function bookFreight(client: Client, { members }: World): Promise<number> {
  const units = [
    ...Object.values(containers),
    ...Object.values(parcels),
    ...ordinaryContainers,
    ...ordinaryParcels,
  ];
  for (const unit of units) await bookUnit(client, members[unit.owner].token, bodyOf(unit));
  return units.length;

  function bodyOf({ owner: _, parties, ...unit }: Unit): object {
    const named = parties.map((role) => ({ organization: members[role].id, role }));
    return { ...unit, parties: named };
  }
}
