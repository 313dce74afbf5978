import { html, type Html } from './html.ts';
import type { Session } from './sessions.ts';
import type { Page } from './visit.ts';

/** Where the navigation leads, in its order. */
const PLACES = [
  { path: '/', name: 'Overview' },
  { path: '/jobs', name: 'Jobs' },
  { path: '/mailboxes', name: 'Mailboxes' },
  { path: '/given-up', name: 'Given up' },
  { path: '/activity', name: 'Activity' },
] as const;

export interface Shell {
  readonly path: string;
  /** Null: nobody is signed in. */
  readonly session: Session | null;
  readonly token: string;
  /** A page that refreshes itself takes nothing that is said once away from the one that is about to be loaded. */
  readonly isRefresh?: boolean;
  /** Where this page leads by itself, at once. */
  readonly onward?: string;
}

/** A whole document. What it says once, a notice, is taken from the session. */
export function documentOf(page: Page, shell: Shell): string {
  const { session, path, isRefresh = false, onward } = shell;
  const notice = isRefresh ? null : (session?.notice ?? null);
  if (session && !isRefresh) session.notice = null;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · contact-sync</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        ${session && html`<script src="/assets/live.js" defer></script>`}
        ${onward !== undefined && html`<meta http-equiv="refresh" content="0; url=${onward}" />`}
        ${session && path === '/' && html`<noscript><meta http-equiv="refresh" content="30; url=/?refresh" /></noscript>`}
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top">
          <p class="brand"><span class="logo" aria-hidden="true"></span>contact-sync</p>
          ${session && navigation(shell, session)}
        </header>
        <main id="main" tabindex="-1">
          <h1>${page.title}</h1>
          ${notice && html`<p class="notice ${notice.tone}" role="status">${notice.text}</p>`} ${page.body}
        </main>
        ${session && html`<p class="foot">All times are UTC.<span id="live-state" role="status"></span></p>`}
      </body>
    </html> `.text;
}

function navigation({ path, token }: Shell, { access }: Session): Html {
  const links = PLACES.map(
    (place) =>
      html`<li>
        <a href="${place.path}" ${place.path === path && html`aria-current="page"`}>${place.name}</a>
      </li>`,
  );
  return html`<nav aria-label="Pages">
      <ul>
        ${links}
      </ul>
    </nav>
    <form class="leave" method="post" action="/sign-out">
      ${hidden(token)}
      <span class="access">${access === 'admin' ? 'Administrator' : 'Reader'}</span>
      <button class="plain">Sign out</button>
    </form>`;
}

/** What makes a form ours. */
export function hidden(token: string): Html {
  return html`<input type="hidden" name="token" value="${token}" />`;
}
