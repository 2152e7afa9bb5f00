// Numbers that look random and are the same every time: choices without a reason must not differ from one planning to the next.

/** Whole numbers from 0 to 2²⁴ − 1 (Numerical Recipes' linear congruential generator, without its weak low bits). */
export function makeSequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
