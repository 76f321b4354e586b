/**
 * The house rules that a compiler cannot see, as an ordinary test. Each rule says why. A rule is
 * changed here, in the open, or kept.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/lib/package-root.ts';

const root = packageRoot();
const ignored = new Set(['node_modules', 'dist', 'data', 'coverage', '.git', '.tmp']);

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !ignored.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

const all = filesBelow('');
const sources = all.filter((path) => path.startsWith('src/') && /\.tsx?$/.test(path));
const code = all.filter((path) => /\.tsx?$/.test(path));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const isTest = (path: string) => /\.test\.tsx?$/.test(path);

/** Files of ours that a file imports, as paths from the root. */
function importsOf(path: string): string[] {
  const pattern = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;
  return [...read(path).matchAll(pattern)].map((match) =>
    relative(root, resolve(join(root, dirname(path)), match[1] ?? '')),
  );
}

/** Lines of `paths` that match, as `path:line: text`, so that a failure can be clicked. */
function linesWith(paths: readonly string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
}

const layerOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1];

/** What each layer may import beside itself. Data enters at the top and leaves at the bottom. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  events: ['lib'],
  telemetry: [],
  dialects: ['events', 'lib'],
  door: ['dialects', 'events', 'lib', 'telemetry'],
  identity: ['dialects', 'store', 'events', 'lib'],
  store: ['dialects', 'events', 'lib', 'telemetry'],
  delivery: ['dialects', 'store', 'events', 'lib', 'telemetry'],
  views: ['store', 'events', 'lib'],
  cli: ['lib'],
};

describe('import direction', () => {
  it('keeps every layer above those it imports', () => {
    const wrong = sources
      .filter((path) => !isTest(path))
      .flatMap((path) => {
        const layer = layerOf(path);
        if (layer === undefined) return [];
        const allowed = [layer, ...(mayImport[layer] ?? [])];
        return importsOf(path)
          .filter((target) => !allowed.includes(layerOf(target) ?? 'nothing'))
          .map((target) => `${path} imports ${target}`);
      });
    expect(wrong).toEqual([]);
  });

  it('lets no one but the dialects import more of them than the contract', () => {
    const contract = /^src\/dialects\/(dialect|hub-port|port-[a-z]+|discover)\.ts$/;
    const wrong = sources
      .filter((path) => layerOf(path) !== 'dialects' && !isTest(path))
      .flatMap((path) =>
        importsOf(path)
          .filter((target) => target.startsWith('src/dialects/') && !contract.test(target))
          .map((target) => `${path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('keeps dialects apart: none imports another', () => {
    const folderOf = (path: string) => /^src\/dialects\/([^/]+)\//.exec(path)?.[1];
    const wrong = sources
      .filter((path) => folderOf(path) !== undefined)
      .flatMap((path) =>
        importsOf(path)
          .filter((target) => (folderOf(target) ?? folderOf(path)) !== folderOf(path))
          .map((target) => `${path} imports ${target}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('invariants', () => {
  it('names no partner outside its dialect folder', () => {
    const partners = readdirSync(join(root, 'src/dialects'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'hub')
      .map((entry) => entry.name);
    // Words that are also plain English or a scope's published name need quotes to count.
    const pattern = new RegExp(`['"\`/](${partners.join('|')})['"\`/]|\\bsoget\\b`, 'i');
    const outside = sources.filter(
      (path) => !path.startsWith('src/dialects/') && !isTest(path) && !path.startsWith('src/cli/'),
    );
    const scopes = /'soget\.(tracking|tracing)'/;
    expect(linesWith(outside, pattern).filter((line) => !scopes.test(line))).toEqual([]);
  });

  it('keeps SQL in store/', () => {
    const sql = /['"`]\s*(select\s|insert into\s|update\s+\w+\s+set\s|delete from\s|with \w+ as)/i;
    const outside = sources.filter((path) => !path.startsWith('src/store/') && !isTest(path));
    expect(linesWith(outside, sql)).toEqual([]);
  });

  it('reads the environment in config.ts alone', () => {
    const allowed = new Set(['src/main.ts', 'src/cli/main.ts', 'src/config.ts']);
    const rest = sources.filter((path) => !allowed.has(path) && !isTest(path));
    const exceptions = /^src\/store\/embedded\//;
    expect(linesWith(rest, /process\.env/).filter((line) => !exceptions.test(line))).toEqual([]);
  });

  it('keeps clocks, randomness and I/O out of events/ and of the dialects', () => {
    const pure = sources.filter((path) => /^src\/(events|dialects)\//.test(path) && !isTest(path));
    const impure = /\bDate\.now\(|\bnew Date\(\)|Math\.random\(|from 'node:(fs|net|http|dns|child)/;
    // The names of HTTP statuses are data.
    const allowed = /^src\/dialects\/discover\.ts|import \{ STATUS_CODES \}/;
    expect(linesWith(pure, impure).filter((line) => !allowed.test(line))).toEqual([]);
  });

  it('has no sleeps in tests: they wait for signals', () => {
    const tests = code.filter((path) => /^test\/|\.test\.ts$/.test(path));
    const sleep = /setTimeout\(\s*(resolve|done|r)\b|timers\/promises|\bsleep\(/;
    const self = /^test\/tidy\.test\.ts/;
    expect(linesWith(tests, sleep).filter((line) => !self.test(line))).toEqual([]);
  });
});

describe('sizes', () => {
  it('keeps files below 300 lines, tests below 400', () => {
    const lines = (path: string) => read(path).split('\n').length - 1;
    const long = code
      .filter((path) => lines(path) > (/^test\/|\.test\.ts$/.test(path) ? 400 : 300))
      .map((path) => `${path} has ${lines(path)} lines`);
    expect(long).toEqual([]);
  });

  it('keeps the README readable in two minutes', () => {
    expect(read('README.md').split(/\s+/).length).toBeLessThan(800);
  });
});

describe('left-overs', () => {
  it('has none in the sources', () => {
    const marks =
      /\b(TODO|FIXME|XXX|HACK)\b|not implemented|\bas any\b|: any(?=[;,)=\]>|])|@ts-(ignore|nocheck)/;
    const self = /^test\/tidy\.test\.ts/;
    expect(linesWith(code, marks).filter((line) => !self.test(line))).toEqual([]);
  });

  it('has no focused and no silent skipped tests', () => {
    const tests = code.filter(isTest);
    expect(linesWith(tests, /\b(it|test|describe)\.(only|skip|todo)\(/)).toEqual([]);
  });

  it('has no default exports but where a tool asks for one', () => {
    const asked = ['vitest.config.ts', 'test/support/closing-line.ts'];
    const rest = code.filter((path) => !asked.includes(path));
    expect(linesWith(rest, /^export default\b/)).toEqual([]);
  });

  it('has no download addresses in the lock file', () => {
    expect(linesWith(['package-lock.json'], /"resolved":/)).toEqual([]);
  });
});

describe('documents', () => {
  it('have no broken links to files', () => {
    const documents = all.filter((path) => path.endsWith('.md'));
    const broken = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .map((match) => join(dirname(path), match[1] ?? ''))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${path} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name every setting', () => {
    const settings = new Set(read('src/config.ts').match(/\b(PORTOLAN_[A-Z_]+|DATABASE_URL)\b/g));
    const text = read('docs/configuration.md');
    expect([...settings].filter((setting) => !text.includes(setting))).toEqual([]);
  });

  it('list every folder of src in ARCHITECTURE.md', () => {
    const folders = readdirSync(join(root, 'src')).filter((name) =>
      statSync(join(root, 'src', name)).isDirectory(),
    );
    const text = read('ARCHITECTURE.md');
    expect(folders.filter((folder) => !text.includes(`${folder}/`))).toEqual([]);
  });

  it('carry decisions in numbered files', () => {
    const names = readdirSync(join(root, 'docs/adr')).filter((name) => name !== 'README.md');
    expect(names.filter((name) => !/^\d{4}-[a-z0-9-]+\.md$/.test(name))).toEqual([]);
    const numbers = names.map((name) => name.slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('the lock file', () => {
  it('agrees with package.json', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { dependencies?: object; devDependencies?: object }>;
    };
    const own = JSON.parse(read('package.json')) as {
      dependencies: object;
      devDependencies: object;
    };
    expect(lock.packages['']?.dependencies).toEqual(own.dependencies);
    expect(lock.packages['']?.devDependencies).toEqual(own.devDependencies);
  });
});

describe('version control', () => {
  it('tracks nothing that is generated', () => {
    // From a clone without .git there is nothing to ask, and nothing to find.
    if (!existsSync(join(root, '.git'))) return;
    const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
    expect(
      tracked.filter((path) => /^(dist|data|node_modules|coverage|\.tmp)\//.test(path)),
    ).toEqual([]);
  });
});
