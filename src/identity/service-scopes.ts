/** A user's services as scopes: prefixed, so that no service can be taken for a scope. */

/** `event-log` → `service:event-log`. */
export function serviceScopes(services: readonly string[]): string[] {
  return services.map((service) => `service:${service}`);
}
