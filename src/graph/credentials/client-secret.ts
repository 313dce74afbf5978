import type { Credential } from '../credential.ts';
import { acquireToken } from '../msal.ts';

/** The weakest proof: whoever reads it has it. `read` is asked before every token. */
export function clientSecret(read: () => string): Credential {
  return { acquire: (request) => acquireToken(request, { clientSecret: read() }) };
}
