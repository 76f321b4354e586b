/**
 * Adding a partner adds one folder. A copy of the project gets a dialect that nobody has heard of,
 * no other file is edited, and it is served in full; half a folder stops the start by name.
 */
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminKey, join, type Member, request, tokenOf } from '../support/client.ts';
import {
  type HubProcess,
  removeFolder,
  runToEnd,
  scratchFolder,
  startHub,
} from '../support/hub-process.ts';
import { lighthouse, withoutVocabulary } from '../support/lighthouse.ts';
import { copyProject, type ProjectCopy } from '../support/project-copy.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const copyMsMax = 120_000;

const inFolder = (name: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(files).map(([path, text]) => [`src/dialects/${name}/${path}`, text]),
  );

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function copyWith(name: string, files: Readonly<Record<string, string>>) {
  const copy: ProjectCopy = await copyProject(inFolder(name, files));
  undo.push(copy.remove);
  const dataDir = await scratchFolder();
  undo.push(() => removeFolder(dataDir));
  return { main: copy.main, dataDir };
}

describe('a new folder below src/dialects', () => {
  let hub: HubProcess;
  let receiver: Receiver;
  let member: Member;
  let token: string;
  const box = 'CSQU3054383';

  beforeAll(async () => {
    hub = await startHub(await copyWith('lighthouse', lighthouse));
    undo.push(() => hub.end('SIGTERM'));
    receiver = await startReceiver();
    undo.push(() => receiver.close());
    member = await join(hub.url, 'Keeper');
    token = await tokenOf(hub.url, await applicationOf('lighthouse.sightings'));
    const unit = { reference: box, freightFamily: 'Container' };
    const units = `${hub.url}/hub/v1/handling-units`;
    await request(units, { method: 'PUT', token: member.token, body: unit });
  }, copyMsMax);

  /** An application with that scope alone: the folder's own word, known to no other file. */
  async function applicationOf(scope: string) {
    const url = `${hub.url}/hub/v1/organizations/${member.id}/applications`;
    const body = { name: 'lamp', scopes: [scope] };
    const answer = await request<{ clientId: string; clientSecret: string }>(url, {
      token: adminKey,
      body,
    });
    expect(answer.status).toBe(201);
    return answer.body;
  }

  const sighting = { box, saw: 'SEEN', at: '2026-11-20T14:00:00+01:00' };
  const report = (body: unknown, proof = token) =>
    request(`${hub.url}/lighthouse/v1/sightings`, { token: proof, body });

  it('records what its route takes, once, for every other dialect too', async () => {
    const first = await report(sighting);
    expect([first.status, first.body]).toEqual([201, { entry: expect.any(String), again: false }]);
    expect((await report(sighting)).body).toEqual({ entry: first.body['entry'], again: true });
    const { entry } = first.body;
    const event = await request(`${hub.url}/hub/v1/events/${entry}`, { token: member.token });
    expect(event.body).toMatchObject({
      type: 'arrived',
      source: { dialect: 'lighthouse', code: 'SEEN' },
    });
  });

  it('reads in its own words what another dialect recorded', async () => {
    const gone = { unit: { reference: box }, type: 'departed', occurredAt: '2026-11-20T16:00:00Z' };
    await request(`${hub.url}/hub/v1/events`, { token: member.token, body: gone });
    const url = `${hub.url}/lighthouse/v1/boxes/${box}/sightings`;
    expect((await request(url, { token })).body).toMatchObject({
      sightings: expect.arrayContaining([{ saw: 'GONE', at: '2026-11-20T16:00:00Z' }]),
    });
  });

  it('refuses in its own shape', async () => {
    const bad = await report({ ...sighting, saw: 'HEARD' });
    expect([bad.status, bad.body]).toEqual([
      400,
      { fault: 'INVALID-INPUT', why: expect.any(String) },
    ]);
    const unread = await report('{');
    expect([unread.status, unread.body['fault']]).toEqual([400, 'MALFORMED-BODY']);
    const stranger = await report(sighting, member.token);
    expect([stranger.status, stranger.body['fault']]).toEqual([403, 'FORBIDDEN']);
    const nobody = await report(sighting, 'no-token');
    expect([nobody.status, nobody.body['fault']]).toEqual([401, 'UNAUTHENTICATED']);
    const nowhere = await request(`${hub.url}/lighthouse/v2/anything`, { body: '{' });
    expect([nowhere.status, nowhere.body['fault']]).toEqual([404, 'NOT-FOUND']);
    const method = await request(`${hub.url}/lighthouse/v1/watches`, { method: 'DELETE' });
    expect([method.status, method.body['fault']]).toEqual([405, 'METHOD-NOT-ALLOWED']);
  });

  it('is documented', async () => {
    const document = await request<{ info: unknown; paths: object }>(
      `${hub.url}/openapi/lighthouse.json`,
    );
    expect(document.body.info).toMatchObject({ title: 'Lighthouse sightings' });
    expect(Object.keys(document.body.paths)).toContain('/lighthouse/v1/sightings');
    expect((await request(`${hub.url}/docs`)).status).toBe(200);
    const tryIt = await request(`${hub.url}/docs/static/swagger-initializer.js`);
    expect(tryIt.text).toContain('/openapi/lighthouse.json');
    expect((await request(hub.url)).text).toContain('/openapi/lighthouse.json');
  });

  it('pushes to its subscriptions in its own rendering, signed', async () => {
    const call = `${receiver.url}/flash`;
    const watch = await request(`${hub.url}/lighthouse/v1/watches`, { token, body: { call } });
    expect([watch.status, watch.body]).toEqual([
      201,
      { watch: expect.stringMatching(/^LAMP\d{6}$/) },
    ]);
    const subscriptions = `${hub.url}/hub/v1/subscriptions`;
    const listed = await request<{ items: readonly { id: string; externalId: string }[] }>(
      `${subscriptions}?dialect=lighthouse`,
      { token: member.token },
    );
    expect(listed.body.items).toHaveLength(1);
    const rotated = await request(`${subscriptions}/${listed.body.items[0]?.id}/rotate-secret`, {
      ...{ method: 'POST', token: member.token },
    });
    await report({ ...sighting, at: '2026-11-21T08:00:00Z' });
    const [push] = await receiver.next();
    const verifier = new Webhook(String(rotated.body['secret']));
    const headers = push?.headers as Record<string, string>;
    expect(verifier.verify(push?.body.toString() ?? '', headers)).toEqual({
      flash: { nr: 1, box, saw: 'SEEN', at: '2026-11-21T08:00:00Z' },
    });
    expect(headers['lighthouse-flash']).toBe('1');
  });
});

describe('half a folder', () => {
  it(
    'stops the start with a line that names it',
    async () => {
      const { code, output } = await runToEnd(await copyWith('lighthouse', withoutVocabulary));
      expect(code).toBe(1);
      const lines = output.trim().split('\n');
      expect(lines).toEqual([
        expect.stringMatching(/^portolan: cannot start: .*\blighthouse\b.*\bvocabulary\b/),
      ]);
    },
    copyMsMax,
  );
});
