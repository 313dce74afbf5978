import { count, many } from '../../kit/counted.ts';
import { heldBack, type HeldBack } from '../held-back.ts';
import { html, type Html } from '../html.ts';
import type { JobView, MissingGroupView } from '../house.ts';
import { hidden } from '../layout.ts';
import type { Visit } from '../visit.ts';
import { when } from '../words.ts';

/** More than a person reads; the command lists all of them. */
const HELD_SHOWN = 50;

/** What waits for an approval of one job. */
export function held(
  { job, held, suspicion }: JobView,
  missing: readonly MissingGroupView[],
  visit: Visit,
): Html | null {
  const all = heldBack({ held, suspicion, missing });
  if (all.count === 0) return null;
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
    ${missing.map(
      ({ tenant, group, since }) =>
        html`<p>
          The group <code>${group}</code> of ${tenant} is not found since ${when(since, visit.now)}: whom and
          what it keeps back stays back until an approval.
        </p>`,
    )}
    ${approval(job, all, visit)}`;
}

/** It says what was seen: what came since then is not released with it. */
function approval(job: string, seen: HeldBack, { token, session }: Visit): Html | null {
  if (session.access !== 'admin') return null;
  return html`<details>
    <summary>Approve…</summary>
    <form method="post" action="/approve">
      ${hidden(token)} <input type="hidden" name="job" value="${job}" />
      <input type="hidden" name="count" value="${seen.count}" />
      <input type="hidden" name="newest" value="${seen.newest}" />
      <label
        ><input type="checkbox" name="sure" value="yes" required /> I have looked at all of it: it may go
        on</label
      >
      <button class="danger">Approve for ${job}</button>
    </form>
  </details>`;
}
