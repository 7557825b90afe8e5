# SPDX-License-Identifier: GPL-2.0
# Stockade: everything is built and checked from here.  `make help` lists the targets.

.DEFAULT_GOAL := all
include tests/deps.mk
include ctl/build.mk
include tests/check.mk
include tests/bench/bench.mk

KVER ?= $(shell ls -1 /lib/modules 2>/dev/null | while read -r v; do \
	[ -e /lib/modules/$$v/build/Makefile ] && echo $$v; done | sort -V | tail -n 1)
KDIR ?= /lib/modules/$(KVER)/build

.PHONY: all module clean help
all: ctl module ## stockaded, stockadectl and stockade.ko

module: ## stockade.ko for KVER (default: the newest headers installed)
	@[ -e "$(KDIR)/Makefile" ] || { echo "no kernel headers at $(KDIR): install linux-headers-amd64 or set KVER" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

clean: ## remove everything built in the tree
	rm -rf build
	[ ! -e "$(KDIR)/Makefile" ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean

help: ## this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort -u | \
		awk -F'\t' '{printf "  %-16s %s\n", $$1, $$2}'
