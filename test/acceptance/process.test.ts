/** The hub as a process: how it starts, what it refuses, how it ends, and what survives that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, chown, cp, mkdir, symlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname, join as joinPath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import {
  apiOf,
  bodyOf,
  book,
  join,
  type Page,
  record,
  request,
  subscribe,
} from '../support/client.ts';
import {
  adminKey,
  type HubOptions,
  type HubProcess,
  removeFolder,
  runToEnd,
  scratchFolder,
  startHub,
} from '../support/hub-process.ts';
import { postmasterPid } from '../support/postmaster.ts';
import { type Behaviour, hang, type Receiver, startReceiver } from '../support/receiver.ts';

const hubs: HubProcess[] = [];
const folders: string[] = [];
const receivers: Receiver[] = [];

afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.end('SIGKILL');
  for (const receiver of receivers.splice(0)) await receiver.close();
  for (const folder of folders.splice(0)) await removeFolder(folder);
});

async function folder(): Promise<string> {
  const made = await scratchFolder();
  folders.push(made);
  return made;
}

async function start(options: HubOptions): Promise<HubProcess> {
  const hub = await startHub(options);
  hubs.push(hub);
  return hub;
}

async function listen(handler?: Behaviour): Promise<Receiver> {
  const receiver = await startReceiver(handler);
  receivers.push(receiver);
  return receiver;
}

const linesOf = (output: string) => output.split('\n').filter((line) => line !== '');

const shifted = { unit: { reference: 'LIFE-1' }, type: 'shifted' };
const atHour = (hour: number) => `2026-11-01T${String(hour).padStart(2, '0')}:00:00Z`;

/** An organization with a unit and a subscription to the receiver. */
async function furnish(hub: HubProcess, receiver: Receiver) {
  const member = await join(hub.url, 'Lasting');
  await book(member.api, { reference: 'LIFE-1', freightFamily: 'Container' });
  const { id, secret } = await subscribe(member.api, `${receiver.url}/life`);
  return { member, subscription: id, secret };
}

describe('a first start', () => {
  it('prints where it listens and where the admin key is, and takes no second hub in', async () => {
    const dataDir = await folder();
    const publicUrl = 'https://hub.example/base';
    const hub = await start({
      dataDir,
      environment: {
        ...{ PORTOLAN_ADMIN_KEY: '', PORTOLAN_PUBLIC_URL: `${publicUrl}/` },
        ...{ PORTOLAN_LOG_LEVEL: 'info', PORTOLAN_WEBHOOK_ALLOW: '' },
      },
    });
    const lines = linesOf(hub.output()).map((line) => JSON.parse(line) as Record<string, unknown>);
    // Programs may look for the word alone.
    expect(lines.filter((line) => JSON.stringify(line).includes('listening'))).toEqual([
      { msg: 'listening', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
    ]);
    const path = lines
      .map((line) => String(line['path']))
      .find((text) => text.endsWith('admin.key'));
    expect(path).toBe(joinPath(dataDir, 'admin.key'));
    expect(statSync(path ?? '').mode & 0o777).toBe(0o600);
    const key = readFileSync(path ?? '', 'utf8').trim();
    expect(hub.output()).not.toContain(key);
    expect((await apiOf(hub.url, key).get('/organizations')).status).toBe(200);
    expect((await apiOf(hub.url, adminKey).get('/organizations')).status).toBe(401);

    // The public address is in whatever is given to others.
    const discovery = await request(`${hub.url}/.well-known/openid-configuration`);
    expect(discovery.body).toMatchObject({
      ...{ issuer: publicUrl, jwks_uri: `${publicUrl}/.well-known/jwks.json` },
      token_endpoint: `${publicUrl}/oauth2/token`,
    });
    const openapi = await request(`${hub.url}/openapi/hub.json`);
    expect(openapi.body).toMatchObject({ servers: [{ url: '/' }, { url: publicUrl }] });
    const organization = await apiOf(hub.url, key).send<{ id: string }>('POST', '/organizations', {
      name: 'A',
    });
    const application = await apiOf(hub.url, key).send<{ clientId: string; clientSecret: string }>(
      'POST',
      `/organizations/${organization.body.id}/applications`,
      { name: 'a', scopes: ['hub.subscriptions'] },
    );
    const token = await request<{ access_token: string }>(`${hub.url}/oauth2/token`, {
      form: {
        ...{ grant_type: 'client_credentials', client_id: application.body.clientId },
        client_secret: application.body.clientSecret,
      },
    });
    expect(decodeJwt(token.body.access_token).iss).toBe(publicUrl);
    // Nothing private may be called unless the operator allows it.
    const api = apiOf(hub.url, token.body.access_token);
    const loopback = await api.send('POST', '/subscriptions', { url: 'http://127.0.0.1:9/' });
    expect(loopback).toMatchObject({ status: 400, body: { errors: [{ path: 'url' }] } });

    const second = await runToEnd({ dataDir });
    expect(second.code).not.toBe(0);
    expect(linesOf(second.output)).toEqual([
      expect.stringMatching(/^portolan: cannot start: .*in use by process \d+/),
    ]);
    expect(second.output).toContain(dataDir);
    expect((await request(`${hub.url}/readyz`)).status).toBe(200);
    expect(await hub.end('SIGTERM')).toBe(0);
  });

  it('as a plain user needs no more than a readable copy and a folder of its own', async ({
    skip,
  }) => {
    if (process.getuid?.() !== 0) skip('only root can become nobody; the other tests are plain');
    const nobody = 65_534;
    const copy = await folder();
    const root = fileURLToPath(new URL('../..', import.meta.url));
    await chmod(copy, 0o755);
    for (const name of ['dist', 'migrations', 'package.json']) {
      await cp(joinPath(root, name), joinPath(copy, name), { recursive: true });
    }
    const packages = joinPath(root, 'node_modules');
    const target = joinPath(copy, 'node_modules');
    if (isOpenToAll(packages)) await symlink(packages, target);
    else await cp(packages, target, { recursive: true, verbatimSymlinks: true });
    const dataDir = joinPath(copy, 'data');
    await mkdir(dataDir);
    await chown(dataDir, nobody, nobody);
    const main = joinPath(copy, 'dist', 'src', 'main.js');
    const hub = await start({ dataDir, main, uid: nobody });
    const member = await join(hub.url, 'Plain');
    const id = await book(member.api, { reference: 'PLAIN-1', freightFamily: 'Container' });
    expect((await member.api.get(`/handling-units/${id}`)).status).toBe(200);
    for (const name of readdirSync(dataDir)) {
      expect({ name, uid: statSync(joinPath(dataDir, name)).uid }).toEqual({ name, uid: nobody });
    }
    expect(await hub.end('SIGTERM')).toBe(0);
  });
});

describe('a process without the role of the door', () => {
  it('answers health and metrics, and nobody else', async () => {
    const hub = await start({
      dataDir: await folder(),
      environment: { PORTOLAN_ROLES: 'delivery' },
    });
    const status = async (path: string) => (await request(`${hub.url}${path}`)).status;
    for (const path of ['/healthz', '/readyz', '/metrics']) expect(await status(path)).toBe(200);
    const form = { grant_type: 'client_credentials', client_id: 'a', client_secret: 'b' };
    expect((await request(`${hub.url}/oauth2/token`, { form })).status).toBe(404);
    for (const path of ['/', '/docs', '/.well-known/jwks.json', '/openapi/hub.json']) {
      expect({ path, status: await status(path) }).toEqual({ path, status: 404 });
    }
    expect(await hub.end('SIGTERM')).toBe(0);
  });
});

/** Whether every user can enter and read the folder. */
function isOpenToAll(path: string): boolean {
  const isOpen = (statSync(path).mode & 0o005) === 0o005;
  return isOpen && (path === dirname(path) || isOpenToAll(dirname(path)));
}

describe('a wrong setting', () => {
  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['DATABASE_URL', 'mysql://localhost/hub'],
    ['PORTOLAN_ADMIN_KEY', 'short'],
    ['PORTOLAN_ADMIN_KEY', 'with a space'],
    ['PORTOLAN_PUBLIC_URL', 'hub.example'],
    ['PORTOLAN_WEBHOOK_ALLOW', '10.0.0.0/33'],
    ['PORTOLAN_ROLES', 'door,cook'],
    ['PORTOLAN_LOG_LEVEL', 'loud'],
  ])('stops the start with one line that names it: %s=%s', async (name, value) => {
    const dataDir = await folder();
    const { code, output } = await runToEnd({ dataDir, environment: { [name]: value } });
    expect(code).toBe(1);
    expect(linesOf(output)).toEqual([
      expect.stringMatching(new RegExp(`^portolan: wrong setting: ${name}: .+`)),
    ]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each([
    ['PORT', 'TAKEN', /TAKEN is taken/],
    ['HOST', '203.0.113.9', /203\.0\.113\.9/],
    ['DATABASE_URL', 'postgres://u:s3cr3t@127.0.0.1:TAKEN/hub', /cannot be reached \(127/],
    ['DATABASE_URL', 'postgres://u:s3cr3t@localhost:1/hub', /localhost:1.+REFUSED/],
    ['PORTOLAN_DATA_DIR', 'FOLDER/file', /file cannot be used/],
    ['PORTOLAN_DATA_DIR', 'FOLDER/file/below', /below cannot be used/],
    // Where folders cannot be made although the one above is there.
    ['PORTOLAN_DATA_DIR', '/proc/portolan', /\/proc\/portolan cannot be used/],
  ])('is named when the machine refuses it: %s=%s', async (name, given, reason) => {
    // A port on which someone else listens, who speaks no protocol of ours and hangs up.
    const taken = await listen();
    const dataDir = await folder();
    writeFileSync(joinPath(dataDir, 'file'), '');
    const value = given.replace('TAKEN', String(taken.port)).replace('FOLDER', dataDir);
    const { code, output } = await runToEnd({ dataDir, environment: { [name]: value } });
    expect(code).toBe(1);
    expect(linesOf(output)).toEqual([
      expect.stringMatching(new RegExp(`^portolan: wrong setting: ${name}: .+`)),
    ]);
    expect(output.replace(String(taken.port), 'TAKEN')).toMatch(reason);
    expect(output).not.toContain('s3cr3t');
    // Told before anything was made.
    expect(readdirSync(dataDir)).toEqual(['file']);
  });
});

describe('SIGTERM', () => {
  /** A connection on which `bytes` were sent, and nothing more will be. */
  function open(hub: HubProcess, bytes: string): Promise<Socket> {
    const { hostname, port } = new URL(hub.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(bytes, () => resolve(socket));
      });
      socket.on('error', reject);
    });
  }

  it('finishes what is under way, whatever its clients do, and ends well', {
    timeout: 90_000,
  }, async () => {
    const dataDir = await folder();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const receiver = await listen(async (_request, response) => {
      await released;
      response.writeHead(204).end();
    });
    const hub = await start({ dataDir });
    const { member } = await furnish(hub, receiver);
    await record(member.api, { ...shifted, occurredAt: atHour(1) });
    const [push] = await receiver.next();
    const sockets = [
      await open(hub, ''),
      await open(hub, 'POST /hub/v1/events HTTP/1.1\r\nHost: hub\r\n'),
      await open(
        hub,
        `POST /hub/v1/events HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${member.token}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      ),
    ];
    const ended = hub.end('SIGTERM');
    release();
    expect(await ended).toBe(0);
    // Nothing was left behind: a database that was stopped well removes its mark.
    const marks = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
    expect(marks.filter((name) => name.endsWith('postmaster.pid'))).toEqual([]);
    for (const socket of sockets) socket.destroy();

    const again = await start({ dataDir });
    const api = apiOf(again.url, member.token);
    const delivery = await api.get(`/deliveries/${push?.headers['webhook-id']}`);
    expect(bodyOf(delivery)).toMatchObject({ state: 'delivered', attemptCount: 1 });
    await record(api, { ...shifted, occurredAt: atHour(2) });
    await receiver.next();
    expect(receiver.requests).toHaveLength(2);
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('does not wait for ever for a receiver that hangs; the push goes out after the next start', {
    timeout: 120_000,
  }, async () => {
    const dataDir = await folder();
    const receiver = await listen();
    receiver.script(hang);
    const hub = await start({ dataDir });
    const { member } = await furnish(hub, receiver);
    await record(member.api, { ...shifted, occurredAt: atHour(1) });
    const [first] = await receiver.next();
    const startedMs = Date.now();
    expect(await hub.end('SIGTERM')).toBe(0);
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    const again = await start({ dataDir });
    const [second] = await receiver.next();
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body.toString()).toBe(first?.body.toString());
    expect(await again.end('SIGTERM')).toBe(0);
  });

  it('during the start calls it off, and leaves no database running', async () => {
    const dataDir = await folder();
    const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
    const { PATH } = process.env;
    const child = spawn(process.execPath, [main], {
      env: { PATH, PORT: '0', PORTOLAN_DATA_DIR: dataDir },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    // The first that it makes there is a place for the database.
    const made = () => readdirSync(dataDir).length;
    await expect.poll(made, { interval: 2, timeout: 90_000 }).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(postmasterPid(dataDir)).toBeUndefined();
  });

  it('sent twice ends the hub at once', async () => {
    const dataDir = await folder();
    const receiver = await listen(hang);
    const hub = await start({ dataDir });
    const { member } = await furnish(hub, receiver);
    await record(member.api, { ...shifted, occurredAt: atHour(1) });
    await receiver.next();
    const ended = hub.end('SIGTERM');
    // The first one was taken when the door takes no more.
    await expect.poll(() => refuses(hub.url)).toBe(true);
    process.kill(hub.pid, 'SIGTERM');
    expect(await ended).toBe(1);
    // Its database was told, and ends by itself.
    await expect.poll(() => postmasterPid(dataDir)).toBeUndefined();
  });

  async function refuses(url: string): Promise<boolean> {
    try {
      await request(`${url}/healthz`, { headers: { connection: 'close' } });
      return false;
    } catch {
      return true;
    }
  }
});

describe('kill -9', () => {
  it('loses nothing that was acknowledged, and no token', { timeout: 300_000 }, async () => {
    const dataDir = await folder();
    const receiver = await listen();
    receiver.script(hang);
    const hub = await start({ dataDir });
    const { member, subscription, secret } = await furnish(hub, receiver);
    const events = [await record(member.api, { ...shifted, occurredAt: atHour(1) })];
    const [first] = await receiver.next();
    for (const hour of [2, 3]) {
      events.push(await record(member.api, { ...shifted, occurredAt: atHour(hour) }));
    }
    expect(await hub.end('SIGKILL')).toBeNull();

    const again = await start({ dataDir });
    const api = apiOf(again.url, member.token);
    const listed = await api.get<Page<{ id: string }>>('/events?unit=LIFE-1');
    expect(bodyOf(listed).items.map(({ id }) => id)).toEqual(events);
    const shown = await api.get(`/subscriptions/${subscription}`);
    expect(bodyOf(shown)).toMatchObject({ state: 'active', lastSequence: 3 });
    const login = { username: member.username, password: member.password };
    const relogin = await request(`${again.url}/ws/json/auth/v-2/login`, { body: login });
    expect(relogin.status).toBe(200);
    const operator = await apiOf(again.url, adminKey).get('/organizations');
    expect(operator.status).toBe(200);
    // Whoever held the deliveries is dead: they go out when its lease has run out.
    const pushes = await receiver.next(3);
    expect(pushes[0]?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(
      pushes.map(({ body }) => (JSON.parse(body.toString()) as { sequence: number }).sequence),
    ).toEqual([...[1, 2, 3]]);
    expect(secret).toMatch(/^whsec_/);
    expect(await again.end('SIGTERM')).toBe(0);
  });
});
