#!/bin/sh
# Answers what `berth init` asks at a terminal: a guest that there is not, one that there is, nobody else; then yes, until it asks for that.
{
  printf '999\n101\n\n'
  while sleep 5; do echo y; done
} | NO_COLOR=1 script -qefc 'berth init' /dev/null
[ $? = 2 ]
