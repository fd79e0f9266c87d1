// Draws the digits: 16 × 16 pixels, white on black, from twelve handwriting fonts under the SIL Open Font License.
// See README.md for the command. Digit i of the set shows i mod 10; it depends on the seed and on i alone.

import { Resvg } from "@resvg/resvg-js";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { greyPng } from "../faces/png.mjs";
import { streamOf } from "../faces/random.mjs";

const SIDE = 16; // pixels
const COLUMNS = 50;
const N_LEVELS = 16; // of grey
const PACKAGES = [
  "architects-daughter", "caveat", "gloria-hallelujah", "gochi-hand", "indie-flower", "kalam",
  "la-belle-aurore", "nanum-pen-script", "patrick-hand", "reenie-beanie", "shadows-into-light", "short-stack",
];
const require = createRequire(import.meta.url);

/** The regular weight of each font: its name as the file has it, and the file. */
const FONTS = PACKAGES.map((name) => {
  const folder = join(dirname(require.resolve(`@expo-google-fonts/${name}/package.json`)), "400Regular");
  const file = readdirSync(folder).find((f) => f.endsWith(".ttf"));
  return { family: name.split("-").map((w) => w[0].toUpperCase() + w.slice(1)).join(" "), file: join(folder, file) };
});

function resvg(svg, font, side) {
  return new Resvg(svg, {
    fitTo: { mode: "width", value: side },
    font: { loadSystemFonts: false, fontFiles: [font.file], defaultFontFamily: font.family },
  });
}

const boxes = new Map();

/** Where a font draws a digit at 100 px with its origin at (100, 200): x, y, width, height. */
function boxOf(font, digit) {
  const key = `${font.family} ${digit}`;
  if (!boxes.has(key)) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><text x="100" y="200" font-size="100" font-family="${font.family}">${digit}</text></svg>`;
    const box = resvg(svg, font, 400).getBBox();
    if (!box || box.height < 20) throw new Error(`${font.family} has no ${digit}`);
    boxes.set(key, box);
  }
  return boxes.get(key);
}

/** Digit `i` as 16 × 16 levels of grey, 0 to 15: any font, turned, slanted, stretched, thickened and moved a little. */
function draw(seed, i) {
  const uniform = streamOf(seed, i);
  const between = (low, high) => low + (high - low) * uniform();
  const digit = i % 10;
  const font = FONTS[Math.floor(uniform() * FONTS.length)];
  const box = boxOf(font, digit);
  // 160 units across the picture: 10 a pixel. A digit is 11 to 13.5 pixels high, and at most 13 wide.
  const high = between(110, 135) / box.height;
  const wide = Math.min(high * between(0.85, 1.25), 130 / box.width);
  const [turn, slant] = [between(-12, 12), between(-14, 14)];
  const [x, y] = [80 + between(-8, 8), 80 + between(-6, 6)];
  const weight = between(4, 13) / high; // of the pen, in units of the font
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160"><rect width="160" height="160" fill="#000"/>
    <g transform="translate(${x} ${y}) rotate(${turn}) skewX(${slant}) scale(${wide} ${high})">
      <text x="${100 - box.x - box.width / 2}" y="${200 - box.y - box.height / 2}" font-size="100" font-family="${font.family}"
        fill="#fff" stroke="#fff" stroke-width="${weight}" stroke-linejoin="round">${digit}</text></g></svg>`;
  const rgba = resvg(svg, font, SIDE).render().pixels;
  return Buffer.from(Array.from({ length: SIDE * SIDE }, (_, p) => Math.round((rgba[4 * p] / 255) * (N_LEVELS - 1))));
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "8000" },
    out: { type: "string", default: "." },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) throw new Error("--seed and --count are whole numbers");
mkdirSync(values.out, { recursive: true });
const width = COLUMNS * SIDE;
const height = Math.ceil(count / COLUMNS) * SIDE;
const pixels = Buffer.alloc(width * height);
for (let i = 0; i < count; i += 1) {
  const digit = draw(seed, i);
  const corner = Math.floor(i / COLUMNS) * SIDE * width + (i % COLUMNS) * SIDE;
  for (let y = 0; y < SIDE; y += 1) digit.copy(pixels, corner + y * width, y * SIDE, (y + 1) * SIDE);
}
writeFileSync(join(values.out, "digits.png"), greyPng(width, height, pixels));
console.log(`${count} digits`);
