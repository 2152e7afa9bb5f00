// Which PCI devices of the host a running QEMU has been given: its own arguments know, whatever its config says by now.

/** `-device vfio-pci,host=0000:01:00.0,id=hostpci0,…`, or the same as JSON. Mediated devices have no interrupts of the host's. */
const DEVICE = /^(?:vfio-pci,|\{.*"driver": *"vfio-pci")/;
const HOST = /[,{" ](?:host=|host": *")([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/;

/** Addresses in the order of the arguments. */
export function passthroughDevices(argv: readonly string[]): readonly string[] {
  return argv.flatMap((argument, index) =>
    argv[index - 1] === '-device' && DEVICE.test(argument) ? (HOST.exec(argument)?.[1] ?? []) : [],
  );
}
