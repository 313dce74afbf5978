import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { createDashboard } from '../../src/dashboard/app.ts';
import type { Entra } from '../../src/dashboard/entra.ts';
import { offerLink, type Access } from '../../src/dashboard/links.ts';
import { startDashboard } from '../../src/dashboard/server.ts';
import { systemClock, type Clock } from '../../src/kit/clock.ts';
import type { DashboardConfig } from '../../src/kit/config/dashboard.ts';
import { createLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import { fakeHouse, type FakeHouse } from './fake-house.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

/** A dashboard on a real port of loopback over a house that is played, and a clock that can leap. */
export interface Desk {
  readonly house: FakeHouse;
  readonly port: number;
  /** Every line of its log. */
  readonly log: () => string;
  readonly folder: string;
  leap(ms: number): void;
  offer(access?: Access): string;
  readonly ask: (target: string, asked?: Asked) => Promise<Answer>;
  /** Signs in as a browser does. */
  signIn(access?: Access): Promise<Visitor>;
  close(): Promise<void>;
}

/** Somebody with cookies, as a browser keeps them. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #ask: Desk['ask'];

  constructor(ask: Desk['ask']) {
    this.#ask = ask;
  }

  async get(target: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#sent(target, { headers });
  }

  /** With the token of the page at `from`. */
  async post(target: string, form: Readonly<Record<string, string>>, from = '/jobs'): Promise<Answer> {
    const token = tokenIn((await this.get(from)).text);
    return this.raw(target, { token, ...form });
  }

  raw(
    target: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.#sent(target, { method: 'POST', form, headers });
  }

  /** All of them, as the header of that name has them. */
  cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async #sent(target: string, asked: Asked): Promise<Answer> {
    const cookie = this.cookie();
    const headers = { ...(cookie === '' ? {} : { cookie }), ...asked.headers };
    const answer = await this.#ask(target, { ...asked, headers });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

export function tokenIn(page: string): string {
  return /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

interface DeskOptions {
  /** Any free one unless given. */
  readonly port?: number;
  /** Of the people who sign in through Entra. */
  readonly publicUrl?: string | null;
  readonly entra?: (clock: Clock) => Entra;
  readonly sessions?: Partial<DashboardConfig['sessions']>;
}

export async function openDesk({
  port = 0,
  publicUrl = null,
  entra,
  sessions,
}: DeskOptions = {}): Promise<Desk> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dashboard-'));
  let ahead = 0;
  const clock: Clock = {
    now: () => systemClock.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  };
  const lines: string[] = [];
  const log = createLog('debug', { write: (line: string) => void lines.push(line) });
  const house = fakeHouse();
  const listen = { host: '127.0.0.1', port };
  const config: DashboardConfig = {
    listen,
    entra: publicUrl === null ? null : { tenant: 'contoso', publicUrl },
    sessions: { idleMs: 3_600_000, longestMs: 43_200_000, ...sessions },
  };
  const dashboard = createDashboard({
    house,
    dashboard: config,
    entra: entra?.(clock) ?? null,
    folder,
    clock,
    random: systemRandom,
    log,
  });
  const server = await startDashboard(dashboard.app, listen);
  const over = new AbortController();
  const watching = dashboard.watch.run(over.signal);
  const ask = askerOf(server.port);
  const offer: Desk['offer'] = (access = 'admin') =>
    offerLink(folder, { random: systemRandom, now: clock.now(), access });
  return {
    house,
    port: server.port,
    log: () => lines.join(''),
    folder,
    leap: (ms) => void (ahead += ms),
    offer,
    ask,
    signIn: (access) => signedIn(ask, `/sign-in?code=${offer(access)}`),
    async close() {
      over.abort();
      await watching;
      dashboard.stop();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What was read is shown for a second. */
export const LOOKED_AFRESH_MS = 1_001;

/** A page as it is by now, on one line. */
export async function pageOf(desk: Desk, visitor: Visitor, target: string): Promise<string> {
  desk.leap(LOOKED_AFRESH_MS);
  const { status, text } = await visitor.get(target);
  expect(status).toBe(200);
  return text.replaceAll(/\s+/g, ' ');
}

/** What an administrator may order, but for `/plan`. */
export const ORDERS = [
  '/pause',
  '/resume',
  '/approve',
  '/revert',
  '/retry',
  '/given-up/retry',
  '/given-up/drop',
] as const;

/** Follows a link, and presses the button of its page. */
export async function signedIn(ask: Desk['ask'], link: string): Promise<Visitor> {
  const visitor = new Visitor(ask);
  const page = await visitor.get(link);
  const code = /name="code" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  await visitor.raw('/sign-in', { token: tokenIn(page.text), code });
  return visitor;
}

/** Asks whoever listens on that port of loopback. */
export function askerOf(port: number): Desk['ask'] {
  return (target, asked = {}) => sendTo(port, target, asked);
}

/** What lies in the folder of links. */
export function offered(folder: string): string {
  return readFileSync(path.join(folder, 'dashboard.link'), 'utf8');
}

function sendTo(
  port: number,
  target: string,
  { method = 'GET', headers = {}, form }: Asked,
): Promise<Answer> {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path: target, method, headers: { ...type, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}
