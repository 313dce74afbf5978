import sharp from 'sharp';
import { expect, test } from 'vitest';
import { scalePicture } from '../../src/pictures/scale.ts';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } });

test('any picture becomes a square JPEG of the size asked for, white where it was transparent', async () => {
  for (const [width, height] of [
    [1000, 500],
    [20, 40],
  ] as const) {
    const scaled = await scalePicture(await picture(width, height).png().toBuffer(), 96);
    expect(await sharp(scaled).metadata()).toMatchObject({ format: 'jpeg', width: 96, height: 96 });
    const { data } = await sharp(scaled).raw().toBuffer({ resolveWithObject: true });
    expect(Math.min(...data)).toBeGreaterThan(250);
  }
});

test('where it was taken, and by which camera, stays behind', async () => {
  const taken = await picture(300, 300)
    .jpeg()
    .withExif({ IFD0: { Make: 'Camera of Ann' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
    .toBuffer();
  expect(taken.includes('Camera of Ann')).toBe(true);
  const scaled = await scalePicture(taken, 240);
  expect(Buffer.from(scaled).includes('Camera of Ann')).toBe(false);
  expect((await sharp(scaled).metadata()).exif).toBeUndefined();
});

test.each([
  ['nothing', new Uint8Array()],
  ['text', Buffer.from('no picture')],
  ['a cut one', Uint8Array.of(0xff, 0xd8, 0xff)],
])('%s is refused for good', async (_what, bytes) => {
  await expect(scalePicture(bytes, 240)).rejects.toMatchObject({
    kind: 'invalid',
    code: 'UnreadablePicture',
  });
});
