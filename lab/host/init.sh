#!/bin/busybox sh
# The first program of a lab host: this machine's file system, read-only over 9p, under a layer of memory; then systemd, or the job at once.
# Says where it is in lines "lab: …" on the console, which the program outside turns into progress and reasons.
B=/bin/busybox

say() { $B echo "lab: $*"; }
fail() { say "failed: $*"; $B poweroff -f; }
# A mount, or the end, with the reason.
attach() { $B mount "$@" || fail "mount $*"; }

$B mkdir -p /proc /sys /dev /machine /layer /new
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs devtmpfs /dev

# Its events are on from the start, and recorded only while a scenario looks at them.
attach -t tracefs tracefs /sys/kernel/tracing
echo 0 > /sys/kernel/tracing/tracing_on

say modules
while read -r module; do
  $B insmod "/modules/$module.ko" || fail "insmod $module"
done < /modules/order

say root
options=trans=virtio,version=9p2000.L,msize=512000
attach -t 9p -o $options,cache=loose,ro machine /machine
attach -t tmpfs tmpfs /layer
$B mkdir /layer/upper /layer/work
attach -t overlay -o lowerdir=/machine,upperdir=/layer/upper,workdir=/layer/work overlay /new
for directory in proc sys dev; do $B mount --move /$directory /new/$directory; done
# Whatever runs on the machine outside is not this host's.
for directory in run tmp var/tmp etc/pve; do
  $B mkdir -p "/new/$directory"
  attach -t tmpfs -o mode=755 tmpfs "/new/$directory"
done
$B chmod 1777 /new/tmp /new/var/tmp
# No mount: removing the package removes it.
$B rm -rf /new/var/lib/berth
$B mkdir -p -m 755 /new/var/lib/berth
$B mkdir -p /new/lab
attach -t 9p -o $options,cache=none share /new/lab
project=$($B cat /new/lab/project)
$B mkdir -p "/new$project"
attach -t 9p -o $options,cache=loose,ro project "/new$project"
$B hostname lab
echo lab > /new/etc/hostname
echo '127.0.0.1 localhost lab' > /new/etc/hosts
$B ip link set lo up

for cpu in $($B cat /new/lab/offline); do echo 0 > "/new/sys/devices/system/cpu/cpu$cpu/online"; done

if $B grep -q lab.init=systemd /new/proc/cmdline; then
  say systemd
  $B rm -f /new/.dockerenv
  echo 0123456789abcdef0123456789abcdef > /new/etc/machine-id
  : > /new/etc/fstab
  # No service of the machine outside may start: only our own target, its job, and the bus.
  for directory in etc/systemd/system etc/systemd/system-generators lib/systemd/system-generators; do
    $B mkdir -p "/new/$directory"
    attach -t tmpfs -o mode=755 tmpfs "/new/$directory"
  done
  $B cp -r /new/lab/units/. /new/etc/systemd/system/
  exec $B switch_root /new /lib/systemd/systemd
fi

$B mkdir -p /new/dev/shm /new/dev/pts
attach -t tmpfs tmpfs /new/dev/shm
attach -t devpts devpts /new/dev/pts
attach -t cgroup2 cgroup2 /new/sys/fs/cgroup
$B ln -sf /proc/self/fd /new/dev/fd
$B chroot /new /bin/sh /lab/job
echo o > /new/proc/sysrq-trigger
$B sleep 10
