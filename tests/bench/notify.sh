# shellcheck shell=sh
# A part of run.sh, which reads it in: what the frame of a signed-in page costs, what a crowd
# of members changes, and pages while the outbox drains.

# CPU time of the server for a request, in microseconds: other programs on the machine count
# for less in it than in a rate.
cost() { # PID URL WRK-ARGUMENT...
    server=$1
    shift
    before=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
    rate "$@" >"$work/rate"
    after=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
    asked=$(awk '/requests in/ { print $1 }' "$work/wrk")
    calc "($after - $before) * 1000000 / $(getconf CLK_TCK) / $asked"
}

# The least of ROUNDS, what is compared taken in turn; least_A and least_B are set.
cheapest() { # "ARGUMENTS OF COST" "THE SAME OF THE OTHER"
    least_a=1000000 least_b=1000000
    for _ in $(seq "$rounds"); do
        got=$(eval "cost $1")
        if holds "$got < $least_a"; then least_a=$got; fi
        got=$(eval "cost $2")
        if holds "$got < $least_b"; then least_b=$got; fi
    done
}

# The frame is permission check, bell and menu: the search's page has it for those signed in
# and is the same without it for a visitor.
# shellcheck disable=SC2154 # set by run.sh
notify() {
    gcc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wconversion -Werror \
        -o "$work/people" "$here/people.c" -lsqlite3
    rm -rf "$work/crowd"
    cp -r "$work/shops" "$work/crowd"
    "$work/people" "$work/crowd/invichat.db" members 100000
    serve "$work/shops"
    few_pid=$pid few=http://127.0.0.1:$port
    serve "$work/crowd"
    crowd_pid=$pid crowd=http://127.0.0.1:$port
    cheapest "$few_pid '$few/search?q=rice' -H '$owner'" "$few_pid '$few/search?q=rice'"
    value=$(calc "$least_a / $least_b")
    row "page with permission check, bell and menu over without" "$value" "<= 1.30" \
        "$value <= 1.3"
    for path in inventory notifications/count; do
        cheapest "$crowd_pid $crowd/$path -H '$owner'" "$few_pid $few/$path -H '$owner'"
        value=$(calc "$least_a / $least_b")
        row "100,000 users, 300,000 memberships over few: /$path" "$value" "<= 1.20" \
            "$value <= 1.2"
    done
    stop "$few_pid" "$crowd_pid"
    draining
    rm -rf "$work/crowd" "$work/queued"
}

# The figure is taken while messages are still waiting.
draining() {
    slowest=100
    for _ in $(seq "$rounds"); do
        rm -rf "$work/queued"
        cp -r "$work/shops" "$work/queued"
        "$work/people" "$work/queued/invichat.db" messages 10000
        serve "$work/queued"
        busy=$(rate "http://127.0.0.1:$port/inventory" -H "$owner")
        left=$((10000 - $("$work/people" "$work/queued/invichat.db" sent)))
        [ "$left" -gt 0 ] || { echo "the queue was empty too soon"; exit 1; }
        for _ in $(seq 600); do
            [ "$("$work/people" "$work/queued/invichat.db" sent)" = 10000 ] && break
            sleep 0.2
        done
        idle=$(rate "http://127.0.0.1:$port/inventory" -H "$owner")
        stop "$pid"
        value=$(calc "$idle / $busy")
        if holds "$value < $slowest"; then slowest=$value; fi
    done
    all=$("$work/people" "$work/queued/invichat.db" sent)
    row "10,000 messages drain: sent" "$all" "10000" "$all == 10000"
    row "a page while they do over the same at rest" "$slowest" "<= 2.00" "$slowest <= 2"
}
