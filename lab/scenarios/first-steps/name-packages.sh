#!/bin/sh
# Lays the two packages out under the names that docs/install.md has.
set -e
cp dist/older-package/berth_*.deb /run/packages/berth_0.1.0_amd64.deb
cp dist/package/berth_*.deb /run/packages/berth_0.2.0_amd64.deb
# apt reads local files as a user of its own, when it may.
chmod 755 /run/packages
