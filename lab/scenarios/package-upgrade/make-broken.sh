#!/bin/sh
# The beginning of the package, as after a download that was interrupted.
head -c 4000000 dist/package/berth_*.deb > /run/broken.deb
