#!/bin/sh
# Runs cmocka test programs: run.sh FOLDER NAME... Prints each failure and, last, the sums
# 'N passed, N failed'. A program that runs no test, skips one, or dies is a failure.
set -u
folder=$1
shift
passed=0 failed=0
for name; do
    out=$(INVICHAT_MEDIA_PROGRAM= timeout 300 "$folder/$name" 2>&1)
    status=$?
    ok=$(printf '%s\n' "$out" | sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' | tail -n 1)
    bad=$(printf '%s\n' "$out" | grep -c '^\[  FAILED  \] [^0-9]')
    skipped=$(printf '%s\n' "$out" | grep -c '^\[  SKIPPED \] [^0-9]')
    passed=$((passed + ${ok:-0}))
    if [ "$status" != 0 ] || [ "${ok:-0}" = 0 ] || [ "$skipped" != 0 ]; then
        [ "$bad" -gt 0 ] || bad=1
        failed=$((failed + bad + skipped))
        printf '%s\n' "$out" | tail -n 60
        echo "FAILED $name (status $status, ${ok:-no} passed, $skipped skipped)"
    else
        echo "ok $name: $ok"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
