import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import { createAttempts, WINDOW_SECONDS } from './attempts.ts';
import { cookieOf, queryOf, type Door } from './guard.ts';
import { documentOf } from './layout.ts';
import { prepareLinks, takeLink } from './links.ts';
import { signInPage } from './pages/sign-in.ts';
import { freshId, whoOf, type Entrant, type Sessions } from './sessions.ts';

export interface SignIn {
  /** The page; a link that was followed brings its code along. */
  show(request: Request, response: Response): void;
  /** Takes the code, and gives a new session for it. */
  take(request: Request, response: Response, form: URLSearchParams): void;
  /** The page again, with what is wrong. */
  refuse(status: number, refusal: string, exchange: Exchange): void;
  /** A new session, whatever the browser had before. */
  enter(entrant: Entrant, exchange: Exchange): void;
}

interface SignInParts {
  readonly sessions: Sessions;
  readonly doorOf: (request: Request) => Door;
  /** Where the command line leaves links. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

const FOREIGN = 'This form was not made for this browser, or is too old. Try again.';
export const OFTEN = 'Too many attempts. Wait a minute, then try again.';
const SPENT =
  'This link was used before, is too old, or is not the newest one. Make another with: contact-sync dashboard link';
const MADE_BY_ANOTHER =
  'The link was made by another user, and the dashboard cannot read it. Make one as the user of the service: sudo -u contact-sync contact-sync dashboard link';

export function createSignIn(parts: SignInParts): SignIn {
  const { sessions, doorOf, folder, clock, random, log } = parts;
  const tell = (): void => log.tell('sign-in-flooded', { kind: 'link' });
  // Strangers at the public name are not to keep out who comes over loopback.
  const [atPublic, atLoopback] = [createAttempts(clock, tell), createAttempts(clock, tell)];
  prepare(parts);

  /** Everybody gets a cookie before they sign in, so that nobody else can sign them in: its token is in the form. */
  function page({ request, response }: Exchange, { code, refusal }: PageOf): void {
    const { cookies, attributes, isPublic } = doorOf(request);
    const known = cookieOf(request, cookies.visit);
    const visit = known ?? freshId(random);
    if (known === undefined) response.append('Set-Cookie', `${cookies.visit}=${visit}; ${attributes}`);
    const token = sessions.token(visit);
    const made = signInPage({ code, token, refusal, isPublic });
    response.type('html').send(documentOf(made, { path: '/sign-in', session: null, token }));
  }

  const refuse: SignIn['refuse'] = (status, refusal, exchange) => {
    exchange.response.status(status);
    page(exchange, { code: null, refusal });
  };

  const enter: SignIn['enter'] = (entrant, { request, response }) => {
    const { cookies, attributes } = doorOf(request);
    const id = sessions.open(entrant);
    const session = sessions.of(id);
    log.tell('dashboard-signed-in', { ...(session && whoOf(session)), access: entrant.access });
    response.append('Set-Cookie', `${cookies.session}=${id}; ${attributes}`);
  };

  return {
    show: (request, response) =>
      page({ request, response }, { code: codeIn(request.originalUrl), refusal: null }),
    take(request, response, form) {
      const { cookies, isPublic } = doorOf(request);
      const visit = cookieOf(request, cookies.visit);
      const exchange = { request, response };
      if (visit === undefined || !sessions.isToken(visit, form.get('token') ?? ''))
        return refuse(403, FOREIGN, exchange);
      if (!(isPublic ? atPublic : atLoopback).allows()) {
        response.setHeader('Retry-After', String(WINDOW_SECONDS));
        return refuse(429, OFTEN, exchange);
      }
      const access = takeLink(folder, plainCode(form.get('code') ?? ''), clock.now());
      if (access === null) {
        log.tell('sign-in-refused', { kind: 'link' });
        return refuse(403, SPENT, exchange);
      }
      if (access === 'foreign') {
        log.tell('sign-in-refused', { kind: 'link', reason: 'made by another user' });
        return refuse(403, MADE_BY_ANOTHER, exchange);
      }
      enter({ kind: 'link', access, account: null }, exchange);
      response.redirect(303, '/');
    },
    refuse,
    enter,
  };
}

/** Without it nobody signs in, and the rest goes on. */
function prepare({ folder, log }: Pick<SignInParts, 'folder' | 'log'>): void {
  try {
    prepareLinks(folder);
  } catch (error) {
    log.tell('links-folder-unusable', {
      error: toldOf(error),
    });
  }
}

interface PageOf {
  readonly code: string | null;
  readonly refusal: string | null;
}

/** Also where somebody pastes all of the link. */
function plainCode(typed: string): string {
  return codeIn(typed) ?? typed.trim();
}

function codeIn(url: string): string | null {
  return queryOf(url).get('code')?.trim() ?? null;
}
