// 256 colours for all faces: k-means over the colours that occur, beginning with the commonest.

const BITS = 5; // per channel when colours are counted
const N_COLORS = 256;
const N_ROUNDS = 12;

/** The palette of `pictures` (buffers of red, green, blue): 256 × [red, green, blue]. */
export function learnPalette(pictures) {
  // Colours that fall into one cell of 8 × 8 × 8 are counted as their mean.
  const cells = new Map();
  for (const rgb of pictures) {
    for (let p = 0; p < rgb.length; p += 3) {
      const [r, g, b] = [rgb[p], rgb[p + 1], rgb[p + 2]];
      const key = ((r >> (8 - BITS)) << (2 * BITS)) | ((g >> (8 - BITS)) << BITS) | (b >> (8 - BITS));
      const cell = cells.get(key) ?? { n: 0, r: 0, g: 0, b: 0 };
      cell.n += 1; cell.r += r; cell.g += g; cell.b += b;
      cells.set(key, cell);
    }
  }
  const points = [...cells.entries()]
    .sort((a, b) => b[1].n - a[1].n || a[0] - b[0])
    .map(([, c]) => ({ n: c.n, color: [c.r / c.n, c.g / c.n, c.b / c.n] }));
  let palette = farthestFirst(points);
  for (let round = 0; round < N_ROUNDS; round += 1) {
    const sums = palette.map(() => [0, 0, 0, 0]);
    for (const { n, color } of points) {
      const sum = sums[nearest(color[0], color[1], color[2], palette)];
      sum[0] += n * color[0]; sum[1] += n * color[1]; sum[2] += n * color[2]; sum[3] += n;
    }
    palette = palette.map((old, i) => (sums[i][3] > 0 ? sums[i].slice(0, 3).map((s) => s / sums[i][3]) : old));
  }
  return palette.map((color) => color.map(Math.round));
}

/** The commonest colour first, then always the one that adds most: its number times its squared distance. */
function farthestFirst(points) {
  const chosen = [points[0].color];
  const distances = points.map(({ color }) => squared(color, chosen[0]));
  while (chosen.length < Math.min(N_COLORS, points.length)) {
    let best = 0;
    for (let i = 1; i < points.length; i += 1) {
      if (points[i].n * distances[i] > points[best].n * distances[best]) best = i;
    }
    chosen.push(points[best].color);
    points.forEach(({ color }, i) => { distances[i] = Math.min(distances[i], squared(color, points[best].color)); });
  }
  return chosen;
}

function squared(a, b) {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function nearest(r, g, b, palette) {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < palette.length; i += 1) {
    const c = palette[i];
    const d = (r - c[0]) ** 2 + (g - c[1]) ** 2 + (b - c[2]) ** 2;
    if (d < least) { least = d; best = i; }
  }
  return best;
}

const known = new Map();

/** The palette's entry for each pixel, and the squared error over the three channels. */
export function nearestEntries(rgb, palette) {
  const indices = Buffer.alloc(rgb.length / 3);
  let error = 0;
  for (let p = 0; p < indices.length; p += 1) {
    const [r, g, b] = [rgb[3 * p], rgb[3 * p + 1], rgb[3 * p + 2]];
    const key = (r << 16) | (g << 8) | b;
    let entry = known.get(key);
    if (entry === undefined) {
      entry = nearest(r, g, b, palette);
      known.set(key, entry);
    }
    indices[p] = entry;
    error += squared([r, g, b], palette[entry]);
  }
  return { indices, error };
}
