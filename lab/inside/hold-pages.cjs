// Holds the first MiB of a file's pages until it is ended: `node hold-pages.cjs FILE MIB`. Tells systemd when it has them.
// A pipe keeps references to the pages themselves; the mapping through which it got them is gone again.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const koffi = require('koffi');

const [, , file, mib] = process.argv;
const MIB = 1024 * 1024;
/** The largest pipe that needs no right of its own. */
const PIPE_BYTES = MIB;
const F_SETPIPE_SZ = 1031;
const [PROT_READ, MAP_SHARED] = [1, 1];

const c = koffi.load('libc.so.6');
const mmap = c.func('uintptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int fd, long offset)');
const munmap = c.func('int munmap(uintptr_t address, size_t bytes)');
const pipe = c.func('int pipe(_Out_ int *ends)');
const fcntl = c.func('int fcntl(int fd, int command, int value)');
const vmsplice = c.func('long vmsplice(int fd, const uint64_t *vector, unsigned long count, unsigned int flags)');

function check(what, result) {
  if (Number(result) < 0) throw new Error(`${what}: errno ${koffi.errno()}`);
  return Number(result);
}

const bytes = Number(mib) * MIB;
const start = Number(mmap(0, bytes, PROT_READ, MAP_SHARED, fs.openSync(file, 'r'), 0));
for (let offset = 0; offset < bytes; offset += PIPE_BYTES) {
  const ends = [0, 0];
  check('pipe', pipe(ends));
  check('F_SETPIPE_SZ', fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES));
  const vector = new BigUint64Array([BigInt(start + offset), BigInt(PIPE_BYTES)]);
  const taken = check('vmsplice', vmsplice(ends[1], vector, 1, 0));
  if (taken !== PIPE_BYTES) throw new Error(`vmsplice took ${taken} of ${PIPE_BYTES} bytes`);
}
check('munmap', munmap(start, bytes));
spawnSync('systemd-notify', ['--ready'], { stdio: 'inherit' });
setInterval(() => {}, 60_000);
