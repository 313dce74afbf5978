import type { Html } from './html.ts';
import type { Session } from './sessions.ts';

/** A request of somebody who is signed in, as the pages see it. */
export interface Visit {
  readonly session: Session;
  /** Goes into every form. */
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By a page for itself, not by a person. */
  readonly isRefresh: boolean;
  /** What a form held. */
  readonly form: URLSearchParams;
}

export interface Page {
  readonly title: string;
  readonly body: Html;
}
