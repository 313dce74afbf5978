import type { User } from '../tenant/directory/objects.ts';
import { person, type Population } from '../tenant/population.ts';
import { seededRandom } from '../kit/seeded-random.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { Effort } from './stage.ts';

/** One thing that an administrator or a person does, and what it takes to be seen. */
export interface Scene {
  readonly name: string;
  /** Carries it out; returns how many people have to be read for it. */
  readonly act: () => number;
  readonly what: Effort['what'];
  /** The notification is lost, and the search for what nobody told is started by hand. */
  readonly lost?: boolean;
  /** Nothing is to be written: what counts is that the service has looked, and let it be. */
  readonly still?: boolean;
}

/** Where people of a directory change. */
interface Scenery {
  readonly tenant: Tenant;
  readonly population: Population;
}

type Act = (at: Scenery) => number;

/** Numbers that no other made-up person has. */
const NEWCOMER = 900_000;

const SCENES: readonly (Omit<Scene, 'act'> & { readonly act: Act })[] = [
  {
    name: 'rename',
    what: 'change',
    act: change(3, (user) => ({ displayName: `${user.givenName} Neumann-Łęcka`, surname: 'Neumann-Łęcka' })),
  },
  { name: 'new number', what: 'change', act: change(4, () => ({ mobilePhone: '+49 151 7654321-77' })) },
  { name: 'cleared number', what: 'change', act: change(4, () => ({ mobilePhone: null })) },
  {
    name: 'changed e-mail address',
    what: 'address',
    act: change(5, () => ({ mail: 'changed.address@contoso.example' })),
  },
  { name: 'joiner', what: 'create', act: join },
  { name: 'leaver', what: 'remove', act: leave },
  { name: 'nested group added', what: 'create', act: nest },
  { name: 'nested group removed', what: 'remove', act: unnest },
  {
    name: 'lost notification',
    what: 'change',
    act: change(6, () => ({ jobTitle: 'Only the sweep knows' })),
    lost: true,
  },
];

/** What happens to people who are shown to others. */
export function directoryScenes(at: Scenery): Scene[] {
  return SCENES.map(({ act, ...scene }) => ({ ...scene, act: () => act(at) }));
}

/** Somebody from the end of the list: no owner of a mailbox, unless everybody is. */
function fromTheEnd(at: Scenery, place: number): User {
  const somebody = at.population.people.at(-place);
  const user = somebody && at.tenant.directory.user(somebody.id);
  if (!user) throw new Error('The demo needs more people.');
  return user;
}

function change(place: number, patch: (user: User) => Partial<User>): Act {
  return (at) => {
    const user = fromTheEnd(at, place);
    at.tenant.directory.updateUser(user.id, patch(user));
    return 1;
  };
}

function join({ tenant, population }: Scenery): number {
  const newcomer = tenant.directory.addUser(person(seededRandom(NEWCOMER), NEWCOMER, false));
  tenant.directory.addMember(population.source.id, newcomer.id);
  return 1;
}

function leave(at: Scenery): number {
  at.tenant.directory.deleteUser(fromTheEnd(at, 7).id);
  return 1;
}

const ACQUIRED = 'Acquired company';

function nest({ tenant, population }: Scenery): number {
  const { directory } = tenant;
  const group = directory.addGroup({ displayName: ACQUIRED });
  const random = seededRandom(NEWCOMER + 1);
  for (let number = 1; number <= 5; number += 1) {
    directory.addMember(group.id, directory.addUser(person(random, NEWCOMER + number, false)).id);
  }
  const [team] = population.teams;
  if (!team) throw new Error('The demo needs a team.');
  directory.addMember(team.id, group.id);
  return 5;
}

function unnest({ tenant, population }: Scenery): number {
  const { directory } = tenant;
  const group = [...directory.groups.values()].find(({ current }) => current.value.displayName === ACQUIRED);
  const [team] = population.teams;
  if (!group || !team) throw new Error('The demo lost its nested group.');
  directory.removeMember(team.id, group.current.value.id);
  return 5;
}
