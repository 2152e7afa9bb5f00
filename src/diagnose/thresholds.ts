// Where a measured loss begins to count, and why there.

/** Under one percent of delay a guest gains nothing from CPUs of its own that it would notice, and the host loses its freedom to balance. */
export const WAIT_SHARE = 0.01;

/** A CPU limit that takes less than the delay that would be tolerated is no problem either. */
export const THROTTLED_SHARE = 0.01;

/** A guest whose busiest vCPU wants a CPU less often is idle: its few waits are wake-ups, and say nothing about how it does under load. */
export const WANTED_SHARE = 0.03;

/** QEMU's own pages and its libraries lie wherever they were first touched; both bounds keep them from looking like the guest's memory. */
export const REMOTE_SHARE = 0.1;
export const REMOTE_MIB = 64;

/** A node where vCPUs spend less of their time is one that they visit, not one that they live on. */
export const HOME_SHARE = 0.05;

/** A vCPU wanders when it is away from its main node for a tenth of its run time… */
export const AWAY_SHARE = 0.1;
/** …and goes there and back again: one move that stays is the scheduler finding a better place. */
export const CROSSINGS_PER_S = 0.2;

/** With less than a tenth of its CPUs idle a host has no cores to give to one guest alone; what one gains others lose. */
export const FULL_SHARE = 0.9;

/** On so few cores pinning takes more from the scheduler than it gives to the guest. */
export const SMALL_HOST_CORES = 4;

/** A vCPU that waits for its disk waits for the thread that serves it: what would count for a vCPU counts for that one. */
export const HELPER_WAIT_SHARE = 0.01;

/** Pressure says "some task waited": of a container's many tasks one waits for a moment now and then on any host that works. */
export const STALL_SHARE = 0.05;

/** Competitors with a smaller part are noise. */
export const NAMED_SHARE = 0.001;
export const MOST_NAMED = 5;
