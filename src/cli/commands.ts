/** The commands, as a table: what each takes, the one call it makes, what it prints. */
import {
  blocks,
  callsByKey,
  callsByLogin,
  callsByScopes,
  exportLines,
  type Owner,
  organizationsCall,
  quoted,
  tokenByClient,
  tokenByLogin,
} from './next-calls.ts';
import {
  type Answer,
  CliError,
  type Command,
  type CommandParts,
  type HubClient,
  itemsOf,
  type Option,
  type Shown,
  textOf,
  type Values,
} from './types.ts';

const PAGE_ITEMS = 200;
/** 100,000 organizations; ends a list that a faulty hub would make endless. */
const PAGES_MAX = 500;

const ORGANIZATION: Option = {
  name: 'organization',
  value: 'ID',
  about: 'id of the organization',
  isRequired: true,
};

function nameOption(about: string): Option {
  return { name: 'name', value: 'NAME', about, isRequired: true };
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'organization create',
    about: 'add an organization',
    options: [nameOption('what people call it')],
    send: ({ hub, values }) => hub.post('/organizations', { name: values['name'] }),
    show: (answer, { hub, adminKey }) => ({
      about: [`# organization ${textOf(answer, 'name')}`],
      exports: exportLines({
        PORTOLAN_URL: hub.url,
        PORTOLAN_ORGANIZATION: textOf(answer, 'id'),
      }),
      next: blocks([
        [
          '# next, an application that reads and registers:',
          'npx portolan application create --organization "$PORTOLAN_ORGANIZATION" --name first \\',
          '  --scopes hub.read,hub.units.write,hub.events.write',
        ],
        organizationsCall(adminKey),
      ]),
    }),
  },
  {
    name: 'organization list',
    about: 'list the organizations',
    options: [],
    send: ({ hub }) => allOrganizations(hub),
    show: (answer) => ({
      about: rows(answer, (item) => [textOf(item, 'id'), textOf(item, 'name')]),
    }),
  },
  {
    name: 'application create',
    about: 'add an OAuth2 client of an organization',
    options: [
      ORGANIZATION,
      nameOption('what the organization calls it'),
      { name: 'scopes', value: 'A,B', about: 'scopes it may use', isRequired: true },
    ],
    send: ({ hub, values }) =>
      hub.post(below(values, 'applications'), {
        name: values['name'],
        scopes: list(values['scopes']),
      }),
    show: showApplication,
  },
  {
    name: 'api-key create',
    about: 'add an API key of an organization',
    options: [
      ORGANIZATION,
      nameOption('what the organization calls it'),
      { name: 'offer', value: 'OFFER', about: 'name or id of the offer (default: standard)' },
    ],
    send: ({ hub, values }) =>
      hub.post(below(values, 'api-keys'), { name: values['name'], offer: values['offer'] }),
    show: (answer, parts) => ({
      about: ['# the key is shown this once'],
      exports: exportLines({
        PORTOLAN_URL: parts.hub.url,
        PORTOLAN_API_KEY: textOf(answer, 'apiKey'),
      }),
      next: callsByKey(ownerOf(parts)),
    }),
  },
  {
    name: 'user create',
    about: 'add a user; the password is asked for, or read from standard input',
    options: [
      ORGANIZATION,
      { name: 'username', value: 'NAME', about: 'name to sign in with', isRequired: true },
      { name: 'password', value: 'TEXT', about: 'password; other users of the machine may see it' },
      { name: 'services', value: 'A,B', about: 'services the user may use (default: all)' },
    ],
    send: createUser,
    show: showUser,
  },
  {
    name: 'offer create',
    about: 'add an offer: what an API key opens, and how often',
    options: [
      nameOption('unique name'),
      { name: 'dialects', value: 'A,B', about: 'dialects it opens (default: all)' },
      { name: 'requests-per-minute', value: 'N', about: 'limit of each key (default: none)' },
    ],
    send: ({ hub, values }) =>
      hub.post('/offers', {
        name: values['name'],
        dialects: list(values['dialects']),
        requestsPerMinute: wholeNumber(values, 'requests-per-minute'),
      }),
    show: (answer) => ({
      about: [`# offer ${textOf(answer, 'name')}, id ${textOf(answer, 'id')}`],
      next: [
        '# next, a key of it, once PORTOLAN_ORGANIZATION holds the id of whom it is for:',
        'npx portolan api-key create --organization "$PORTOLAN_ORGANIZATION" --name first \\',
        `  --offer ${quoted(textOf(answer, 'name'))}`,
      ],
    }),
  },
  {
    name: 'offer list',
    about: 'list the offers',
    options: [],
    send: ({ hub }) => hub.get('/offers'),
    show: (answer) => ({
      about: rows(answer, (item) => [
        textOf(item, 'id'),
        textOf(item, 'name'),
        Array.isArray(item['dialects']) ? item['dialects'].join(',') : 'all dialects',
        `${item['requestsPerMinute'] ?? 'unlimited'} requests a minute`,
      ]),
    }),
  },
  {
    name: 'signing-key rotate',
    about: 'sign tokens with a new key; tokens of the old one stay good until they expire',
    options: [],
    send: ({ hub }) => hub.post('/signing-keys/rotate'),
    show: (answer) => ({ about: [`# new signing key ${textOf(answer, 'kid')}`] }),
  },
];

function showApplication(answer: Answer, parts: CommandParts): Shown {
  const granted = answer['scopes'];
  const scopes = Array.isArray(granted) ? granted.map(String) : [];
  return {
    about: ['# the secret is shown this once'],
    exports: [
      ...exportLines({
        PORTOLAN_URL: parts.hub.url,
        PORTOLAN_CLIENT_ID: textOf(answer, 'clientId'),
        PORTOLAN_CLIENT_SECRET: textOf(answer, 'clientSecret'),
      }),
      ...tokenByClient(),
    ],
    next: callsByScopes(scopes, ownerOf(parts)),
  };
}

function showUser(answer: Answer, parts: CommandParts): Shown {
  const [username, { password }] = [textOf(answer, 'username'), parts.values];
  const login = tokenByLogin(username, password);
  const url = exportLines({ PORTOLAN_URL: parts.hub.url });
  const calls = callsByLogin(ownerOf(parts));
  return {
    about: [`# user ${username}, id ${textOf(answer, 'id')}`],
    // A login that still lacks its password is to be copied, not to be run.
    exports: password === undefined ? url : [...url, ...login],
    next: password === undefined ? blocks([login, calls]) : calls,
  };
}

function ownerOf({ values, adminKey }: CommandParts): Owner {
  return { organization: values['organization'] ?? '', adminKey };
}

async function createUser({ hub, values, io }: CommandParts): Promise<Answer> {
  const password = values['password'] ?? (await io.readPassword('Password: '));
  if (password === '') throw new CliError('a password is needed', 2);
  const { username, services } = values;
  return hub.post(below(values, 'users'), { username, password, services: list(services) });
}

async function allOrganizations(hub: HubClient): Promise<Answer> {
  const items: Answer[] = [];
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const behind = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await hub.get(`/organizations?limit=${PAGE_ITEMS}${behind}`);
    items.push(...itemsOf(answer));
    cursor = textOf(answer, 'nextCursor');
    if (cursor === '') break;
  }
  return { items };
}

function below(values: Values, part: string): string {
  return `/organizations/${encodeURIComponent(values['organization'] ?? '')}/${part}`;
}

function list(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function wholeNumber(values: Values, name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new CliError(`--${name} must be a whole number`, 2);
  return Number(text);
}

function rows(answer: Answer, columns: (item: Answer) => readonly string[]): string[] {
  return itemsOf(answer).map((item) => columns(item).join('  '));
}
