import type { Request, Response } from 'express';
import type { Clock } from '../kit/clock.ts';
import { slept } from '../kit/loop.ts';
import type { Watch } from './watch.ts';

/** Tells open pages that something changed, by server-sent events. The events carry nothing: a page fetches itself again. */
export interface Live {
  /** Holds the connection open until the page goes, the session ends, or the dashboard stops. */
  serve(request: Request, response: Response, isOver: () => boolean): Promise<void>;
  stop(): void;
}

/** A browser opens six connections to a host; this is for many of them. */
const MOST = 64;
/** Ages on the page grow, proxies stay awake, and a session that ended is noticed. */
const BEAT_MS = 15_000;

export function createLive({ watch, clock }: { watch: Watch; clock: Clock }): Live {
  const over = new AbortController();
  let open = 0;
  return {
    async serve(request, response, isOver) {
      if (open >= MOST || over.signal.aborted) {
        response.status(503).setHeader('Retry-After', '30').end();
        return;
      }
      open += 1;
      const gone = new AbortController();
      request.on('close', () => gone.abort());
      const tell = (event: string): void => void response.write(`event: ${event}\ndata: \n\n`);
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
      response.write('retry: 3000\n\n');
      const unfollow = watch.follow(() => tell('change'));
      try {
        const signal = AbortSignal.any([gone.signal, over.signal]);
        while ((await slept(clock, BEAT_MS, signal)) && !isOver()) tell('beat');
      } finally {
        unfollow();
        open -= 1;
        response.end();
      }
    },
    stop: () => over.abort(),
  };
}
