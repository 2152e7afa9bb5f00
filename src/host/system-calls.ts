// The Linux calls that Node lacks: CPU affinity of a thread, the nodes of a process's pages, flock, and datagrams to a socket in the file system. Loaded on first use, because loading the FFI takes 10 ms.
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type { KoffiFunc } from 'koffi';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { explainMissingPart } from './missing-part.ts';

interface CLibrary {
  readonly schedSetaffinity: KoffiFunc<(tid: number, bytes: number, mask: Uint8Array) => number>;
  readonly schedGetaffinity: KoffiFunc<(tid: number, bytes: number, mask: Uint8Array) => number>;
  readonly flock: KoffiFunc<(fd: number, operation: number) => number>;
  readonly socket: KoffiFunc<(domain: number, type: number, protocol: number) => number>;
  readonly sendto: KoffiFunc<
    (fd: number, bytes: Uint8Array, length: number, flags: number, address: Uint8Array, addressLength: number) => number
  >;
  readonly syscall: KoffiFunc<
    (
      call: number,
      pid: number,
      count: number,
      pages: BigUint64Array,
      nodes: Int32Array | null,
      status: Int32Array,
      flags: number,
    ) => number
  >;
  readonly errno: () => number;
}

/** 65 536 CPUs, more than any kernel can be built for. */
const LARGEST_MASK_BYTES = 8192;
const LOCK_EX_NB = 2 | 4;
/** Of x86-64, where Proxmox runs; the C library has no function for it. */
const SYS_MOVE_PAGES = 279;
/** Pages that other processes have too are left alone. */
const MPOL_MF_MOVE = 2;
/** What the kernel never writes. */
const UNTOUCHED = 0x7fff_ffff;
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0x8_0002;
const MSG_NOSIGNAL = 0x4000;

let loaded: CLibrary | undefined;

function cLibrary(): CLibrary {
  try {
    loaded ??= loadCLibrary();
  } catch (error) {
    throw explainMissingPart(error);
  }
  return loaded;
}

function loadCLibrary(): CLibrary {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
  const library = koffi.load('libc.so.6');
  return {
    schedSetaffinity: library.func('int sched_setaffinity(int tid, size_t bytes, const uint8_t *mask)'),
    schedGetaffinity: library.func('int sched_getaffinity(int tid, size_t bytes, _Out_ uint8_t *mask)'),
    flock: library.func('int flock(int fd, int operation)'),
    socket: library.func('int socket(int domain, int type, int protocol)'),
    sendto: library.func(
      'int64_t sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *address, uint32_t addressLength)',
    ),
    syscall: library.func(
      'long syscall(long call, long pid, unsigned long count, const uint64_t *pages, const int *nodes, _Inout_ int *status, int flags)',
    ),
    errno: () => koffi.errno(),
  };
}

/** Restricts one thread to `cpus` (not empty). Returns 0 or the errno: ESRCH for a thread that has ended, EINVAL when the kernel allows none of the CPUs. */
export function schedSetaffinity(tid: number, cpus: CpuSet): number {
  const c = cLibrary();
  const mask = encodeMask(cpus);
  return c.schedSetaffinity(tid, mask.length, mask) === 0 ? 0 : c.errno();
}

/** The CPUs that a thread may use, or the errno. */
export function schedGetaffinity(tid: number): CpuSet | number {
  const c = cLibrary();
  // The kernel says EINVAL when the mask is smaller than its own, whose size it does not tell.
  for (let bytes = 128; bytes <= LARGEST_MASK_BYTES; bytes *= 2) {
    const mask = new Uint8Array(bytes);
    if (c.schedGetaffinity(tid, bytes, mask) === 0) return decodeMask(mask);
    const errno = c.errno();
    if (errno !== constants.errno.EINVAL) return errno;
  }
  return constants.errno.EINVAL;
}

/** `flock(LOCK_EX | LOCK_NB)`. Returns 0 or the errno: EAGAIN when another holds the lock. */
export function flockExclusive(fd: number): number {
  const c = cLibrary();
  return c.flock(fd, LOCK_EX_NB) === 0 ? 0 : c.errno();
}

/**
 * `move_pages`, man 2. `node` null asks only. The status of each page: its node, a negative errno, or null where the kernel gave up before
 * it; or the errno of the whole call.
 */
export function movePages(
  pid: number,
  addresses: readonly number[],
  node: number | null,
): ReadonlyArray<number | null> | number {
  const c = cLibrary();
  const pages = BigUint64Array.from(addresses, BigInt);
  const nodes = node === null ? null : new Int32Array(addresses.length).fill(node);
  const status = new Int32Array(addresses.length).fill(UNTOUCHED);
  const left = c.syscall(SYS_MOVE_PAGES, pid, addresses.length, pages, nodes, status, MPOL_MF_MOVE);
  return left < 0 ? c.errno() : Array.from(status, value => (value === UNTOUCHED ? null : value));
}

/** Sends one datagram to a UNIX socket; a leading `@` is the abstract namespace. Returns 0 or the errno. */
export function sendDatagram(path: string, text: string): number {
  const c = cLibrary();
  const fd = c.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return c.errno();
  try {
    const name = Buffer.from(path.replace(/^@/, '\0'), 'utf8');
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
    const bytes = Buffer.from(text, 'utf8');
    return c.sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length) === bytes.length ? 0 : c.errno();
  } finally {
    closeSync(fd);
  }
}

/** CPU n is bit n % 8 of byte n / 8: the kernel's longs, on the little-endian machines that Proxmox runs on. Whole longs only. */
function encodeMask(cpus: CpuSet): Uint8Array {
  const highest = cpus.ids.at(-1) ?? 0;
  const mask = new Uint8Array((Math.floor(highest / 64) + 1) * 8);
  for (const cpu of cpus) {
    const byte = cpu >> 3;
    mask[byte] = (mask[byte] ?? 0) | (1 << (cpu & 7));
  }
  return mask;
}

function decodeMask(mask: Uint8Array): CpuSet {
  const ids: number[] = [];
  mask.forEach((bits, byte) => {
    if (bits === 0) return;
    for (let bit = 0; bit < 8; bit++) if (bits & (1 << bit)) ids.push(byte * 8 + bit);
  });
  return cpuSet(ids);
}
