import { count, many } from '../../kit/counted.ts';
import { html, type Html } from '../html.ts';
import type { PlanView } from '../house.ts';
import type { Sources } from '../pages.ts';
import type { Page, Visit } from '../visit.ts';
import { fact } from './jobs.ts';

/** More than a person reads. */
const ROWS_SHOWN = 100;

/** What a job would write now. Nothing is written. */
export async function planPage({ house }: Sources, { form }: Visit): Promise<Page> {
  const job = form.get('job') ?? '';
  const body = await house.plan(job).then(
    (plan) =>
      html`${plan.jobs.map(planned)}
        ${plan.jobs.length === 0 && html`<p class="card">There is no such job in the configuration.</p>`}
        ${plan.unread > 0 && html`<p class="notice bad">${many(plan.unread, 'object')} could not be read: nothing is planned for them.</p>`}
        <p class="quiet">Nothing was written. The look took ${many(plan.httpRequests, 'request')}.</p>`,
    (error: unknown) =>
      html`<p class="notice bad" role="alert">No plan could be made: ${house.said(error)}</p>`,
  );
  return {
    title: `Plan of ${job}`,
    body: html`<section aria-label="Answer">${body}</section>
      <p><a href="/jobs">Back to the jobs</a></p>`,
  };
}

type Planned = PlanView['jobs'][number];

function planned({ job, rows, ...plan }: Planned): Html {
  const shown = rows.slice(0, ROWS_SHOWN);
  const rest = rows.length - shown.length;
  return html`<div class="card">
    <dl class="facts">
      ${fact('People', count(plan.people))} ${fact('Mailboxes', count(plan.mailboxes))}
      ${fact('To create', count(plan.create))} ${fact('To change', count(plan.change))}
      ${fact('To remove', count(plan.remove))} ${fact('Held', count(plan.hold))}
      ${plan.adopt > 0 && fact('To take over', count(plan.adopt))}
      ${plan.look > 0 && fact('To look up first', count(plan.look))}
      ${fact('Full batches', count(plan.requests))}
    </dl>
    ${
      shown.length === 0
        ? html`<p>Nothing would change.</p>`
        : html`<table class="stacked">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Object id</th>
                <th scope="col">Action</th>
                <th scope="col">Contacts</th>
                <th scope="col">Fields</th>
              </tr>
            </thead>
            <tbody>
              ${shown.map(
                (row) =>
                  html`<tr>
                    <td data-name="What">${row.kind}</td>
                    <td data-name="Object id"><code>${row.id}</code></td>
                    <td data-name="Action">${row.action}</td>
                    <td data-name="Contacts">${count(row.contacts)}</td>
                    <td data-name="Fields">${row.fields === null ? 'not told' : row.fields.join(', ')}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${rest > 0 && html`<p>And ${count(rest)} more: <code>contact-sync plan --job ${job} --csv</code> lists them.</p>`}
  </div>`;
}
