// What verify found: the state of each placed guest, and every deviation from the placement.
import type { Finding } from './finding.ts';
import type { VmId } from './ids.ts';
import type { Isolation } from './placement.ts';
import type { GuestClass } from './policy.ts';

/** restartPending: true now as far as a running guest allows; the rest waits for its next start. */
export type GuestState = 'inForce' | 'restartPending' | 'deviates' | 'stopped' | 'gone';

export interface GuestVerdict {
  readonly vmid: VmId;
  readonly class: GuestClass;
  readonly state: GuestState;
  readonly threadsChecked: number;
  /** Resident memory on the placement's nodes; null when the guest is stopped or its memory could not be read. */
  readonly localMiB: number | null;
  readonly residentMiB: number | null;
}

export interface VerifyReport {
  readonly node: string;
  readonly isolation: Isolation;
  readonly guests: readonly GuestVerdict[];
  readonly findings: readonly Finding[];
}
