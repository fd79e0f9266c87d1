// Random numbers that are the same everywhere: one stream for each picture.

/** Mulberry32 (Tommy Ettinger, public domain): numbers in 0..1 from a seed of 32 bits. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The stream of one picture: neighbouring pictures and seeds share nothing. */
export function streamOf(seed, picture) {
  const mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(picture + 1, 0xc2b2ae35);
  const uniform = generator(mixed);
  for (let i = 0; i < 4; i += 1) uniform();
  return uniform;
}
