import type { ClientProof, Credential, TokenRequest } from '../credential.ts';
import { acquireToken } from '../msal.ts';

/** A proof, and when the certificate behind it ends (milliseconds since 1970), where there is one. */
export interface Proven {
  readonly proof: ClientProof;
  readonly certificateEnds?: number;
}

/** A credential that proves who the app is, afresh for each request to the token endpoint. */
export function proven(prove: (request: TokenRequest) => Promise<Proven>): Credential {
  return {
    prove: async (request) => (await prove(request)).proof,
    acquire: async (request) => {
      const { proof, ...rest } = await prove(request);
      return { ...(await acquireToken(request, proof)), ...rest };
    },
  };
}
