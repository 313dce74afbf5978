import { object } from './maps.ts';
import { mismatch, optional, type Shape } from './shapes.ts';
import { wholeNumber } from './words.ts';

/** Pictures are squares of so many pixels; null: none are shown. */
export type PhotosConfig = { readonly pixels: number } | null;

/** What Outlook and phones show without scaling up; larger ones only cost room in every mailbox. */
const PIXELS = 240;

const size = object({
  pixels: optional(wholeNumber(48, 648), PIXELS, 'Width and height. Microsoft 365 keeps 648 at the most.'),
});

const EXPECTED = 'true, false, or a map with pixels';

/** `true`, or the size. */
export const photos: Shape<PhotosConfig> = {
  expected: EXPECTED,
  json: { anyOf: [{ type: 'boolean' }, size.json] },
  read(cursor) {
    if (cursor.isMap()) return size.read(cursor);
    const choice = cursor.scalar();
    if (typeof choice !== 'boolean') return mismatch(cursor, EXPECTED);
    return choice ? { pixels: PIXELS } : null;
  },
};
