// Limits of ranges that people would write: multiples of 1, 2, 2.5 or 5 times a power of ten, as the server cuts the axes of a heatmap.

/** The narrowest such ranges, at most `most`, over the figures from `low` to `high`; whole ones for whole numbers, one by one if there is room. */
export function neatEdges(low: number, high: number, most: number, whole: boolean): number[] {
  const width = (high - low) / most;
  if (!(width > 0) || !Number.isFinite(width)) return [low, high];
  const least = Math.floor(Math.log10(width));
  for (let exponent = whole ? Math.max(0, least) : least; exponent < least + 4 || exponent < 4; exponent++)
    for (const digits of [1, 2, 2.5, 5]) {
      const step = Number(`${digits}e${exponent}`);
      if (whole && !Number.isInteger(step)) continue;
      const first = Math.floor(low / step + 1e-9);
      const last = Math.ceil(high / step - 1e-9) + (whole && step === 1 ? 1 : 0);
      if (last - first > most) continue;
      const edges = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
      edges[0] = Math.min(low, edges[0] as number); // multiples are rounded, and no run is left out
      edges[edges.length - 1] = Math.max(high, edges.at(-1) as number);
      return edges;
    }
  return [low, high];
}
