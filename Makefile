# InviChat. `make help` says what there is.
.DEFAULT_GOAL := build/invichat
SHELL := /bin/sh
J := $(shell nproc)
MAKEFLAGS += -j$(J) --no-print-directory

DATA ?= data
LISTEN ?= 127.0.0.1:8080

CC := gcc
STD := -std=c17 -D_GNU_SOURCE -I.
# Tables of routes and fields leave out what is 0.
WARN := -Wall -Wextra -Wconversion -Werror -Wno-missing-field-initializers
HARD := -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
PKGS := sqlite3 jansson libsodium libcurl gdk-pixbuf-2.0 cairo cairo-pdf pangocairo \
	libdeflate libseccomp libcrypto
LIBS = $(shell pkg-config --libs $(PKGS)) -lcivetweb -lzint -lm -lpthread
# System headers: their own warnings are not ours.
INCS = $(patsubst -I%,-isystem%,$(shell pkg-config --cflags $(PKGS)))

SRC := $(sort $(wildcard db/*.c db/base/*.c server/*.c server/*/*.c))
LIB_SRC := $(filter-out server/main.c,$(SRC))
ASSETS := $(sort $(shell find migrations templates static -type f))
UNIT := $(sort $(wildcard tests/unit/*_test.c))
HTTP := $(sort $(wildcard tests/http/*_test.c))
# What takes longest begins first.
SLOW := $(wildcard $(patsubst %,tests/http/%_test.c,crash routes_level limits security admin api backup))
TESTS := $(SLOW) $(filter-out $(SLOW),$(HTTP) $(UNIT))
RACES := $(shell grep -l pthread_create $(TESTS))
FUZZ := $(sort $(wildcard tests/fuzz/*_fuzz.c))

.PHONY: help run demo check test bench fuzz install lint unit http sanitize race trace \
	browser clean deps test-deps ci

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F'\t' '{printf "  make %-10s %s\n",$$1,$$2}'

# --- Debian packages: named when missing, installed with sudo where it must be ---

DEPS := gcc make pkg-config libcivetweb-dev libsqlite3-dev libjansson-dev libsodium-dev \
	libcurl4-openssl-dev libzint-dev libcairo2-dev libpango1.0-dev libgdk-pixbuf-2.0-dev \
	libdeflate-dev libseccomp-dev libssl-dev fonts-noto-core ca-certificates
TEST_DEPS := libcmocka-dev libzbar-dev poppler-utils chromium clang libclang-rt-14-dev \
	clang-format curl wrk nodejs

deps: ; @sh tests/packages.sh $(DEPS)
test-deps: deps ; @sh tests/packages.sh $(TEST_DEPS)

# --- building: one folder of objects a flavour ---

# $(1) folder, $(2) extra flags
define flavour
$(1)/%.o: %.c | deps
	@mkdir -p $$(@D)
	@echo '  cc $$<'; $$(CC) $$(STD) $$(WARN) $$(INCS) $(2) -MMD -c $$< -o $$@
$(1)/assets.S: $$(ASSETS) db/base/asset_table.sh
	@mkdir -p $$(@D)
	@sh db/base/asset_table.sh $$(ASSETS) > $$@.new && mv $$@.new $$@
$(1)/assets.o: $(1)/assets.S
	@$$(CC) -c $$< -o $$@
$(1)/lib.a: $$(LIB_SRC:%.c=$(1)/%.o) $(1)/assets.o
	@rm -f $$@
	@ar rcs $$@ $$^
$(1)/invichat: $(1)/server/main.o $(1)/lib.a
	@echo '  ld $$@'; $$(CC) $(2) -o $$@ $$^ -pie -Wl,-z,relro,-z,now $$(LIBS)
$(1)/%_test: $(1)/%_test.o $(1)/lib.a
	@echo '  ld $$@'; $$(CC) $(2) -o $$@ $$^ -pie $$(LIBS) -lcmocka -lzbar
-include $$(SRC:%.c=$(1)/%.d) $$(UNIT:%.c=$(1)/%.d) $$(HTTP:%.c=$(1)/%.d)
endef
# No test holds more than 24 connections.
TESTED := -DINVICHAT_TEST_CLOCK -DLISTENER_THREADS='"64"'
ASAN := -Wno-format-truncation -Wno-format-overflow -Og -g -fPIE -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer $(TESTED)
TSAN := -O1 -g -fPIE -fsanitize=thread $(TESTED)
$(eval $(call flavour,build,-O2 -g $(HARD)))
$(eval $(call flavour,build/asan,$(ASAN)))
$(eval $(call flavour,build/tsan,$(TSAN)))
.SECONDARY:

# --- running ---

run: build/invichat ## build and serve on http://127.0.0.1:8080 (DATA=folder LISTEN=address:port)
	build/invichat serve --data $(DATA) --listen $(LISTEN)

demo: DATA = build/demo
demo: build/invichat ## the same with demo shops in it, in a folder of its own
	build/invichat demo --data $(DATA)
	INVICHAT_LOG_OTP=1 build/invichat serve --data $(DATA) --listen $(LISTEN)

install: build/invichat ## copy the program to /usr/local/bin
	install -D -m 755 build/invichat $(DESTDIR)/usr/local/bin/invichat

# --- tests ---

lint:
	@sh tests/lint.sh

check: test-deps ## lint, sanitizers, unit and HTTP tests
	@$(MAKE) lint
	@$(MAKE) $(TESTS:%.c=build/asan/%) build/asan/invichat
	@sh tests/run.sh build/asan $(TESTS:%.c=%)

race: test-deps
	@$(MAKE) $(RACES:%.c=build/tsan/%) build/tsan/invichat
	@sh tests/run.sh build/tsan $(RACES:%.c=%)

test: test-deps ## everything: check, races, crashes, the browser
	@sh tests/all.sh

fuzz: test-deps ## the readers of strangers' bytes, SECONDS_EACH=600
	@sh tests/fuzz/run.sh $(FUZZ)

bench: test-deps build/invichat ## speed, as ratios measured in one run
	@sh tests/bench/run.sh

trace: ## the requirements that no test names
	@sh tests/trace.sh

clean:
	rm -rf build
