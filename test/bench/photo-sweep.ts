import { mappingOf } from '../kit/mapping-fixture.ts';
import { total } from '../tenant/counts.ts';
import { batchesFor, figure, type Figure } from './figure.ts';
import { openOffice, type Counted } from './office.ts';

export interface PhotoSweep {
  readonly people: number;
  readonly mailboxes: number;
}

export interface PhotoNight {
  /** HTTP requests from the sweep on, for an hour and a bit. */
  readonly requests: number;
  /** Among them, rounds over people and groups. */
  readonly rounds: number;
  /** People whose picture was asked for by its tag. */
  readonly tags: number;
  /** Pictures that were read. */
  readonly pictures: number;
  readonly writes: number;
  /** HTTP requests in the minute that had the most of them. */
  readonly busiestMinute: number;
}

const HALF_A_DAY_MS = 12 * 3_600_000;
const MINUTE_MS = 60_000;
/** The round over the pictures takes an hour; a little more, so that its last request is in. */
const MINUTES = 62;
/** Everything that follows from the fill is over by then: the second looks, and the pictures of those who are shown anew. */
const SETTLED_MS = 3 * 3_600_000;

/** A night on which nothing changed, in a job that shows pictures. */
export async function countPhotoSweep({ people, mailboxes }: PhotoSweep): Promise<PhotoNight> {
  const mapping = mappingOf('photos: true');
  const office = await openOffice({ people, mailboxes, owners: 'others', mapping });
  const { tenant, service } = office;
  for (const [number, { id }] of office.people.entries())
    tenant.photos.set(id, { bytes: picture(number), width: 240, height: 240 });
  await office.fill();
  await office.pass(SETTLED_MS);
  for (const mailbox of tenant.mailboxes.all()) {
    const items = [...mailbox.folders.values()].flatMap((folder) => [...folder.items.values()]);
    const shown = items.filter(({ content }) => content.photo !== undefined).length;
    if (shown !== people)
      throw new Error(`a mailbox shows ${shown} pictures: there is nothing to look after`);
  }
  const sweep = (): Promise<Counted> =>
    office.count(async () => void (await service.assembly.keeper.sweep()));
  // The first night sees everybody again, who came with the last round but one.
  await sweep();
  await office.pass(HALF_A_DAY_MS);
  const night = await sweep();
  const minutes: Counted[] = [];
  for (let minute = 0; minute < MINUTES; minute += 1) minutes.push(await office.pass(MINUTE_MS));
  await office.close();
  const parts = [night, ...minutes];
  const sum = (of: (part: Counted) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    requests: sum(({ requests }) => requests),
    rounds: sum(
      ({ operations }) => total(operations, 'GET users/delta') + total(operations, 'GET groups/delta'),
    ),
    tags: sum(({ operations }) => total(operations, 'GET users/{id}/photo')),
    pictures: sum(({ operations }) => total(operations, 'GET users/{id}/photo/$value')),
    writes: sum(({ writes }) => writes),
    busiestMinute: Math.max(...minutes.map(({ requests }) => requests)),
  };
}

/** No two people share one. */
function picture(number: number): Uint8Array {
  return Uint8Array.of(0xff, 0xd8, number % 256, number >> 8);
}

export async function benchPhotoSweep(size: PhotoSweep): Promise<Figure[]> {
  const { requests, rounds, tags, pictures, writes, busiestMinute } = await countPhotoSweep(size);
  const floor = batchesFor(size.people);
  const conditions = { ...size, tags, picturesRead: pictures, writes, rounds };
  const counted = figure({
    name: 'idle sweep with pictures',
    unit: 'HTTP requests beside the rounds',
    measured: requests - rounds,
    target: floor,
    floor,
    with: { ...conditions, tenant: 'simulated, in process, virtual time' },
  });
  const even = Math.ceil(floor / 60);
  return [
    { ...counted, reached: counted.reached && tags === size.people && pictures + writes === 0 },
    figure({
      name: 'idle sweep with pictures, its busiest minute',
      unit: 'HTTP requests',
      measured: busiestMinute,
      target: even + 1,
      floor: even,
      with: conditions,
    }),
  ];
}
