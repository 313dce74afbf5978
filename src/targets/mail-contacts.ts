import type { Operation, Outcome, Target, Urgency } from '../engine/ports.ts';
import { guidOf } from '../exchange/mail-contacts.ts';
import { CMDLETS, type ExchangeTransport } from '../exchange/transport.ts';
import { MAIL_CONTACTS } from '../model/exchange-place.ts';
import { Fault } from '../model/fault.ts';
import { ContactReader } from './mail-contact-reader.ts';
import { ContactWriter, type WriterOptions } from './mail-contact-writer.ts';

export interface MailContactsOptions extends WriterOptions {
  readonly transport: Pick<ExchangeTransport, 'spare' | 'cmdlets'>;
  /** Entra id of the tenant, which is the one place here. */
  readonly organisation: string;
  /** May this operation be sent now? */
  readonly admits: (operation: Operation) => boolean;
}

/** A target that counts the contacts it created, changed and removed. */
export type MailContactTarget = Target & { writes(): number };

/** So many contacts that are to be read one by one are read as a list: it costs a request for each thousand. */
const READ_AS_LIST = 20;

/** The mail contacts of one organisation: one place for every route that shows people there. */
export function createMailContactTarget(options: MailContactsOptions): MailContactTarget {
  const writer = new ContactWriter(options);
  const opened = new Set<string>();
  const demandCmdlets = once(() => demandAllowed(options.transport));
  let writes = 0;
  return {
    writes: () => writes,
    spare: async () => {
      const { operations, askAt } = options.transport.spare();
      return { operations, idle: operations, askAt };
    },
    apply: async (operations, urgency) => {
      const reader = new ContactReader(options, { urgency });
      const asList = operations.filter(({ kind }) => kind === 'read').length >= READ_AS_LIST;
      const doing: Doing = { options, writer, reader, opened, demandCmdlets, asList, urgency };
      const outcomes = await Promise.all(operations.map((operation) => attempt(doing, operation)));
      operations.forEach(({ kind }, index) => {
        const isWrite = kind === 'create' || kind === 'patch' || kind === 'remove' || kind === 'unstamp';
        if (isWrite && outcomes[index]?.kind !== 'fault') writes += 1;
      });
      return outcomes;
    },
  };
}

interface Doing {
  readonly options: MailContactsOptions;
  readonly writer: ContactWriter;
  readonly reader: ContactReader;
  /** Routes that this process has opened: their place is there, also while nobody is in it. */
  readonly opened: Set<string>;
  /** Throws `forbidden` where the app may not run all that a contact takes. */
  readonly demandCmdlets: () => Promise<void>;
  readonly asList: boolean;
  readonly urgency: Urgency;
}

async function attempt(doing: Doing, operation: Operation): Promise<Outcome> {
  try {
    return await carryOut(doing, operation);
  } catch (error) {
    if (error instanceof Fault) return { kind: 'fault', fault: error };
    throw error;
  }
}

async function carryOut({ options, ...doing }: Doing, operation: Operation): Promise<Outcome> {
  const { reader, writer, opened, demandCmdlets, urgency, asList } = doing;
  const sending = { urgency, mayLeave: () => options.admits(operation) };
  const folder = { kind: 'folder', folder: options.organisation, name: MAIL_CONTACTS } as const;
  // Exchange keeps none (deploy/decisions/2026-11-29-cross-tenant.md): no ledger is ever behind it.
  const place: Outcome = { ...folder, generation: 0 };
  switch (operation.kind) {
    case 'find-folder': {
      await demandCmdlets();
      await reader.demandFreeMark();
      const isUsed = opened.has(operation.route) || (await reader.ours(operation.route)).length > 0;
      return isUsed ? place : { ...place, folder: null };
    }
    case 'list-folders': {
      await demandCmdlets();
      await reader.demandFreeMark();
      const routes = await reader.routes();
      return { kind: 'folders', folders: routes.map((route) => ({ ...folder, madeBy: 'us', route })) };
    }
    case 'make-folder':
      opened.add(operation.route);
      return place;
    case 'rename-folder':
    case 'read-generation':
      return place;
    case 'write-generation':
      return { kind: 'done' };
    case 'clear-folder': {
      const ours = await reader.ours(operation.route);
      // What was made a moment ago may be there although no server shows it.
      const unseen = options.recent.unseen(ours.map(({ row }) => guidOf(row)));
      if (ours.length + unseen > 0) return { kind: 'kept', ours: ours.length + unseen };
      opened.delete(operation.route);
      return { kind: 'done' };
    }
    case 'count':
      return { kind: 'counted', items: (await reader.ours(operation.route)).length };
    case 'list':
      return { kind: 'items', items: await reader.items(operation.route, operation.fields, 'created') };
    case 'list-adopted':
      return { kind: 'items', items: await reader.items(operation.route, operation.fields, 'linked') };
    case 'list-changes':
      throw new Fault('resync', 'Exchange has no list of changes');
    case 'list-adoptable':
      return reader.adoptable(operation);
    case 'find':
      return { kind: 'items', items: await reader.find(operation) };
    case 'read':
      return { kind: 'items', items: await reader.read(operation, asList) };
    case 'create':
      return writer.create(operation, sending);
    case 'patch':
      return writer.patch(operation, sending);
    case 'survey':
    case 'look-at':
      throw new Fault('invalid', 'mail contacts are shared by nobody');
    case 'picture':
    case 'look-at-picture':
      throw new Fault('invalid', 'a mail contact has no picture');
    case 'remove':
      return writer.remove(operation, sending);
    case 'unstamp':
      return writer.unstamp(operation, sending);
  }
}

/** A role that is missing is told before anything is half done. Where nobody can say what is allowed, the first refusal will. */
async function demandAllowed(transport: Pick<ExchangeTransport, 'cmdlets'>): Promise<void> {
  let allowed: ReadonlySet<string>;
  try {
    allowed = await transport.cmdlets();
  } catch (error) {
    if (error instanceof Fault) return;
    throw error;
  }
  if (CMDLETS.every((name) => allowed.has(name))) return;
  throw new Fault('forbidden', 'the app may not run every cmdlet that a mail contact takes', {
    code: 'CmdletNotAllowed',
  });
}

/** Asked again until it went well. */
function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false;
  return async () => {
    if (isDone) return;
    await work();
    isDone = true;
  };
}
