// All steps there are, by the word that names them.
import { berthVerbs } from './berth-verbs.ts';
import { guestVerbs } from './guest-verbs.ts';
import { kernelVerbs } from './kernel-verbs.ts';
import { pageVerbs } from './page-verbs.ts';
import { threadVerbs } from './thread-verbs.ts';
import type { Verb } from './verb.ts';

export const verbs: Readonly<Record<string, Verb>> = {
  ...berthVerbs,
  ...guestVerbs,
  ...kernelVerbs,
  ...pageVerbs,
  ...threadVerbs,
};
