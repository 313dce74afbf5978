import { ok, Refusal, type Answer, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import type { Switches } from '../options.ts';
import type { Photo } from './photos.ts';
import { read, type Rooms } from './read.ts';

/** Any one of these reads pictures of people (learn.microsoft.com/graph/api/profilephoto-get). */
const NEEDS = ['ProfilePhoto.Read.All', 'User.Read.All'];
/** Squares that the service offers (learn.microsoft.com/graph/api/profilephoto-get). */
const SIZES = [48, 64, 96, 120, 240, 360, 432, 504, 648];

/** Pictures of people: metadata, bytes, sizes. */
export function photoRoutes(rooms: Rooms & { readonly switches: Switches }): Route[] {
  const one = 'users/{id}/photo';
  const find = (call: Call): Photo | undefined => rooms.photos.of(read(rooms, 'users', call.path[1]).id);
  const sized = 'users/{id}/photos';
  return [
    { operation: `GET ${one}`, needs: NEEDS, handle: (call) => metadata(call, find(call), rooms.switches) },
    { operation: `GET ${one}/$value`, needs: NEEDS, handle: (call) => bytes(find(call), rooms.switches) },
    { operation: `GET ${sized}`, needs: NEEDS, handle: (call) => sizes(call, find(call)) },
    {
      operation: `GET ${sized}/{size}`,
      needs: NEEDS,
      handle: (call) => metadata(call, atSize(call, find(call)), rooms.switches),
    },
    {
      operation: `GET ${sized}/{size}/$value`,
      needs: NEEDS,
      handle: (call) => bytes(atSize(call, find(call)), rooms.switches),
    },
  ];
}

/** A person without a picture may have metadata all the same: one pixel, and no tag (learn.microsoft.com/graph/api/profilephoto-get). */
export function metadata(call: Call, photo: Photo | undefined, switches: Switches): Answer {
  const context = `${call.origin}/v1.0/$metadata#${call.path.join('/')}/$entity`;
  if (photo === undefined) {
    if (switches.noPhoto !== '1x1') throw noPhoto(switches);
    return ok({
      '@odata.context': context,
      '@odata.mediaContentType': 'image/gif',
      '@odata.mediaEtag': '',
      id: '1x1',
      height: 1,
      width: 1,
    });
  }
  return ok({ '@odata.context': context, ...described(photo) });
}

/** In a batch the bytes come as a base64 string (learn.microsoft.com/graph/json-batching). */
export function bytes(photo: Photo | undefined, switches: Switches): Answer {
  if (photo === undefined) throw noPhoto(switches);
  return { status: 200, bytes: photo.bytes, headers: { ETag: photo.tag, 'Content-Type': 'image/jpeg' } };
}

function noPhoto({ noPhoto: code }: Switches): Refusal {
  return new Refusal(404, code === '1x1' ? 'ImageNotFound' : code, 'The photo was not found.');
}

function described(photo: Photo): Record<string, unknown> {
  return {
    '@odata.mediaContentType': 'image/jpeg',
    '@odata.mediaEtag': photo.tag,
    id: `${photo.width}X${photo.height}`,
    width: photo.width,
    height: photo.height,
  };
}

/** Up to the size that was uploaded; the simulator does not scale, it only says so. */
function sizes(call: Call, photo: Photo | undefined): Answer {
  const offered = photo === undefined ? [] : SIZES.filter((size) => size <= photo.width);
  const value = offered.map((size) => ({ id: `${size}x${size}`, height: size, width: size }));
  return ok({ '@odata.context': `${call.origin}/v1.0/$metadata#${call.path.join('/')}`, value });
}

function atSize(call: Call, photo: Photo | undefined): Photo | undefined {
  const size = /^(\d+)x\1$/i.exec(call.path[3] ?? '')?.[1];
  if (size === undefined || !SIZES.includes(Number(size))) {
    throw new Refusal(400, 'ErrorInvalidRequest', 'There is no such size.');
  }
  return photo === undefined || photo.width < Number(size)
    ? undefined
    : { ...photo, width: Number(size), height: Number(size) };
}
