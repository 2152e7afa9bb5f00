// Where Proxmox keeps what belongs to a running VM.

/** `runFile(100, 'pid')` is `/run/qemu-server/100.pid`. */
export const runFile = (vmid: number, what: string): string => `/run/qemu-server/${vmid}.${what}`;
