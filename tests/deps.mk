# SPDX-License-Identifier: GPL-2.0
# Packages: which groups of tests/deps a goal needs.  Asked while make reads this, before
# pkg-config is; "make DEPS=:" asks for nothing.

DEPS ?= tests/deps
deps_all := build module
deps_module := module
deps_demo := build module qemu
deps_bench := build module qemu dkms bench
deps_unit-bins := build unit
deps_check-unit := build unit
deps_check-bad := build
deps_check-bench := build daemon
deps_check-flow := none
deps_check-harness := none
deps_check-static := static
deps_check-sparse := static
deps_check-checkpatch := static
deps_check-dkms := dkms
deps_check-kunit := kunit
deps_check-debug := build module kunit qemu
deps_check-cases := build module qemu
deps_check-cases-own := build module qemu
deps_check-fuzz := build module qemu
deps_check-kernels := build module qemu
deps_check-mutants := build module qemu
deps_check-stress := build module qemu
deps_check-cluster := build cluster
deps_check-cluster-packets := build cluster module qemu
deps_check-daemon := build daemon dkms module qemu
deps_check-valgrind := build unit valgrind
deps_check := build cluster daemon dkms kunit module qemu static unit valgrind
deps_help := none
deps_clean := none

DEPS_GROUPS := $(filter-out none,$(sort $(foreach goal,$(or $(MAKECMDGOALS),all),$(or $(deps_$(goal)),build))))
ifneq ($(DEPS_GROUPS),)
ifneq ($(shell $(DEPS) $(DEPS_GROUPS) && echo yes),yes)
$(error packages are missing)
endif
endif
