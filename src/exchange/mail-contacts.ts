import { text } from '../kit/json.ts';
import { allOf, anyOf, beginsWith, equals, isSet, not } from './filters.ts';
import {
  aliasOf,
  aliasStart,
  ANY_CTCS_MARK,
  ANY_MARK,
  markStart,
  readMark,
  type ContactMark,
} from './marks.ts';
import type { Command, ExchangeTransport, Parameters, Row } from './transport.ts';

/** How a command is sent: whether somebody waits for it, and whether it may still leave. */
export type Sending = Pick<Command, 'urgency'> & Pick<Partial<Command>, 'mayLeave'>;

/** The scope of a look: what this deployment made for a route. */
export type Scope = Pick<ContactMark, 'deployment' | 'route'>;

/** What is asked of Exchange about mail contacts, one function to each question. `mark`: the attribute that bears it. */
export interface MailContacts {
  /** By Guid. Rejects with `not-found` where nobody can be found: which is proof of nothing for a while after a create. */
  get(guid: string, sending: Sending): Promise<Row>;
  /** All of a route, and what of it lost its mark or never got it. */
  ofRoute(scope: Scope, sending: Sending): Promise<readonly Row[]>;
  /** Of one person. */
  ofPerson(scope: Scope & { readonly identity: string }, sending: Sending): Promise<readonly Row[]>;
  /** Without a mark of ours: what bears a mark that begins so, and all that bears none (`unmarked`). */
  foreign(
    wanted: { readonly start: string | null; readonly unmarked: boolean },
    sending: Sending,
  ): Promise<readonly Row[]>;
  /** Whoever uses the attribute for something of his own, of whatever kind. */
  strangers(sending: Sending): Promise<readonly Row[]>;
  /** Whoever has the address, of whatever kind. */
  holders(address: string, sending: Sending): Promise<readonly Row[]>;
  /** The personal half of contacts, by Guid: of one, or of all. */
  personal(guid: string | null, sending: Sending): Promise<ReadonlyMap<string, Row>>;
  run(cmdlet: Command['cmdlet'], parameters: Parameters, sending: Sending): Promise<readonly Row[]>;
}

export function createMailContacts(transport: ExchangeTransport, mark: string): MailContacts {
  const run: MailContacts['run'] = (cmdlet, parameters, sending) =>
    transport.run({ cmdlet, parameters, ...sending });
  const filtered = (
    cmdlet: 'Get-MailContact' | 'Get-Contact' | 'Get-Recipient',
    filter: string,
    sending: Sending,
  ): Promise<readonly Row[]> => run(cmdlet, { Filter: filter, ResultSize: 'Unlimited' }, sending);
  return {
    run,
    get: async (guid, sending) => {
      const [row] = await run('Get-MailContact', { Identity: guid }, sending);
      return row ?? {};
    },
    ofRoute: (scope, sending) =>
      filtered(
        'Get-MailContact',
        anyOf(beginsWith(mark, markStart(scope)), beginsWith('Alias', aliasStart(scope))),
        sending,
      ),
    ofPerson: (scope, sending) =>
      filtered(
        'Get-MailContact',
        anyOf(beginsWith(mark, `${markStart(scope)}${scope.identity}|`), equals('Alias', aliasOf(scope))),
        sending,
      ),
    foreign: ({ start, unmarked }, sending) =>
      filtered(
        'Get-MailContact',
        anyOf(...(start === null ? [] : [beginsWith(mark, start)]), ...(unmarked ? [not(isSet(mark))] : [])),
        sending,
      ),
    strangers: (sending) =>
      filtered(
        'Get-Recipient',
        allOf(isSet(mark), not(beginsWith(mark, ANY_MARK)), not(beginsWith(mark, ANY_CTCS_MARK))),
        sending,
      ),
    holders: (address, sending) =>
      filtered('Get-Recipient', equals('EmailAddresses', `smtp:${address}`), sending),
    personal: async (guid, sending) => {
      const rows =
        guid === null
          ? await filtered('Get-Contact', equals('RecipientTypeDetails', 'MailContact'), sending)
          : await run('Get-Contact', { Identity: guid }, sending);
      return new Map(rows.map((row) => [guidOf(row), row]));
    },
  };
}

export function guidOf(row: Row): string {
  return (text(row, 'Guid') ?? '').toLowerCase();
}

export function markIn(row: Row, attribute: string): ContactMark | undefined {
  return readMark(text(row, attribute) ?? '');
}
