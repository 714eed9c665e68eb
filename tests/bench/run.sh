#!/bin/sh
# Speed as ratios measured in one run, so that the machine counts for little: against a bare
# civetweb handler, against a plain loop over SQLite, and against the program itself with
# less or more in the file. Each figure is the best of ROUNDS, what is compared taken in
# turn. Works in build/bench; needs about 4 GB there. Ends with 1 when a figure is missed.
set -eu
program=${BENCH_PROGRAM:-build/invichat}
rounds=${ROUNDS:-9}
seconds=${SECONDS_EACH:-1}
customers=2048
work=build/bench
here=tests/bench
missed=0
pids=

# Each is stopped once: a number that was ours may be another's later.
stop() { # PID...
    for gone; do
        kill "$gone" 2>/dev/null || true
        wait "$gone" 2>/dev/null || true
        left=
        for one in $pids; do [ "$one" = "$gone" ] || left="$left $one"; done
        pids=$left
    done
}
trap 'stop $pids; rm -rf $work/big $work/small $work/run $work/again $work/crowd $work/queued' EXIT
trap 'exit 1' INT TERM

build() {
    flags="-std=c17 -D_GNU_SOURCE -I. -O2 -Wall -Wextra -Wconversion -Werror"
    for one in seed orders loop drip bare; do
        # shellcheck disable=SC2086 # a list of flags
        gcc $flags -o "$work/$one" "$here/$one.c" -lsqlite3 -lsodium -lcivetweb -lpthread
    done
    for one in record slow_fsync; do
        # shellcheck disable=SC2086 # a list of flags
        gcc $flags -fPIC -shared -o "$work/$one.so" "$here/$one.c"
    done
}

# --- starting and stopping ---

serve() { # FOLDER [NAME=VALUE...]: sets $pid and $port
    folder=$1
    shift
    : >"$work/log"
    env "$@" "$program" serve --data "$folder" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
    pid=$!
    pids="$pids $pid"
    port=
    for _ in $(seq 2000); do
        port=$(sed -n 's,.*serving http://127.0.0.1:\([0-9]*\).*,\1,p' "$work/log")
        [ -z "$port" ] || return 0
        kill -0 "$pid" || break
        sleep 0.01
    done
    cat "$work/log"
    exit 1
}

bare() { # FILE...: sets $pid and $port
    : >"$work/bare.port"
    "$work/bare" "$@" >"$work/bare.port" &
    pid=$!
    pids="$pids $pid"
    while ! [ -s "$work/bare.port" ]; do sleep 0.01; done
    port=$(cat "$work/bare.port")
}

seed() { # FOLDER VENDORS PRODUCTS
    serve "$1"
    stop "$pid"
    "$work/seed" "$1/invichat.db" shops "$2" "$3" $customers
    "$work/seed" "$1/invichat.db" carts
}

# --- measuring ---

calc() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }
holds() { awk "BEGIN { exit !($1) }"; }

# "Requests/sec" of one run; an answer that is not 2xx or 3xx ends it all.
rate() { # URL WRK-ARGUMENT...
    url=$1
    shift
    wrk -t2 -c16 "-d${seconds}s" "$url" "$@" >"$work/wrk" 2>&1 &
    wait $!
    if grep -q 'Non-2xx\|unable' "$work/wrk" || ! grep -q '^Requests/sec' "$work/wrk"; then
        cat "$work/wrk" >&2
        exit 1
    fi
    sed -n 's/^Requests\/sec: *//p' "$work/wrk"
}

# Runs "name command..." lines of standard input in turn, ROUNDS times; best_NAME is set.
best() {
    list=$(cat)
    for round in $(seq "$rounds"); do
        while read -r name command; do
            got=$(eval "$command") || exit 1
            eval "was=\${best_$name:-0}"
            # shellcheck disable=SC2154 # set by the eval above
            if [ "$round" = 1 ] || holds "$got > $was"; then eval "best_$name=$got"; fi
        done <<END
$list
END
    done
}

row() { # MEASURE VALUE WANTED CONDITION
    verdict=ok
    if ! holds "$4"; then verdict=MISSED missed=1; fi
    printf '%-58s %10s %10s  %s\n' "$1" "$2" "$3" "$verdict" | tee -a "$work/table"
}

ratio_row() { # MEASURE A B LEAST
    value=$(calc "$2 / $3")
    row "$1" "$value" ">= $4" "$value >= $4"
}

owner="Cookie: session=$(printf '%043d' 900000001)"
memory() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }
commits() { curl -s "http://127.0.0.1:$1/metrics" | sed -n 's/^invichat_commits_total //p'; }
raw() { # FILE CURL-ARGUMENT...: the whole answer as it came
    out=$1
    shift
    curl -s -D "$out.head" -o "$out.body" "$@"
    cat "$out.head" "$out.body" >"$out"
    head -n 1 "$out.head" | grep -q ' 200 ' || { cat "$out"; exit 1; }
}

# --- 1: pages ---

# shellcheck disable=SC2154 # best_* are set by best
pages() {
    serve "$work/shops"
    page_pid=$pid page=http://127.0.0.1:$port
    raw "$work/page" "$page/v/shop-1"
    raw "$work/page.gz" -H 'Accept-Encoding: gzip' "$page/v/shop-1"
    raw "$work/inventory" -H "$owner" "$page/inventory"
    bare "$work/page" "$work/page.gz" "$work/inventory"
    bare_pid=$pid bare=http://127.0.0.1:$port
    best <<END
bare_page rate $bare/0
page rate $page/v/shop-1
bare_gzip rate $bare/1
gzip rate $page/v/shop-1 -H 'Accept-Encoding: gzip'
fresh rate $page -s $here/catalog.lua -- 2000
bare_list rate $bare/2
list rate $page/inventory -H '$owner'
END
    ratio_row "catalog page of 50, kept, over bare" "$best_page" "$best_bare_page" 0.6
    ratio_row "the same, compressed" "$best_gzip" "$best_bare_gzip" 0.6
    ratio_row "catalog page, each of another vendor, over bare" "$best_fresh" \
        "$best_bare_page" 0.1
    ratio_row "inventory page of 50, signed in, over bare" "$best_list" "$best_bare_list" 0.1
    stop "$bare_pid" "$page_pid"
}

# --- 2: orders ---

copy() { # FROM TO: the data folder with carts filled
    rm -rf "$2"
    cp -r "$1" "$2"
    # Else the first fsync of the run would wait for the copy.
    sync -f "$2/invichat.db"
}

# Prints "orders/s longest-ms orders-a-commit".
order_round() { # FOLDER CLIENTS COUNT [NAME=VALUE...]
    copy "$1" "$work/run"
    clients=$2 count=$3
    shift 3
    serve "$work/run" "$@"
    before=$(commits "$port")
    got=$("$work/orders" "$port" place "$clients" "$count" "$work/tokens")
    after=$(commits "$port")
    stop "$pid"
    echo "$got $(calc "$count / ($after - $before)")"
}

tokens() {
    serve "$work/small"
    "$work/orders" "$port" tokens $customers >"$work/tokens"
    stop "$pid"
}

orders() {
    best_order=0 best_loop=0 best_one=0 best_slow=0 worst=100000
    order_round "$work/small" 1 $customers "LD_PRELOAD=$PWD/$work/record.so" \
        "BENCH_RECORD=$work/record" >/dev/null
    for _ in $(seq "$rounds"); do
        # shellcheck disable=SC2046 # three words
        set -- $(order_round "$work/small" 32 $customers)
        if holds "$1 > $best_order"; then best_order=$1 group=$3; fi
        copy "$work/small" "$work/again"
        got=$("$work/loop" \
            "$work/again/invichat.db" "$work/record" "$(calc "$3" 0)")
        if holds "$got > $best_loop"; then best_loop=$got; fi
        # shellcheck disable=SC2046 # three words
        set -- $(order_round "$work/small" 1 200 "LD_PRELOAD=$PWD/$work/slow_fsync.so")
        if holds "$1 > $best_one"; then best_one=$1; fi
        # shellcheck disable=SC2046 # three words
        set -- $(order_round "$work/small" 32 $customers \
            "LD_PRELOAD=$PWD/$work/slow_fsync.so")
        if holds "$1 > $best_slow"; then best_slow=$1 slow_group=$3; fi
        if holds "$2 < $worst"; then worst=$2; fi
    done
    ratio_row "orders of 3 lines, $group a commit, over a plain loop" "$best_order" \
        "$best_loop" 0.5
    ratio_row "fsync of 2 ms: orders, $slow_group a commit, over 1 a commit" "$best_slow" \
        "$best_one" 8
    row "fsync of 2 ms: longest wait for an order, ms" "$worst" "< 100" "$worst < 100"
}

# --- 3: a thousand and a million SKUs ---

scale() {
    serve "$work/small"
    small_pid=$pid small=http://127.0.0.1:$port
    serve "$work/big"
    big_pid=$pid big=http://127.0.0.1:$port
    best <<END
small_page rate $small/v/shop-1
big_page rate $big/v/shop-1
small_fresh rate $small -s $here/catalog.lua -- 20 fresh
big_fresh rate $big -s $here/catalog.lua -- 2000 fresh
small_list rate $small/inventory -H '$owner'
big_list rate $big/inventory -H '$owner'
END
    stop "$small_pid" "$big_pid"
    for _ in $(seq "$rounds"); do
        for size in small big; do
            # shellcheck disable=SC2046 # three words
            set -- $(order_round "$work/$size" 32 $customers)
            eval "was=\${best_${size}_order:-0}"
            if holds "$1 > $was"; then eval "best_${size}_order=$1"; fi
        done
    done
    for what in page fresh list order; do
        eval "value=\$(calc \"\$best_small_$what / \$best_big_$what\")"
        # shellcheck disable=SC2154 # set by the eval above
        row "1,000 SKUs over 1,000,000: $what" "$value" "<= 1.30" "$value <= 1.3"
    done
}

# --- 4: memory and start ---

resources() {
    start=100000
    for _ in $(seq "$rounds"); do
        before=$(date +%s%N)
        serve_at=$(($(date +%s) % 20000 + 20000))
        "$program" serve --data "$work/big" --listen "127.0.0.1:$serve_at" \
            >"$work/log" 2>&1 &
        pid=$! pids="$pids $!"
        took=$(calc "$("$work/orders" "$serve_at" first /v/shop-1) - $before / 1000000" 0)
        if holds "$took < $start"; then start=$took; fi
        stop "$pid"
    done
    gigabytes=$(calc "$(stat -c %s "$work/big/invichat.db") / 1000000000" 1)
    row "first answer after start, file of $gigabytes GB, ms" "$start" "< 150" "$start < 150"
    serve "$work/shops"
    sleep 1
    idle=$(calc "$(memory "$pid") / 1024" 1)
    row "anonymous memory, idle, MB" "$idle" "< 40" "$idle < 40"
    wrk -t2 -c128 -d6s "http://127.0.0.1:$port" -s "$here/catalog.lua" -- 2000 \
        >/dev/null 2>&1 &
    one=$!
    wrk -t2 -c128 -d6s -H "$owner" "http://127.0.0.1:$port/inventory" >/dev/null 2>&1 &
    most=0
    while kill -0 "$one" 2>/dev/null; do
        now=$(memory "$pid")
        [ "$now" -le "$most" ] || most=$now
        sleep 0.1
    done
    most=$(calc "$most / 1024" 1)
    row "anonymous memory, 256 busy connections, MB" "$most" "< 150" "$most < 150"
    stop "$pid"
}

# --- 5: slow senders ---

slow_senders() {
    serve "$work/shops"
    "$work/drip" "$port" 300 &
    drip=$!
    pids="$pids $drip"
    sleep 2
    wrk -t2 -c16 -d10s "http://127.0.0.1:$port/v/shop-1" >"$work/wrk" 2>&1 &
    wait $!
    failed=$(awk '/Non-2xx/ { n += $NF } /Socket errors/ { gsub(",", "");
        n += $4 + $6 + $8 + $10 } END { print n + 0 }' "$work/wrk")
    asked=$(awk '/requests in/ { print $1 }' "$work/wrk")
    row "300 slow senders: requests that failed of $asked" "$failed" "0" \
        "$failed == 0 && $asked > 0"
    stop "$drip" "$pid"
}

# shellcheck source=tests/bench/notify.sh
. "$here/notify.sh"

mkdir -p "$work"
rm -rf "$work/small" "$work/shops" "$work/big" "$work/table"
build
printf '%-58s %10s %10s\n' measure value wanted | tee "$work/table"
seed "$work/small" 20 50
seed "$work/shops" 2000 50
seed "$work/big" 2000 500
# One key, so that the sessions' values are the same in both.
cp "$work/small/key" "$work/big/key"
tokens
for part in ${PARTS:-pages orders scale resources slow_senders notify}; do
    $part
done
[ "$missed" = 0 ] || { echo "at least one figure is missed"; exit 1; }
