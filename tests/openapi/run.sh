#!/bin/sh
# /openapi.json by a validator, and against what the server answers. Prints 'N passed, N
# failed'.
set -u
make -s build/invichat || exit 1
mkdir -p build/openapi
cp tests/openapi/package.json tests/openapi/package-lock.json tests/openapi/check.mjs build/openapi/
cd build/openapi || exit 1
if [ ! -d node_modules/@seriousme/openapi-schema-validator ]; then
    npm ci --no-audit --no-fund --loglevel=error || exit 1
fi
exec node check.mjs ../invichat
