// Facts of findings about the `numa` and `numaN` lines of VMs.

export interface NumaFacts {
  /** `problem`: what would then stop the start if `numa: 1` were set, as in `StartProblem`; null when it would start. */
  'numa-line-without-numa': {
    readonly keys: readonly string[];
    readonly binds: boolean;
    readonly problem: string | null;
  };
}
