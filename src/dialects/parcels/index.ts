/** The parcel network: logins and the registration of parcel events. Pushes and logs: see README. */
import type { Dialect } from '../dialect.ts';
import { decodeRegistration, type ReceivedRegistration } from './decode.ts';
import { renderProblem } from './errors.ts';
import { routes } from './routes.ts';
import { vocabulary } from './vocabulary.ts';

export const dialect: Dialect = {
  name: 'parcels',
  openapi: {
    title: 'Parcel events',
    version: '1.0.0',
    description:
      'Logins and Parcel Register Event of the parcel network of Distribution Innovation, as published; what its page leaves open is ours and is listed in the documentation of this dialect.',
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The token of a login. Treat it as opaque and use it until it expires.',
      },
    },
  },
  prefixes: ['/ws'],
  routes,
  renderProblem,
  vocabulary,
  replay: {
    decode: ({ bodyText }: { readonly bodyText: string }) => {
      const body: ReceivedRegistration['body'] = JSON.parse(bodyText);
      return decodeRegistration({ body, bodyText });
    },
  },
};
