import { object } from './maps.ts';
import { list, maybe, optional, type Shape } from './shapes.ts';
import { matching, wholeNumber } from './words.ts';

/** What only the organisation knows of its own processing, and what it asks of the service for its sake. */
export interface ComplianceConfig {
  /** Null: to be filled in. */
  readonly controller: ControllerConfig | null;
  /** Free text each; null: to be filled in. */
  readonly legalBasis: string | null;
  /** Where the service, its ledger and its queues are. */
  readonly location: string | null;
  /** How long logs are kept, and where. */
  readonly logs: string | null;
  /** Which countries the data reaches outside the organisation's own, and by which safeguard. */
  readonly transfers: string | null;
  /** People who are never shown: object ids, and what `subject --erase` named. Lower case. */
  readonly keepOut: readonly string[];
  /** For so many days every write is on record; 0: none is. */
  readonly record: { readonly days: number };
}

/** GDPR Art. 30 (1) (a). */
interface ControllerConfig {
  readonly name: string | null;
  readonly address: string | null;
  readonly contact: string | null;
  readonly representative: string | null;
  readonly protectionOfficer: string | null;
}

/** One line: it goes into a table. */
const line = matching('^\\S([^\\u0000-\\u001f|]{0,498}\\S)?$', 'one line of 1 to 500 characters without |');

const controller = object({
  name: maybe(line, 'Name of the controller.'),
  address: maybe(line, 'Its postal address.'),
  contact: maybe(line, 'How it is reached about data protection.'),
  representative: maybe(line, 'Its representative (Art. 27), where there is one.'),
  protectionOfficer: maybe(line, 'Its data protection officer, where there is one.'),
});

const KEPT_OUT = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16})$/;

const keptOut: Shape<string> = {
  ...matching('^[0-9A-Fa-f-]{16,36}$', 'an object id, or 16 hex digits that "subject --erase" named'),
  read(cursor) {
    const text = cursor.scalar();
    const id = typeof text === 'string' ? text.toLowerCase() : '';
    return KEPT_OUT.test(id) ? id : cursor.fail(`expected ${keptOut.expected}, in quotes`);
  },
};

/** A year: an access review of the year before can still be answered. */
const RECORD_DAYS = 365;

export const compliance = optional(
  object({
    controller: maybe(controller, 'Who answers for the processing: for "ropa".'),
    legalBasis: maybe(line, 'Why the processing is lawful (Art. 6): for "ropa".'),
    location: maybe(line, 'Where the service, its ledger and its queues are: for "ropa".'),
    logs: maybe(line, 'Where logs go, and how long they are kept: for "ropa".'),
    transfers: maybe(line, 'Countries outside that the data reaches, and the safeguard: for "ropa".'),
    keepOut: optional(
      list(keptOut, { min: 0, max: 100_000 }),
      [],
      'People who are never shown, by object id, or by what "subject --erase" named. It outlives the ledger.',
    ),
    record: optional(
      object({
        days: optional(
          wholeNumber(0, 3650),
          RECORD_DAYS,
          'So many days the record of writes is kept: ids and names of fields. 0: none is.',
        ),
      }),
      {},
      'The record of writes.',
    ),
  }),
  {},
  'What only the organisation knows of its processing, people who are kept out, and the record of writes.',
);
