#!/bin/sh
# Builds each fuzzer named with clang's sanitizers and runs it; SECONDS each.
set -eu
seconds=${SECONDS_EACH:-600}
pkgs="sqlite3 jansson libsodium libcurl libdeflate"
mkdir -p build/fuzz
for source; do
    name=$(basename "$source" .c)
    echo "== $name, $seconds s"
    # shellcheck disable=SC2046 # lists of flags and files
    clang -std=c17 -D_GNU_SOURCE -I. -g -O1 -fsanitize=fuzzer,address,undefined \
        $(pkg-config --cflags $pkgs) -o "build/fuzz/$name" "$source" \
        db/base/*.c server/http/form.c server/http/urlencoded.c \
        server/http/multipart.c server/http/part_head.c server/http/upload.c \
        server/http/json_body.c server/http/header.c server/http/forwarded.c server/http/template*.c \
        server/bot/whatsapp_parse.c tests/fuzz/assets.c \
        $(pkg-config --libs $pkgs) -lm -lpthread 2>build/fuzz/$name.log ||
        { tail -5 "build/fuzz/$name.log"; exit 1; }
    mkdir -p "build/fuzz/corpus-$name"
    "build/fuzz/$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus-$name" 2>&1 | tail -n 2
done
echo "no findings"
