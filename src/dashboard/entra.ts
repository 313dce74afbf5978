import type { Access } from './links.ts';

/** Microsoft Entra, as the dashboard asks it who somebody is. */
export interface Entra {
  /** Where a browser goes to sign in; no request is made. */
  urlFor(asked: Asked & { readonly state: string; readonly challenge: string }): Promise<string>;
  /** Who came back with this code. Throws a `Fault`: `unauthorized` where code or token is not believed. */
  whoIs(answer: Asked & { readonly code: string; readonly verifier: string }): Promise<Person>;
}

interface Asked {
  readonly redirectUri: string;
  readonly nonce: string;
}

interface Person {
  /** Object id. */
  readonly account: string;
  readonly roles: readonly string[];
}

/** Where Entra sends browsers back to, below the origin of the dashboard. */
export const ANSWER_PATH = '/sign-in/entra/answer';

/** By the value of the app role, in the order in which they count. */
const ACCESS: readonly (readonly [role: string, access: Access])[] = [
  ['ContactSync.Admin', 'admin'],
  ['ContactSync.Reader', 'reader'],
];

/** What the roles of a person allow; null: nothing. */
export function accessOf(roles: readonly string[]): Access | null {
  return ACCESS.find(([role]) => roles.includes(role))?.[1] ?? null;
}
