/** What the files of this folder call the same. */

/** The folder's name: offers, subscriptions and `codes` of events name the dialect by it. */
export const DIALECT = 'terminal';
export const KEY_HEADER = 'X-API-KEY';
export const KEY_PARAMETER = 'key';

/** An event's name stands in the push address, so it is short and needs no encoding. */
export const NAME_CHARS_MAX = 60;
