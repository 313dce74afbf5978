import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import type { Log } from '../kit/log.ts';
import type { Random } from '../kit/random.ts';
import { toldOf } from '../kit/told.ts';
import { Fault, type FaultKind } from '../model/fault.ts';
import { createAttempts, WINDOW_SECONDS, type Attempts } from './attempts.ts';
import { accessOf, ANSWER_PATH, type Entra } from './entra.ts';
import { createFlows, FLOW_MS, isStateOf, type Flow, type Flows } from './flow.ts';
import { cookieOf, queryOf, type Door } from './guard.ts';
import { html } from './html.ts';
import { documentOf } from './layout.ts';
import { OFTEN, type Exchange, type SignIn } from './sign-in.ts';
import { createTurns } from './turns.ts';

interface EntraSignInParts {
  readonly entra: Entra;
  readonly signIn: SignIn;
  readonly doorOf: (request: Request) => Door;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const ELSEWHERE =
  'This sign-in was not begun in this browser, or begun again in another tab, or begun more than ten minutes ago. Sign in once more.';
const NO_ROLE =
  'Your account may not use this dashboard: it has neither the role ContactSync.Admin nor ContactSync.Reader. Ask an administrator to assign one.';
const UNBELIEVED =
  'Microsoft Entra did not confirm who you are. Sign in once more; if that stays, the log of the dashboard says why.';
const SILENT = 'Microsoft Entra cannot be reached at the moment. Try again in a minute, or use a link.';
const CROWDED = 'Too many people sign in at this moment. Wait a minute, then sign in once more.';
/**
 * In a minute, of all people together: each costs a signature of the app and requests to the authority, also where a stranger
 * made it up.
 */
const ANSWERS = 20;
/** A vault signs for seconds, and its own limit is shared with the service. */
const AT_ONCE = { atOnce: 2, waiting: 4 };
/** Kinds of faults that a later try may not meet. */
const AWAY: ReadonlySet<FaultKind> = new Set(['unavailable', 'throttled', 'unknown-outcome']);

/** Signing in through Microsoft Entra: to the authority, and back from it. */
export class EntraSignIn {
  readonly #parts: EntraSignInParts;
  readonly #flows: Flows;
  readonly #attempts: Attempts;
  readonly #turns = createTurns(AT_ONCE);
  /** Whoever reaches the port may make up answers: they are told of in the log so often, and then once for many. */
  readonly #strangers: Attempts;

  constructor(parts: EntraSignInParts) {
    const { clock, log } = parts;
    const tell = (): void => log.tell('sign-in-flooded', { kind: 'entra' });
    this.#parts = parts;
    this.#flows = createFlows(parts);
    this.#attempts = createAttempts(clock, tell, ANSWERS);
    this.#strangers = createAttempts(clock, tell);
  }

  /** Sends the browser there. */
  async begin(request: Request, response: Response): Promise<void> {
    const { entra, signIn, doorOf } = this.#parts;
    const { isPublic, origin, cookies, attributes } = doorOf(request);
    if (!isPublic) return signIn.show(request, response);
    const { cookie, state, nonce, challenge } = this.#flows.begin();
    const lasting = `${ofFlow(attributes)}; Max-Age=${FLOW_MS / 1_000}`;
    response.append('Set-Cookie', `${cookies.flow}=${cookie}; ${lasting}`);
    const redirectUri = `${origin}${ANSWER_PATH}`;
    response.redirect(303, await entra.urlFor({ redirectUri, state, nonce, challenge }));
  }

  /** What the browser brings back. */
  async answer(request: Request, response: Response): Promise<void> {
    const { signIn, doorOf } = this.#parts;
    const { isPublic, cookies, attributes } = doorOf(request);
    const exchange = { request, response };
    const asked = queryOf(request.originalUrl);
    const flow = isPublic ? this.#flows.of(cookieOf(request, cookies.flow)) : null;
    if (flow === null || !isStateOf(flow, asked.get('state') ?? '')) {
      this.#refused('not begun in this browser');
      return signIn.refuse(403, ELSEWHERE, exchange);
    }
    // Good for one answer, whatever comes of it.
    response.append('Set-Cookie', `${cookies.flow}=; ${ofFlow(attributes)}; Max-Age=0`);
    if (!this.#attempts.allows()) return this.#busy(OFTEN, exchange);
    const code = asked.get('code');
    if (code !== null) return this.#admit(flow, code, exchange);
    const said = saidBy(asked);
    this.#refused(said);
    signIn.refuse(403, `Microsoft Entra did not sign you in: ${said}. Sign in once more.`, exchange);
  }

  async #admit({ nonce, verifier }: Flow, code: string, exchange: Exchange): Promise<void> {
    const { entra, signIn, doorOf } = this.#parts;
    const redirectUri = `${doorOf(exchange.request).origin}${ANSWER_PATH}`;
    const asking = this.#turns.take(() => entra.whoIs({ redirectUri, nonce, verifier, code }));
    if (asking === null) {
      this.#refused('too many at once');
      return this.#busy(CROWDED, exchange);
    }
    let person: Awaited<typeof asking>;
    try {
      person = await asking;
    } catch (error) {
      this.#refused(toldOf(error));
      return error instanceof Fault && AWAY.has(error.kind)
        ? signIn.refuse(503, SILENT, exchange)
        : signIn.refuse(403, UNBELIEVED, exchange);
    }
    const { account, roles } = person;
    const access = accessOf(roles);
    if (access === null) {
      // Somebody of the tenant, and no stranger.
      this.#tell({ account, reason: 'no role' });
      return signIn.refuse(403, NO_ROLE, exchange);
    }
    signIn.enter({ kind: 'entra', access, account }, exchange);
    // Coming from another site the browser would keep the new cookie to itself; a page of ours is asked for with it.
    const page = { title: 'Signed in', body: html`<p><a href="/">Go on to the dashboard</a></p>` };
    const shell = { path: ANSWER_PATH, session: null, token: '', onward: '/' };
    exchange.response.type('html').send(documentOf(page, shell));
  }

  #busy(refusal: string, exchange: Exchange): void {
    exchange.response.setHeader('Retry-After', String(WINDOW_SECONDS));
    this.#parts.signIn.refuse(429, refusal, exchange);
  }

  /** Of nobody that is known: with a cookie that was begun here strangers may make up any number of answers as well. */
  #refused(reason: unknown): void {
    if (this.#strangers.allows()) this.#tell({ reason });
  }

  #tell(keys: Readonly<Record<string, unknown>>): void {
    this.#parts.log.tell('sign-in-refused', { kind: 'entra', ...keys });
  }
}

/** `Lax`: the browser sends it along when it comes back from the authority, by a link that it follows. */
function ofFlow(attributes: string): string {
  return attributes.replace('SameSite=Strict', 'SameSite=Lax');
}

/** An error by its codes alone: what else stands there, anybody may have written. */
function saidBy(asked: URLSearchParams): string {
  const error = /^[a-z_]{1,40}$/.exec(asked.get('error') ?? '')?.[0] ?? 'no code came back';
  const code = /AADSTS\d{4,9}/.exec(asked.get('error_description') ?? '')?.[0];
  return code === undefined ? error : `${error}, ${code}`;
}
