import type { Credential } from '../credential.ts';
import { proven } from './proven.ts';

/** The weakest proof: whoever reads it has it. `read` is asked before every token. */
export function clientSecret(read: () => string): Credential {
  return proven(async () => ({ proof: { clientSecret: read() } }));
}
