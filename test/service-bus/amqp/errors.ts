import rhea from 'rhea';
import { Refusal, type RefusalKind } from '../queue/refusal.ts';

/** Conditions as the service names them (learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-troubleshoot). */
const CONDITIONS: Readonly<Record<RefusalKind, string>> = {
  'message-lock-lost': 'com.microsoft:message-lock-lost',
  'session-lock-lost': 'com.microsoft:session-lock-lost',
  'session-taken': 'com.microsoft:session-cannot-be-locked',
  'not-allowed': 'amqp:not-allowed',
  'not-found': 'amqp:not-found',
  'no-such-message': 'com.microsoft:message-not-found',
  'quota-exceeded': 'amqp:resource-limit-exceeded',
  'too-large': 'amqp:link:message-size-exceeded',
  busy: 'com.microsoft:server-busy',
  timeout: 'com.microsoft:timeout',
  unauthorized: 'amqp:unauthorized-access',
};

const STATUS: Readonly<Record<RefusalKind, number>> = {
  'message-lock-lost': 410,
  'session-lock-lost': 410,
  'session-taken': 409,
  'not-allowed': 400,
  'not-found': 404,
  'no-such-message': 404,
  'quota-exceeded': 403,
  'too-large': 413,
  busy: 503,
  timeout: 408,
  unauthorized: 401,
};

export interface AmqpFault {
  readonly condition: string;
  readonly description: string;
}

/** Idle links are closed with this. */
export const DETACH_FORCED = 'amqp:link:detach-forced';

/** Throws what is no refusal: a bug of the double must be seen. */
export function faultOf(error: unknown): AmqpFault {
  if (!(error instanceof Refusal)) throw error;
  return { condition: CONDITIONS[error.kind], description: error.message };
}

export function statusOf(error: unknown): number {
  if (!(error instanceof Refusal)) throw error;
  return STATUS[error.kind];
}

interface Outcome {
  described(): unknown;
}

interface Outcomes {
  accepted(): Outcome;
  rejected(fields: { error: AmqpFault }): Outcome;
}

/** rhea has them and does not declare them. */
const outcomes = rhea.message as unknown as Outcomes;

export function accepted(): unknown {
  return outcomes.accepted().described();
}

export function rejected(error: unknown): unknown {
  return outcomes.rejected({ error: faultOf(error) }).described();
}
