import { created, noContent, ok, Refusal, type Answer, type Call } from '../http/call.ts';
import { count, only, select } from '../http/odata.ts';
import type { Handling, Route } from '../http/router.ts';
import { demandShape } from '../http/schema.ts';
import type { ContactDelta } from './contact-delta.ts';
import {
  demandExtensionSize,
  extensionsOf,
  mergeFields,
  mergeProperties,
  type ContactBody,
} from './content.ts';
import { extensionRoutes } from './extension-routes.ts';
import { contactsOf } from './filter.ts';
import { isAdopted, markProperty, propertyId, type Folder, type Item } from './item.ts';
import { locate, nextLink, type MailRooms } from './locate.ts';
import type { Mailbox } from './mailbox.ts';
import { contactPhotoRoutes } from './photo-routes.ts';
import { forContacts } from './roles.ts';
import {
  contactProperties,
  etag,
  parseExpand,
  renderContact,
  wantsImmutable,
  type Expansion,
} from './render.ts';

/** Where the operations on one contact or on the contacts of a folder are found. */
const PLACES = ['users/{id}/contacts', 'users/{id}/contactFolders/{folder}/contacts'];
/** Contacts on a page unless `$top` says otherwise, and the most that it may say (learn.microsoft.com/graph/api/contactfolder-post-contacts). */
const PAGE_DEFAULT = 10;
const PAGE_MAX = 1_000;

export function contactRoutes(rooms: MailRooms, delta: ContactDelta): Route[] {
  const changes = PLACES.map((place): Handling => ({
    operation: `GET ${place}/delta`,
    handle: (call) => delta.answer(call, rooms),
  }));
  const places = PLACES.flatMap((place) => [
    { operation: `GET ${place}`, handle: (call: Call) => list(call, rooms) },
    { operation: `POST ${place}`, handle: (call: Call) => create(call, rooms) },
    { operation: `GET ${place}/{contact}`, handle: (call: Call) => read(call, rooms) },
    { operation: `PATCH ${place}/{contact}`, handle: (call: Call) => change(call, rooms) },
    { operation: `DELETE ${place}/{contact}`, handle: (call: Call) => remove(call, rooms, false) },
    {
      operation: `POST ${place}/{contact}/permanentDelete`,
      handle: (call: Call) => remove(call, rooms, true),
    },
    ...extensionRoutes(rooms, place),
    ...contactPhotoRoutes(rooms, place),
  ]);
  return [...changes, ...places].map(forContacts);
}

function list(call: Call, rooms: MailRooms): Answer {
  only(call.query, ['$select', '$expand', '$filter', '$top', '$skip', '$count'], 'ErrorInvalidRequest');
  const { mailbox, folder } = locate(call, rooms);
  const names = select(call.query, contactProperties, 'RequestBroker--ParseUri');
  const expansion = parseExpand(call.query.get('$expand'));
  const top = count(call.query, '$top', { min: 1, max: PAGE_MAX, otherwise: PAGE_DEFAULT });
  const skip = count(call.query, '$skip', { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  const filter = call.query.get('$filter');
  const at = rooms.mailboxes.behind(mailbox);
  const shown = (place: Folder): Item[] =>
    contactsOf(mailbox, at === null ? place : mailbox.journal.folderAt(place, at), filter);
  const all = folder === undefined && rooms.switches.contactsShow === 'all-folders';
  const found = all
    ? [mailbox.contacts, ...mailbox.folders.values()].flatMap(shown)
    : shown(folder ?? mailbox.contacts);
  const view = { mailbox, immutable: wantsImmutable(call), select: names, expansion };
  const value = found.slice(skip, skip + top).map((item) => renderContact(item, view));
  const context = `${call.origin}/v1.0/$metadata#users('${mailbox.userId}')/contacts`;
  // All that the filter lets through, whatever the page holds (learn.microsoft.com/graph/query-parameters).
  const counted = call.query.get('$count') === 'true' ? { '@odata.count': found.length } : {};
  const page = { '@odata.context': context, ...counted, value };
  if (found.length <= skip + top) return withPreference(call, ok(page));
  return withPreference(call, ok({ ...page, '@odata.nextLink': nextLink(call, skip + top) }));
}

/** The answer names the extension that came inline, and not the extended property (learn.microsoft.com/graph/extensibility-overview). */
function create(call: Call, rooms: MailRooms): Answer {
  const { mailbox, folder } = locate(call, rooms);
  demandShape('contactCreateRequest', call.body, 'RequestBodyRead');
  const body = keptAtCreate(call.body as ContactBody, rooms);
  const content = {
    fields: mergeFields({}, body, rooms.switches),
    extensions: extensionsOf(body),
    properties: mergeProperties([], body),
  };
  for (const extension of content.extensions) demandExtensionSize(extension, rooms.switches);
  const item = mailbox.createItem(folder ?? mailbox.contacts, content, 'client');
  rooms.watch.marked(mailbox, item);
  const expansion: Expansion = { extensions: content.extensions.map(({ name }) => name), properties: [] };
  return contactAnswer(call, { mailbox, item, status: 201, expansion });
}

/** Some programs write notes once more after a create, since they found them missing; no text says that they may be. */
function keptAtCreate(body: ContactBody, { switches }: MailRooms): ContactBody {
  if (switches.notesAtCreate === 'kept') return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'personalNotes'));
}

function read(call: Call, rooms: MailRooms): Answer {
  only(call.query, ['$select', '$expand'], 'ErrorInvalidRequest');
  const { mailbox, seen } = locate(call, rooms);
  const names = select(call.query, contactProperties, 'RequestBroker--ParseUri');
  const expansion = parseExpand(call.query.get('$expand'));
  return contactAnswer(call, { mailbox, item: seen(), status: 200, expansion, select: names });
}

function change(call: Call, rooms: MailRooms): Answer {
  const { mailbox, item: find } = locate(call, rooms);
  const item = find();
  demandShape('contactUpdateRequest', call.body, 'RequestBodyRead');
  demandMatch(call, item, rooms);
  const body = call.body as ContactBody;
  const agreed = adopts(body) || releasesAgain(item, body);
  if (!rooms.switches.adoptable || !agreed) rooms.watch.touching(mailbox, item);
  const properties = mergeProperties(item.content.properties, body);
  if (Object.keys(body).every((name) => name === 'singleValueExtendedProperties'))
    mailbox.changeMarks(item, { properties });
  else {
    const fields = mergeFields(item.content.fields, body, rooms.switches);
    mailbox.changeItem(item, { fields, properties });
  }
  if ('singleValueExtendedProperties' in body) rooms.watch.marked(mailbox, item);
  return contactAnswer(call, { mailbox, item, status: 200 });
}

/** The write gives the item the mark of an adopted original. */
function adopts(body: ContactBody): boolean {
  return isAdopted({ fields: {}, extensions: [], properties: mergeProperties([], body) });
}

/** The mark is taken off once more, since nobody had heard that it was off already: nothing of the owner's is written. */
function releasesAgain({ content }: Item, body: ContactBody): boolean {
  const [property, ...others] = mergeProperties([], body);
  if (property?.id !== propertyId(markProperty) || others.length + Object.keys(body).length > 1) return false;
  return content.properties.some(({ id, value }) => id === property.id && value === property.value);
}

function remove(call: Call, rooms: MailRooms, permanently: boolean): Answer {
  const { mailbox, item: find } = locate(call, rooms);
  const item = find();
  demandMatch(call, item, rooms);
  rooms.watch.taking(mailbox, item);
  mailbox.removeItem(item, permanently);
  return permanently ? { status: rooms.switches.permanentDeleteStatus } : noContent;
}

/** Whether Outlook honours If-Match on contacts is not documented (seen in live answers). */
function demandMatch(call: Call, item: Item, rooms: MailRooms): void {
  const wanted = call.headers['if-match'];
  if (wanted === undefined || wanted === '*' || rooms.switches.ifMatch === 'ignored') return;
  if (wanted !== etag(item)) {
    throw new Refusal(412, 'ErrorIrresolvableConflict', 'The change key does not match the current one.');
  }
}

function contactAnswer(
  call: Call,
  what: {
    mailbox: Mailbox;
    item: Item;
    status: number;
    expansion?: Expansion | undefined;
    select?: readonly string[] | undefined;
  },
): Answer {
  const { mailbox, item, expansion } = what;
  const context = `${call.origin}/v1.0/$metadata#users('${mailbox.userId}')/contacts/$entity`;
  const shown = renderContact(item, {
    mailbox,
    immutable: wantsImmutable(call),
    expansion,
    select: what.select,
  });
  const body = { '@odata.context': context, ...shown };
  return withPreference(call, what.status === 201 ? created(body) : ok(body));
}

function withPreference(call: Call, answer: Answer): Answer {
  if (!wantsImmutable(call)) return answer;
  return { ...answer, headers: { 'Preference-Applied': 'IdType="ImmutableId"' } };
}
