// What a comparison with an independent oracle found.

export interface ConformResult {
  /** The part's name on the command line. */
  readonly part: string;
  readonly agree: number;
  readonly total: number;
  /** Cases in which we differ for a reason that is known and accepted. */
  readonly exceptions: readonly { readonly case: string; readonly reason: string }[];
  /** Cases in which we differ and should not. */
  readonly disagreements: readonly { readonly case: string; readonly detail: string }[];
}
