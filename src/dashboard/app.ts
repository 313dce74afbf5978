import express, { type ErrorRequestHandler, type Express } from 'express';
import path from 'node:path';
import type { Log } from '../kit/log.ts';
import { createPaced } from '../kit/paced.ts';
import { toldOf } from '../kit/told.ts';
import { ACTIONS } from './actions.ts';
import { Desk, formOf, type DeskParts } from './desk.ts';
import { ANSWER_PATH } from './entra.ts';
import { createDoors, HEADERS, isOwnOrigin } from './guard.ts';
import type { GivenUpList, House } from './house.ts';
import { createLive } from './live.ts';
import { LOOKS, PAGES } from './pages.ts';
import { createWatch, restedUntil, type Watch } from './watch.ts';

export interface Dashboard {
  readonly app: Express;
  readonly watch: Watch;
  /** Ends what is held open. */
  stop(): void;
}

const ASSETS = path.join(import.meta.dirname, 'assets');
const ON_MACHINE = 'by localhost or 127.0.0.1, on its own machine or over ssh -L, and not through a proxy';
const MISNAMED = `The dashboard is not called by this name. Call it ${ON_MACHINE}.\n`;
// Whoever scans addresses is not told the public name.
const MISNAMED_BESIDE_PUBLIC = `The dashboard is not called by this name here. Call it by the name in dashboard.publicUrl, which a proxy sends as Host, also through the published port of a container; or ${ON_MACHINE}.\n`;
const FORM_BYTES = 16 * 1024;

/** What an administrator sees, as an Express application. */
export function createDashboard(parts: DeskParts): Dashboard {
  const watch = createWatch(parts);
  const { house, clock, log } = parts;
  const givenUp = createPaced({ clock, read: () => listed(house, log), keptUntil: restedUntil });
  const live = createLive({ watch, clock });
  const doorOf = createDoors(parts.dashboard);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use((request, response, next) => {
    response.set(HEADERS);
    if (doorOf(request) !== null) return next();
    response
      .status(421)
      .type('text')
      .send(parts.dashboard.entra === null ? MISNAMED : MISNAMED_BESIDE_PUBLIC);
  });
  for (const name of ['style.css', 'live.js', 'icon.svg'])
    app.get(`/assets/${name}`, (_request, response) =>
      response.sendFile(name, { root: ASSETS, cacheControl: false, etag: false, lastModified: false }),
    );
  app.use(express.text({ type: 'application/x-www-form-urlencoded', limit: FORM_BYTES }));
  app.use((request, response, next) => {
    if (['GET', 'HEAD'].includes(request.method)) return next();
    const door = doorOf(request);
    if (request.method === 'POST' && door !== null && isOwnOrigin(request, door)) return next();
    response
      .status(request.method === 'POST' ? 403 : 405)
      .type('text')
      .send('Not from here.\n');
  });
  addRoutes(app, new Desk({ ...parts, doorOf }, { watch, givenUp, live }));
  app.use(lastResort(log));
  return { app, watch, stop: () => live.stop() };
}

/** In the log once for each reading, not for each page that shows it. */
async function listed(house: House, log: Log): Promise<GivenUpList> {
  try {
    return await house.givenUp();
  } catch (error) {
    log.tell('given-up-unreadable', {
      error: toldOf(error),
      said: house.said(error),
    });
    throw error;
  }
}

function addRoutes(app: Express, desk: Desk): void {
  const { signIn, entra } = desk;
  app.get('/sign-in', (request, response) => signIn.show(request, response));
  app.post('/sign-in', (request, response) => signIn.take(request, response, formOf(request)));
  if (entra !== null) {
    app.get('/sign-in/entra', (request, response) => entra.begin(request, response));
    app.get(ANSWER_PATH, (request, response) => entra.answer(request, response));
  }
  app.post('/sign-out', (request, response) => desk.leave(request, response));
  app.get('/live', (request, response) => desk.live(request, response));
  for (const [place, page] of Object.entries(PAGES))
    app.get(place, (request, response) => desk.show(request, response, { place, page }));
  for (const [path, { home, ...asked }] of Object.entries(LOOKS))
    app.post(path, (request, response) => desk.look(request, response, { place: home, ...asked }));
  for (const [place, action] of Object.entries(ACTIONS))
    app.post(place, (request, response) => desk.act(request, response, { place, action }));
  app.use((request, response) => desk.nothing(request, response));
}

function lastResort(log: Log): ErrorRequestHandler {
  // oxlint-disable-next-line max-params -- Express tells an error handler by its four parameters
  return (error: unknown, _request, response, next) => {
    const status = statusOf(error);
    if (status === 500) log.tell('dashboard-request-failed', { error: toldOf(error) });
    if (response.headersSent) return next(error);
    response
      .status(status)
      .type('text')
      .send(status === 500 ? 'Something went wrong here; the log says what.\n' : 'Refused.\n');
  };
}

/** Express and its readers of bodies say what a client did wrong by a status. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('status' in error)) return 500;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
