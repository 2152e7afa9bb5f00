// Whether a sabotaged scenario failed as it must: at the right step, by an expectation, for the right reason.
import type { Sabotage } from './scenario.ts';

/** Where and why a scenario ended before its last step. */
export interface Stopped {
  /** Index of the step. */
  readonly at: number;
  readonly message: string;
  /** False when the step could not be done at all, or time ran out. */
  readonly expectation: boolean;
}

/** Null when it did; else what is wrong. `ended` is undefined when all steps went through. */
export function judgeSabotage({ what, failsAt, says }: Sabotage, ended: Stopped | undefined): string | null {
  if (ended === undefined) return `Nobody noticed: ${what}`;
  const { at, message, expectation } = ended;
  if (at !== failsAt) return `${what}: step ${failsAt + 1} was to notice, but it ended at step ${at + 1}: ${message}`;
  if (!expectation) return `${what}: no expectation failed, step ${at + 1} itself did: ${message}`;
  const lacking = says.find(text => !message.includes(text));
  return lacking === undefined ? null : `${what}: step ${at + 1} noticed, but not because of "${lacking}": ${message}`;
}
