import type { Source, TagSighting } from '../engine/ports.ts';
import type { Packer } from '../graph/packer.ts';
import { getPhoto, getPhotoTag, readPhoto, readPhotoTag } from '../graph/photos.ts';
import { Fault } from '../model/fault.ts';

/** Pictures of the people of one Entra tenant. Every 404 means that there is none; `pictureless` people are not asked for. */
export function createPersonPictures(
  packer: Packer,
  pictureless: Pick<ReadonlySet<string>, 'has'>,
): Pick<Source, 'pictureTags' | 'picture'> {
  const none: TagSighting = { kind: 'tag', tag: null };
  return {
    pictureTags: async (ids) =>
      new Map(
        await Promise.all(
          ids.map(async (id) => [id, pictureless.has(id) ? none : await tagOf(packer, id)] as const),
        ),
      ),
    picture: async (id) => {
      try {
        return readPhoto(await packer.call(getPhoto(id)));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };
}

async function tagOf(packer: Packer, id: string): Promise<TagSighting> {
  try {
    return { kind: 'tag', tag: readPhotoTag(await packer.call(getPhotoTag(id))) };
  } catch (error) {
    if (isMissing(error)) return { kind: 'tag', tag: null };
    if (error instanceof Fault) return { kind: 'unread', fault: error };
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Fault && error.status === 404;
}
