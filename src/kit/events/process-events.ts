import type { EventFacts } from './event.ts';

/** 1xx: processes and their roles. */
export const processEvents = {
  'role-started': {
    id: 101,
    level: 'info',
    message: 'role started',
    meaning: 'a part of the process is at work: receiver, worker, keeper, health or dashboard',
    remedy: null,
  },
  stopped: {
    id: 102,
    level: 'info',
    message: 'stopped: nothing is left half done',
    meaning: 'the process was asked to stop, and finished what it had in hand',
    remedy: null,
  },
  'role-stop-failed': {
    id: 103,
    level: 'warn',
    message: 'a role did not stop as it should',
    meaning: 'the process ends all the same; what was in hand is done again after the next start',
    remedy: 'nothing, unless it comes at every stop: then read the error beside it',
  },
  'start-incomplete': {
    id: 104,
    level: 'error',
    message: 'start not complete; trying again',
    meaning: 'the keeper could not do in a tenant what comes first; nothing new is found there until it can',
    remedy: 'run `doctor`: it names what stands in the way in this tenant',
  },
  'task-failed': {
    id: 105,
    level: 'error',
    message: 'a periodic task failed; it is tried again',
    meaning:
      'a task that is done again and again, named in `task`, failed this time; it is tried again within 30 seconds',
    remedy: 'if it stays, run `doctor`; the error beside it says what failed',
  },
  'keeper-at-work': {
    id: 106,
    level: 'info',
    message: 'this process is the keeper',
    meaning: 'of several keepers, this one sweeps and keeps the subscriptions from now on',
    remedy: null,
  },
  'keeper-failed': {
    id: 107,
    level: 'error',
    message: 'the keeper stopped; trying again',
    meaning:
      'what the keeper does came to an end with an error; this process, or another keeper, takes it up again in seconds',
    remedy: 'if it stays, see whether the ledger can be reached (`doctor`)',
  },
  'keeper-lease-lost': {
    id: 108,
    level: 'error',
    message: 'the lease of the keeper is lost: its work stops at once',
    meaning: 'this process showed no sign of life for too long, and another may be the keeper by now',
    remedy: 'see whether ledger or machine are too slow, or the machine was asleep',
  },
  'keeper-lease-kept': {
    id: 109,
    level: 'warn',
    message: 'the lease of the keeper was not given back: it ends by itself',
    meaning: 'another keeper takes over a little later than it could have',
    remedy: null,
  },
  'keeper-sign-missed': {
    id: 110,
    level: 'warn',
    message: 'no sign of life of the keeper could be stored; trying again',
    meaning: 'the ledger did not take it; after several in a row another keeper takes over',
    remedy: 'if it stays, see whether the ledger can be reached (`doctor`)',
  },
  'processes-changed': {
    id: 111,
    level: 'info',
    message: 'processes at work',
    meaning:
      'the number of processes that share the ledger is another now, and with it the part of each in the limits',
    remedy: null,
  },
  'process-not-struck': {
    id: 112,
    level: 'warn',
    message: 'not struck out of the list of processes: it is no longer counted soon',
    meaning: 'a process that ends could not say so; the others go on with smaller parts for a little longer',
    remedy: null,
  },
  'health-listens': {
    id: 113,
    level: 'info',
    message: 'health is answered for',
    meaning: 'health, readiness and figures can be asked for at this address',
    remedy: null,
  },
  'health-unanswered': {
    id: 114,
    level: 'warn',
    message: 'a question about health was not answered',
    meaning: 'somebody asked, and the answer could not be made or sent',
    remedy: 'if it stays, read the error beside it',
  },
  'run-failed': {
    id: 115,
    level: 'error',
    message: 'the service cannot run, and ends',
    meaning:
      'at its start, or later; `exitCode` 2 is a wrong configuration, 4 another process in the data folder, 1 all else',
    remedy:
      'read the log of the service, where the lines before and after this one say what failed (under Windows `C:\\ProgramData\\contact-sync\\logs`); so does `doctor`, with the user and environment of the service',
  },
  'traces-unsent': {
    id: 116,
    level: 'warn',
    message: 'traces cannot be sent',
    meaning:
      'the tracing backend of OTEL_EXPORTER_OTLP_ENDPOINT does not take them, as `reason` says: `NotSent` now, `LastOnes` when the service stopped, `Dropped` what did not fit in memory; `Variables`: a variable of OTEL is not understood, and its default is used',
    remedy:
      'see that the address is a URL, and right, and that the backend answers; nothing else depends on it',
  },
  'traces-protocol': {
    id: 117,
    level: 'warn',
    message: 'traces are sent by HTTP with JSON, whatever protocol was asked for',
    meaning: 'OTEL_EXPORTER_OTLP_PROTOCOL names gRPC, which this program does not speak',
    remedy: 'point OTEL_EXPORTER_OTLP_ENDPOINT at the HTTP port of the backend, mostly 4318',
  },
  'event-log-unavailable': {
    id: 120,
    level: 'warn',
    message: 'the Windows Event Log takes no entries: they are in this log alone',
    meaning:
      'PowerShell could not be started, did not answer, or was refused, as `reason` says; it is tried again after ten minutes, and this is said once until an entry could be written',
    remedy:
      '`SecurityException`: register the source with `deploy/windows/install.ps1`; `NoPowerShell`: see that PowerShell is on the path of the service',
  },
} as const satisfies Record<string, EventFacts>;
