import { meetAnew } from '../../engine/kept-out.ts';
import type { KeptOutRecord } from '../../engine/kept-out-port.ts';
import type { Ledger } from '../../engine/ledger-port.ts';
import { routesOf } from '../../jobs/routes.ts';
import type { Config } from '../../kit/config/config.ts';
import { Fault } from '../../model/fault.ts';
import type { Route } from '../../model/route.ts';
import type { Surroundings } from '../service.ts';
import { withKnown, type Known } from './find.ts';
import type { Subject, SubjectOrder, SubjectReport } from './report.ts';

/** Wherever the contacts of this person are, as far as the ledger knows. Changes nothing. */
export function findSubject(
  config: Config,
  surroundings: Surroundings,
  person: string,
): Promise<SubjectReport> {
  return withKnown({ config, surroundings }, person, async (ledger, known) => ({
    at: new Date(surroundings.clock.now()).toISOString(),
    subjects: await Promise.all(known.map((one) => subjectOf(config, ledger, one))),
  }));
}

/**
 * Has the contacts of this person removed everywhere, and the person kept out. An order in the ledger: the running service, or the
 * next one, carries it out.
 */
export function eraseSubject(
  config: Config,
  surroundings: Surroundings,
  person: string,
): Promise<SubjectOrder> {
  return withKnown({ config, surroundings }, person, async (ledger, known) => {
    const at = surroundings.clock.now();
    const subjects: SubjectOrder['subjects'][number][] = [];
    for (const { source, id, tenant, sharedBy, links } of known) {
      const keepOut = await ledger.keptOut.keep({ source, identity: id, at });
      subjects.push({ id, tenant, sharedBy, contacts: links.length, keepOut });
    }
    return { at: new Date(at).toISOString(), subjects };
  });
}

/** Takes an erasure back. Throws `invalid` where there was none, or the configuration keeps the person out. */
export function restoreSubject(
  config: Config,
  surroundings: Surroundings,
  person: string,
): Promise<SubjectOrder> {
  return withKnown({ config, surroundings }, person, async (ledger, known) => {
    const at = surroundings.clock.now();
    const subjects: SubjectOrder['subjects'][number][] = [];
    for (const one of known) {
      const { source, id, tenant, sharedBy, links } = one;
      const word = await wordAbout(ledger, one);
      if (word?.by === 'configuration')
        throw new Fault(
          'invalid',
          `${id} stands in compliance.keepOut of ${config.file}: nothing was changed; take it out there, and start the service anew`,
        );
      if (word === null) continue;
      // Asked for first: whoever has to do it again, since it died in between, finds the order still there.
      if (sharedBy !== null) await meetAnew(ledger, routesFrom(config, source));
      if (!(await ledger.keptOut.letIn({ source, identity: id, at }))) continue;
      subjects.push({ id, tenant, sharedBy, contacts: links.length, keepOut: [] });
    }
    if (subjects.length === 0)
      throw new Fault(
        'invalid',
        `${known.map(({ id }) => id).join(', ')} was not erased, so nothing was changed: "contact-sync explain" says why somebody is not shown`,
      );
    return { at: new Date(at).toISOString(), subjects };
  });
}

async function subjectOf(config: Config, ledger: Ledger, known: Known): Promise<Subject> {
  const { id, source, tenant, sharedBy, links } = known;
  const word = await wordAbout(ledger, known);
  const routes = await ledger.routes.all();
  const memberOf = (await ledger.memberships.groupsOf(source, [id])).get(id) ?? new Set<string>();
  const configured = new Map(config.jobs.flatMap(routesOf).map((route) => [route.id, route]));
  const cards = await ledger.cards.of(source, [id]);
  return {
    id,
    tenant,
    sharedBy,
    keptOut: word && { by: word.by, since: new Date(word.at).toISOString() },
    cards: cards.flatMap(({ route: key, state }) => {
      const record = routes.find((one) => one.key === key);
      if (!record) return [];
      const fields = fieldsOf(configured.get(record.id), memberOf);
      return { job: record.job, route: record.id, state, fields };
    }),
    contacts: links.map(({ link, ...at }) => ({
      job: at.job,
      route: at.route,
      tenant: at.tenant,
      mailbox: at.owner,
      folder: at.folder,
      item: link.item,
      origin: link.origin === 'linked' ? 'original' : 'made by us',
      state: link.state,
      picture: link.photo !== null,
    })),
  };
}

/** By whose word they are kept out; the configuration's goes first, since no order takes it back. */
async function wordAbout(ledger: Ledger, { id }: Known): Promise<KeptOutRecord | null> {
  const words = await ledger.keptOut.of([id]);
  return words.find(({ by }) => by === 'configuration') ?? words[0] ?? null;
}

/** What the job writes, without what this person withholds. */
function fieldsOf(route: Route | undefined, memberOf: ReadonlySet<string>): readonly string[] | null {
  if (!route) return null;
  const withheld = route.withheld(memberOf);
  const owned = [...route.owns, ...(route.photo === null ? [] : ['photo'])];
  return owned.filter((name) => !withheld.has(name));
}

function routesFrom({ jobs }: Config, source: string): Route[] {
  return jobs.flatMap(routesOf).filter(({ sourceTenant }) => sourceTenant === source);
}
