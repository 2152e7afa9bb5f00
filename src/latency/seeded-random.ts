// Random numbers that are the same everywhere for the same seed: a comparison of the same blocks gives the same figures.

/** At least 0, below 1. */
export type Random = () => number;

/** Marsaglia's xorshift of 32 bits. Good enough to choose rounds and assignments with; not for secrets. */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
