#!/bin/sh
# Berth's hookscript, the same file on every node. Proxmox calls it as root: berth-hook.sh VMID PHASE.
# It never breaks a start by itself: without berth, or when berth fails or takes too long, all goes on as without it.
# What a guest had as its hookscript before is named in /etc/pve/berth/hooks/VMID, and is called as Proxmox would call it.

vmid=${1:-}
phase=${2:-}
case $vmid in
'' | *[!0-9]*)
  echo "berth-hook: expected a VMID and a phase, got '$*'" >&2
  exit 0
  ;;
esac

chained=''
chain=/etc/pve/berth/hooks/$vmid
[ ! -r "$chain" ] || chained=$(sed -n 's/^path: //p' "$chain")

# Only exit code 2 says something about the guest: that a strict placement cannot be had.
ask_berth() {
  command -v berth >/dev/null 2>&1 || return 0
  timeout --kill-after=1 8 berth hook "$vmid" "$phase" </dev/null 2>&1
  case $? in
  2) return 2 ;;
  124 | 137) echo "berth-hook: berth took too long and was stopped; the agent does what is left" ;;
  esac
  return 0
}

call_chained() {
  [ -n "$chained" ] || return 0
  if [ ! -x "$chained" ]; then
    echo "berth-hook: the hookscript $chained of guest $vmid is not there, or not executable" >&2
    return 1
  fi
  "$chained" "$vmid" "$phase"
}

case $phase in
pre-start)
  call_chained || exit $?
  ask_berth || exit 1
  ;;
post-start)
  # Pinned first: what the guest's own script does may take its time.
  ask_berth
  call_chained
  ;;
post-stop)
  call_chained
  code=$?
  ask_berth
  exit $code
  ;;
*)
  call_chained
  ;;
esac
