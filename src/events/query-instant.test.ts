import { describe, expect, it } from 'vitest';
import { Problem } from './problem.ts';
import { queryInstantMs } from './query-instant.ts';

describe('queryInstantMs', () => {
  it('reads an instant with its offset, also where the plus came as a space', () => {
    const noon = Date.UTC(2026, 10, 20, 12);
    expect(queryInstantMs('since', '2026-11-20T12:00:00Z')).toBe(noon);
    expect(queryInstantMs('since', '2026-11-20T13:00:00+01:00')).toBe(noon);
    expect(queryInstantMs('since', '2026-11-20T13:00:00 01:00')).toBe(noon);
    expect(queryInstantMs('since', undefined)).toBeUndefined();
  });

  it.each(['', 'yesterday', '2026-11-20', '2026-11-20T12:00:00', `${'9'.repeat(200)}`])(
    'refuses %j, naming the parameter',
    (text) => {
      const read = () => queryInstantMs('since', text);
      expect(read).toThrow(Problem);
      try {
        read();
      } catch (error) {
        const issues = error instanceof Problem ? error.details.issues : [];
        expect(issues).toMatchObject([{ path: 'since', value: text.slice(0, 100) }]);
      }
    },
  );
});
