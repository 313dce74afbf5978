import { many } from '../../kit/counted.ts';
import { html, type Html } from '../html.ts';
import type { JobView } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Visit } from '../visit.ts';

export function takeBack({ job, mailboxes, contacts }: JobView, visit: Visit): Html | null {
  return confirmed(visit, {
    job,
    path: '/revert',
    summary: 'Take the job back…',
    button: `Take ${job} back`,
    text: html`Stops <b>${job}</b> and removes the ${many(contacts, 'contact')} that it made from
      ${many(mailboxes, 'mailbox', 'mailboxes')}. What people put there themselves stays. It can be paused,
      and giving it up fills the mailboxes anew.`,
  });
}

/** With a revert that is paused. */
export function goOn({ job }: JobView, visit: Visit): Html | null {
  return confirmed(visit, {
    job,
    path: '/revert',
    summary: 'Go on taking the job back…',
    button: `Go on taking ${job} back`,
    text: html`Lifts the pause of <b>${job}</b>: the revert goes on where it stopped.`,
  });
}

export function fillAnew({ job, halt }: JobView, visit: Visit): Html | null {
  const summary = halt === 'reverted' ? 'Fill the mailboxes anew…' : 'Give up the revert and fill anew…';
  return confirmed(visit, {
    job,
    path: '/resume',
    summary,
    button: `Fill the mailboxes of ${job} anew`,
    text: html`Takes <b>${job}</b> up again: every mailbox is filled anew, also those that are free by now.`,
  });
}

interface Confirmation {
  readonly job: string;
  readonly path: string;
  readonly summary: string;
  readonly text: Html;
  readonly button: string;
}

/** What cannot be undone by another click takes the typed name. */
function confirmed({ token, session }: Visit, asked: Confirmation): Html | null {
  if (session.access !== 'admin') return null;
  const { job, path, summary, text, button } = asked;
  const id = `typed${path.replace('/', '-')}-${job}`;
  return html`<details>
    <summary>${summary}</summary>
    <p>${text}</p>
    <form method="post" action="${path}">
      ${hidden(token)} <input type="hidden" name="job" value="${job}" />
      <input type="hidden" name="scope" value="job" /> <input type="hidden" name="name" value="${job}" />
      <label for="${id}">Type <b>${job}</b> to confirm</label>
      <input id="${id}" name="typed" autocomplete="off" required />
      <button class="danger">${button}</button>
    </form>
  </details>`;
}
