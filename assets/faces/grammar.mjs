// What a face can be, and how it is said: the attributes, their colours and parts, and the captions.
//
// Every attribute is drawn by itself, each value as likely as its neighbours (a beard and flowers: one face
// in four), so that no value comes only together with another and a judge can read each of them alone.

// Numbers of the parts of DiceBear's "lorelei". A value with several parts is drawn with any of them.
export const ATTRIBUTES = {
  mood: ["smiling", "sad", "surprised"],
  hair: ["short", "long", "bob", "curly", "bun", "bald", "mohawk"],
  hair_color: ["black", "brown", "blond", "red", "grey", "blue", "pink", "green"],
  skin: ["pale", "peach", "tan", "brown", "dark"],
  eyewear: ["none", "glasses", "sunglasses"],
  beard: ["no", "no", "no", "yes"],
  flowers: ["no", "no", "no", "yes"],
  background: ["white", "blue", "yellow", "green", "pink", "purple"],
};

export const HAIR_PARTS = {
  short: [1, 2, 3, 8, 12, 43],
  long: [15, 16, 21],
  bob: [17, 19, 23],
  curly: [5, 24, 35, 39],
  bun: [14, 26, 38, 46],
  bald: [25],
  mohawk: [27],
};
export const GLASSES_PARTS = { glasses: [1, 3, 4], sunglasses: [2] };
export const EYES_PARTS = { smiling: [4, 10, 14, 16, 21, 24], sad: [4, 14, 20, 24], surprised: [2, 16, 21] };
export const BROW_PARTS = { smiling: [1, 8, 10], sad: [8, 10, 12], surprised: [1, 10] };
export const N_HEADS = 4;
export const N_NOSES = 6;
export const N_BEARDS = 2;

export const HAIR_COLORS = {
  black: "1d1b22", brown: "8b4a16", blond: "f0c548", red: "cf4514",
  grey: "9aa0a8", blue: "2f62d9", pink: "f06ab0", green: "2f9e4f",
};
export const SKIN_COLORS = { pale: "fde7da", peach: "f6bd98", tan: "dfa66f", brown: "a56f48", dark: "664636" };
export const BACKGROUND_COLORS = {
  white: "f8f8f5", blue: "a9d3f7", yellow: "fae79a", green: "b9e6b4", pink: "fac6d6", purple: "cbbcf0",
};

// Dark lips and frames would be lost on dark skin.
export const LIP_COLORS = { pale: "c2152f", peach: "c2152f", tan: "bd1430", brown: "f5455f", dark: "fb5a70" };
export const FRAME_COLORS = {
  pale: ["20222c", "7a1f2b", "1f3f7a"], peach: ["20222c", "7a1f2b", "1f3f7a"], tan: ["20222c", "7a1f2b", "1f3f7a"],
  brown: ["fbf6e6", "f6d060", "a9d3f7"], dark: ["fbf6e6", "f6d060", "a9d3f7"],
};
export const SUNGLASSES_COLOR = "121218";

const MOODS = {
  smiling: ["smiling", "happy", "cheerful"],
  sad: ["sad", "unhappy", "gloomy"],
  surprised: ["surprised", "astonished", "amazed"],
};
const HAIRS = {
  short: ["short C hair", "C hair cut short"],
  long: ["long C hair", "C hair worn long"],
  bob: ["a C bob", "C hair cut in a bob", "a bob of C hair"],
  curly: ["curly C hair", "C curly hair", "C curls"],
  bun: ["C hair in a bun", "a C bun", "a bun of C hair"],
  bald: ["a bald head and a little C hair", "a bald top and some C hair"],
  mohawk: ["a C mohawk", "C hair in a mohawk", "a mohawk of C hair"],
};
const EYEWEAR = { glasses: ["glasses", "clear glasses"], sunglasses: ["sunglasses", "dark glasses"] };
const BEARD = ["a beard", "a full beard"];
const FLOWERS = ["flowers", "white flowers", "flowers in the hair"];
// M mood, W what the face has, S skin, B background.
const SENTENCES = [
  "a M face with W, S skin, B background",
  "a M face with W, S skin, B background",
  "M face, S skin, W, B background",
  "a M person, S skin, with W, on B",
  "a face with S skin and W, looking M, B background",
  "W, S skin, M, on a B background",
];

/** One of `items`, all equally likely; `uniform` draws from 0..1. */
export function pick(uniform, items) {
  return items[Math.floor(uniform() * items.length)];
}

/** A value for every attribute. */
export function attributes(uniform) {
  return Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, values]) => [name, pick(uniform, values)]));
}

/** The attributes in words. What a face does not have is not spoken of. */
export function caption(face, uniform) {
  const things = [pick(uniform, HAIRS[face.hair]).replace("C", face.hair_color)];
  if (face.eyewear !== "none") things.push(pick(uniform, EYEWEAR[face.eyewear]));
  if (face.beard === "yes") things.push(pick(uniform, BEARD));
  if (face.flowers === "yes") things.push(pick(uniform, FLOWERS));
  // "hair and glasses", "hair, glasses and a beard"
  const last = things.pop();
  const what = things.length > 0 ? `${things.join(", ")} and ${last}` : last;
  const words = { M: pick(uniform, MOODS[face.mood]), W: what, S: face.skin, B: face.background };
  const sentence = pick(uniform, SENTENCES).replace(/\b[MWSB]\b/g, (letter) => words[letter]);
  return sentence.replace(/\ba (?=[aeiou])/g, "an ");
}
