import type { LinkOrigin, Mark } from '../engine/ports.ts';
import { markIn } from '../exchange/mail-contacts.ts';
import { aliasOf, aliasStart, identityIn, readCtcsMark, type How } from '../exchange/marks.ts';
import type { Row } from '../exchange/transport.ts';
import { text } from '../kit/json.ts';
import { Fault } from '../model/fault.ts';

/** On whose behalf a contact is looked at. */
export interface Claimant {
  readonly deployment: string;
  readonly route: string;
  /** The custom attribute that bears the mark. */
  readonly mark: string;
}

/** A contact of a route. */
export interface Found {
  readonly row: Row;
  readonly identity: string;
  readonly origin: LinkOrigin;
  /** It bears our mark; else it is known by its alias alone. */
  readonly isMarked: boolean;
}

/** What a row is to a route: by its mark, or by the alias that it was made with. Undefined for what is none of its. */
export function foundIn(row: Row, { deployment, route, mark }: Claimant): Found | undefined {
  const known = markIn(row, mark);
  if (known)
    return known.deployment.toLowerCase() === deployment.toLowerCase() && known.route === route
      ? {
          row,
          identity: known.identity,
          origin: known.how === 'created' ? 'created' : 'linked',
          isMarked: true,
        }
      : undefined;
  // A mark of somebody else's is the last word, whatever the alias says.
  if (isMarked(row, mark)) return undefined;
  const identity = identityIn(text(row, 'Alias') ?? '', aliasStart({ deployment, route }));
  return identity === undefined ? undefined : { row, identity, origin: 'created', isMarked: false };
}

export function isMarked(row: Row, mark: string): boolean {
  return (text(row, mark)?.trim() ?? '') !== '';
}

/** By what right a contact is changed for a person; undefined where it is somebody else's. `isAdopted`: it was there before us. */
export function rightTo(
  row: Row,
  { mark, deployment, sourceTenant }: Omit<Claimant, 'route'> & { readonly sourceTenant: string | undefined },
  { person, isAdopted }: { readonly person: Mark; readonly isAdopted: boolean },
): How | undefined {
  const identity = person.identity.toLowerCase();
  const known = markIn(row, mark);
  if (known) {
    const isOurs = foundIn(row, { deployment, mark, route: person.route })?.identity === identity;
    return isOurs ? known.how : undefined;
  }
  const ctcs = readCtcsMark(text(row, mark) ?? '');
  if (ctcs)
    return isAdopted && ctcs.sourceTenant === sourceTenant && ctcs.identity === identity
      ? ctcs.how
      : undefined;
  if (isMarked(row, mark)) return undefined;
  if (isAdopted) return 'linked';
  return (text(row, 'Alias') ?? '').toLowerCase() === aliasOf({ ...person, deployment })
    ? 'created'
    : undefined;
}

/** What is mastered on premises is overwritten from there. */
export function demandCloud(row: Row): void {
  if (row['IsDirSynced'] === true)
    throw new Fault('conflict', 'the contact is mastered in another directory', { code: 'DirSynced' });
}

/** Of a contact that bears no mark of ours any more: to us it is not there. */
export function notOurs(): Fault {
  return new Fault('not-found', 'the contact bears no mark of ours any more', { code: 'MarkGone' });
}
