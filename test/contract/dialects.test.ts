/**
 * One suite over every dialect folder: what the folder listing holds is what is tested. Replays
 * each folder's samples, whose functions decode partner → canonical and encode canonical → partner.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { discoverDialects } from '../../src/dialects/discover.ts';
import { PROBLEM_CODES, Problem } from '../../src/events/problem.ts';
import { EVENT_TYPES } from '../../src/events/types.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

interface Sample {
  readonly about: string;
  readonly function: string;
  readonly given: unknown;
  readonly expect: unknown;
}

const folder = join(packageRoot(), 'src', 'dialects');
const dialects = await discoverDialects(folder);

function samplesOf(name: string): [string, Sample][] {
  const samples = join(folder, name, 'samples');
  return readdirSync(samples)
    .filter((file) => file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(join(samples, file), 'utf8')) as Sample]);
}

/** What would be sent: undefined members are gone, as on the wire. */
const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe.each([...dialects.keys()])('dialect %s', (name) => {
  const dialect = dialects.get(name) as Dialect;

  it('has the files of its siblings', () => {
    const files = ['README.md', 'schemas.ts', 'routes.ts', 'decode.ts', 'encode.ts'];
    const missing = [...files, 'vocabulary.ts', 'errors.ts', 'samples'].filter(
      // A large part may be a folder of the same name.
      (file) =>
        !existsSync(join(folder, name, file)) &&
        !existsSync(join(folder, name, file.replace('.ts', ''))),
    );
    expect(missing).toEqual([]);
  });

  it.each(samplesOf(name))('replays %s', (_file, sample) => {
    const replay = dialect.replay[sample.function];
    expect(replay, `no function ${sample.function}`).toBeTypeOf('function');
    expect(asSent(replay?.(sample.given as never))).toEqual(sample.expect);
  });

  it('has samples of every function it replays', () => {
    const used = new Set(samplesOf(name).map(([, sample]) => sample.function));
    expect([...used].sort()).toEqual(Object.keys(dialect.replay).sort());
  });

  it('has a sound vocabulary in both directions', () => {
    for (const type of EVENT_TYPES) {
      const word = dialect.vocabulary.types[type];
      if ('code' in word) expect(dialect.vocabulary.codes[word.code]?.type).toBe(type);
      else expect(word.none).not.toBe('');
    }
    const shape = new RegExp(dialect.vocabulary.shape?.pattern ?? '');
    for (const [code, entry] of Object.entries(dialect.vocabulary.codes)) {
      expect(code).toMatch(shape);
      expect(EVENT_TYPES).toContain(entry.type);
      expect(entry.label).not.toBe('');
    }
  });

  it.each(PROBLEM_CODES)('renders the problem %s', (code) => {
    const problem = new Problem(code, 'a message', {
      issues: [{ path: 'a.b', message: 'is wrong', rule: 'rule', value: 'x' }],
    });
    for (const path of dialect.prefixes) {
      const answer = dialect.renderProblem(problem, { nowMs: 0, requestId: 'r', path });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status >= 500).toBe(code === 'internal' || code === 'overloaded');
      expect(answer.contentType).toMatch(/^application\/(problem\+)?json/);
      expect(JSON.stringify(answer.body)).toBeTypeOf('string');
    }
  });
});

it('has no two dialects below one path', () => {
  const prefixes = [...dialects.values()].flatMap((dialect) => dialect.prefixes);
  const clashes = prefixes.filter((one) =>
    prefixes.some((other) => other !== one && `${one}/`.startsWith(`${other}/`)),
  );
  expect(clashes).toEqual([]);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});
