// How a finding of doctor is told: what is so, why it matters, and what to do.
import type { DoctorFacts, DoctorSubject } from '#domain/doctor-finding.ts';

export interface DoctorMessage<Facts> {
  /** What is so, with the facts; the guest or the host stands before it already. */
  readonly what: (facts: Facts) => string;
  /** The mechanism, in one sentence. */
  readonly why: string;
  /** What to do, also where a fix can be made. */
  readonly advice: (facts: Facts, subject: DoctorSubject) => string;
}

/** A missing or extra code does not compile. */
export type DoctorMessages<Family = DoctorFacts> = { readonly [Code in keyof Family]: DoctorMessage<Family[Code]> };
