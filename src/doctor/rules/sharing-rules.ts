// Rules about guests that get in each other's way, and about tasks of the host that get in theirs.
import type { SharingFacts } from '#domain/doctor/sharing-facts.ts';
import type { DoctorRules } from '../doctor-rule.ts';
import { bystanderRules } from './bystander-rules.ts';
import { containerRules } from './container-rules.ts';
import { copyRules } from './copy-rules.ts';
import { neighbourRules } from './neighbour-rules.ts';

export const sharingRules: DoctorRules<SharingFacts> = {
  ...neighbourRules,
  ...containerRules,
  ...bystanderRules,
  ...copyRules,
};
