import { created, noContent, ok, Refusal, type Answer, type Call } from '../http/call.ts';
import type { Handling } from '../http/router.ts';
import { demandShape } from '../http/schema.ts';
import { demandExtensionSize, extensionOf } from './content.ts';
import { extensionName, type Extension, type Item } from './item.ts';
import { locate, type MailRooms } from './locate.ts';
import type { Mailbox } from './mailbox.ts';
import { renderExtension } from './render.ts';

/** Open extensions of an existing contact. */
export function extensionRoutes(rooms: MailRooms, place: string): Handling[] {
  const path = `${place}/{contact}/extensions`;
  return [
    {
      operation: `GET ${path}`,
      handle: () => {
        throw new Refusal(400, 'ErrorInvalidRequest', 'The OData request is not supported.');
      },
    },
    { operation: `POST ${path}`, handle: (call) => add(call, rooms) },
    {
      operation: `GET ${path}/{extension}`,
      handle: (call) => ok(renderExtension(find(call, rooms).extension)),
    },
    { operation: `PATCH ${path}/{extension}`, handle: (call) => change(call, rooms) },
    { operation: `DELETE ${path}/{extension}`, handle: (call) => remove(call, rooms) },
  ];
}

function add(call: Call, rooms: MailRooms): Answer {
  const { mailbox, item: find } = locate(call, rooms);
  const item = find();
  demandShape('openTypeExtensionWrite', call.body, 'RequestBodyRead');
  const extension = extensionOf(call.body as Record<string, unknown>);
  if (item.content.extensions.some(({ name }) => name === extension.name)) {
    throw new Refusal(409, 'ErrorItemAlreadyExists', 'An extension of this name exists.');
  }
  write({ mailbox, item, rooms }, [...item.content.extensions, extension]);
  return created(renderExtension(extension));
}

/** Merges: what the body does not name stays. Null is refused, as is anything but primitives and lists of them. */
function change(call: Call, rooms: MailRooms): Answer {
  const { mailbox, item, extension } = find(call, rooms);
  const body = { ...(call.body as Record<string, unknown> | undefined) };
  const full = { '@odata.type': 'microsoft.graph.openTypeExtension', ...body, extensionName: extension.name };
  demandShape('openTypeExtensionWrite', full, 'RequestBodyRead');
  const merged: Extension = {
    name: extension.name,
    values: { ...extension.values, ...extensionOf(full).values },
  };
  const rest = item.content.extensions.filter((other) => other !== extension);
  write({ mailbox, item, rooms }, [...rest, merged]);
  return ok(renderExtension(merged));
}

function remove(call: Call, rooms: MailRooms): Answer {
  const { mailbox, item, extension } = find(call, rooms);
  write(
    { mailbox, item, rooms },
    item.content.extensions.filter((other) => other !== extension),
  );
  return noContent;
}

function write(
  to: { mailbox: Mailbox; item: Item; rooms: MailRooms },
  extensions: readonly Extension[],
): void {
  for (const extension of extensions) demandExtensionSize(extension, to.rooms.switches);
  to.rooms.watch.touching(to.mailbox, to.item);
  to.mailbox.changeMarks(to.item, { extensions });
}

function find(call: Call, rooms: MailRooms): { mailbox: Mailbox; item: Item; extension: Extension } {
  const { mailbox, item: locateItem } = locate(call, rooms);
  const item = locateItem();
  const name = extensionName(call.path.at(-1) ?? '');
  const extension = item.content.extensions.find((own) => own.name === name);
  if (extension === undefined) throw new Refusal(404, 'ErrorItemNotFound', 'Extension not found.');
  return { mailbox, item, extension };
}
