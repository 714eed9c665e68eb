#!/bin/sh
# Runs cmocka test programs, several at once, since they wait more than they work: run.sh
# FOLDER NAME... Prints each result as it comes, then what failed, and, last, the sums
# 'N passed, N failed'. A program that runs no test, skips one, or dies is a failure.
set -u
folder=$1
shift
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export folder logs

printf '%s\n' "$@" | xargs -P "$(($(nproc) * 2))" -I{} sh -c '
    log=$logs/$(echo "{}" | tr / -)
    began=$(date +%s)
    INVICHAT_MEDIA_PROGRAM= timeout 300 "$folder/{}" > "$log" 2>&1
    status=$?
    ok=$(sed -n "s/^\[  PASSED  \] \([0-9]*\) test.*/\1/p" "$log" | tail -n 1)
    bad=$(sed -n "s/^ *\([0-9]*\) FAILED TEST.*/\1/p" "$log" | tail -n 1)
    skipped=$(grep -c "^\[  SKIPPED \] [^0-9]" "$log")
    if [ "$status" != 0 ] || [ "${ok:-0}" = 0 ] || [ "$skipped" != 0 ]; then
        [ "${bad:-0}" -gt 0 ] || bad=1
        echo "FAILED {} (status $status, ${ok:-no} passed, $skipped skipped)"
        mv "$log" "$log.failed"
    else
        bad=0
        echo "ok {}: $ok ($(($(date +%s) - began)) s)"
    fi
    echo "${ok:-0} $((bad + skipped))" >> "$logs/sums"'

for log in "$logs"/*.failed; do
    [ -e "$log" ] && echo "== $(basename "$log" .failed)" &&
        grep -vE "^\[ (RUN|     OK)|Z info " "$log" | tail -n 60
done
awk -v programs=$# '{ p += $1; f += $2 }
    END { f += programs - NR; print p + 0 " passed, " f " failed"; exit f > 0 || p == 0 }' \
    "$logs/sums"
