import { Fault } from '../model/fault.ts';

/** As good as phones show it at this size, and some 12 KB. */
const QUALITY = 85;
/** Larger than any camera's; what claims more is made to fill our memory. */
const PIXELS_AT_MOST = 100_000_000;

/**
 * A square JPEG of so many pixels, upright, without what the camera wrote beside it: cut to the middle, transparent
 * parts white. Throws `invalid` for what is no picture.
 */
export async function scalePicture(bytes: Uint8Array, pixels: number): Promise<Uint8Array> {
  // Native code that most installations never need.
  const { default: sharp } = await import('sharp');
  try {
    return await sharp(bytes, { limitInputPixels: PIXELS_AT_MOST })
      .rotate()
      .resize(pixels, pixels, { fit: 'cover' })
      .flatten({ background: '#ffffff' })
      .jpeg({ quality: QUALITY })
      .toBuffer();
  } catch {
    throw new Fault('invalid', 'the picture of a person cannot be read', { code: 'UnreadablePicture' });
  }
}
