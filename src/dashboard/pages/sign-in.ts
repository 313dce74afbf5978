import { html } from '../html.ts';
import { hidden } from '../layout.ts';
import type { Page } from '../visit.ts';

/** `code`: of the link that was followed; null: it is to be typed. The code is used by the post alone: who only looks ahead uses up nothing. */
export function signInPage({
  code,
  token,
  refusal,
  isPublic,
}: {
  readonly code: string | null;
  readonly token: string;
  readonly refusal: string | null;
  /** By a name under which people sign in through Entra. */
  readonly isPublic: boolean;
}): Page {
  return {
    title: 'Sign in',
    body: html`<section class="card narrow">
      ${refusal !== null && html`<p class="notice bad" role="alert">${refusal}</p>`}
      ${
        isPublic &&
        html`<p><a class="button" href="/sign-in/entra">Sign in with Microsoft Entra</a></p>
          <h2>With a link</h2>`
      }
      <p>
        On the machine where the service runs, <code>contact-sync dashboard link</code> prints a link that
        signs in once, within five minutes.
      </p>
      <form method="post" action="/sign-in">
        ${hidden(token)}
        ${
          code === null
            ? html`<label for="code">The link, or its code</label>
                <input id="code" name="code" type="password" autocomplete="off" required />`
            : html`<input type="hidden" name="code" value="${code}" />`
        }
        <button class="${isPublic ? 'plain' : 'primary'}">Sign in</button>
      </form>
    </section>`,
  };
}
