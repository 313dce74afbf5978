import type { EventFacts } from './event.ts';

/** 2xx: requests to Microsoft, and what proves who asks. */
export const microsoftEvents = {
  'request-failed': {
    id: 201,
    level: 'warn',
    message: 'graph request failed',
    meaning:
      'one request was refused or not answered; what asked for it decides whether and when it is tried again',
    remedy: 'nothing for single ones; Microsoft asks for both ids of the line when you open a case',
  },
  'token-refused': {
    id: 202,
    level: 'error',
    message: 'token refused',
    meaning:
      'no token for this tenant: nothing is read or written there until there is one; it is asked for again by itself',
    remedy: "run `doctor`: the certificate is the app registration's, has not ended, and the clock is right",
  },
  'certificate-ending': {
    id: 203,
    level: 'warn',
    message: 'certificate expires soon',
    meaning: 'in so many days no token is given for this tenant any more',
    remedy:
      'make a new certificate, add it to the app registration, put it in place of the file: it is read without a restart',
  },
  'certificate-renewed': {
    id: 204,
    level: 'info',
    message: 'a renewed certificate is in use',
    meaning: 'the file has another certificate than before, and tokens are asked for with it from now on',
    remedy: null,
  },
  'certificate-unreadable': {
    id: 205,
    level: 'warn',
    message: 'the certificate cannot be read again; the one before goes on',
    meaning: 'the file is gone, or holds no pair of certificate and key; a restart would fail now',
    remedy: 'put the file right; `doctor` reads it as the service does',
  },
  'certificate-end-unnoted': {
    id: 206,
    level: 'warn',
    message: 'the end of the certificate was not noted',
    meaning: '`status` and figures may show an older end; the next token notes it again',
    remedy: null,
  },
} as const satisfies Record<string, EventFacts>;
