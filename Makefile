# SPDX-License-Identifier: GPL-2.0
# `make help` lists what can be made here.
#
# Two ways to build: with this machine's own kernel headers and tools (all, module, tools, install),
# or inside the lab, a Debian 13 tree in a cache (all others that help lists, but uninstall, clean
# and help itself). Both put their products in the same places.

# The kernel to build for: the running one, unless named. The lab names its own, and where modules
# are built, if not beside their sources: `make lab-build KERNEL=backports` leaves those of the
# lab's usual kernel alone.
KDIR ?= /lib/modules/$(shell uname -r)/build
MODULES ?=
PREFIX ?= /usr/local
DESTDIR ?=

# Use all processors, unless the caller said how many.
parallel = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
modules = $(or $(MODULES),$(CURDIR))
kernel_make = $(MAKE) $(parallel) -C $(KDIR) M=$(modules)
installed_kernel = $(shell $(MAKE) -s -C $(KDIR) kernelrelease)
# Tests print the Test Anything Protocol through prove, which at the end says again what failed,
# and where: three run at a time, as two machines leave a fifth of two processors idle. prove-exec runs each
# where it belongs.
prove = prove --verbose --timer --exec tests/lab/prove-exec

.PHONY: all module tools sources install uninstall lab lab-build vectors engine-test test-programs demo shell
.PHONY: test stress test-long bench untraced model mutate selftests debug-kernel deb deb-test lint clean help newest-module

all: module tools ## Build dpcnic.ko and build/dpctool for the running kernel, or KDIR=...

module: sources ## Build dpcnic.ko
	@[ -d $(KDIR)/ ] || { echo "No kernel headers at $(KDIR)." \
		"Try: apt-get install linux-headers-amd64, or KDIR=..., or 'make lab-build'." >&2; exit 1; }
	$(kernel_make) modules

# The kernel builds beside the sources. Its MO= would not, but wants 6.13, and sources beside which
# nothing was built.
sources:
ifneq ($(MODULES),)
	mkdir -p $(MODULES)
	find Kbuild kmod tests/engine tests/lab/vectors tests/lab/sleep tests/lab/hostile -name Kbuild -o -name '*.[ch]' ! -name '*.mod.c' | \
		xargs cp --update --parents -t $(MODULES)
endif

tools: ## Build build/dpctool with its BPF programs
	$(MAKE) $(parallel) -C cli

install: all ## Install module and tool; PREFIX=/usr/local, DESTDIR= for packagers
	$(kernel_make) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod $(installed_kernel))
	install -D -m 644 kmod/modprobe.conf $(DESTDIR)/etc/modprobe.d/dpcnic.conf
	$(MAKE) -C cli install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

uninstall: ## Remove what install put there
	rm -f $(DESTDIR)/lib/modules/$(installed_kernel)/updates/dpcnic.ko*
	$(if $(DESTDIR),,depmod $(installed_kernel))
	rm -f $(DESTDIR)/etc/modprobe.d/dpcnic.conf
	$(MAKE) -C cli uninstall PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

lab: ## Make the lab's root file system, unless the cache has it
	@tests/lab/mkroot

lab-build: lab ## Build all in the lab; KERNEL=backports: for the newest kernel (6.1: the tool only)
	tests/lab/enter make $(parallel) $(if $(filter 6.1,$(KERNEL)),tools,all vectors engine-test) test-programs

# After tools: both make the objects they share, in the same place.
test-programs: tools
	$(MAKE) $(parallel) -C cli tests sanitized

vectors: sources
	$(kernel_make)/tests/lab/vectors modules
	$(kernel_make)/tests/lab/sleep modules
	$(kernel_make)/tests/lab/hostile modules

engine-test: sources
	$(kernel_make)/tests/engine modules

demo: lab-build ## Boot a machine with two 82576 and watch dpcnic at work
	tests/lab/run --timeout 240 tests/lab/demo.sh

shell: lab-build ## A prompt in that machine
	tests/lab/run --interactive

# A test that needs another kernel than the one at hand names it in its header; debug-*.t need a
# kernel that can make things fail; the random ones are make stress's. make test-long has the tests of the
# lab and of the checks themselves, those that do with other messages, or CPUs, what their
# neighbours do or ask other tools, and those that take longest, need 64 emulated CPUs at a time or
# another kernel. On 6.1 dpcnic does not run: of the tests only those that name it do.
tests = $(if $(filter 6.1,$(KERNEL)),$(shell grep -l '^\# lab:.*--kernel 6.1' tests/vm/*.t), \
	$(filter-out $(only_long) tests/vm/86-% tests/vm/87-% $(if $(filter debug%,$(KERNEL)),,tests/vm/debug-%), \
	$(wildcard tests/lint/*.t tests/host/*.t tests/lab/*.t tests/vm/*.t)))

only_long = tests/lab/lab.t tests/lint/selftest.t tests/vm/12-many-cpus.t tests/vm/13-64-cpus.t \
	tests/vm/59-kexec.t tests/vm/61-affinity-single.t tests/vm/71-engine-1cpu.t tests/vm/81-shared.t \
	tests/vm/82-msi.t tests/vm/85-hostile.t tests/vm/92-steer-shared.t tests/vm/95-xdp-tools.t \
	tests/vm/96-xsk-shared.t tests/vm/dpctool-golden.t tests/vm/dpctool-shared.t \
	tests/vm/dpctool-single.t tests/vm/kernel-6.1.t

test: lab-build newest-module ## Run the tests, those of lint included; KERNEL=backports, 6.1: there
	$(prove) --jobs 3 $(tests)

newest-module: lab
	KERNEL=backports tests/lab/enter make $(parallel) module

debug-kernel: lab ## Build kernels with sanitizers, for test KERNEL=debug, kcsan or with -backports
	for kernel in debug kcsan debug-backports kcsan-backports; do tests/lab/mkkernel $$kernel || exit; done

stress: lab-build ## Change everything at random under load: DURATION=60 seconds, SEED=7, KERNEL=debug
	DURATION=$(or $(DURATION),60) SEED=$(or $(SEED),7) $(prove) $(wildcard tests/vm/8[67]-stress*.t)

test-long: lab-build ## Run what make test leaves out, but stress and debug-*.t; and others at full length
	STRESS=1 $(prove) $(sort $(addprefix tests/host/,dpctool-recording.t dpctool-fuzz.t model.t) \
		tests/lint/shellcheck.t tests/vm/54-unplug.t tests/vm/91-steer.t $(only_long) \
		$(wildcard tests/vm/policy-*.t))

bench: lab-build untraced ## Instructions per packet, against in-tree igb and the baseline; CASES="rx-tc tx": only these
	tests/bench/bench $(CASES)
	$(if $(CASES),,tests/bench/profile observe)

untraced: lab ## Build the module without tracepoints, in build/untraced, for bench
	tests/lab/enter make $(parallel) module MODULES=/dpcnic/build/untraced KCFLAGS=-DNOTRACE

model: lab ## Search the model of the engine's protocol completely (ten minutes)
	tests/lab/enter env MODEL=full tests/host/model.t

mutate: lab-build ## Put faults into the engine, one by one: do its tests catch them? (half an hour)
	tests/mutate/run

selftests: lab-build ## The kernel's own tests of drivers, dpcnic and igb; KERNEL=, SELFTESTS=6.12, TESTS=REGEX (hours)
	tests/selftests/run

deb: lab ## Build Debian packages in build/deb: dpcnic-dkms, dpctool
	LAB_OVER=$$(tests/lab/mkpackaging build) && export LAB_OVER && tests/lab/enter tests/packages/build

deb-test: deb ## Install them in a clean Debian 13, boot it, and use them there (two minutes)
	$(prove) tests/packages/packages.t

lint: lab ## Check the sources: style, static analysis, spelling
	$(prove) $(wildcard tests/lint/*.t)

clean: ## Remove everything that git ignores
	git clean -fdXq

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-12s %s\n", $$1, $$2 }'
