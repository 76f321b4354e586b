/** The languages of the event logs. The texts in them are ours; the partner prints none. */

/** Published: Norwegian (here bokmål), English, Swedish. */
export const LOCALES = ['NO', 'EN', 'SE'] as const;
export type Locale = (typeof LOCALES)[number];

export type Localised = Readonly<Record<Locale, string>>;

export function localised(NO: string, EN: string, SE: string): Localised {
  return { NO, EN, SE };
}
