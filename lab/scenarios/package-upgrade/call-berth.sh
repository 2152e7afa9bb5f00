#!/bin/sh
# Somebody calls berth again and again: what fails is kept in /run/failed-call.
while :; do
  berth history > /run/last-call 2>&1 || cp /run/last-call /run/failed-call
  echo >> /run/calls
done
