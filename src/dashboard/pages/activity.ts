import { count, many } from '../../kit/counted.ts';
import { html, type Html, type Part } from '../html.ts';
import type { Look, StatusView } from '../house.ts';
import type { Page } from '../visit.ts';
import type { Sample } from '../watch.ts';
import { when } from '../words.ts';
import { chart } from './chart.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const BAR_MS = 20 * MINUTE_MS;
const THROTTLES_SHOWN = 20;

/** What went on: how long work waited, what Microsoft asked to wait for, sweeps, audits, subscriptions, processes. */
export function activityPage({ status }: Look, measured: readonly Sample[], now: number): Page {
  return {
    title: 'Activity',
    body: html`<div data-live="activity">
      ${pictures(status, measured, now)}
      ${
        status === null
          ? html`<p>The rest cannot be read now; the overview says why.</p>`
          : html`${throttles(status, now)} ${sweeps(status, now)} ${audits(status, now)}
            ${subscriptions(status, now)} ${queues(status)} ${processes(status, now)}`
      }
    </div>`,
  };
}

function pictures(status: StatusView | null, samples: readonly Sample[], now: number): Html {
  const [from, to] = [now - DAY_MS, now];
  // Older ones are kept where some minutes could not be measured.
  const measured = samples.filter(({ at }) => at >= from);
  const within = { from, to };
  const longest = Math.max(0, ...measured.map(({ waitedSeconds }) => waitedSeconds));
  const behind = Math.max(0, ...measured.map((sample) => sample.behind));
  const since =
    measured[0] === undefined
      ? 'Nothing is measured yet'
      : 'Measured in the last 24 hours while somebody was signed in';
  const refusals = (status?.throttles ?? []).map(({ at }) => Date.parse(at)).filter((at) => at >= from);
  const perBar = Map.groupBy(refusals, (at) => Math.floor(at / BAR_MS) * BAR_MS);
  return html`<div class="charts">
    ${chart({
      id: 'waited',
      title: 'Longest wait in a queue',
      summary: `${since}: ${count(Math.round(longest))} s at the most.`,
      unit: ' s',
      kind: 'line',
      step: MINUTE_MS,
      points: measured.map(({ at, waitedSeconds }) => ({ at, value: waitedSeconds })),
      ...within,
    })}
    ${chart({
      id: 'behind',
      title: 'Contacts not right yet',
      summary: `${since}: ${count(behind)} at the most.`,
      unit: '',
      kind: 'line',
      step: MINUTE_MS,
      points: measured.map((sample) => ({ at: sample.at, value: sample.behind })),
      ...within,
    })}
    ${chart({
      id: 'throttled',
      title: 'Asked to wait by Microsoft',
      summary: `${many(refusals.length, 'time')} in 24 hours, as far as they are kept.`,
      unit: '',
      kind: 'bars',
      step: BAR_MS,
      points: Array.from(perBar, ([at, list]) => ({ at, value: list.length })),
      ...within,
    })}
  </div>`;
}

function throttles({ throttles }: StatusView, now: number): Html | null {
  if (throttles.length === 0) return null;
  return section('Asked to wait', 'throttles', {
    heads: ['When', 'Tenant', 'By', 'Limit', 'Answer', 'Wait'],
    rows: throttles
      .slice(0, THROTTLES_SHOWN)
      .map((one) => [
        when(one.at, now),
        one.tenant,
        one.scope,
        one.pool,
        one.status,
        one.retryAfterSeconds === null ? 'not said' : `${one.retryAfterSeconds} s`,
      ]),
  });
}

function sweeps({ tenants, foundBySweep }: StatusView, now: number): Html {
  return section('Sweeps', 'sweeps', {
    note: `${count(foundBySweep)} changes were found by sweeps alone, ever: nobody had announced them.`,
    heads: ['Tenant', 'Last sweep', 'Certificate ends'],
    rows: tenants.map(({ tenant, lastSweep, certificate }) => [
      tenant,
      when(lastSweep, now),
      certificate === null ? 'none, or not used yet' : when(certificate.ends, now),
    ]),
  });
}

function audits({ audits }: StatusView, now: number): Html | null {
  if (audits.length === 0) return null;
  return section('Audits', 'audits', {
    heads: ['Job', 'Verified', 'Longest ago', 'Had drifted'],
    rows: audits.map((one) => [
      one.job,
      `${count(one.verified)} of ${count(one.mailboxes)}`,
      one.oldest === null ? 'some never yet' : when(one.oldest, now),
      count(one.drifted),
    ]),
  });
}

function subscriptions({ subscriptions }: StatusView, now: number): Html {
  if (subscriptions.length === 0)
    return html`<section class="card">
      <h2>Subscriptions</h2>
      <p>None: changes are asked for.</p>
    </section>`;
  return section('Subscriptions', 'subscriptions', {
    heads: ['Tenant', 'Resource', 'Ends'],
    rows: subscriptions.map(({ tenant, resource, expires }) => [tenant, resource, when(expires, now)]),
  });
}

function queues({ queues }: StatusView): Html {
  return section('Queues', 'queues', {
    heads: ['Queue', 'Due', 'Oldest', 'Later', 'In hand', 'Dead letters'],
    rows: queues.map((one) => [
      one.name,
      count(one.due),
      one.due === 0 ? 'none' : `${count(Math.round(one.oldestDueSeconds))} s`,
      count(one.delayed),
      count(one.held),
      count(one.dead),
    ]),
  });
}

function processes({ processes }: StatusView, now: number): Html | null {
  if (processes.length === 0) return null;
  return section('Processes', 'processes', {
    heads: ['Process', 'Role', 'Seen'],
    rows: processes.map(({ id, role, seen }) => [html`<code>${id}</code>`, role, when(seen, now)]),
  });
}

interface Table {
  readonly note?: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Part[])[];
}

function section(title: string, id: string, { note, heads, rows }: Table): Html {
  return html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${note !== undefined && html`<p>${note}</p>`}
    <table class="stacked">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, index) => html`<td data-name="${heads[index]}">${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
