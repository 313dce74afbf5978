import { bytes, metadata } from '../directory/photo-routes.ts';
import { Refusal, type Answer, type Call } from '../http/call.ts';
import type { Handling } from '../http/router.ts';
import { locate, type MailRooms } from './locate.ts';
import { etag } from './render.ts';

/** The most that a picture may weigh (learn.microsoft.com/graph/api/profilephoto-update). */
const BYTES_MAX = 4 * 1024 * 1024;

/** The picture of a contact: it can be read and replaced, and never taken away (learn.microsoft.com/graph/api/resources/profilephoto). */
export function contactPhotoRoutes(rooms: MailRooms, place: string): Handling[] {
  const path = `${place}/{contact}/photo`;
  const photoOf = (call: Call): ReturnType<typeof find>['photo'] => find(call, rooms).photo;
  return [
    {
      operation: `GET ${path}`,

      handle: (call) => metadata(call, photoOf(call), rooms.switches),
    },
    { operation: `GET ${path}/$value`, handle: (call) => bytes(photoOf(call), rooms.switches) },
    { operation: `PUT ${path}/$value`, handle: (call) => replace(call, rooms) },
    { operation: `PATCH ${path}/$value`, handle: (call) => replace(call, rooms) },
    { operation: `DELETE ${path}`, handle: refuse },
    { operation: `DELETE ${path}/$value`, handle: refuse },
  ];
}

function refuse(): never {
  throw new Refusal(405, 'ErrorInvalidRequest', 'The OData request is not supported.');
}

function find(call: Call, rooms: MailRooms) {
  const { mailbox, item: locateItem } = locate(call, rooms);
  const item = locateItem();
  const { photo } = item.content;
  // The simulator does not look into the bytes: a picture of a contact has no size that anybody relies on.
  return {
    mailbox,
    item,
    photo: photo === undefined ? undefined : { bytes: photo, width: 240, height: 240, tag: etag(item) },
  };
}

function replace(call: Call, rooms: MailRooms): Answer {
  const { mailbox, item } = find(call, rooms);
  if (!/^image\/jpeg\b/i.test(call.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'ErrorInvalidRequest', 'A picture needs Content-Type image/jpeg.');
  }
  const picture = decoded(call.body);
  if (picture.length > BYTES_MAX) throw new Refusal(413, 'ErrorRequestTooLarge', 'The picture is too large.');
  if (picture[0] !== 0xff || picture[1] !== 0xd8) {
    throw new Refusal(400, 'ErrorInvalidImage', 'The bytes are no JPEG picture.');
  }
  rooms.watch.touching(mailbox, item);
  if (rooms.switches.photoTouchesContact) mailbox.changeItem(item, { photo: picture });
  else mailbox.setPhoto(item, picture);
  return { status: 200 };
}

/** Bytes of a request of their own, or the base64 string of one in a batch, in either alphabet: texts and practice differ on which. */
function decoded(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body !== 'string' || !/^[\w+/-]+={0,2}$/.test(body)) {
    throw new Refusal(400, 'RequestBodyRead', 'The body is no picture.');
  }
  return Buffer.from(body, 'base64');
}
