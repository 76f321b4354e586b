/**
 * Where a push goes: the callback URL, then `/api/v1/transportEvents/` and the event's name. The
 * seed publishes that much; that one trailing slash is dropped and a query stays behind the path
 * is ours.
 */
import { NAME_CHARS_MAX } from './names.ts';

const GROUP_PATH = '/api/v1/transportEvents/';

/** The sender takes no longer address. */
const pushUrlCharsMax = 2_048;
export const CALLBACK_CHARS_MAX = pushUrlCharsMax - GROUP_PATH.length - NAME_CHARS_MAX;

/** The callback in the one spelling that all equal ones share. Must be a URL. */
export function normalCallback(callbackUrl: string): string {
  return pushAddress(callbackUrl, '');
}

export function pushUrl(callbackUrl: string, name: string): string {
  return pushAddress(callbackUrl, GROUP_PATH + name);
}

function pushAddress(callbackUrl: string, suffix: string): string {
  const { origin, pathname, search } = new URL(callbackUrl);
  const path = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  return `${origin}${path}${suffix}${search}`;
}
