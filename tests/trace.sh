#!/bin/sh
# The requirements and the security checks (tests/security.md) that no test names.
set -eu
all=$(grep -oE '^- [A-Z]+-[0-9]+' tests/requirements.md | cut -c3-)
checks=$(grep -oE '^\| SEC-[0-9]+' tests/security.md | cut -c3-)
named=$(grep -rhoE '[A-Z]{2,4}-[0-9]+' tests/unit tests/http tests/browser tests/fuzz tests/*.sh |
    sort -u)
missing=0
for id in $all; do
    printf '%s\n' "$named" | grep -qx "$id" || { echo "$id"; missing=$((missing + 1)); }
done
unseen=0
for id in $checks; do
    printf '%s\n' "$named" | grep -qx "$id" || { grep "^| $id " tests/security.md; unseen=$((unseen + 1)); }
done
echo "$unseen of $(printf '%s\n' "$checks" | wc -l) security checks are named by no test"
echo "$missing of $(printf '%s\n' "$all" | wc -l) requirements are named by no test"
