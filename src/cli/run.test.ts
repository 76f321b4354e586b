// The command line against a real HTTP server: requests made, lines printed, exit statuses.
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, type Receiver, startReceiver } from '../../test/support/receiver.ts';
import { run } from './run.ts';
import type { Environment, Io } from './types.ts';

const KEY = 'adm_key';

let hub: Receiver;
beforeEach(async () => {
  hub = await startReceiver();
});
afterEach(() => hub.close());

function json(status: number, body: object) {
  const headers = { 'content-type': 'application/json' };
  return answer({ status, headers, body: JSON.stringify(body) });
}

async function portolan(
  line: readonly string[],
  { environment = {}, ...parts }: Partial<Io> & { environment?: Environment } = {},
) {
  const [out, err]: [string[], string[]] = [[], []];
  const io: Io = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    fetch: (input, init) => fetch(input, init),
    readFile: () => Promise.reject(new Error('ENOENT')),
    readPassword: () => Promise.reject(new Error('not asked for')),
    ...parts,
  };
  const settings = { PORTOLAN_PUBLIC_URL: hub.url, PORTOLAN_ADMIN_KEY: KEY, ...environment };
  const status = await run(line, settings, io);
  return { status, out: out.join('\n'), err: err.join('\n') };
}

function received(at = 0) {
  const request = hub.requests[at];
  if (request === undefined) throw new Error('no request came');
  const text = request.body.toString('utf8');
  const { authorization } = request.headers;
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  return { call: `${request.method} ${request.path}`, authorization, body };
}

describe('each command', () => {
  it.each<[string, string[], object, string, object | undefined]>([
    [
      'organization create',
      ['--name', 'Port of Le Havre'],
      { id: 'o1', name: 'Port of Le Havre' },
      'POST /hub/v1/organizations',
      { name: 'Port of Le Havre' },
    ],
    [
      'application create',
      ['--organization', 'o1', '--name', 'app', '--scopes', 'hub.read, hub.events.write,'],
      { clientId: 'app_1', clientSecret: 'secret_1', scopes: ['hub.read'] },
      'POST /hub/v1/organizations/o1/applications',
      { name: 'app', scopes: ['hub.read', 'hub.events.write'] },
    ],
    [
      'api-key create',
      ['--organization', 'o/1', '--name', 'key', '--offer', 'small'],
      { id: 'k1', apiKey: 'pk_1' },
      'POST /hub/v1/organizations/o%2F1/api-keys',
      { name: 'key', offer: 'small' },
    ],
    [
      'user create',
      ['--organization', 'o1', '--username', 'u', '--password', 'correct horse'],
      { id: 'u1', username: 'u' },
      'POST /hub/v1/organizations/o1/users',
      { username: 'u', password: 'correct horse' },
    ],
    [
      'offer create',
      ['--name', 'small', '--dialects', 'a,b', '--requests-per-minute', '60'],
      { id: 'f1', name: 'small' },
      'POST /hub/v1/offers',
      { name: 'small', dialects: ['a', 'b'], requestsPerMinute: 60 },
    ],
    [
      'offer list',
      [],
      { items: [{ id: 'f1', name: 'standard' }] },
      'GET /hub/v1/offers',
      undefined,
    ],
    ['signing-key rotate', [], { kid: 'k' }, 'POST /hub/v1/signing-keys/rotate', {}],
  ])('%s makes its call', async (name, options, body, call, sent) => {
    hub.script(json(201, body));
    const result = await portolan([...name.split(' '), ...options]);
    expect(result).toMatchObject({ status: 0, err: '' });
    expect(received()).toEqual({ call, authorization: `Bearer ${KEY}`, body: sent });
    hub.script(json(201, body));
    const asJson = await portolan(['--json', ...name.split(' '), ...options]);
    expect(JSON.parse(asJson.out)).toEqual(body);
  });

  it('organization list follows the pages', async () => {
    hub.script(
      json(200, { items: [{ id: 'o1', name: 'A' }], nextCursor: 'c 1' }),
      json(200, { items: [{ id: 'o2', name: 'B' }], nextCursor: null }),
    );
    const { out } = await portolan(['organization', 'list']);
    expect(out).toBe('o1  A\no2  B');
    expect(received(1).call).toBe('GET /hub/v1/organizations?limit=200&cursor=c%201');
  });

  it('user create asks for the password where none is given', async () => {
    const line = ['user', 'create', '--organization', 'o1', '--username', 'u'];
    hub.script(json(201, { id: 'u1', username: 'u' }));
    const { out } = await portolan(line, { readPassword: async () => 'typed secret' });
    expect(received().body).toEqual({ username: 'u', password: 'typed secret' });
    expect(out).not.toContain('typed secret');
    expect(await portolan(line, { readPassword: async () => '' })).toMatchObject({ status: 2 });
  });
});

describe('the printed lines', () => {
  /** Runs them in a real shell in which curl prints its arguments. */
  function inShell(lines: string): string[] {
    const script = `curl() { printf '<%s>\\n' "$@"; }; npx() { curl "$@"; }\n${lines}`;
    return execFileSync('sh', ['-euc', script], { encoding: 'utf8' }).split('\n');
  }

  it('are a token request and a call with it, after application create', async () => {
    const made = { clientId: 'app_1', clientSecret: 'secret_1', scopes: ['hub.read'] };
    hub.script(json(201, made));
    const line = 'application create --organization o1 --name app --scopes hub.read'.split(' ');
    const { out } = await portolan(line);
    const token = `curl() { printf '{"access_token":"ey.x.y","token_type":"Bearer"}'; }\n`;
    const call = out.slice(out.indexOf('# its events'));
    const before = out.slice(0, out.indexOf('# its events'));
    const restore = `curl() { printf '<%s>\\n' "$@"; }\n`;
    expect(inShell(`${token}${before}\n${restore}${call}`)).toEqual([
      '<-sS>',
      `<${hub.url}/hub/v1/events?unit=CSQU3054383>`,
      '<-H>',
      '<Authorization: Bearer ey.x.y>',
      '',
    ]);
    expect(before).toContain(`export PORTOLAN_CLIENT_SECRET='secret_1'`);
  });

  it('use both proofs, after api-key create', async () => {
    hub.script(json(201, { id: 'k1', apiKey: 'pk_1' }));
    const { out } = await portolan('api-key create --organization o1 --name key'.split(' '));
    const evaluated = out.replace(/^eval .*\n.*$/m, '');
    const printed = inShell(`PORTOLAN_ADMIN_KEY=adm PORTOLAN_TOKEN=ey\n${evaluated}`);
    expect(printed).toContain('<Authorization: Bearer ey>');
    expect(printed).toContain('<Authorization: Bearer adm>');
    expect(printed).toContain('<Ocp-Apim-Subscription-Key: pk_1>');
    expect(printed).toContain('<X-API-KEY: pk_1>');
  });

  it('book what they are about before they speak of it', async () => {
    const scopes = ['hub.read', 'hub.events.write', 'hub.units.write'];
    hub.script(json(201, { clientId: 'app_1', clientSecret: 's', scopes }));
    const line = `application create --organization o1 --name app --scopes ${scopes.join()}`;
    const { out } = await portolan(line.split(' '));
    const places = ['/oauth2/token', '-X PUT', '/hub/v1/events"', '/hub/v1/events?unit='];
    const found = places.map((text) => out.indexOf(text));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((left, right) => left - right));
  });

  it('let the operator book where the token may not, never showing the admin key', async () => {
    hub.script(json(201, { clientId: 'app_1', clientSecret: 's', scopes: ['hub.events.write'] }));
    const line = 'application create --organization o1 --name app --scopes hub.events.write';
    const given = { environment: { PORTOLAN_ADMIN_KEY: '' }, readFile: async () => 'adm_file' };
    const { out } = await portolan(line.split(' '), given);
    expect(out).toContain(`Bearer $(cat 'data/admin.key')`);
    expect(out).toContain('"organization":"o1"');
    expect(out).not.toContain('adm_file');
  });

  it('log a user in, book a parcel and register, after user create', async () => {
    hub.script(json(201, { id: 'u1', username: `o'u` }), json(201, { id: 'u1', username: 'u' }));
    const line = 'user create --organization o1 --username u'.split(' ');
    const { out } = await portolan([...line, '--password', `it's "long" $enough`]);
    const printed = inShell(`PORTOLAN_ADMIN_KEY=adm\n${out}\necho "$PORTOLAN_LOGIN"`);
    expect(printed).toContain(`<{"username":"o'u","password":"it's \\"long\\" $enough"}>`);
    expect(printed).toContain(`<${hub.url}/ws/json/parcel/tracking/v-2/register>`);
    const unseen = await portolan(line, { readPassword: async () => 'typed unseen' });
    expect(unseen.out).not.toContain('typed unseen');
    expect(unseen.out).toContain('put the password in');
  });

  it('are with --export only what the next ones read', async () => {
    hub.script(json(201, { id: 'o1', name: 'A' }));
    const { out } = await portolan(['organization', 'create', '--name', 'A', '--export']);
    expect(out).toBe(`export PORTOLAN_URL='${hub.url}'\nexport PORTOLAN_ORGANIZATION='o1'`);
  });

  it('survive names that a shell would take apart', async () => {
    const name = `it's $(false) "x" \`y\``;
    hub.script(json(201, { id: 'f1', name }));
    const { out } = await portolan(['offer', 'create', '--name', name]);
    const printed = inShell(`PORTOLAN_ORGANIZATION=o1\n${out}`);
    expect(printed).toContain(`<${name}>`);
  });
});

describe('errors', () => {
  const create = ['organization', 'create', '--name', 'x'];

  it('of the hub are one line and status 1', async () => {
    hub.script(
      json(409, { code: 'conflict', title: 'Conflict', detail: 'the name is\ntaken \u001b[2J' }),
    );
    expect(await portolan(create)).toEqual({
      ...{ status: 1, out: '' },
      err: 'portolan: the name is taken ?[2J (409 conflict)',
    });
    const issues = [
      { path: 'name', message: 'too long' },
      { path: 'scopes.0', message: 'is not known' },
    ];
    hub.script(json(400, { code: 'invalid-input', errors: issues }));
    const { err } = await portolan(create);
    expect(err).toBe('portolan: name: too long; scopes.0: is not known (400 invalid-input)');
  });

  it.each([
    ['an answer that is not JSON', answer({ status: 502, body: '<html>' }), /\(502\)$/],
    ['a page instead of a hub', answer({ status: 200, body: '<html>' }), /like a hub$/],
    [
      'a redirect',
      answer({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }),
      /cannot reach .*redirect/,
    ],
  ])('by %s too', async (_what, behaviour, message) => {
    hub.script(behaviour);
    const { status, err } = await portolan(create);
    expect(status).toBe(1);
    expect(err).toMatch(message);
    expect(err).toMatch(/^portolan: [^\n]+$/);
  });

  it('by a hub that is away name the address and the reason', async () => {
    await hub.close();
    const { status, err } = await portolan(create);
    expect(status).toBe(1);
    expect(err).toMatch(/^portolan: cannot reach http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    hub = await startReceiver();
  });

  it.each([
    [[], 'a command is needed'],
    [['organization'], 'no such command'],
    [['organization', 'drop'], 'no such command'],
    [['organization', 'create'], 'needs --name NAME'],
    [['organization', 'create', '--name', ''], 'needs --name NAME'],
    [['organization', 'list', '--name', 'x'], 'takes no --name'],
    [['organization', 'list', '--colour', 'x'], 'colour'],
    [['offer', 'create', '--name', 'x', '--requests-per-minute', 'many'], 'whole number'],
    [['organization', 'list', '--url', 'ftp://x'], 'not an http address'],
  ])('of usage are status 2: %j', async (line, message) => {
    const { status, err } = await portolan(line);
    expect(status).toBe(2);
    expect(err).toContain(message);
    expect(hub.requests).toEqual([]);
  });
});

describe('settings', () => {
  it('options win over the environment, the environment over the key file', async () => {
    hub.script(json(200, { items: [] }), json(200, { items: [] }));
    const environment = { PORTOLAN_PUBLIC_URL: 'http://127.0.0.1:1' };
    const options = ['--url', `${hub.url}/`, '--admin-key', 'from-option'];
    await portolan(['offer', 'list', ...options], { environment });
    expect(received().authorization).toBe('Bearer from-option');
    await portolan(['offer', 'list'], {
      environment: { PORTOLAN_ADMIN_KEY: '', PORTOLAN_DATA_DIR: '/somewhere' },
      readFile: async (path) => `key-of-${path.replaceAll('/', '-')}\n`,
    });
    expect(received(1).authorization).toBe('Bearer key-of--somewhere-admin.key');
  });

  it('the exported address wins over the setting of the hub', async () => {
    hub.script(json(200, { items: [] }));
    const environment = { PORTOLAN_URL: hub.url, PORTOLAN_PUBLIC_URL: 'http://127.0.0.1:1' };
    expect(await portolan(['offer', 'list'], { environment })).toMatchObject({ status: 0 });
  });

  it('the hub is looked for where its own settings say that it listens', async () => {
    hub.script(json(200, { items: [] }));
    const { port, hostname } = new URL(hub.url);
    const environment = { PORTOLAN_PUBLIC_URL: '', PORT: port, HOST: hostname };
    expect(await portolan(['offer', 'list'], { environment })).toMatchObject({ status: 0 });
  });

  it('says where the printed lines take a key from that came as an option', async () => {
    hub.script(json(201, { id: 'o1', name: 'A' }));
    const line = ['organization', 'create', '--name', 'A', '--admin-key', 'from-option'];
    const { out } = await portolan(line);
    expect(out).toContain('admin key from PORTOLAN_ADMIN_KEY');
    expect(out).not.toContain('from-option');
  });

  it('without any admin key it says where one may come from', async () => {
    const { status, err } = await portolan(['offer', 'list'], {
      environment: { PORTOLAN_ADMIN_KEY: '' },
    });
    expect(status).toBe(1);
    expect(err).toMatch(/--admin-key or PORTOLAN_ADMIN_KEY.*data\/admin\.key/);
  });
});

describe('help', () => {
  it('lists the commands, and the options of one', async () => {
    const general = await portolan(['--help']);
    expect(general).toMatchObject({ status: 0, err: '' });
    expect(general.out).toContain('signing-key rotate');
    const one = await portolan(['user', 'create', '-h']);
    expect(one.out).toMatch(
      /^Usage: npx portolan user create --organization ID --username NAME \[/,
    );
    expect(one.out).toContain('--password TEXT');
    expect(hub.requests).toEqual([]);
  });
});
