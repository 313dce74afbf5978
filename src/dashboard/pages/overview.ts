import { count, many } from '../../kit/counted.ts';
import { html, type Html } from '../html.ts';
import type { Concern, Gravity, Look, StatusView } from '../house.ts';
import { when } from '../words.ts';
import type { Page } from '../visit.ts';

/** Green, or what is wrong and what to do about it; then the figures. */
export function overviewPage({ status, concerns }: Look, now: number): Page {
  return {
    title: 'Overview',
    body: html`<div data-live="overview">
      ${verdict(concerns)} ${concerns.length > 0 && list(concerns)} ${status && figures(status, now)}
    </div>`,
  };
}

const VERDICTS: Readonly<Record<Gravity, string>> = {
  failed: 'Something needs attention',
  held: 'Something waits for your decision',
  notice: 'Everything works, with notes',
};

const MARKS: Readonly<Record<Gravity, string>> = { failed: 'Wrong', held: 'Waiting', notice: 'Note' };

function verdict(concerns: readonly Concern[]): Html {
  const [gravest] = concerns;
  const [tone, text] =
    gravest === undefined
      ? ['fine', 'Everything is all right']
      : [gravest.gravity, VERDICTS[gravest.gravity]];
  const points =
    concerns.length === 0 ? 'Nothing is known to be wrong.' : `${many(concerns.length, 'point')} below.`;
  return html`<section class="verdict ${tone}" aria-label="Verdict">
    <span class="sign" aria-hidden="true"></span>
    <div>
      <p class="said" data-say="verdict">${text}</p>
      <p>${points}</p>
    </div>
  </section>`;
}

const WHERE: Readonly<Record<Concern['about'], { path: string; name: string } | null>> = {
  job: { path: '/jobs', name: 'Jobs' },
  mailbox: { path: '/mailboxes', name: 'Mailboxes' },
  'given up': { path: '/given-up', name: 'Given up' },
  service: null,
};

function list(concerns: readonly Concern[]): Html {
  return html`<section aria-labelledby="concerns">
    <h2 id="concerns">What to look at</h2>
    <ul class="concerns">
      ${concerns.map(({ gravity, what, remedy, about }) => {
        const where = WHERE[about];
        return html`<li class="concern ${gravity}">
          <span class="badge ${gravity}">${MARKS[gravity]}</span>
          <div>
            <p class="what">${what}</p>
            <p class="remedy">${remedy}</p>
          </div>
          ${where && html`<a class="go" href="${where.path}">${where.name}</a>`}
        </li>`;
      })}
    </ul>
  </section>`;
}

function figures(status: StatusView, now: number): Html {
  const sum = (figure: (job: StatusView['jobs'][number]) => number | null): number | null =>
    status.jobs.map(figure).reduce((total, one) => (total === null || one === null ? null : total + one), 0);
  const behind = sum((job) => job.behind);
  const due = status.queues.reduce((total, queue) => total + queue.due + queue.held, 0);
  const oldest = Math.max(0, ...status.queues.map((queue) => queue.oldestDueSeconds));
  const soonest = status.subscriptions.map(({ expires }) => expires).toSorted()[0] ?? null;
  return html`<section aria-labelledby="figures">
    <h2 id="figures">How it stands</h2>
    <dl class="figures">
      ${figure('Contacts', count(sum((job) => job.contacts)), behind === null ? '' : behind === 0 ? 'all right' : `${count(behind)} not yet`)}
      ${figure('Mailboxes', count(sum((job) => job.mailboxes)), many(status.jobs.length, 'job'))}
      ${figure('People', count(Math.max(0, ...status.jobs.map((job) => job.people))), 'shown, in the largest job')}
      ${figure('Waiting work', count(due), due === 0 ? 'nothing to do' : `oldest ${count(Math.round(oldest))} s`)}
      ${figure('Last sweep', when(status.lastSweep, now), `${count(status.foundBySweep)} found unannounced, ever`)}
      ${figure('Subscriptions', count(status.subscriptions.length), soonest === null ? 'changes are asked for' : html`next ends ${when(soonest, now)}`)}
    </dl>
    <p class="quiet">
      Deployment <code>${status.deployment}</code>; contacts counted ${when(status.countedAt, now)}
    </p>
  </section>`;
}

function figure(name: string, value: Html | string, more: Html | string): Html {
  return html`<div class="figure">
    <dt>${name}</dt>
    <dd><span class="value">${value}</span> <span class="more">${more}</span></dd>
  </div>`;
}
