// The English of every finding of doctor.
import type { DoctorFacts, DoctorFinding } from '#domain/doctor-finding.ts';
import { affinityMessages } from './affinity-messages.ts';
import { bootMessages } from './boot-messages.ts';
import { capacityMessages } from './capacity-messages.ts';
import { clusterMessages } from './cluster-messages.ts';
import { driftMessages } from './drift-messages.ts';
import { hostMessages } from './host-messages.ts';
import { hostNodesMessages } from './host-nodes-messages.ts';
import { hugepagesMessages } from './hugepages-messages.ts';
import { isolationMessages } from './isolation-messages.ts';
import { localityMessages } from './locality-messages.ts';
import { memoryMessages } from './memory-messages.ts';
import type { DoctorMessage, DoctorMessages } from './message.ts';
import { numaMessages } from './numa-messages.ts';
import { sharingMessages } from './sharing-messages.ts';

const MESSAGES: DoctorMessages = {
  ...affinityMessages,
  ...numaMessages,
  ...hostNodesMessages,
  ...hugepagesMessages,
  ...localityMessages,
  ...isolationMessages,
  ...bootMessages,
  ...hostMessages,
  ...memoryMessages,
  ...sharingMessages,
  ...capacityMessages,
  ...clusterMessages,
  ...driftMessages,
};

export interface DoctorWords {
  readonly what: string;
  readonly why: string;
  readonly advice: string;
}

export function describeDoctorFinding({ code, facts, subject }: DoctorFinding): DoctorWords {
  const { what, why, advice } = MESSAGES[code] as DoctorMessage<DoctorFacts[typeof code]>;
  return { what: what(facts), why, advice: advice(facts, subject) };
}
