// What a rule is: for one code, how bad it is and where it holds.
import type { DoctorSubject, Evidence, Fix, Impact } from '#domain/doctor-finding.ts';
import type { DoctorView, ExaminedVm } from './doctor-view.ts';

/** What a rule says of its subject; code and impact are known from the rule. */
export interface Judgement<Facts> {
  readonly facts: Facts;
  readonly evidence: readonly Evidence[];
  readonly fix: Fix | null;
}

export interface Found<Facts> extends Judgement<Facts> {
  readonly subject: DoctorSubject;
}

export interface DoctorRule<Facts> {
  readonly impact: Impact;
  readonly examine: (view: DoctorView) => readonly Found<Facts>[];
}

/** One rule for each code of a family: a missing one does not compile. */
export type DoctorRules<Family> = { readonly [Code in keyof Family]: DoctorRule<Family[Code]> };

/** A rule that is asked once for each VM of this node; null: nothing is wrong. */
export function vmRule<Facts>(
  impact: Impact,
  judge: (vm: ExaminedVm, view: DoctorView) => Judgement<Facts> | null,
): DoctorRule<Facts> {
  return {
    impact,
    examine: view =>
      view.vms.flatMap(vm => {
        const judgement = judge(vm, view);
        return judgement === null ? [] : [{ subject: vm.guest.vmid, ...judgement }];
      }),
  };
}

/** A rule that is asked once, about the host. */
export function hostRule<Facts>(
  impact: Impact,
  judge: (view: DoctorView) => Judgement<Facts> | null,
): DoctorRule<Facts> {
  return {
    impact,
    examine: view => {
      const judgement = judge(view);
      return judgement === null ? [] : [{ subject: 'host', ...judgement }];
    },
  };
}
