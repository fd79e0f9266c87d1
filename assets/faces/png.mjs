// PNGs of palette entries and of greys (PNG specification, third edition): signature, IHDR, PLTE, IDAT, IEND.

import { crc32, deflateSync } from "node:zlib";

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** `rows`: each begins with its filter, 0 for none. */
function png(width, height, [bits, color], palette, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, color, 0, 0, 0], 8); // deflate, no interlacing
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    ...palette,
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** `pixels`: one byte each, row by row, an entry of `palette` (at most 256 × [red, green, blue]). */
export function indexedPng(width, height, palette, pixels) {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) pixels.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  return png(width, height, [8, 3], [chunk("PLTE", Buffer.from(palette.flat()))], rows);
}

/** `pixels`: one byte each, row by row, 0 (black) to 15 (white); `width` is even. */
export function greyPng(width, height, pixels) {
  const stride = width / 2 + 1;
  const rows = Buffer.alloc(height * stride);
  for (let p = 0; p < width * height; p += 2) {
    const at = Math.floor(p / width) * stride + 1 + (p % width) / 2;
    rows[at] = (pixels[p] << 4) | pixels[p + 1];
  }
  return png(width, height, [4, 0], [], rows);
}
