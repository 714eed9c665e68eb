#!/bin/sh
# All tests; the last line is the sum 'N passed, N failed'. A part that runs no test counts
# as one failure.
set -u
# Each make below has its own jobs; those of the one that called are not handed on.
unset MAKEFLAGS MFLAGS
log=build/test-parts
mkdir -p build
: > "$log"

part() {
    name=$1
    began=$(date +%s)
    shift
    out=$("$@" 2>&1)
    status=$?
    printf '== %s (%s s)\n%s\n' "$name" "$(($(date +%s) - began))" "$out"
    sum=$(printf '%s\n' "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
    if [ -z "$sum" ]; then
        sum="0 passed, 1 failed"
        [ "$status" = 0 ] && echo "this part counted no test"
    elif [ "$status" != 0 ] && [ "${sum#* passed, }" = "0 failed" ]; then
        sum="${sum%% *} passed, 1 failed"
    fi
    echo "$sum" >> "$log"
}

part "lint, sanitizers, unit and HTTP tests" make -s check
part "races" make -s race
part "the program as it is shipped" sh tests/shipped.sh
part "the description of the API" sh tests/openapi/run.sh
# Both wait more than they work. What is missing here, they miss and fail.
sh tests/browser/install.sh
(part "notifications in the browser" sh tests/browser/run.sh notifications.mjs) > build/notifications &
part "a person's journeys in the browser" sh tests/browser/run.sh
wait $!
cat build/notifications
awk '{ p += $1; f += $3 } END { print p " passed, " f " failed"; exit f > 0 || p == 0 }' "$log"
