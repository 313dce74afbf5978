import type { Fingerprint } from '../model/card.ts';
import { withTraces, type Cause } from '../model/change.ts';
import { Fault } from '../model/fault.ts';
import type { CardRecord } from './ledger-port.ts';
import { portOf, type ActiveRoute, type Needs } from './needs.ts';
import { changeMessage, newChange } from './send.ts';

/** A person's picture as a route shows it. In memory only. */
interface Picture {
  /** Of the bytes at the source and of the size to be shown, so that another version of the scaler changes nothing. */
  readonly print: Fingerprint;
  readonly jpeg: Uint8Array;
}

/** Pictures: in memory only, bounded, and never handed out unless they are proven to be the ledger's. */
export interface Pictures {
  /** Of the tag and of the size that the route shows: another size is read and scaled again. */
  digestOfTag(route: ActiveRoute, tag: string | null): Fingerprint;
  /** Reads the picture afresh; null when there is none, or nothing that can be scaled. Throws the fault of the reading. */
  read(route: ActiveRoute, identity: string): Promise<Picture | null>;
  /** The picture that the card names, from memory or read and compared; null when it has become another. */
  of(route: ActiveRoute, record: CardRecord): Promise<Uint8Array | null>;
}

export interface PicturesOptions extends Pick<Needs, 'sources'> {
  readonly digest: (...parts: readonly (Uint8Array | string)[]) => Fingerprint;
  /** A JPEG of so many pixels in square. Throws `invalid` for what is no picture. */
  readonly scale: (bytes: Uint8Array, pixels: number) => Promise<Uint8Array>;
}

/** A picture of 240 pixels is some 12 KB: 48 MB at the most. */
const PICTURES_AT_MOST = 4_000;

export function createPictures({ sources, digest, scale }: PicturesOptions): Pictures {
  const kept = new Map<string, Picture>();

  const scaled = async (one: {
    bytes: Uint8Array;
    pixels: number;
    print: string;
  }): Promise<Picture | null> => {
    try {
      return { print: one.print, jpeg: await scale(one.bytes, one.pixels) };
    } catch (error) {
      // Shown is what the source has now; something that no phone can show is no picture, and none of before either.
      if (error instanceof Fault && error.kind === 'invalid') return null;
      throw error;
    }
  };

  const read: Pictures['read'] = async (route, identity) => {
    const pixels = route.photo?.pixels ?? 0;
    const bytes = await portOf(sources, route.sourceTenant).picture(identity);
    if (bytes === null) return null;
    const print = digest(bytes, String(pixels));
    const known = kept.get(`${route.key}|${identity}`);
    const picture = known?.print === print ? known : await scaled({ bytes, pixels, print });
    if (picture === null) return null;
    kept.delete(`${route.key}|${identity}`);
    kept.set(`${route.key}|${identity}`, picture);
    if (kept.size > PICTURES_AT_MOST) kept.delete(kept.keys().next().value ?? '');
    return picture;
  };

  return {
    digestOfTag: (route, tag) => digest(tag ?? '', String(route.photo?.pixels ?? 0)),
    read,
    of: async (route, record) => {
      const known = kept.get(`${route.key}|${record.identity}`);
      const picture = known?.print === record.photo ? known : await read(route, record.identity);
      return picture?.print === record.photo ? picture.jpeg : null;
    },
  };
}

/**
 * Pictures that are proven to be the ledger's, by `route|person`, each read once however many mailboxes want it; for the
 * others a fresh look is asked for, and their writes wait. One that cannot be read now is missing, too.
 */
export async function provenPictures(
  needs: Pick<Needs, 'pictures' | 'routes' | 'changes' | 'clock' | 'ledger'>,
  wanted: readonly CardRecord[],
): Promise<Map<string, Uint8Array>> {
  const proven = new Map<string, Uint8Array>();
  const cards = new Map(wanted.map((card) => [`${card.route}|${card.person}`, card]));
  const resting = new Map<string, ReadonlyMap<string, number>>();
  for (const tenant of new Set(needs.routes.map((route) => route.sourceTenant))) {
    const identities = Array.from(cards.values(), (card) => card.identity);
    resting.set(tenant, await restingMailboxes(needs, tenant, identities));
  }
  await Promise.all(
    Array.from(cards, async ([key, card]) => {
      const route = needs.routes.find((one) => one.key === card.route);
      if (!route?.photo || resting.get(route.sourceTenant)?.has(card.identity)) return;
      const jpeg = await needs.pictures.of(route, card).catch(async (error: unknown) => {
        if (!(error instanceof Fault)) throw error;
        const wait = { owner: card.identity, until: error.retryAt ?? 0 };
        await needs.ledger.mailboxes.wait(route.sourceTenant, [wait]);
      });
      if (jpeg) proven.set(key, jpeg);
      else if (jpeg === null) {
        // The tag may be the same as before: it is forgotten, so that the look reads the bytes.
        await needs.ledger.photos.doubt(card.route, card.person);
        await needs.changes.send([
          photoLook({ tenant: route.sourceTenant, id: card.identity }, needs.clock.now()),
        ]);
      }
    }),
  );
  return proven;
}

/**
 * A picture is read from its person's mailbox. Which of these asked to wait, and until when (milliseconds since 1970): what
 * an earlier process was told counts as well.
 */
export async function restingMailboxes(
  { ledger, clock }: Pick<Needs, 'ledger' | 'clock'>,
  tenant: string,
  people: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (people.length === 0) return new Map();
  return ledger.mailboxes.resting(tenant, people, clock.now());
}

/**
 * Is a look at the picture due with this reading of somebody who is shown, or whose removal is held? Where they are new,
 * where they have just asked for their picture not to be shown, and where that may have been taken back.
 */
export function isPictureDue(
  { photo, withheld }: ActiveRoute,
  known: CardRecord | undefined,
  reading: { readonly memberOf: ReadonlySet<string>; readonly causes: readonly Cause[] },
): boolean {
  if (photo === null) return false;
  const hasPicture = known !== undefined && known.state !== 'gone' && known.photo !== null;
  if (withheld(reading.memberOf).has('photo')) return hasPicture;
  const isNew = known === undefined || known.state === 'gone';
  return isNew || (!hasPicture && reading.causes.some((cause) => GIVES_BACK.has(cause)));
}

/** What may end that a picture is withheld. */
const GIVES_BACK: ReadonlySet<Cause> = new Set<Cause>(['membership', 'configuration']);

/** A look at the picture of a person. `traces`: on behalf of which events, where it is not one of its own. */
export function photoLook(
  { tenant, id, traces = [] }: { tenant: string; id: string; traces?: readonly string[] | undefined },
  at: number,
  delayMs = 0,
): ReturnType<typeof changeMessage> {
  return changeMessage(withTraces(newChange({ kind: 'photo', tenant, id }, 'stale', at), traces), delayMs);
}
