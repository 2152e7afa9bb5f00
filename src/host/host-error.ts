// Something at the boundary failed: a file, a socket, a system call, a command.

/** What kind of failure, for the few callers that act on it. */
export type HostErrorReason = 'missing' | 'denied' | 'gone' | 'refused' | 'timeout' | 'full' | 'busy' | 'failed';

/** The message says what failed, where and why, and what to do when that is known. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly reason: HostErrorReason;

  constructor(reason: HostErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
