import { describe, expect, test } from 'vitest';
import { classify, faultOf, lostKind } from '../../src/graph/faults.ts';
import { lostConnection } from '../../src/graph/lost-connection.ts';

const answer = (status: number, code?: string, headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: code === undefined ? undefined : { error: { code, message: 'quotes somebody@example.com' } },
});
const GET = { method: 'GET' };
const POST = { method: 'POST' };
const IN_MAILBOX = { method: 'PATCH', mailbox: 'm' };
const DELTA = { method: 'GET', delta: true };

const coded = (code: string): Error => Object.assign(new Error(), { code });
const failed = (code: string): Error => new TypeError('fetch failed', { cause: coded(code) });

const failedAll = (...codes: string[]): Error =>
  new TypeError('fetch failed', { cause: new AggregateError(codes.map(coded)) });

describe('what a failed answer means', () => {
  test.each([
    // Throttling and unavailability.
    [429, 'TooManyRequests', POST, 'throttled'],
    [429, undefined, GET, 'throttled'],
    [509, undefined, GET, 'throttled'],
    [503, 'serviceNotAvailable', POST, 'unavailable'],
    [407, undefined, POST, 'unavailable'],
    [424, undefined, POST, 'unavailable'],
    [302, undefined, POST, 'unavailable'],
    // Nobody knows whether it was applied: matters for writes only.
    [500, 'UnknownError', POST, 'unknown-outcome'],
    [500, 'UnknownError', GET, 'unavailable'],
    [502, undefined, IN_MAILBOX, 'unknown-outcome'],
    [502, undefined, GET, 'unavailable'],
    [504, 'UnknownError', { method: 'DELETE' }, 'unknown-outcome'],
    [504, 'UnknownError', GET, 'unavailable'],
    [408, undefined, POST, 'unknown-outcome'],
    [501, undefined, POST, 'unknown-outcome'],
    // Permission.
    [401, 'InvalidAuthenticationToken', POST, 'unauthorized'],
    [403, 'Authorization_RequestDenied', GET, 'forbidden'],
    [403, 'ErrorAccessDenied', IN_MAILBOX, 'mailbox-unavailable'],
    // Mailboxes.
    [404, 'MailboxNotEnabledForRESTAPI', IN_MAILBOX, 'mailbox-unavailable'],
    [404, 'ResourceNotFound', IN_MAILBOX, 'mailbox-unavailable'],
    [404, 'Request_ResourceNotFound', IN_MAILBOX, 'mailbox-unavailable'],
    [404, 'ErrorInvalidUser', IN_MAILBOX, 'mailbox-unavailable'],
    [404, 'ErrorNonExistentMailbox', IN_MAILBOX, 'mailbox-unavailable'],
    [404, 'MailboxInfoStale', IN_MAILBOX, 'mailbox-unavailable'],
    [403, 'extensionError', IN_MAILBOX, 'mailbox-unavailable'],
    [403, 'ExtensionError', POST, 'forbidden'],
    // Absence.
    [404, 'ErrorItemNotFound', IN_MAILBOX, 'not-found'],
    [404, 'Request_ResourceNotFound', GET, 'not-found'],
    [404, 'ResourceNotFound', GET, 'not-found'],
    [404, undefined, GET, 'not-found'],
    [410, undefined, GET, 'not-found'],
    // Conflict, quota, bad requests.
    [409, 'ErrorFolderExists', IN_MAILBOX, 'conflict'],
    [412, 'ErrorIrresolvableConflict', IN_MAILBOX, 'conflict'],
    [423, undefined, IN_MAILBOX, 'conflict'],
    [507, undefined, IN_MAILBOX, 'quota'],
    [400, 'Request_BadRequest', POST, 'invalid'],
    [400, 'ErrorInvalidIdMalformed', IN_MAILBOX, 'invalid'],
    [405, undefined, POST, 'invalid'],
    [413, undefined, POST, 'invalid'],
    [415, undefined, POST, 'invalid'],
    [422, undefined, POST, 'invalid'],
    // Worn-out tokens, in delta rounds only.
    [410, undefined, DELTA, 'resync'],
    [410, 'anything', DELTA, 'resync'],
    [400, 'syncStateNotFound', DELTA, 'resync'],
    [404, 'SyncStateNotFound', DELTA, 'resync'],
    [400, 'resyncRequired', DELTA, 'resync'],
    [400, 'resyncApplyDifferences', DELTA, 'resync'],
    [404, 'resyncUploadDifferences', DELTA, 'resync'],
    [400, 'Directory_ExpiredPageToken', DELTA, 'resync'],
    [400, 'Request_BadRequest', DELTA, 'invalid'],
    [400, 'syncStateNotFound', GET, 'invalid'],
  ] as const)('%i %s to %o is %s', (...row) => {
    const [status, code, asked, kind] = row;
    expect(classify(answer(status, code), asked)).toEqual({ kind, status, code });
  });

  test('a 503 that names a Retry-After was surely not applied', () => {
    expect(classify(answer(503, undefined, { 'retry-after': '1' }), POST).kind).toBe('throttled');
  });

  test('of a quota only the message speaks', () => {
    const body = { error: { code: 'ExtensionError', message: 'Subscription limit reached' } };
    expect(
      classify({ status: 403, headers: {}, body: { error: { ...body.error, code: 'Forbidden' } } }, POST)
        .kind,
    ).toBe('quota');
    expect(classify(answer(403, 'Forbidden'), POST).kind).toBe('forbidden');
  });

  test.each([
    [undefined],
    [null],
    [''],
    ['<html>'],
    [{ error: null }],
    [{ error: { code: 7, message: {} } }],
    [[]],
  ])('a body %j changes nothing', (body) => {
    expect(classify({ status: 404, headers: {}, body }, GET)).toEqual({
      kind: 'not-found',
      status: 404,
      code: undefined,
    });
  });

  test('neither the message nor a strange code of the service gets into the fault', () => {
    const body = { error: { code: 'somebody@example.com is unknown', message: 'somebody@example.com' } };
    const fault = faultOf(classify({ status: 400, headers: {}, body }, POST), { object: 'm', retryAt: 5 });
    expect(fault).toMatchObject({ kind: 'invalid', status: 400, code: undefined, object: 'm', retryAt: 5 });
    expect(`${fault.message}${fault.stack}${JSON.stringify(fault)}`).not.toContain('somebody');
  });

  test('a request without an answer is lost for a write only', () => {
    expect(['GET', 'POST', 'PATCH', 'DELETE'].map(lostKind)).toEqual([
      'unavailable',
      'unknown-outcome',
      'unknown-outcome',
      'unknown-outcome',
    ]);
  });
});

describe('a transport that failed', () => {
  test.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ])('%s: nothing was sent', (code) => {
    expect(lostConnection('POST', failed(code))).toMatchObject({ kind: 'unavailable', code });
  });

  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'])(
    '%s: a write may have been applied',
    (code) => {
      expect(lostConnection('POST', failed(code))).toMatchObject({ kind: 'unknown-outcome', code });
      expect(lostConnection('GET', failed(code)).kind).toBe('unavailable');
    },
  );

  test('of several addresses all must have refused', () => {
    expect(lostConnection('POST', failedAll('ECONNREFUSED', 'ENETUNREACH')).kind).toBe('unavailable');
    expect(lostConnection('POST', failedAll('ECONNREFUSED', 'ECONNRESET')).kind).toBe('unknown-outcome');
  });

  test('a reason that is no error is unknown', () => {
    expect(lostConnection('POST', 'why').kind).toBe('unknown-outcome');
  });
});
