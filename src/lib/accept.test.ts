import { describe, expect, it } from 'vitest';
import { accepts } from './accept.ts';

const hal = 'application/hal+json';

describe('Accept', () => {
  it.each([
    'application/hal+json',
    'Application/HAL+JSON; charset=utf-8',
    'text/html, application/hal+json;q=0.1',
    '*/*',
    'application/*',
    'text/html;q=1, */*;q=0.001',
    '*/*;q=0, application/hal+json',
  ])('%s takes it', (header) => {
    expect(accepts(header, hal)).toBe(true);
  });

  it.each([
    '',
    ',',
    'application/json',
    'text/*',
    'application',
    'application/hal+json;q=0',
    'application/hal+json;q=0.000, */*',
    'application/*;q=0, */*',
    '*',
    'application/hal+jsonx',
  ])('%s does not', (header) => {
    expect(accepts(header, hal)).toBe(false);
  });
});
