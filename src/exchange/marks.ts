import { createHash } from 'node:crypto';

/**
 * What makes a mail contact ours: `ECS1|deployment|route|object id|source tenant|how`, in a custom attribute. Constant from
 * the create on.
 */
export interface ContactMark {
  readonly deployment: string;
  readonly route: string;
  /** Entra id of the tenant whose people the route shows. */
  readonly sourceTenant: string;
  /** Object id of the person there. */
  readonly identity: string;
  /** How it came to us. */
  readonly how: How;
}

/** We made it; it was there and had the person's address; CTCS made it, for a person or for a group. */
export type How = 'created' | 'linked' | 'ctcs' | 'ctcsGroup';

const VERSION = 'ECS1';
const HOW = ['created', 'linked', 'ctcs', 'ctcsGroup'] as const;
const LETTERS: Readonly<Record<How, string>> = {
  created: 'c',
  linked: 'l',
  ctcs: 'x',
  ctcsGroup: 'g',
};

export function markText({ deployment, route, sourceTenant, identity, how }: ContactMark): string {
  return [VERSION, deployment, route, identity, sourceTenant, LETTERS[how]].join('|');
}

/** What every mark of a route begins with. */
export function markStart({ deployment, route }: Pick<ContactMark, 'deployment' | 'route'>): string {
  return `${VERSION}|${deployment}|${route}|`;
}

/** What every mark of ours begins with, whatever the installation. */
export const ANY_MARK = `${VERSION}|`;

export function readMark(text: string): ContactMark | undefined {
  const [version, deployment, route, identity, sourceTenant, letter = ''] = text.split('|');
  const how = HOW.find((one) => LETTERS[one] === letter.trim().toLowerCase());
  if (version !== VERSION || !deployment || !route || !sourceTenant || !identity || how === undefined)
    return undefined;
  return { deployment, route, sourceTenant, identity: identity.toLowerCase(), how };
}

/** How CTCS marks what it makes: the type stands in newer ones only. */
const CTCS = /^XTSYNC\|([0-9a-f-]{36})\|(?:(User|Group)\|)?([0-9a-f-]{36})$/i;
export const ANY_CTCS_MARK = 'XTSYNC|';

/** `how`: what the mark is of ours from then on, so that it can be given back as it was. */
export function readCtcsMark(
  text: string,
): { sourceTenant: string; identity: string; how: 'ctcs' | 'ctcsGroup' } | undefined {
  const [, sourceTenant, type, identity] = CTCS.exec(text.trim()) ?? [];
  if (sourceTenant === undefined || identity === undefined) return undefined;
  return {
    sourceTenant: sourceTenant.toLowerCase(),
    identity: identity.toLowerCase(),
    how: type?.toLowerCase() === 'group' ? 'ctcsGroup' : 'ctcs',
  };
}

/** The mark that CTCS had given it; undefined for what it did not make. */
export function ctcsMarkText({
  sourceTenant,
  identity,
  how,
}: Pick<ContactMark, 'sourceTenant' | 'identity' | 'how'>): string | undefined {
  if (how !== 'ctcs' && how !== 'ctcsGroup') return undefined;
  return `XTSYNC|${sourceTenant}|${how === 'ctcs' ? 'User' : 'Group'}|${identity}`;
}

/**
 * Alias and name of a contact that we make, 45 characters: they name route and person, so that a second one cannot be made,
 * and one without a mark is known all the same.
 */
export function aliasOf({ deployment, route, identity }: Omit<ContactMark, 'sourceTenant' | 'how'>): string {
  return `${aliasStart({ deployment, route })}${identity.replaceAll('-', '')}`;
}

export function aliasStart({ deployment, route }: Pick<ContactMark, 'deployment' | 'route'>): string {
  const scope = createHash('sha256').update(`${deployment.toLowerCase()}|${route}`).digest('hex').slice(0, 8);
  return `ecs-${scope}-`;
}

/** The person whom an alias of this route names; undefined for any other. */
export function identityIn(alias: string, start: string): string | undefined {
  const hex = alias.slice(start.length).toLowerCase();
  if (!alias.toLowerCase().startsWith(start) || !/^[0-9a-f]{32}$/.test(hex)) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
