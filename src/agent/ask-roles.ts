// Asks QEMU which thread is which without being held up by it: a pass waits a moment, the question goes on, and a later pass finds the answer.
import type { VmId } from '#domain/ids.ts';
import type { Host, VmThreadIds } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';

/**
 * `about` names the process and its threads: an answer that came too late, to a question about others, is not used.
 * @throws HostError when QEMU fails to answer; `timeout` when it has not answered yet.
 */
export type AskRoles = (vmid: VmId, about: string) => Promise<VmThreadIds>;

interface Question {
  readonly about: string;
  readonly answer: Promise<VmThreadIds>;
  isOpen: boolean;
}

/** @param waitMs how long a pass waits for a question that it asks; for one of an earlier pass it does not wait */
export function makeAskRoles(host: Pick<Host, 'queryVmThreads'>, waitMs: number): AskRoles {
  const questions = new Map<VmId, Question>();
  // Whoever was silent before is said to be that for the same reason, while it is asked again: what is new is worth a line in the log.
  const failures = new Map<VmId, HostError>();
  const notYet = (vmid: VmId) =>
    failures.get(vmid) ?? new HostError('timeout', `QEMU of VM ${vmid} does not say yet which thread is which`);
  return async (vmid, about) => {
    let question = questions.get(vmid);
    // QEMU serves one client at a time: while it is asked, nobody else of us asks.
    if (question?.isOpen === true) throw notYet(vmid);
    if (question?.about !== about) {
      question = ask(host, vmid, about);
      questions.set(vmid, question);
      await settle(question, waitMs);
      if (question.isOpen) throw notYet(vmid);
    }
    questions.delete(vmid);
    try {
      const answer = await question.answer;
      failures.delete(vmid);
      return answer;
    } catch (error) {
      if (error instanceof HostError) failures.set(vmid, error);
      throw error;
    }
  };
}

function ask(host: Pick<Host, 'queryVmThreads'>, vmid: VmId, about: string): Question {
  const answer = host.queryVmThreads(vmid);
  const question: Question = { about, answer, isOpen: true };
  const close = () => {
    question.isOpen = false;
  };
  answer.then(close, close);
  return question;
}

/** Resolves when there is an answer, or a failure, and at the latest after `waitMs`. */
function settle({ answer }: Question, waitMs: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, waitMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    answer.then(end, end);
  });
}
