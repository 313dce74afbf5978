import type { ServerResponse } from 'node:http';
import type { Answer } from './receive.ts';

/** 202 has no body; everything else is one line of plain text that quotes nothing of the request. */
export function reply(response: ServerResponse, { status, line }: Answer): void {
  response.statusCode = status;
  if (line === undefined) response.end();
  else plain(response, `${line}\n`);
}

/** The token exactly, and nothing that a browser could take for a page. */
export function replyToken(response: ServerResponse, token: string): void {
  response.statusCode = 200;
  plain(response, token);
}

function plain(response: ServerResponse, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  response.setHeader('Cache-Control', 'no-store');
  response.end(text);
}
