import { notification } from '../webhooks/desk.ts';
import type { Version } from './graph-client.ts';

export const VERSIONS: readonly Version[] = ['HTTP/1.1', 'h2'];
export const BODY_BYTES = 2 * 2 ** 20;

/** What a stranger may write to look like somebody else. */
export const FORGED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-host': 'forged.example',
  'x-forwarded-port': '1',
  'x-forwarded-proto': 'http',
  'x-real-ip': '203.0.113.7',
  forwarded: 'for=203.0.113.7;host=forged.example;proto=http',
};

export const post = (items: readonly unknown[], padding = ''): string =>
  JSON.stringify({ value: items, padding });

/** A post of exactly so many bytes, with one notification. */
export function postOf(bytes: number): string {
  return post([notification()], 'x'.repeat(bytes - post([notification()]).length));
}

/** What is closed to the outside, as method and target. */
export const CLOSED = [
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/figures'],
  ['GET', '/metrics'],
  ['GET', '/'],
  ['POST', '/notifications/'],
  ['POST', '/notifications/more'],
  ['POST', '/NOTIFICATIONS'],
  ['GET', '/notifications/../healthz'],
  ['GET', '/notifications/..%2fhealthz'],
  ['GET', '/notifications%2f..%2fhealthz'],
  ['GET', '//healthz'],
  ['GET', '/healthz?validationToken=a'],
  ['POST', '/healthz/../notifications?validationToken=a'],
  ['POST', '//notifications?validationToken=a'],
  ['POST', '/%6eotifications?validationToken=a'],
  ['POST', '/healthz?/notifications'],
] as const;
