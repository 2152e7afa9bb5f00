// All steps there are, by the word that names them.
import { agentVerbs } from './agent-verbs.ts';
import { agreementVerbs } from './agreement-verbs.ts';
import { berthVerbs } from './berth-verbs.ts';
import { containerVerbs } from './container-verbs.ts';
import { crashVerbs } from './crash-verbs.ts';
import { diagnoseVerbs } from './diagnose-verbs.ts';
import { followVerbs } from './follow-verbs.ts';
import { guestVerbs } from './guest-verbs.ts';
import { helperVerbs } from './helper-verbs.ts';
import { interruptVerbs } from './interrupt-verbs.ts';
import { kernelVerbs } from './kernel-verbs.ts';
import { livesVerbs } from './lives-verbs.ts';
import { pageVerbs } from './page-verbs.ts';
import { partitionVerbs } from './partition-verbs.ts';
import { payloadVerbs } from './payload-verbs.ts';
import { quietVerbs } from './quiet-verbs.ts';
import { runningVerbs } from './running-verbs.ts';
import { stateVerbs } from './state-verbs.ts';
import { threadVerbs } from './thread-verbs.ts';
import type { Verb } from './verb.ts';

export const verbs: Readonly<Record<string, Verb>> = {
  ...agentVerbs,
  ...agreementVerbs,
  ...berthVerbs,
  ...containerVerbs,
  ...crashVerbs,
  ...diagnoseVerbs,
  ...followVerbs,
  ...guestVerbs,
  ...helperVerbs,
  ...interruptVerbs,
  ...kernelVerbs,
  ...livesVerbs,
  ...pageVerbs,
  ...partitionVerbs,
  ...payloadVerbs,
  ...quietVerbs,
  ...runningVerbs,
  ...stateVerbs,
  ...threadVerbs,
};
