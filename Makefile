# Sallyport. `make help` lists what there is to do.

VERSION := 0.1.0
FLAVOUR ?= release
BUILD   := build/$(FLAVOUR)
DEPS    := build/deps
ifeq ($(origin CC),default)
CC      := gcc
endif

WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Werror
SANITIZE_release :=
SANITIZE_asan    := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANITIZE_tsan    := -fsanitize=thread -fno-omit-frame-pointer
SANITIZE         := $(SANITIZE_$(FLAVOUR))

CFLAGS   ?= -O2 -g
ALLFLAGS := -std=gnu2x $(CFLAGS) $(WARNINGS) -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE -pthread $(SANITIZE)
LDALL    := $(ALLFLAGS) -pie -Wl,-z,relro,-z,now -L$(DEPS)/lib $(LDFLAGS)
CPPFLAGS := -D_GNU_SOURCE -Iinclude -isystem $(DEPS)/include

# What single files need beside that, by the name of the file.
CPPFLAGS_wolfssl_internal := -isystem $(DEPS)/wolfssl-src
package_version            = $(shell dpkg-query -W -f='$${Version}' $(1) 2>/dev/null || echo unknown)
CPPFLAGS_stats_figures     = -DSALLYPORT_VERSION='"$(VERSION)"' -DLIBURING_VERSION='"$(call package_version,liburing-dev)"'
CPPFLAGS_command_version   = -DSALLYPORT_VERSION='"$(VERSION)"' -DLIBURING_VERSION='"$(call package_version,liburing-dev)"' \
    -DJEMALLOC_VERSION='"$(call package_version,libjemalloc-dev)"' -DINIH_VERSION='"$(call package_version,libinih-dev)"' \
    -DLLHTTP_VERSION='"$(shell sed -n 's/^llhttp //p' $(DEPS)/versions)"'
LIBS_fuzz_chain_openssl    := -lcrypto
CPPFLAGS_sallyport_load     = -DSALLYPORT_VERSION='"$(VERSION)"'
CPPFLAGS_tls_client_session := -isystem $(DEPS)/wolfssl-src
CPPFLAGS_certificate_maker  := -Isrc
CPPFLAGS_test_tls_session_key_change := -isystem $(DEPS)/wolfssl-src

# Folders, the highest first: the order in which archives are linked. What a folder may include is in
# tools/check_layers.sh; its unit tests are linked with its own archive and those after it.
FOLDERS := cli control worker proxy ocsp trust http tls net config base

SOURCES     := $(foreach folder,$(FOLDERS),$(wildcard src/$(folder)/*.c))
OBJECTS     := $(SOURCES:%.c=$(BUILD)/%.o)
TOP_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/*.c))
ARCHIVES    := $(foreach folder,$(FOLDERS),$(if $(wildcard src/$(folder)/*.c),$(BUILD)/lib$(folder).a))
# A sanitizer brings its own allocator, which jemalloc would hide.
MALLOC_release := -ljemalloc
LIBS := -l:libwolfssl.a -l:libllhttp.a -luring -linih -lm $(MALLOC_$(FLAVOUR))

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
STRESS_SOURCES := $(wildcard tests/stress/stress_*.c)
STRESS_TESTS := $(STRESS_SOURCES:%.c=$(BUILD)/%)
BENCH_SOURCES := $(wildcard bench/micro/bench_*.c)
BENCH_PARTS   := $(filter-out $(BENCH_SOURCES),$(wildcard bench/micro/*.c))
FLOOR_SOURCES := $(wildcard bench/floor/*.c)
FLOOR         := $(BUILD)/bench/floor/loopback_floor
RECEIVE_WAYS  := $(BUILD)/bench/floor/receive_ways
FLOOR_PARTS   := $(filter-out $(FLOOR:$(BUILD)/%=%.c) $(RECEIVE_WAYS:$(BUILD)/%=%.c),$(FLOOR_SOURCES))
# The load tool. Its unit tests are linked with its archive, that is all of it but main(), and with all others.
LOAD_SOURCES := $(wildcard bench/load/*.c)
LOAD_OBJECTS := $(LOAD_SOURCES:%.c=$(BUILD)/%.o)
LOAD_MAIN    := $(BUILD)/bench/load/sallyport_load.o
LOAD_ARCHIVE := $(BUILD)/libload.a
BENCHES      := $(BENCH_SOURCES:%.c=$(BUILD)/%)
SIM_SOURCES  := $(wildcard tests/sim/*.c tests/fake/*.c)
SIM_OBJECTS  := $(SIM_SOURCES:%.c=$(BUILD)/%.o)
SIM          := $(BUILD)/tests/sim/sim_proxy
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZERS      := $(FUZZ_SOURCES:tests/fuzz/%.c=build/fuzz/%)
HEADERS      := $(wildcard include/*/*.h src/*.h src/*/*.h bench/*/*.h)
C_FILES      := $(SOURCES) $(wildcard src/*.c) $(UNIT_SOURCES) $(FUZZ_SOURCES) $(SIM_SOURCES) $(STRESS_SOURCES) $(BENCH_SOURCES) $(BENCH_PARTS) $(FLOOR_SOURCES) $(LOAD_SOURCES)

PROGRAM_release := build/sallyport
PROGRAM_asan    := build/asan/sallyport
PROGRAM_tsan    := build/tsan/sallyport
PROGRAM         := $(PROGRAM_$(FLAVOUR))
LOAD_PROGRAM    := $(PROGRAM)-load

# make V=1 shows the commands themselves.
Q   := $(if $(V),,@)
say  = @printf '  %-3s %s\n' $(1) $(2)

comma := ,

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SECONDARY:
.PHONY: all deps deps-test debug unit sim sim-programs stress stress-programs scenario model differential bench bench-check bench-micro bench-programs bench-scaling bench-profile bench-floor bench-idle bench-levers \
    check check-asan check-tsan check-full lint format demo fuzz fuzzers clean help

all: $(PROGRAM) $(LOAD_PROGRAM) ## build build/sallyport and build/sallyport-load

$(DEPS)/stamp: tools/build_deps.sh tools/install_packages.sh tools/edit_wolfssl.sh src/tls/wolfssl_application.h
	tools/build_deps.sh
	@touch $@

deps: $(DEPS)/stamp ## install what is missing and build wolfSSL and llhttp into build/deps

deps-test: $(DEPS)/stamp ## the same, and the tools that the tests need
	@tools/build_deps.sh --test

$(BUILD)/%.o: %.c | $(DEPS)/stamp
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CPPFLAGS_$(notdir $*)) $(ALLFLAGS) -MMD -MP -c $< -o $@

# Who sees wolfSSL is compiled anew with it: the lists that the compiler leaves are without system headers.
$(filter $(BUILD)/src/tls/% $(BUILD)/src/trust/x509_%,$(OBJECTS)) $(filter $(BUILD)/bench/load/tls_%,$(LOAD_OBJECTS)) $(patsubst %,%.o,$(filter $(BUILD)/tests/unit/tls/%,$(UNIT_TESTS))): $(DEPS)/stamp

# What the assembler takes in is in no list of the compiler.
$(BUILD)/src/control/stats_page.o build/fuzz/src/control/stats_page.o: $(wildcard src/control/page/*)

$(BUILD)/lib%.a: $$(addprefix $(BUILD)/,$$(subst .c,.o,$$(wildcard src/$$*/*.c)))
	@rm -f $@
	@ar rcs $@ $^

$(PROGRAM): $(TOP_OBJECTS) $(ARCHIVES) $(DEPS)/stamp
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -o $@

$(LOAD_ARCHIVE): $(filter-out $(LOAD_MAIN),$(LOAD_OBJECTS))
	@rm -f $@
	@ar rcs $@ $^

$(LOAD_PROGRAM): $(LOAD_MAIN) $(LOAD_ARCHIVE) $(ARCHIVES) $(DEPS)/stamp
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(LOAD_MAIN) -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -o $@

# The archives a folder's unit tests need: its own and all below it.
below = $(filter $(ARCHIVES),$(BUILD)/lib$(1).a $(shell echo "$(FOLDERS)" | sed 's/^.*\b$(1)\b//' | sed -E 's,([a-z]+),$(BUILD)/lib\1.a,g'))

# These calls, of the archives and of wolfSSL too, go to the fakes where a program has them.
FAKE_NET_WRAPS    := close shutdown socket getpeername setsockopt getsockopt ioctl
FAKE_MEMORY_WRAPS := malloc calloc realloc
# What a unit test has included is in the list that the compiler has left.
stand_in_wraps     = $(if $(shell grep -s /stand_ins.h $@.d),$(patsubst %,-Wl$(comma)--wrap=%,$(FAKE_NET_WRAPS) malloc)) \
                     $(if $(shell grep -s /fake_memory.c $@.d),$(patsubst %,-Wl$(comma)--wrap=%,$(FAKE_MEMORY_WRAPS)))

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $$(call below,$$(firstword $$(subst /, ,$$*))) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(stand_in_wraps) $< -Wl,--start-group $(filter %.a,$^) $(if $(filter %/libtls.a,$^),-l:libwolfssl.a) -Wl,--end-group $(LIBS) -lcmocka -o $@

$(BUILD)/tests/unit/load/%.o: CPPFLAGS += -Ibench

$(BUILD)/tests/unit/load/%: $(BUILD)/tests/unit/load/%.o $(LOAD_ARCHIVE) $(ARCHIVES) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $< -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -lcmocka -o $@

unit: $(UNIT_TESTS) ## build and run the unit tests
	@for test in $(UNIT_TESTS); do $$test || exit 1; done

# make unit-config: the unit tests of one folder.
unit-%: $$(foreach test,$$(UNIT_TESTS),$$(if $$(findstring /unit/$$*/,$$(test)),$$(test)))
	@for test in $^; do $$test || exit 1; done

# The simulation is linked with all archives, too. The objects of the fakes come first, so that the archives' own ring, clock
# and random bytes are never looked at.

$(SIM): $(SIM_OBJECTS) $(ARCHIVES) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(FAKE_NET_WRAPS:%=-Wl,--wrap=%) $(FAKE_MEMORY_WRAPS:%=-Wl,--wrap=%) $(SIM_OBJECTS) -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -o $@

# As many seeds as take about ten seconds of a core.
SIM_FIRST         ?= 1
SIM_SEEDS_release := 30
SIM_SEEDS_asan    := 12
SIM_SEEDS_tsan    := 3
SIM_SEEDS         ?= $(SIM_SEEDS_$(FLAVOUR))

sim-programs: $(SIM)

sim: $(SIM) ## simulate the proxy: SIM_SEEDS seeds from SIM_FIRST (1) on
	@$(SIM) $(SIM_FIRST) $(SIM_SEEDS)

$(BUILD)/tests/stress/%: $(BUILD)/tests/stress/%.o $(ARCHIVES) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $< -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -o $@

stress-programs: $(STRESS_TESTS)

stress: $(STRESS_TESTS) ## what threads share, under load; meant for FLAVOUR=tsan
	@for test in $(STRESS_TESTS); do $$test || exit 1; done

# What allocates in a micro benchmark is counted and, for the proof that no shared memory is written, put where it can be protected.
# They have the fixtures of the unit tests, and with them cmocka.
BENCH_MEMORY_WRAPS := malloc calloc realloc aligned_alloc free
BENCH_PART_OBJECTS := $(BENCH_PARTS:%.c=$(BUILD)/%.o)

# The load tool's histogram goes by the names of the gateway's: as an object it is found before the archives.
$(BUILD)/bench/micro/bench_load_histogram.o: CPPFLAGS += -Ibench
$(BUILD)/bench/micro/bench_load_histogram: $(BUILD)/bench/load/histogram.o

$(BUILD)/bench/micro/%: $(BUILD)/bench/micro/%.o $(BENCH_PART_OBJECTS) $(ARCHIVES) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(BENCH_MEMORY_WRAPS:%=-Wl,--wrap=%) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -l:libwolfssl.a -Wl,--end-group $(LIBS) -lcmocka -o $@

bench-programs: $(BENCHES) $(FLOOR) $(RECEIVE_WAYS)

$(FLOOR) $(RECEIVE_WAYS): %: %.o $(FLOOR_PARTS:%.c=$(BUILD)/%.o) $(BUILD)/libnet.a $(BUILD)/libbase.a $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)$(CC) $(LDALL) $(filter %.o %.a,$^) $(LIBS) -o $@

bench-floor: $(FLOOR) $(RECEIVE_WAYS) ## what the kernel takes for the bytes of a request, a connection, a gigabyte over loopback, and for nothing else
	@$(FLOOR)
	@echo
	@$(RECEIVE_WAYS)

bench-micro: deps-test $(BENCHES) ## what single calls cost and allocate, from one thread to many; none writes what is shared
	@status=0; for bench in $(BENCHES); do $$bench || status=1; echo; done; exit $$status

# What the comparison is told, such as BENCH='--rounds 5 --only handshake'.
BENCH ?= --json build/results/bench.json --svg build/results/bench.svg --markdown build/results/bench.md

bench: ## Sallyport, nginx, HAProxy and hitch in turn on one core: medians and ratios; about ten minutes
	@tools/install_packages.sh --bench
	@$(MAKE) --no-print-directory all
	@mkdir -p build/results
	@bench/compare $(BENCH)

bench-scaling: all ## what an operation costs with one worker and with two: CPU time, system calls, waits for locks
	@tools/install_packages.sh --bench
	@bench/scaling

# What it is told, such as PROFILE='--write bench/PROFILE.md'.
PROFILE ?=

bench-profile: deps-test all $(FLOOR) $(BUILD)/bench/micro/bench_primitives ## where the CPU time of an operation goes, in the program and in the kernel; needs perf
	@tools/install_packages.sh --bench
	@bench/profile $(PROFILE)

# What it is told, such as LEVERS='--only one_flight,random' or LEVERS='--write bench/LEVERS.md'.
LEVERS ?=

bench-levers: all ## what each thing that was done for speed is worth: with it and without, in turn; about fifteen minutes
	@tools/install_packages.sh --bench
	@bench/levers $(LEVERS)

bench-idle: all ## memory of idle mTLS connections, the gateway's and the kernel's, as many as descriptors allow
	@tools/install_packages.sh --bench
	@bench/idle_memory

# CPU and memory an operation only: they hold on a busy machine (but for uploads, of which the peers' figures move by half there).
# Many short rounds in turn are steadier than few long ones.
CHECKED_ROWS := idle,handshake,cold,resume,resume12,request,down
bench-check: ## a short form of it, two minutes, which fails when a ratio fell by more than a third of bench/recorded.json
	@tools/install_packages.sh --bench
	@$(MAKE) --no-print-directory all
	@bench/compare --rounds 5 --seconds 0.6 --peers nginx,haproxy --only $(CHECKED_ROWS) --check bench/recorded.json

scenario: $(PROGRAM) $(LOAD_PROGRAM) ## run the scenario tests against the program
	SALLYPORT=$(PROGRAM) /usr/bin/python3 -m pytest -q tests/scenario

model: ## search every order of the trust cache's steps; MODEL=--whole: larger sizes too, some minutes
	@tests/model/run_model.sh $(MODEL)

DIFFERENTIAL_SECONDS ?= 60
DIFFERENTIAL_SEED    ?=
differential: $(PROGRAM) ## judge generated chains as `openssl verify` does, for DIFFERENTIAL_SECONDS (60)
	@/usr/bin/python3 tests/trust/differential.py --seconds $(DIFFERENTIAL_SECONDS) $(if $(DIFFERENTIAL_SEED),--seed $(DIFFERENTIAL_SEED))

SUITES ?= release lint
check: deps-test ## lint, unit tests and scenario tests
	@tools/run_suite.sh $(SUITES)

check-asan: deps-test ## the tests under the address and undefined-behaviour sanitizers
	@tools/run_suite.sh asan

check-tsan: deps-test ## the tests under the thread sanitizer
	@tools/run_suite.sh tsan

check-full: deps-test ## what takes too long for each change: full figures, longer loads and searches; about an hour
	@tools/run_suite.sh full

debug: ## build build/sallyport without optimisation
	$(MAKE) CFLAGS='-O0 -g3 -U_FORTIFY_SOURCE' all

lint: $(PROGRAM) $(LOAD_PROGRAM) ## layers, names, sizes, banned words, format, clang-tidy
	tools/check_layers.sh
	tools/check_names.sh $(BUILD) src
	tools/check_names.sh $(BUILD) bench/load
	tools/check_sizes.sh
	tools/check_banned.sh
	clang-format --dry-run --Werror $(C_FILES) $(HEADERS)
	@tools/check_tidy.sh "$(CPPFLAGS) $(CPPFLAGS_wolfssl_internal) -std=gnu2x" $(SOURCES) $(wildcard src/*.c)
	@tools/check_tidy.sh "$(CPPFLAGS) $(CPPFLAGS_wolfssl_internal) -Isrc -std=gnu2x" $(LOAD_SOURCES)

format: ## lay out all C files
	clang-format -i $(C_FILES) $(HEADERS)

# The parser of the load tool.
FUZZED_OF_LOAD := bench/load/http_answer.c

FUZZ_FLAGS   := -std=gnu2x -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -pthread
FUZZ_OBJECTS := $(patsubst %.c,build/fuzz/%.o,$(SOURCES) $(FUZZED_OF_LOAD))
FUZZ_ARCHIVE := build/fuzz/libfuzzed.a

build/fuzz/%.o: %.c | $(DEPS)/stamp
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)clang $(CPPFLAGS) $(CPPFLAGS_wolfssl_internal) $(CPPFLAGS_$(notdir $*)) -Ibench $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

$(FUZZ_ARCHIVE): $(FUZZ_OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.o $(FUZZ_ARCHIVE) $(DEPS)/stamp
	$(call say,LD,$@)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer $< -L$(DEPS)/lib -Wl,--start-group $(FUZZ_ARCHIVE) -l:libwolfssl.a -Wl,--end-group $(filter-out -ljemalloc,$(LIBS)) $(LIBS_fuzz_$*) -o $@

fuzzers: $(FUZZERS)

fuzz: $(FUZZERS) ## fuzz every parser, FUZZ_SECONDS (60) each
	@tools/run_fuzz.sh $(or $(FUZZ_SECONDS),60) $(FUZZERS)

.PHONY: install deb

PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc

install: $(PROGRAM) $(LOAD_PROGRAM) ## copy the programs, manuals, completions and units below PREFIX (/usr/local); DESTDIR before all
	@PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR) DESTDIR=$(DESTDIR) tools/install.sh $(PROGRAM)

deb: $(PROGRAM) $(LOAD_PROGRAM) ## build the Debian package build/sallyport_VERSION_ARCHITECTURE.deb
	@tools/build_package.sh $(VERSION) $(PROGRAM)

demo: $(DEPS)/stamp ## a whole working set-up with clients good and bad
	@tools/build_deps.sh --test
	@$(MAKE) --no-print-directory all
	@tools/demo.sh

clean: ## remove what was built, but not build/deps
	rm -rf build/release build/asan build/tsan build/fuzz build/sallyport build/sallyport-load

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile | expand -t 16

-include $(OBJECTS:.o=.d) $(TOP_OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(SIM_OBJECTS:.o=.d) $(STRESS_TESTS:=.d) $(BENCHES:=.d) $(BENCH_PART_OBJECTS:.o=.d) $(FLOOR_SOURCES:%.c=$(BUILD)/%.d) $(LOAD_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(FUZZ_SOURCES:%.c=build/fuzz/%.d)
