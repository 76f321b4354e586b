/** What a text of an order has to look like, beyond its length: days, times, countries. */
import { Set as setFormat } from 'typebox/format';

/** Names of the formats in the schemas, and so in the OpenAPI document. */
export const DAY = 'calendar-day';
export const TIME = 'time-with-offset';
export const COUNTRY = 'iso-3166-1-alpha-2';

/**
 * ISO 3166-1 alpha-2 as officially assigned, and XK, by which everyone in freight means Kosovo.
 */
const countries: ReadonlySet<string> = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR ' +
    'BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ ' +
    'EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW ' +
    'GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY ' +
    'KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV ' +
    'MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY ' +
    'QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG ' +
    'TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ' +
    'ZM ZW'
  ).split(' '),
);

// Hand-made: each of these runs several times for every order.
const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
/** No offset on earth is beyond 18 hours, as everywhere in the hub. */
const timePattern = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:(?:0\d|1[0-7]):[0-5]\d|18:00))$/;
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day that exists, far enough from the ends of time that no offset leads beyond them. */
export function isDay(text: string): boolean {
  const [, year, month, day] = dayPattern.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  if (year < 1971 || year > 2198 || day < 1 || day > (monthDays[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** `11:20:00+01:00`; an offset that is somewhere on earth. */
export function isTime(text: string): boolean {
  return timePattern.test(text);
}

export function isCountry(text: string): boolean {
  return countries.has(text);
}

// typebox knows formats by name only, from one table for all.
setFormat(DAY, isDay);
setFormat(TIME, isTime);
setFormat(COUNTRY, isCountry);
