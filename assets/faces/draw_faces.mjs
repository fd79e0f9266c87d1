// Draws the faces: pictures of 64 × 64 with their attributes and captions. See README.md for the commands.
//
// The parts are DiceBear's "lorelei" by Lisa Wischofsky (CC0 1.0), which is black and white and made for large
// pictures. Here it is coloured, cropped to the face, and given mouths and glasses that can be read at 32 × 32.
// The same seed draws the same pictures: face i depends on the seed and on i alone.

import { createAvatar } from "@dicebear/core";
import * as lorelei from "@dicebear/lorelei";
import { Resvg } from "@resvg/resvg-js";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as grammar from "./grammar.mjs";
import { learnPalette, nearestEntries } from "./palette.mjs";
import { indexedPng } from "./png.mjs";
import { streamOf } from "./random.mjs";

const SIDE = 64; // pixels
const COLUMNS = 8; // faces side by side in an atlas; few, so that like lies near like and compresses
const PER_FILE = 4000;
const N_FOR_PALETTE = 1000;
const ONE = "variant01";

const part = (number) => `variant${String(number).padStart(2, "0")}`;
const anyOf = (uniform, numbers) => [part(grammar.pick(uniform, numbers))];
const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

/** Mouths that say their mood at 32 × 32: lorelei's own, its smiles turned over, and a round one of ours. */
const MOUTHS = {
  smiling: ["happy01", "happy02", "happy05", "happy03"],
  sad: ["happy01", "happy02"],
  surprised: ["happy08"],
};
const MARK = "fe01fd"; // the mouth's colour in lorelei's drawing, by which it is found
const INSIDE = "5b0a18";

/** Thickens the mouth and sets it off from a beard of its own colour by a rim of skin. */
function readableMouth(svg, mood, skin, lipColor, uniform) {
  const path = new RegExp(`<path[^>]*fill="#${MARK}"/>`, "g");
  const turn = mood === "sad" ? ' transform="translate(0 1372) scale(1 -1)"' : "";
  const wide = 30 + 12 * uniform();
  const round = `<ellipse cx="572" cy="698" rx="${wide}" ry="${wide * 1.25}" fill="#${INSIDE}"/>`;
  const mouths = svg.match(path) ?? [];
  if (mouths.length === 0) throw new Error("lorelei drew no mouth");
  const shape = mood === "surprised" ? round : mouths.join("");
  const stroked = (color, width) =>
    `<g fill="#${color}" stroke="#${color}" stroke-width="${width}" stroke-linejoin="round"${turn}>${shape.replace(/ fill="[^"]*"/g, "")}</g>`;
  const lips = stroked(lipColor, mood === "surprised" ? 22 : 13);
  const inner = mood === "surprised" ? shape : "";
  let first = true;
  return svg.replace(path, () => {
    if (!first) return "";
    first = false;
    return stroked(skin, 46) + lips + inner;
  });
}

/** The picture as an SVG, every option said so that nothing is left to lorelei's own dice. */
function drawing(face, uniform) {
  const { HAIR_COLORS, SKIN_COLORS, BACKGROUND_COLORS } = grammar;
  const skin = SKIN_COLORS[face.skin];
  const hair = HAIR_COLORS[face.hair_color];
  const frame = face.eyewear === "sunglasses" ? grammar.SUNGLASSES_COLOR : grammar.pick(uniform, grammar.FRAME_COLORS[face.skin]);
  const svg = createAvatar(lorelei, {
    seed: "glassbox",
    scale: 126, translateX: -1, translateY: 5,
    backgroundColor: [BACKGROUND_COLORS[face.background]], backgroundType: ["solid"],
    head: anyOf(uniform, upTo(grammar.N_HEADS)), skinColor: [skin],
    hair: anyOf(uniform, grammar.HAIR_PARTS[face.hair]), hairColor: [hair],
    hairAccessories: ["flowers"], hairAccessoriesColor: ["d81e6f"],
    hairAccessoriesProbability: face.flowers === "yes" ? 100 : 0,
    eyes: anyOf(uniform, grammar.EYES_PARTS[face.mood]), eyesColor: ["0f0b10"],
    eyebrows: anyOf(uniform, grammar.BROW_PARTS[face.mood]), eyebrowsColor: ["1a1218"],
    nose: anyOf(uniform, upTo(grammar.N_NOSES)), noseColor: ["2a1714"],
    mouth: [grammar.pick(uniform, MOUTHS[face.mood])], mouthColor: [MARK],
    beard: anyOf(uniform, upTo(grammar.N_BEARDS)), beardProbability: face.beard === "yes" ? 100 : 0,
    glasses: anyOf(uniform, grammar.GLASSES_PARTS[face.eyewear] ?? [1]), glassesColor: [frame],
    glassesProbability: face.eyewear === "none" ? 0 : 100,
    earrings: [ONE], earringsColor: ["000000"], earringsProbability: 0,
    freckles: [ONE], frecklesColor: ["000000"], frecklesProbability: 0,
  }).toString();
  const thick = svg.replaceAll(`fill="#${frame}"`, `fill="#${frame}" stroke="#${frame}" stroke-width="9"`);
  return readableMouth(face.eyewear === "none" ? svg : thick, face.mood, skin, grammar.LIP_COLORS[face.skin], uniform);
}

/** Face number `i` of a seed: attributes, caption, and 64 × 64 pixels as red, green, blue. */
function draw(seed, i, side = SIDE) {
  const uniform = streamOf(seed, i);
  const attributes = grammar.attributes(uniform);
  const caption = grammar.caption(attributes, uniform);
  const svg = drawing(attributes, uniform);
  const rendered = new Resvg(svg, { fitTo: { mode: "width", value: side }, font: { loadSystemFonts: false } }).render();
  const rgba = rendered.pixels;
  const rgb = Buffer.alloc(side * side * 3);
  for (let p = 0; p < side * side; p += 1) rgba.copy(rgb, p * 3, p * 4, p * 4 + 3);
  return { attributes, caption, rgb };
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "4000" },
    out: { type: "string", default: "." },
  },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) throw new Error("--seed and --count are whole numbers");
mkdirSync(values.out, { recursive: true });

// The palette comes from the first thousand faces of the seed, however many are drawn.
const sample = Array.from({ length: N_FOR_PALETTE }, (_, i) => draw(seed, i).rgb);
const palette = learnPalette(sample);
let squaredError = 0;
for (let start = 0; start < count; start += PER_FILE) {
  const n = Math.min(PER_FILE, count - start);
  const rows = Math.ceil(n / COLUMNS);
  const width = COLUMNS * SIDE;
  const pixels = Buffer.alloc(width * rows * SIDE);
  const lines = [[...Object.keys(grammar.ATTRIBUTES), "caption"].join("\t")];
  for (let i = 0; i < n; i += 1) {
    const face = draw(seed, start + i);
    const { indices, error } = nearestEntries(face.rgb, palette);
    squaredError += error;
    const corner = Math.floor(i / COLUMNS) * SIDE * width + (i % COLUMNS) * SIDE;
    for (let y = 0; y < SIDE; y += 1) indices.copy(pixels, corner + y * width, y * SIDE, (y + 1) * SIDE);
    lines.push([...Object.values(face.attributes), face.caption].join("\t"));
  }
  const name = join(values.out, `faces-${Math.floor(start / PER_FILE)}`);
  writeFileSync(`${name}.png`, indexedPng(width, rows * SIDE, palette, pixels));
  writeFileSync(`${name}.tsv`, `${lines.join("\n")}\n`);
}
const meanSquare = squaredError / (count * SIDE * SIDE * 3);
console.log(`${count} faces; the palette costs ${(10 * Math.log10(255 ** 2 / meanSquare)).toFixed(1)} dB PSNR`);
