// What moving so many guests would gain.
import type { Outcome } from './alternative.ts';
import type { VmId } from './ids.ts';

/** The best layout that leaves all but some guests where they are. */
export interface DefragStep {
  /** Guests that it may move. */
  readonly mostMoves: number;
  /** Guests that it does move. */
  readonly vmids: readonly VmId[];
  /** Against leaving every guest where it is, or, where no plan does that, against the first step that is possible. */
  readonly outcome: Outcome;
}
