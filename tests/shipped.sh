#!/bin/sh
# The program as it is shipped: starts, answers, is backed up while it runs, restored, checked
# and stopped in order (SYS-1, SYS-6, SYS-8). Prints 'N passed, N failed'.
set -u
make -s build/invichat || exit 1
p=build/invichat
dir=$(mktemp -d)
passed=0 failed=0
ok() {
    name=$1
    shift
    if "$@" >"$dir/out" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAILED $name"; tail -n 5 "$dir/out"; fi
}
start() {
    INVICHAT_LOG_OTP=1 $p serve --data "$dir/data" --listen 127.0.0.1:0 2>"$dir/log" &
    pid=$!
    for _ in $(seq 100); do
        port=$(sed -n 's,.*serving http://127.0.0.1:\([0-9]*\).*,\1,p' "$dir/log")
        [ -n "$port" ] && break
        sleep 0.1
    done
}
ok "SYS-2 the demo is made" $p demo --data "$dir/data"
start
url=http://127.0.0.1:$port
ok "SYS-8 health" curl -fsS "$url/healthz"
ok "SYS-8 metrics" curl -fsS "$url/metrics"
ok "SYS-5 the API describes itself" sh -c "curl -fsS $url/openapi.json | grep -q '\"openapi\":\"3'"
ok "CAT-6 home lists vendors" sh -c "curl -fsS $url/ | grep -q /v/"
# The weight of what a first visit loads, compressed (look: at most 25 KB).
weight() { curl -fsS -H 'Accept-Encoding: gzip' "$url$1" | wc -c; }
js=$(curl -fsS "$url/v/corner-grocery" | sed -n 's/.*src="\(\/static\/app.js[^"]*\)".*/\1/p')
ok "CAT-4 page and script of a catalog are at most 25 KB" \
    test $(($(weight /v/corner-grocery) + $(weight "$js"))) -le 25600
ok "CAT-4 the script is compressed" test "$(weight "$js")" -le 4096
ok "SYS-1 a second server on the folder is refused" sh -c \
    "! $p serve --data $dir/data --listen 127.0.0.1:0"
ok "SYS-6 backup while it runs" $p backup --data "$dir/data" "$dir/backup.tar"
ok "SYS-6 SEC-43 the key is not in the backup" sh -c "! tar tf $dir/backup.tar | grep -qx key"
ok "SYS-6 no restore while it runs" sh -c "! $p restore --data $dir/data $dir/backup.tar"
kill -TERM $pid
ok "SYS-8 it stops in order" wait $pid
ok "SYS-1 check" $p check --data "$dir/data"
ok "SYS-6 restore" $p restore --data "$dir/data" "$dir/backup.tar"
ok "SYS-6 check after restore" $p check --data "$dir/data"
ok "SYS-6 a restore of rubbish changes nothing" sh -c \
    "echo rubbish > $dir/bad.tar; ! $p restore --data $dir/data $dir/bad.tar && $p check --data $dir/data"
start
ok "SYS-6 it serves what was restored" sh -c "curl -fsS http://127.0.0.1:$port/ | grep -q /v/"
kill -TERM $pid
wait $pid
rm -rf "$dir"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
