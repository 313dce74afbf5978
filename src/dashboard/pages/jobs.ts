import { count, many } from '../../kit/counted.ts';
import { html, type Html, type Part } from '../html.ts';
import type { JobView, Look, StatusView } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Page, Visit } from '../visit.ts';
import { when } from '../words.ts';

/** More than a person reads; the command lists all of them. */
const HELD_SHOWN = 50;

/** Sizes, what the guard holds, and pause, resume and revert. */
export function jobsPage({ status }: Look, visit: Visit): Page {
  return {
    title: 'Jobs',
    body:
      status === null
        ? html`<p>How the jobs stand cannot be read now; the overview says why.</p>`
        : html`${everything(status, visit)} ${status.jobs.map((job) => card(job, visit))}
          ${status.jobs.length === 0 && html`<p>No job was taken up yet: the service does so when it starts.</p>`}`,
  };
}

function everything({ halts }: StatusView, visit: Visit): Html {
  const halt = halts.find(({ scope }) => scope === 'all');
  const tenants = halts.filter(({ scope }) => scope === 'tenant');
  return html`<section class="card row" data-live="all" aria-label="All jobs">
    <p>${halt ? html`Everything is paused since ${when(halt.since, visit.now)}.` : 'All jobs together'}</p>
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

function card(job: JobView, visit: Visit): Html {
  const { halt, people, mailboxes, contacts, behind, resting, suspicion, revert } = job;
  const isStopped = halt !== null;
  const fields = { scope: 'job', name: job.job };
  return html`<section class="card" aria-labelledby="job-${job.job}">
    <div data-live="job-${job.job}">
      <div class="row">
        <h2 id="job-${job.job}">${job.job}</h2>
        ${state(job)}
        ${
          isStopped
            ? order(visit, { path: '/resume', text: `Resume ${job.job}`, tone: 'primary', fields })
            : order(visit, { path: '/pause', text: `Pause ${job.job}`, fields })
        }
      </div>
      <dl class="facts">
        ${fact('People', count(people))} ${fact('Mailboxes', count(mailboxes))}
        ${fact('Contacts', count(contacts))} ${fact('Not right yet', count(behind))}
        ${resting > 0 && fact('Leaving, in their grace', count(resting))}
        ${
          revert &&
          fact(
            'Revert',
            html`${count(revert.free)} free, ${count(revert.left)} to do, ${count(revert.kept)} with a folder
            that stays`,
          )
        }
      </dl>
      ${
        suspicion &&
        html`<p class="notice bad">
          Nothing is removed since ${when(suspicion.since, visit.now)}, updates go on: ${suspicion.reason}.
        </p>`
      }
      ${held(job, visit)}
    </div>
    <form class="ask" method="post" action="/plan">
      ${hidden(visit.token)} <input type="hidden" name="job" value="${job.job}" />
      <button>Show the plan of ${job.job}</button>
    </form>
    ${halt !== 'reverting' && halt !== 'reverted' && takeBack(job, visit)}
  </section>`;
}

const STATES: Readonly<Record<NonNullable<JobView['halt']>, string>> = {
  paused: 'Paused',
  reverting: 'Being taken back',
  reverted: 'Taken back',
};

function state({ halt, behind }: JobView): Html {
  if (halt !== null) return html`<span class="badge held">${STATES[halt]}</span>`;
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

function held({ job, held, suspicion }: JobView, visit: Visit): Html | null {
  if (held.length === 0 && suspicion === null) return null;
  const shown = held.slice(0, HELD_SHOWN);
  const rest = held.length - shown.length;
  return html`<h3>${many(held.length, 'removal')} held by the guard</h3>
    <p>Look first: an emptied group and a dismissed department look the same from here.</p>
    ${
      shown.length > 0 &&
      html`<table class="stacked">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Object id</th>
            <th scope="col">Since</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (one) =>
              html`<tr>
                <td data-name="What">${one.kind}</td>
                <td data-name="Object id"><code>${one.id}</code></td>
                <td data-name="Since">${when(one.since, visit.now)}</td>
                <td data-name="Why">${one.reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>`
    }
    ${rest > 0 && html`<p>And ${count(rest)} more: <code>contact-sync status --job ${job}</code> lists them.</p>`}
    ${order(visit, { path: '/approve', text: `Approve for ${job}`, tone: 'primary', fields: { job } })}`;
}

function takeBack({ job, mailboxes, contacts }: JobView, { token, session }: Visit): Html | null {
  if (session.access !== 'admin') return null;
  return html`<details>
    <summary>Take the job back…</summary>
    <p>
      Stops <b>${job}</b> and removes the ${many(contacts, 'contact')} that it made from
      ${many(mailboxes, 'mailbox', 'mailboxes')}. What people put there themselves stays. It can be paused,
      and resuming the job fills the mailboxes anew.
    </p>
    <form method="post" action="/revert">
      ${hidden(token)} <input type="hidden" name="job" value="${job}" />
      <label for="typed-${job}">Type <b>${job}</b> to confirm</label>
      <input id="typed-${job}" name="typed" autocomplete="off" required />
      <button class="danger">Take ${job} back</button>
    </form>
  </details>`;
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
