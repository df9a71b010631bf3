/** Share of the look-ups that found an answer, from 0 to 1; null where nothing was looked up. */
export function hitRate(hits: number, misses: number): number | null {
  const all = hits + misses
  return all === 0 ? null : Number((hits / all).toFixed(4))
}
