#!/bin/sh
# The requirements that no test names.
set -eu
all=$(grep -oE '^- [A-Z]+-[0-9]+' tests/requirements.md | cut -c3-)
named=$(grep -rhoE '[A-Z]{2,4}-[0-9]+' tests/unit tests/http tests/browser | sort -u)
missing=0
for id in $all; do
    printf '%s\n' "$named" | grep -qx "$id" || { echo "$id"; missing=$((missing + 1)); }
done
echo "$missing of $(printf '%s\n' "$all" | wc -l) requirements are named by no test"
