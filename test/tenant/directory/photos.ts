import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/kit/clock.ts';
import type { DirectoryChange } from './objects.ts';
import type { Directory } from './directory.ts';

/** A picture as it is stored; never scaled here. */
export interface Photo {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Changes with every upload, also of the very same picture. */
  readonly tag: string;
}

interface PhotosOptions {
  readonly clock: Clock;
  readonly directory: Directory;
  /** Whether the directory reports a new picture as a change of the person. */
  readonly photoNotifies: boolean;
  readonly onChange: (change: DirectoryChange) => void;
}

/** Pictures of people. Delta never tells of them (learn.microsoft.com/graph/delta-query-overview: only what the directory itself holds). */
export class Photos {
  readonly #photos = new Map<string, Photo>();
  readonly #options: PhotosOptions;
  #uploads = 0;

  constructor(options: PhotosOptions) {
    this.#options = options;
  }

  of(userId: string): Photo | undefined {
    return this.#photos.get(userId);
  }

  /** Uploads a picture; the same bytes again get a new tag all the same. */
  set(userId: string, picture: Pick<Photo, 'bytes' | 'width' | 'height'>): Photo {
    this.#uploads += 1;
    const tag = createHash('sha256').update(`${userId} ${this.#uploads}`).digest('hex').slice(0, 8);
    const photo = { ...picture, tag: `"${tag.toUpperCase()}"` };
    this.#photos.set(userId, photo);
    this.#report(userId);
    return photo;
  }

  remove(userId: string): void {
    if (this.#photos.delete(userId)) this.#report(userId);
  }

  #report(id: string): void {
    const { directory, photoNotifies, onChange } = this.#options;
    const version = directory.users.get(id)?.current;
    if (version === undefined) throw new Error(`No user ${id}`);
    if (!photoNotifies) return;
    // A property that no `$select` of a delta query can name.
    onChange({ collection: 'users', id, version, properties: ['photo'], members: [], changeType: 'updated' });
  }
}
