// What a step of a scenario can be: a word, the shape of what follows it, and what it does on the lab host.
import type * as z from 'zod/mini';

/** What steps of one scenario share. */
export interface StepContext {
  /** The scenario's directory, seen from inside. */
  readonly directory: string;
  /** Seconds from boot to the scenario's first step, as the kernel's log counts them. */
  readonly beganAtS: number;
  /** A line for the log that is shown when the scenario fails. */
  readonly log: (line: string) => void;
  /** Aborted when the scenario's time is up: what runs then has to end. */
  readonly signal: AbortSignal;
}

export interface Verb<Step = unknown> {
  readonly schema: z.ZodMiniType<Step>;
  /** @throws StepFailure when an expectation is not met; any other error is a scenario that cannot be run. */
  readonly run: (step: Step, context: StepContext) => void | Promise<void>;
}

/** Keeps the step's type between `schema` and `run`. */
export const verb = <Step>(schema: z.ZodMiniType<Step>, run: Verb<Step>['run']): Verb => ({ schema, run }) as Verb;

/** The host is not as the scenario says that it must be. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
}
