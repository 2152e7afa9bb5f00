// What the kernel's scheduler did with a thread at a moment, as its trace events tell it.

/** Times are nanoseconds of one clock for all CPUs. `lost`: events that were overwritten before they could be read. */
export type SchedEvent =
  | { readonly kind: 'waking'; readonly atNs: number; readonly tid: number }
  | {
      readonly kind: 'switch';
      readonly atNs: number;
      readonly from: number;
      /** It could have gone on: it was taken off its CPU, and waits for one. */
      readonly fromIsReady: boolean;
      readonly to: number;
    }
  | { readonly kind: 'migrate'; readonly atNs: number; readonly tid: number }
  | { readonly kind: 'lost'; readonly count: number };
