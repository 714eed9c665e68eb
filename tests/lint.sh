#!/bin/sh
# What no compiler says: layers, SQL and HTML out of their rooms, loose ends, texts.
set -u
bad=0
say() { echo "lint: $1"; bad=1; }

grep -rnE '#include "server/' db && say "db/ includes a header of server/"
grep -rlE 'civetweb\.h' server db | grep -v '^server/http/' && say "civetweb.h outside server/http"
grep -rlE 'sqlite3\.h' server && say "sqlite3.h outside db/"
grep -rnE '"(SELECT|INSERT INTO|UPDATE|DELETE FROM) ' server && say "SQL outside db/"
grep -rnE '"<(div|p|a|form|table|span|h[1-6])[ >]' server/pages server/bot && say "HTML outside templates/"
grep -rnwE 'TODO|FIXME|XXX|HACK' db server templates static migrations && say "a loose end"
grep -rnE ' style="|<script>|onclick=' templates && say "inline style or script in a template"
grep -rnE '\b(sprintf|strcpy|gets|system|popen)\(' db server && say "an unsafe function"
[ "$(wc -c < static/app.css)" -le 12288 ] || say "app.css is over 12 KB"
find db server tests -name '*.[ch]' -exec env LC_ALL=C.UTF-8 grep -nE '^.{101,}' {} + &&
    say "a line over 100 columns"
[ "$bad" = 0 ] && echo "lint: ok"
exit "$bad"
