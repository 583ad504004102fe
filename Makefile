# SPDX-License-Identifier: GPL-2.0-only
#
# Everything one can do with this tree; `make` alone explains it. The work is
# done by the scripts in tools/testing/gunyah/.

TESTING := tools/testing/gunyah
SCRIPTS := $(TESTING)/scripts

# Chosen on the command line or in the environment, seen by every script.
export KERNEL ?= 6.12
export KERNEL_SRC HYP CI V

# A script starts makes of its own with its own options.
MAKEFLAGS += --no-print-directory
unexport MAKEFLAGS

help:
	@sed -n 's/^# | \?//p' Makefile

# | Gunyah for Linux: drivers, and a test bench that needs no phone.
# |
# |   make demo       boot Linux as a Gunyah guest, and another in a VM of its own
# |   make shell      the same machine with a shell in it
# |   make test       the tests that fit in half an hour
# |   make test-all   all tests
# |   make bench      what the drivers cost, in counts, and what they may cost
# |   make check      static checks: compilers, sparse, checkpatch, binding, ...
# |   make fuzz       the framing and the model under sanitizers and a fuzzer
# |   make modules KDIR=headers-or-build-tree
# |                   the drivers as modules for another arm64 kernel
# |   make overlay KERNEL_SRC=linux O=new-tree
# |                   a kernel source with the drivers in it
# |   make clean      remove what was built (downloads stay; make distclean)
# |
# | KERNEL=7.3        for demo, shell, overlay: another packaged version than 6.12
# | KERNEL_SRC=dir    your own kernel source; it is only read
# | HYP=hypvm.elf     a real hypervisor (qemu platform) instead of the stand-in
# | TESTS=glob        for test and test-all: only the cells whose names match
# |
# | Programs that are missing are installed as root or in CI, and named
# | otherwise. All else that is fetched or built is in build/.

demo:
	@$(SCRIPTS)/need kernel qemu
	@$(SCRIPTS)/demo

shell:
	@$(SCRIPTS)/need kernel qemu
	@$(SCRIPTS)/guest modules shell --interactive --append loglevel=4

test:
	@$(SCRIPTS)/need kernel qemu harness check
	@$(SCRIPTS)/test-suite quick '$(TESTS)'

test-all:
	@$(SCRIPTS)/need kernel qemu harness check
	@$(SCRIPTS)/test-suite all '$(TESTS)'

bench:
	@$(SCRIPTS)/need kernel qemu
	@$(SCRIPTS)/test-suite all '*-bench*'

check:
	@$(SCRIPTS)/need kernel check
	@$(TESTING)/check/run-checks

fuzz:
	@$(SCRIPTS)/need harness
	@$(MAKE) -C $(TESTING)/harness O=$(CURDIR)/build/harness fuzz

modules:
	@$(SCRIPTS)/need modules
	@$(SCRIPTS)/modules '$(KDIR)'

overlay:
	@$(SCRIPTS)/need overlay
	@test -n '$(O)' || { echo 'usage: make overlay KERNEL_SRC=linux O=new-tree' >&2; exit 2; }
	@source=$$($(SCRIPTS)/kernel-source '$(KERNEL)') && \
		$(SCRIPTS)/overlay --copy "$$source" '$(O)'

clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name dl ! -name apt -exec rm -rf {} +

distclean:
	@rm -rf build

.PHONY: help demo shell test test-all bench check fuzz modules overlay clean distclean
