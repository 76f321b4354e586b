/** Names that several files of this dialect use. */

export const DIALECT = 'orders';
export const PREFIX = '/api/rest/v1';
export const HAL = 'application/hal+json';

/** Scopes as published. */
export const READ_SCOPE = 'orders.orders.basic.read';
export const CREATE_SCOPE = 'orders.shipping-orders.basic.create';
