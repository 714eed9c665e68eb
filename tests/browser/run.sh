#!/bin/sh
# The journeys of a person, in Debian's Chromium: journey.mjs, or the one that is named.
# Prints 'N passed, N failed'.
set -u
make -s build/invichat || exit 1
mkdir -p build/browser
cp tests/browser/package.json tests/browser/*.mjs build/browser/
[ -f tests/browser/package-lock.json ] && cp tests/browser/package-lock.json build/browser/
cd build/browser || exit 1
if [ ! -d node_modules/playwright-core ]; then
    npm install --no-audit --no-fund --omit-lockfile-registry-resolved --loglevel=error || exit 1
fi
exec node "${1:-journey.mjs}" ../invichat
