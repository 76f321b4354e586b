/** The closed lists of an order, as printed: words, in the order of the partner's tables. */

export const EVENT_TYPES = ['loading', 'unloading'] as const;

export const TYPES_OF_LOAD = [
  ...(['adr', 'bags', 'unit', 'logs', 'envelope', 'box', 'barrel', 'pallet', 'other'] as const),
] as const;

export const WAYS_OF_LOADING = ['side', 'top', 'back'] as const;

export const TRUCK_BODIES = [
  'tent',
  'isotherm',
  'box-truck',
  'spacious',
  'other',
  'car-transporter',
  'double-trailer',
  'van',
  'mega',
  'coilmulde',
  'walking-floor',
  'low-suspension',
  'flatbed',
  'chemical-tanker',
  'food-tanker',
  'petroleum-tanker',
  'gas-tanker',
  'log-trailer',
  'oversized-cargo',
  'hook-lift',
  'container-20-40',
  'dump-truck',
  'koffer',
  'swap-body-system',
  'jumbo',
  'cooler',
  'curtainsider',
  'tanker',
  'silos',
  'removal-truck',
] as const;

/** Texts, although they look like numbers. */
export const ADR_CLASSES = [
  ...(['1', '2', '3', '4.1', '4.2', '4.3', '5.1', '5.2', '6.1', '6.2', '7', '8', '9'] as const),
] as const;

/** BYR, HRK and BGN are history; the list is the partner's. */
export const CURRENCIES = [
  'BAM',
  'BGN',
  'BYR',
  'CHF',
  'CZK',
  'DKK',
  'EUR',
  'GBP',
  'HRK',
  'HUF',
  'ISK',
  'KZT',
  'MDL',
  'MKD',
  'NOK',
  'PLN',
  'RON',
  'RSD',
  'RUB',
  'SEK',
  'TRY',
  'UAH',
  'USD',
] as const;
