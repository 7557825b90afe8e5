# SPDX-License-Identifier: GPL-2.0
# The stages of `make check`, each its own target.  A stage is a program that prints what it
# does and closes with "NAME: N passed, N failed[, N skipped]"; tests/run-stages adds them up.

# Unit tests, under ASan and UBSan; and without, for memcheck, those that take it no minutes.
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_LIB_SRC := $(wildcard tests/unit/lib/*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/asan/unit/%,$(UNIT_SRC)) $(B)/asan/unit/test_compile_changes_few_ids
PLAIN_BIN := $(addprefix $(B)/unit/,test_base test_ip test_match test_nl)

define unit_flavour
$(1)_UNIT_LIB := $(patsubst %.c,$(1)/obj/%.o,$(UNIT_LIB_SRC))
$(1)_UNIT_OBJ := $(patsubst %.c,$(1)/obj/%.o,$(UNIT_SRC))
$$($(1)_UNIT_LIB) $$($(1)_UNIT_OBJ): CPPFLAGS_CTL += -Itests/unit
$(1)/unit/%: $(1)/obj/tests/unit/%.o $$($(1)_UNIT_LIB) $(1)/libstockade.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(LIBS_CTL) -lcmocka
.SECONDARY: $$($(1)_UNIT_OBJ)
endef
$(eval $(call unit_flavour,$(B),$$(CFLAGS)))
$(eval $(call unit_flavour,$(B)/asan,$$(ASAN)))

# Where two classes wish for one id nearly all the time.
FEW_IDS_SRC := tests/unit/test_compile_changes.c ctl/compile/emit.c
$(B)/asan/unit/test_compile_changes_few_ids: $(FEW_IDS_SRC) $($(B)/asan_UNIT_LIB) $(B)/asan/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CSTD) $(WARN) $(ASAN) $(CPPFLAGS_CTL) -Itests/unit -DCOMPILE_ID_MAX=97 -o $@ $(FEW_IDS_SRC) \
		$($(B)/asan_UNIT_LIB) $(B)/asan/libstockade.a $(LIBS_CTL) -lcmocka

.PHONY: unit-bins
unit-bins: $(UNIT_BIN)

# Fast ones first: what fails soon is told soon.
STAGES := harness flow bad audit verbs bench unit
STAGES += sparse checkpatch valgrind dkms
STAGES += kunit
STAGES += daemon fuzz stress cluster cluster-packets cases cases-own
STAGES_ALL := $(STAGES)

.PHONY: check $(addprefix check-,$(STAGES_ALL))
check: ## every stage, and their sum
	+@MAKE="$(MAKE)" tests/run-stages $(STAGES)

check-harness: ## can the harness itself fail?
	@tests/stages/harness

check-unit: unit-bins ## userspace tests under ASan and UBSan
	@tests/stages/unit $(UNIT_BIN)

check-flow: ## the flow of data, and other rules of the house that grep can prove
	@tests/stages/flow

check-bad: ctl-asan ## manifests that must be refused, each with the words wanted
	@tests/bad/run

check-audit: ctl-asan ## manifests that must be found fault with, and such that must not
	@tests/audit/run

check-verbs: ctl-asan ## the offline verbs, word for word
	@tests/verbs/run

check-sparse: ## sparse over the module, without one warning
	@tests/stages/sparse "$(KDIR)"

check-checkpatch: ## the kernel's own checkpatch, strict
	@tests/stages/checkpatch

check-bench: $(addprefix $(B)/cost/,report measure load) ## can make bench refuse a figure?
	@tests/stages/bench $<

check-valgrind: $(B)/stockadectl $(PLAIN_BIN) ## memcheck over stockadectl and the quick unit tests
	@tests/stages/valgrind $(B)/stockadectl $(PLAIN_BIN)

check-dkms: ## add, build, install and remove by DKMS, in a private tree
	@tests/stages/dkms "$(KVER)"

check-kunit: ## KUnit suites, in user-mode Linux
	@tests/kunit/run uml

check-cases: ctl netns-bins ## the cases of tests/cases on real packets, the stock kernel in QEMU
	@tests/qemu/check-cases conntrack

check-cases-own: ctl netns-bins ## the same without conntrack, by the flow map
	@tests/qemu/check-cases own

check-daemon: ctl ## the controller and the verbs, against the module on the stock kernel
	@tests/daemon/run

.PHONY: check-debug check-kcsan check-kernels check-mutants
check-debug: ctl netns-bins $(B)/stress/stress ## all that finds bugs, in a kernel that looks for them; builds it first
	@tests/stages/debug debug

check-kcsan: ctl netns-bins $(B)/stress/stress ## the same in one that looks for races of plain accesses
	@tests/stages/debug kcsan

check-mutants: ctl $(B)/stress/stress ## can the stress fail? on modules with one thing wrong
	@tests/stress/mutants

check-kernels: ctl netns-bins ## build, and every case, on the kernels of Debian's suites; downloads them
	@tests/stages/kernels

include tests/cluster/rules.mk
check-cluster: ctl cluster-bins ## the controller on a real Kubernetes API, and on a bad one
	@tests/cluster/check $(CLUSTER_BIN)
include tests/netns/rules.mk
check-cluster-packets: ctl $(B)/cluster/packets ## the module under a controller on a real Kubernetes API, while all around it fails
	@STAGE=cluster-packets UNIT_TIMEOUT=2500 tests/cluster/check tests/cluster/packets/run
include tests/demo/rules.mk

include tests/stress/rules.mk
check-stress: ctl $(B)/stress/stress ## tables swapped and flows revoked thousands of times, under traffic
	@tests/stress/run perm swap revoke pile
include tests/fuzz/rules.mk
check-fuzz: ctl $(B)/fuzz/netlink_fuzz ## a hundred thousand malformed netlink messages against the live module
	@tests/fuzz/run
include tests/bench/scale/rules.mk
