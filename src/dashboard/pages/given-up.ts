import { count, many } from '../../kit/counted.ts';
import { html, type Html } from '../html.ts';
import type { GivenUpList } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Sources } from '../pages.ts';
import type { Page, Visit } from '../visit.ts';
import { when } from '../words.ts';
import { order } from './jobs.ts';

/** More than a person reads. */
const SHOWN = 100;

/** What was given up, for now or for good, with cause, next step and remedy. */
export async function givenUpPage({ givenUp, house }: Sources, visit: Visit): Promise<Page> {
  const body = await givenUp.get().then(
    (found) => list(found, visit),
    (error: unknown) =>
      html`<p class="notice bad" role="alert">
        What was given up cannot be read: ${house.said(error)}. It is tried again; contact-sync doctor looks
        at queue and ledger.
      </p>`,
  );
  return { title: 'Given up', body: html`<div data-live="given-up">${body}</div>` };
}

function list({ total, things }: GivenUpList, visit: Visit): Html {
  const shown = things.slice(0, SHOWN);
  const rest = total - shown.length;
  return html` ${
    total === 0
      ? html`<p class="card">
          Nothing was given up: no dead letter lies in a queue, and nothing fails again and again.
        </p>`
      : html`<div class="row">
          <p>${many(total, 'thing')}, the newest first. Most come back by themselves.</p>
          ${order(visit, { path: '/retry', text: 'Try everything failed again', fields: {} })}
        </div>`
  }
  ${shown.map((one) => thing(one, visit))}
  ${rest > 0 && html`<p>And ${count(rest)} more: <code>contact-sync dead list --json</code> lists them.</p>`}`;
}

type Thing = GivenUpList['things'][number];

function thing(one: Thing, visit: Visit): Html {
  const { id, reason, since, times, next, remedy, keptIn } = one;
  const often = times === null ? '' : `, ${many(times, 'time')}`;
  return html`<section class="card" aria-labelledby="thing-${id}">
    <div class="row">
      <h2 id="thing-${id}">${titleOf(one)}</h2>
      ${order(visit, { path: '/given-up/retry', text: `Try ${id} again`, fields: { id } })}
    </div>
    <dl class="lines">
      <div>
        <dt>Why</dt>
        <dd>${reason}</dd>
      </div>
      <div>
        <dt>Since</dt>
        <dd>
          ${when(since, visit.now)}${often}; kept in
          ${keptIn === 'ledger' ? 'the ledger' : `the queue ${keptIn}`}
        </dd>
      </div>
      <div>
        <dt>Next</dt>
        <dd>${next}</dd>
      </div>
      <div>
        <dt>To do</dt>
        <dd>${remedy}</dd>
      </div>
    </dl>
    ${forget(one, visit)}
  </section>`;
}

function titleOf({ kind, tenant, mailbox, route, object, slab }: Thing): Html {
  return html`${kind ?? 'unreadable message'} ${tenant} ${mailbox && html`mailbox <code>${mailbox}</code>`}
  ${route && `of ${route}`} ${mailbox === null && slab !== null && `slab ${slab}`}
  ${object && html`<code>${object}</code>`}`;
}

function forget({ id, dropping }: Thing, { token, session }: Visit): Html | null {
  if (session.access !== 'admin') return null;
  return html`<details>
    <summary>Forget it…</summary>
    <p>It means: ${dropping}.</p>
    <form method="post" action="/given-up/drop">
      ${hidden(token)} <input type="hidden" name="id" value="${id}" />
      <label><input type="checkbox" name="sure" value="yes" required /> I have read what that means</label>
      <button class="danger">Forget ${id}</button>
    </form>
  </details>`;
}
