#!/bin/sh
# The journeys of a person, in Debian's Chromium: journey.mjs, or the one that is named.
# Prints 'N passed, N failed'.
set -u
sh tests/browser/install.sh || exit 1
cd build/browser || exit 1
exec node "${1:-journey.mjs}" ../invichat
