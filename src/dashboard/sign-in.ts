import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import { createAttempts, WINDOW_SECONDS } from './attempts.ts';
import { cookieOf, type cookieNames } from './guard.ts';
import { documentOf } from './layout.ts';
import { prepareLinks, takeLink, type Access } from './links.ts';
import { signInPage } from './pages/sign-in.ts';
import { freshId, type Sessions } from './sessions.ts';

export interface SignIn {
  /** The page; a link that was followed brings its code along. */
  show(request: Request, response: Response): void;
  /** Takes the code, and gives a new session for it. */
  take(request: Request, response: Response, form: URLSearchParams): void;
}

interface SignInParts {
  readonly sessions: Sessions;
  readonly cookies: ReturnType<typeof cookieNames>;
  /** Where the command line leaves links. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const FOREIGN = 'This form was not made for this browser, or is too old. Try again.';
const OFTEN = 'Too many attempts. Wait a minute, then try again.';
const SPENT =
  'This link was used before, is too old, or is not the newest one. Make another with: contact-sync dashboard link';
const MADE_BY_ANOTHER =
  'The link was made by another user, and the dashboard cannot read it. Make one as the user of the service: sudo -u contact-sync contact-sync dashboard link';
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

export function createSignIn(parts: SignInParts): SignIn {
  const { sessions, cookies, folder, clock, random, log } = parts;
  const attempts = createAttempts(clock, () => log.warn('dashboard: too many attempts to sign in'));
  prepare(parts);

  /** Everybody gets a cookie before they sign in, so that nobody else can sign them in: its token is in the form. */
  function page(request: Request, response: Response, { code, refusal }: PageOf): void {
    const known = cookieOf(request, cookies.visit);
    const visit = known ?? freshId(random);
    if (known === undefined) response.append('Set-Cookie', `${cookies.visit}=${visit}; ${ATTRIBUTES}`);
    const token = sessions.token(visit);
    response
      .type('html')
      .send(documentOf(signInPage({ code, token, refusal }), { path: '/sign-in', session: null, token }));
  }

  function refuse(status: number, refusal: string, { request, response }: Exchange): void {
    response.status(status);
    page(request, response, { code: null, refusal });
  }

  return {
    show: (request, response) =>
      page(request, response, { code: codeIn(request.originalUrl), refusal: null }),
    take(request, response, form) {
      const visit = cookieOf(request, cookies.visit);
      if (visit === undefined || !sessions.isToken(visit, form.get('token') ?? ''))
        return refuse(403, FOREIGN, { request, response });
      if (!attempts.allows()) {
        response.setHeader('Retry-After', String(WINDOW_SECONDS));
        return refuse(429, OFTEN, { request, response });
      }
      const access = takeLink(folder, plainCode(form.get('code') ?? ''), clock.now());
      if (access === null) {
        log.warn('dashboard: a sign-in was refused', { kind: 'link' });
        return refuse(403, SPENT, { request, response });
      }
      if (access === 'foreign') {
        log.warn('dashboard: a sign-in was refused', { kind: 'link', reason: 'made by another user' });
        return refuse(403, MADE_BY_ANOTHER, { request, response });
      }
      start(response, access);
    },
  };

  function start(response: Response, access: Access): void {
    const id = sessions.open('link', access);
    const tag = sessions.of(id)?.tag;
    log.info('dashboard: signed in', { kind: 'link', access, session: tag });
    response.append('Set-Cookie', `${cookies.session}=${id}; ${ATTRIBUTES}`);
    response.redirect(303, '/');
  }
}

/** Without it nobody signs in, and the rest goes on. */
function prepare({ folder, log }: Pick<SignInParts, 'folder' | 'log'>): void {
  try {
    prepareLinks(folder);
  } catch (error) {
    log.error('dashboard: the folder of links cannot be made: make it for the user of the service', {
      error: toldOf(error),
    });
  }
}

interface Exchange {
  readonly request: Request;
  readonly response: Response;
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
  const at = url.indexOf('?');
  const code = at < 0 ? null : new URLSearchParams(url.slice(at)).get('code');
  return code === null ? null : code.trim();
}
