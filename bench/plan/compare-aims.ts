// Which of two layouts is better by the aims, and in which of them first.
import type { AimName, AimValue } from '#domain/plan.ts';

/** The first aim that differs, and by how much the first layout is worse: negative when it is better. Null when they are equal. */
export function firstDifference(
  a: readonly AimValue[],
  b: readonly AimValue[],
): { readonly aim: AimName; readonly by: number } | null {
  for (const [index, { aim, value }] of a.entries()) {
    const by = value - (b[index]?.value ?? 0);
    if (by !== 0) return { aim, by };
  }
  return null;
}

/** Negative when the first layout is better. */
export const compareAims = (a: readonly AimValue[], b: readonly AimValue[]): number => firstDifference(a, b)?.by ?? 0;
