#!/bin/sh
# The program and what its journeys need, in build/browser: asks npm nothing when all is there.
set -eu
make -s build/invichat
mkdir -p build/browser
cp tests/browser/package.json tests/browser/*.mjs build/browser/
[ ! -f tests/browser/package-lock.json ] || cp tests/browser/package-lock.json build/browser/
cd build/browser
[ -d node_modules/playwright-core ] ||
    npm install --no-audit --no-fund --omit-lockfile-registry-resolved --loglevel=error
