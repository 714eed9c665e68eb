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
# SEC-20 SQL: values are parameters; what is put together are our own words and numbers of parameters.
grep -rnE "'%s'|(=|<|>|LIKE|IN \() ?%(s|d|lld)\b" db --include='*.c' | grep -E '"' | grep -vE 'log_|fprintf|text_' &&
    say "a value within SQL"
# SEC-23 formats are literals; no shell. SEC-29 the other side's certificate is checked.
grep -rnE '\b(log_(info|warn|error)|(f|sn|arena_|buf_)?printf)\((([a-z>_&.-]+, *){0,2})?[a-z_]+\)' db server --include='*.c' &&
    say "a format that is no literal"
grep -rnE 'SSL_VERIFY(PEER|HOST)' server && say "a certificate that is not checked"
find db server tests -name '*.[ch]' -exec env LC_ALL=C.UTF-8 grep -nE '^.{101,}' {} + &&
    say "a line over 100 columns"
for part in templates/parts/*.html; do
    name=parts/$(basename "$part" .html)
    grep -qE "[<>]$name}}" templates/admin/parts.html templates/layout.html templates/bare.html templates/error.html \
        templates/parts/*.html || say "$name is shown neither on /admin/parts nor around a page"
done
[ "$bad" = 0 ] && echo "lint: ok"
exit "$bad"
