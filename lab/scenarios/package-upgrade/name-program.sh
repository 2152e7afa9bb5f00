#!/bin/sh
# The file that the agent's process runs; a replaced one is called deleted.
echo "The agent is $(readlink "/proc/$(systemctl show --property=MainPID --value berth)/exe")."
