#!/bin/sh
# The CPUs of the kernel thread that was moved.
echo "kcompactd0: $(sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$(pgrep -x kcompactd0)/status")"
