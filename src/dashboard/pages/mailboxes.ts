import { many } from '../../kit/counted.ts';
import { html, type Html, type Part } from '../html.ts';
import type { ExplainedJobView, Look } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Sources } from '../pages.ts';
import type { Page, Visit } from '../visit.ts';
import { when } from '../words.ts';
import { order } from './jobs.ts';

/** More than a person reads. */
const PARKED_SHOWN = 200;

/** A search, and the mailboxes that are parked. */
export function mailboxesPage({ status }: Look, visit: Visit): Page {
  return {
    title: 'Mailboxes',
    body: html`${search(visit)} ${status && parked(status.parked, visit)}`,
  };
}

/** One mailbox and, where one was named, whether a person is in it, and why. */
export async function explainedPage({ house, watch }: Sources, visit: Visit): Promise<Page> {
  const mailbox = visit.form.get('mailbox')?.trim() ?? '';
  const person = visit.form.get('person')?.trim() ?? '';
  const { status } = await watch.look();
  const isAlone = person === '';
  const found = await house
    // Of the two, the owner is always somebody: asked about themselves the answer tells how the mailbox stands.
    .explain({ person: isAlone ? mailbox : person, mailbox: mailbox === '' ? null : mailbox })
    .then(
      ({ jobs, notTakenUp, withdrawn }) =>
        html`${jobs.map((job) => explained(job, { isAlone, visit }))}
        ${notTakenUp.length > 0 && html`<p class="card">Not taken up yet: ${notTakenUp.join(', ')}.</p>`}
        ${withdrawn.length > 0 && html`<p class="card">Being taken back there: ${withdrawn.join(', ')}.</p>`}`,
      (error: unknown) =>
        html`<p class="notice bad" role="alert">That could not be explained: ${house.said(error)}</p>`,
    );
  return {
    title: 'Mailboxes',
    body: html`${search(visit)}
      <section aria-label="Answer">${found}</section>
      ${status && parked(status.parked, visit)}`,
  };
}

function search({ token, form }: Visit): Html {
  return html`<form class="card search" method="post" action="/mailboxes">
    ${hidden(token)}
    <div>
      <label for="mailbox">Mailbox</label>
      <input
        id="mailbox"
        name="mailbox"
        value="${form.get('mailbox')}"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="search-note"
      />
    </div>
    <div>
      <label for="person">Person shown there <span class="quiet">(optional)</span></label>
      <input id="person" name="person" value="${form.get('person')}" autocomplete="off" spellcheck="false" />
    </div>
    <button class="primary">Explain</button>
    <p id="search-note" class="quiet">
      By object id or user principal name; a tenant for its address book. The person is read afresh, and what
      you type is kept nowhere.
    </p>
  </form>`;
}

function explained(job: ExplainedJobView, { isAlone, visit }: { isAlone: boolean; visit: Visit }): Html {
  const { mailbox, person, contact, fields } = job;
  const { now } = visit;
  return html`<section class="card">
    <h2>${job.job} <span class="quiet">${job.route !== job.job && job.route}</span></h2>
    ${
      !isAlone &&
      html`<p class="answer">${job.answer}</p>
        <p><b>Next:</b> ${job.next}</p>`
    }
    <h3>Mailbox <code>${mailbox.id}</code></h3>
    <dl class="lines">
      ${line('State', mailboxState(mailbox))}
      ${mailbox.notBefore !== null && line('Left alone until', when(mailbox.notBefore, now))}
      ${line('Place', placeOf(mailbox.place))} ${line('Last verified', when(contact.verifiedAt, now))}
    </dl>
    ${
      mailbox.state === 'parked' &&
      order(visit, { path: '/retry', text: 'Try this mailbox again', fields: { mailbox: mailbox.id } })
    }
    ${conditions(mailbox.conditions)}
    ${
      !isAlone &&
      html`<h3>Person <code>${person.id}</code></h3>
        ${conditions(person.conditions)}
        <dl class="lines">
          ${line('Fields filled', fields.filled.join(', ') || 'none')}
          ${line('Empty', fields.empty.join(', ') || 'none')}
          ${fields.withheld.length > 0 && line('Withheld', fields.withheld.join(', '))}
          ${line('Contact found', fields.found)}
          ${fields.differing.length > 0 && line('Differs in', fields.differing.join(', '))}
        </dl>`
    }
  </section>`;
}

function line(name: string, value: Part): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function mailboxState({ state, reason, outcome }: ExplainedJobView['mailbox']): string {
  if (state === 'parked') return `parked: ${reason ?? 'the reason is not known'}`;
  return (
    state ?? (outcome === 'joins' ? 'joins with the next look' : 'not one of the mailboxes that receive')
  );
}

function placeOf(place: ExplainedJobView['mailbox']['place']): string {
  if (place === null) return 'none';
  const filled = place.filled ? 'filled' : 'not filled yet';
  return `${place.state}, folder ${place.folder}, ${filled}${place.trusted ? '' : ', to be read again'}`;
}

function conditions(list: ExplainedJobView['person']['conditions']): Html | null {
  if (list.length === 0) return null;
  return html`<ul class="conditions">
    ${list.map(
      ({ rule, asks, met, through }) =>
        html`<li class="${met ? 'met' : 'unmet'}">
          <b>${met ? 'Yes' : 'No'}</b>
          <code>${rule}</code> ${asks}${through.length > 0 && `; in ${through.join(', ')}`}
        </li>`,
    )}
  </ul>`;
}

function parked(list: NonNullable<Look['status']>['parked'], visit: Visit): Html {
  const shown = list.slice(0, PARKED_SHOWN);
  return html`<section aria-labelledby="parked" data-live="parked">
    <div class="row">
      <h2 id="parked">Parked</h2>
      ${list.length > 0 && order(visit, { path: '/retry', text: 'Try everything again', fields: {} })}
    </div>
    ${
      list.length === 0
        ? html`<p class="card">No mailbox is parked: all that receive can be used.</p>`
        : html`<p>
              ${many(list.length, 'mailbox', 'mailboxes')} cannot be used now; each is tried again by itself.
            </p>
            <table class="stacked card">
              <thead>
                <tr>
                  <th scope="col">Mailbox</th>
                  <th scope="col">Tenant</th>
                  <th scope="col">Reason</th>
                  <th scope="col">Since</th>
                  <th scope="col">Next try</th>
                </tr>
              </thead>
              <tbody>
                ${shown.map(
                  (one) =>
                    html`<tr>
                      <td data-name="Mailbox"><code>${one.mailbox}</code></td>
                      <td data-name="Tenant">${one.tenant}</td>
                      <td data-name="Reason">${one.reason}</td>
                      <td data-name="Since">${when(one.since, visit.now)}</td>
                      <td data-name="Next try">${when(one.nextTry, visit.now)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
    }
  </section>`;
}
