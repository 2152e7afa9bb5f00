// Commands that succeed, fail, hang and are not there.
import { describe, expect, it } from 'vitest';
import { runCommand } from './run-command.ts';

const timeoutMs = 10_000;

describe('runCommand()', () => {
  it('returns what a program writes', async () => {
    const script = 'printf "out\\374"; printf err >&2';
    expect(await runCommand(['sh', '-c', script], { timeoutMs })).toEqual({ stdout: 'out\xfc', stderr: 'err' });
  });

  it('passes arguments as they are', async () => {
    const { stdout } = await runCommand(['printf', '%s|', '$HOME', 'a b', ';', '*'], { timeoutMs });
    expect(stdout).toBe('$HOME|a b|;|*|');
  });

  it('gives it nothing to read', async () => {
    expect(await runCommand(['cat'], { timeoutMs })).toEqual({ stdout: '', stderr: '' });
  });

  it('says command, exit code and the end of stderr when it fails', async () => {
    const script = 'seq 10000 >&2; echo "checksum mismatch" >&2; exit 25';
    const failure = runCommand(['sh', '-c', script], { timeoutMs });
    await expect(failure).rejects.toMatchObject({ reason: 'failed', message: expect.stringContaining('exit code 25') });
    await expect(failure).rejects.toThrow(/^`sh -c .*\n10000\nchecksum mismatch$/s);
    await expect(failure.catch(error => error.message.length)).resolves.toBeLessThan(2200);
  });

  it('says when it was killed', async () => {
    await expect(runCommand(['sh', '-c', 'kill -9 $$'], { timeoutMs })).rejects.toThrow('signal SIGKILL');
  });

  it('kills what takes too long', async () => {
    await expect(runCommand(['sleep', '60'], { timeoutMs: 50 })).rejects.toMatchObject({
      reason: 'timeout',
      message: '`sleep 60` did not end within 50 ms and was killed',
    });
  });

  it('says when there is no such program', async () => {
    await expect(runCommand(['nonexistent-program'], { timeoutMs })).rejects.toMatchObject({
      reason: 'missing',
      message: 'Cannot run `nonexistent-program`: no such file or directory',
    });
  });
});
