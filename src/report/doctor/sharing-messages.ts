// The English of findings about guests that get in each other's way.
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { DoctorMessages } from './message.ts';

export const sharingMessages: DoctorMessages<SharingFacts> = {
  'siblings-split': {
    what: f =>
      `Its CPUs ${encodeIdList(f.cpus)} share cores with CPUs ${encodeIdList(f.otherCpus)}, which VM ${f.other} is pinned to.`,
    why: 'Two threads of one core share its execution units and caches: each slows the other down whenever it works.',
    advice: () => 'Give whole cores to one guest; `berth plan` does.',
  },
};
