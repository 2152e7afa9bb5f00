// What may be supposed of a host to see what a plan on it would be.

/** `smt-off`: one thread per core. `nps1`, `nps4`: so many NUMA nodes in each package. `+socket`: one more package like the last. */
export const WHAT_IFS = ['smt-off', 'nps1', 'nps4', '+socket'] as const;
export type WhatIf = (typeof WHAT_IFS)[number];
