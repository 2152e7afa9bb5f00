// Random numbers that are the same on every machine for the same seed.

export interface Random {
  /** At least 0, below 1. */
  readonly next: () => number;
  /** @throws when there is nothing to pick from. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
}

/** The seed is hashed by FNV-1a; the numbers come from a 32-bit counter, mixed as in the finalizer of MurmurHash3. */
export function makeRandom(seed: string): Random {
  let state = 0x811c9dc5;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193);
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(next() * items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  };
  return { next, pick };
}
