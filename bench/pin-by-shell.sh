#!/bin/sh
# A hookscript as people write them, without their sleeps: asks QEMU which thread is which vCPU, and runs taskset for each thread.
# Arguments: VMID, phase, CPU of the vCPUs, CPU of all other threads.
vmid=$1 phase=$2 vcpu_cpu=$3 other_cpu=$4
[ "$phase" = post-start ] || exit 0

pid=$(cat "/run/qemu-server/$vmid.pid")
# Proxmox has Perl. Three lines: the greeting, and an answer to each command.
answers=$(perl -MIO::Socket::UNIX -e '
  my $qmp = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no QMP";
  print $qmp "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-cpus-fast\"}\n";
  print scalar <$qmp> for 1 .. 3;
' "/run/qemu-server/$vmid.qmp")
vcpus=$(printf '%s\n' "$answers" | grep -o '"thread-id": *[0-9]*' | grep -o '[0-9]*$')

for task in "/proc/$pid/task/"*; do
  tid=${task##*/}
  cpu=$other_cpu
  for vcpu in $vcpus; do [ "$vcpu" = "$tid" ] && cpu=$vcpu_cpu; done
  taskset --cpu-list --pid "$cpu" "$tid" > /dev/null
done
