import { count } from '../../kit/counted.ts';
import { html, type Html, type Part } from '../html.ts';
import type { HaltView, JobView, Look, StatusView } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Page, Visit } from '../visit.ts';
import { when } from '../words.ts';
import { held } from './held.ts';
import { fillAnew, goOn, takeBack } from './revert.ts';

/** Sizes, what the guard holds, and pause, resume and revert. What stops everything is there in any case. */
export function jobsPage({ status }: Look, visit: Visit): Page {
  return {
    title: 'Jobs',
    body:
      status === null
        ? html`<p>How the jobs stand cannot be read now; the overview says why.</p>
            ${everything([], visit)}`
        : html`${everything(status.halts, visit)} ${status.jobs.map((job) => card(job, status, visit))}
          ${status.jobs.length === 0 && html`<p>No job was taken up yet: the service does so when it starts.</p>`}`,
  };
}

function everything(halts: readonly HaltView[], visit: Visit): Html {
  const halt = halts.find(({ scope }) => scope === 'all');
  const tenants = halts.filter(({ scope }) => scope === 'tenant');
  const isMore = halts.some(({ scope, mode }) => scope !== 'all' && mode === 'paused');
  return html`<section class="card row" data-live="all" aria-label="All jobs">
    <p>
      ${halt ? html`Everything is paused since ${when(halt.since, visit.now)}.` : 'All jobs together'}
      ${halt && isMore && 'To resume everything lifts the pauses of single jobs and tenants as well.'}
    </p>
    ${tenants.map(
      ({ name, since }) =>
        html`<p>The tenant <b>${name}</b> is paused since ${when(since, visit.now)}.</p>
          ${order(visit, { path: '/resume', text: `Resume tenant ${name}`, fields: { scope: 'tenant', name } })}`,
    )}
    ${
      halt
        ? order(visit, {
            path: '/resume',
            text: 'Resume everything',
            tone: 'primary',
            fields: { scope: 'all' },
          })
        : order(visit, { path: '/pause', text: 'Pause everything', fields: { scope: 'all' } })
    }
  </section>`;
}

/** What was ordered for a job alone. */
interface Own {
  readonly isPaused: boolean;
  readonly isReverting: boolean;
}

function ownOf({ job }: JobView, halts: readonly HaltView[]): Own {
  const modes = halts.filter(({ scope, name }) => scope === 'job' && name === job).map(({ mode }) => mode);
  return { isPaused: modes.includes('paused'), isReverting: modes.includes('reverting') };
}

function card(job: JobView, { halts, missingGroups }: StatusView, visit: Visit): Html {
  const own = ownOf(job, halts);
  const missing = missingGroups.filter(({ keptFor }) => keptFor.includes(job.job));
  return html`<section class="card" aria-labelledby="job-${job.job}">
    <div data-live="job-${job.job}">
      <div class="row">
        <h2 id="job-${job.job}">${job.job}</h2>
        ${state(job, own)} ${pauseOrResume(job, own, visit)}
      </div>
      ${
        job.halt === 'paused' &&
        !own.isPaused &&
        html`<p>Stopped by the pause of everything, or of a tenant of it: see above.</p>`
      }
      ${facts(job)} ${suspected(job, visit)} ${held(job, missing, visit)}
    </div>
    ${askPlan(job, visit)}
    <div data-live="revert-${job.job}">
      ${(!own.isReverting || own.isPaused) && (own.isReverting ? goOn(job, visit) : takeBack(job, visit))}
      ${own.isReverting && fillAnew(job, visit)}
    </div>
  </section>`;
}

/** Not for readers: the server would refuse it as well. */
function askPlan({ job }: JobView, { token, session }: Visit): Html | null {
  if (session.access !== 'admin') return null;
  return html`<form class="ask" method="post" action="/plan">
    ${hidden(token)} <input type="hidden" name="job" value="${job}" />
    <button>Show the plan of ${job}</button>
  </form>`;
}

/** A pause that stops more than the job is not lifted here, nor a revert by one click. */
function pauseOrResume({ job, halt }: JobView, { isPaused, isReverting }: Own, visit: Visit): Html | null {
  const fields = { scope: 'job', name: job };
  if (!isPaused)
    return halt === 'reverted' ? null : order(visit, { path: '/pause', text: `Pause ${job}`, fields });
  return isReverting
    ? null
    : order(visit, { path: '/resume', text: `Resume ${job}`, tone: 'primary', fields });
}

function facts({ people, mailboxes, contacts, behind, resting, revert }: JobView): Html {
  return html`<dl class="facts">
    ${fact('People', count(people))} ${fact('Mailboxes', count(mailboxes))}
    ${fact('Contacts', count(contacts))} ${fact('Not right yet', count(behind))}
    ${resting > 0 && fact('Leaving, in their grace', count(resting))}
    ${
      revert &&
      fact(
        'Revert',
        html`${count(revert.free)} free, ${count(revert.left)} to do, ${count(revert.kept)} with a folder that
        stays`,
      )
    }
  </dl>`;
}

function suspected({ suspicion }: JobView, { now }: Visit): Html | null {
  return (
    suspicion &&
    html`<p class="notice bad">
      Nothing is removed since ${when(suspicion.since, now)}, updates go on: ${suspicion.reason}.
    </p>`
  );
}

const STATES: Readonly<Record<NonNullable<JobView['halt']>, string>> = {
  paused: 'Paused',
  reverting: 'Being taken back',
  reverted: 'Taken back',
};

function state({ halt, behind }: JobView, { isReverting }: Own): Html {
  if (halt === 'paused' && isReverting) return html`<span class="badge held">Being taken back, paused</span>`;
  if (halt !== null) return html`<span class="badge held">${STATES[halt]}</span>`;
  if (behind === null) return html`<span class="badge notice">Not counted yet</span>`;
  return behind === 0
    ? html`<span class="badge fine">All right</span>`
    : html`<span class="badge notice">At work</span>`;
}

export function fact(name: string, value: Part): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

interface Order {
  readonly path: string;
  readonly text: string;
  readonly tone?: 'primary';
  readonly fields: Readonly<Record<string, string | null>>;
}

/** A button that posts. A reader gets none; the server would refuse it as well. */
export function order({ token, session }: Visit, { path, text, tone, fields }: Order): Html | null {
  if (session.access !== 'admin') return null;
  return html`<form method="post" action="${path}">
    ${hidden(token)}
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button${tone && html` class="${tone}"`}>${text}</button>
  </form>`;
}
