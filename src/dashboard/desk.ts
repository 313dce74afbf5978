import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { DashboardConfig } from '../kit/config/dashboard.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import type { Action } from './actions.ts';
import type { Entra } from './entra.ts';
import { EntraSignIn } from './entra-sign-in.ts';
import { cookieOf, isRefresh, type Door, type DoorOf } from './guard.ts';
import { html } from './html.ts';
import type { House } from './house.ts';
import { documentOf } from './layout.ts';
import type { Live } from './live.ts';
import type { PageMaker, Sources } from './pages.ts';
import type { Access } from './links.ts';
import { createSessions, whoOf, type Session, type Sessions } from './sessions.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import type { Page, Visit } from './visit.ts';
import type { Watch } from './watch.ts';

export interface DeskParts {
  readonly house: House;
  readonly dashboard: DashboardConfig;
  /** Null: nobody signs in that way. */
  readonly entra: Entra | null;
  /** Where the command line leaves links to sign in. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Asked {
  readonly place: string;
  readonly page: PageMaker;
  /** Whom it answers; everybody who is signed in unless it says otherwise. */
  readonly access?: Access;
}

/** Lets in whoever is signed in, and answers them. */
export class Desk {
  readonly signIn: SignIn;
  readonly entra: EntraSignIn | null;
  readonly #parts: DeskParts;
  readonly #watch: Watch;
  readonly #givenUp: Sources['givenUp'];
  readonly #live: Live;
  readonly #sessions: Sessions;
  readonly #doorOf: DoorOf;

  constructor(
    parts: DeskParts & { readonly doorOf: DoorOf },
    { watch, givenUp, live }: Omit<Sources, 'house'> & { readonly live: Live },
  ) {
    this.#parts = parts;
    this.#watch = watch;
    this.#givenUp = givenUp;
    this.#live = live;
    this.#doorOf = parts.doorOf;
    this.#sessions = createSessions({ ...parts, sessions: parts.dashboard.sessions });
    const entering = { ...parts, doorOf: (request: Request) => this.#door(request) };
    this.signIn = createSignIn({ ...entering, sessions: this.#sessions });
    const { signIn } = this;
    this.entra = parts.entra && new EntraSignIn({ ...entering, entra: parts.entra, signIn });
  }

  async show(request: Request, response: Response, { place, page }: Asked): Promise<void> {
    const visit = this.#enter(request);
    if (visit === null) return response.redirect(303, '/sign-in');
    await this.#send(response, visit, { place, page });
  }

  /** A question whose words are nobody's business: they stand in the body, and are kept nowhere. */
  async look(request: Request, response: Response, asked: Asked): Promise<void> {
    const visit = this.#enter(request);
    if (visit === null) return response.redirect(303, '/sign-in');
    if (!this.#isGenuine(request, visit)) return this.#forbid(response, visit, asked.place);
    if (asked.access === 'admin' && visit.session.access !== 'admin')
      return this.#page(response.status(403), visit, { path: asked.place, ...COSTLY });
    await this.#send(response, visit, asked);
  }

  async act(
    request: Request,
    response: Response,
    { place, action }: { readonly place: string; readonly action: Action },
  ): Promise<void> {
    const { house, log } = this.#parts;
    const visit = this.#enter(request);
    if (visit === null) return response.redirect(303, '/sign-in');
    const { session, form } = visit;
    const keys = {
      ...whoOf(session),
      action: place.slice(1),
      ...Object.fromEntries(action.names.map((name) => [name, idOf(form.get(name))])),
    };
    if (!this.#isGenuine(request, visit)) {
      log.tell('dashboard-action-refused', { ...keys, reason: 'not from a page of this session' });
      return this.#forbid(response, visit, place);
    }
    if (session.access !== 'admin') {
      log.tell('dashboard-action-refused', { ...keys, reason: 'a reader may only look' });
      return this.#page(response.status(403), visit, { path: place, ...READER });
    }
    try {
      const { notice, tone = 'good', outcome } = await action.carryOut(house, form);
      log.tell('dashboard-action', { ...keys, outcome });
      session.notice = { tone, text: notice };
      this.#watch.outdate();
      this.#givenUp.outdate();
    } catch (error) {
      log.tell('dashboard-action-failed', { ...keys, error: toldOf(error) });
      session.notice = { tone: 'bad', text: `That failed: ${house.said(error)}` };
    }
    response.redirect(303, action.home);
  }

  leave(request: Request, response: Response): void {
    const { cookies, attributes } = this.#door(request);
    const visit = this.#enter(request);
    const id = cookieOf(request, cookies.session);
    if (visit === null || id === undefined) return response.redirect(303, '/sign-in');
    if (!this.#isGenuine(request, visit)) return this.#forbid(response, visit, '/sign-out');
    this.#sessions.close(id);
    this.#parts.log.tell('dashboard-signed-out', whoOf(visit.session));
    response.append('Set-Cookie', `${cookies.session}=; ${attributes}; Max-Age=0`);
    response.redirect(303, '/sign-in');
  }

  async live(request: Request, response: Response): Promise<void> {
    const id = this.#idOf(request);
    const isOver = (): boolean => this.#sessions.of(id, { quiet: true }) === null;
    // No redirect: it is no page.
    if (isOver()) response.status(401).end();
    else await this.#live.serve(request, response, isOver);
  }

  nothing(request: Request, response: Response): void {
    const visit = this.#enter(request);
    if (visit === null) return response.redirect(303, '/sign-in');
    this.#page(response.status(404), visit, {
      path: '',
      title: 'Nothing here',
      body: html`<p>There is no such page.</p>`,
    });
  }

  #door(request: Request): Door {
    const door = this.#doorOf(request);
    if (door === null) throw new Error('A request that was not let in.');
    return door;
  }

  #idOf(request: Request): string | undefined {
    return cookieOf(request, this.#door(request).cookies.session);
  }

  #enter(request: Request): Visit | null {
    const id = this.#idOf(request);
    const quiet = isRefresh(request);
    const session: Session | null = this.#sessions.of(id, { quiet });
    if (session === null || id === undefined) return null;
    return {
      session,
      token: this.#sessions.token(id),
      now: this.#parts.clock.now(),
      isRefresh: quiet,
      form: formOf(request),
    };
  }

  #isGenuine(request: Request, { form }: Visit): boolean {
    return this.#sessions.isToken(this.#idOf(request) ?? '', form.get('token') ?? '');
  }

  #forbid(response: Response, visit: Visit, place: string): void {
    this.#page(response.status(403), visit, { path: place, ...FORGED });
  }

  async #send(response: Response, visit: Visit, { place, page }: Asked): Promise<void> {
    const { house } = this.#parts;
    const made = await page({ house, watch: this.#watch, givenUp: this.#givenUp }, visit);
    this.#page(response, visit, { path: place, ...made });
  }

  #page(
    response: Response,
    { session, token, isRefresh }: Visit,
    { path, ...page }: Page & { readonly path: string },
  ): void {
    response.type('html').send(documentOf(page, { path, session, token, isRefresh }));
  }
}

const FORGED: Page = {
  title: 'Not done',
  body: html`<p>
    This form was not made for this session, or is too old. Go back, load the page again, and try once more.
  </p>`,
};

const READER: Page = {
  title: 'Not done',
  body: html`<p>A reader may look at everything and change nothing. Ask an administrator.</p>`,
};

const COSTLY: Page = {
  title: 'Not done',
  body: html`<p>This costs too much to be asked for by a reader. Ask an administrator.</p>`,
};

export function formOf({ body }: Pick<Request, 'body'>): URLSearchParams {
  return new URLSearchParams(typeof body === 'string' ? body : '');
}

/** What a log may show of a field: what is shaped like an id. */
function idOf(value: string | null): string | null {
  return value === null || /^[\w.:-]{1,80}$/.test(value) ? value : 'not an id';
}
