# SPDX-License-Identifier: GPL-2.0
# Userspace.  One library of everything but the two main files and the verbs; the pure part of
# kmod/ (the judge itself) is compiled into it.  B selects the flavour: build/ or build/asan/.

CC ?= gcc
PKGS := libnl-3.0 libnl-genl-3.0 libnl-route-3.0 yaml-0.1 json-c libcurl libmicrohttpd openssl
CSTD := -std=gnu11 -D_GNU_SOURCE
WARN := -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers
# dkms.conf is the one place for the version.
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
CPPFLAGS_CTL := -DSTOCKADE_VERSION='"$(VERSION)"' -Iinclude/uapi -Ictl -Ikmod $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS_CTL := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lm
CFLAGS ?= -O2 -g
ASAN := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

KMOD_PURE := $(filter-out %.mod.c,$(wildcard $(addprefix kmod/,match.c snapshot.c snapshot_read.c endpoints.c blocks.c \
	program.c subject.c rule.c config.c index.c digest.c compat_user.c)))
LIB_SRC := $(wildcard ctl/base/*.c ctl/model/*.c ctl/manifest/*.c ctl/compile/*.c ctl/nl/*.c ctl/kube/*.c \
	ctl/audit/*.c ctl/graph/*.c ctl/daemon/*.c ctl/doctor/*.c) $(KMOD_PURE)
CMD_SRC := $(wildcard ctl/cmd/*.c)

B := build
lib_obj = $(patsubst %.c,$(1)/obj/%.o,$(LIB_SRC))
.PHONY: ctl ctl-asan
ctl: $(B)/stockaded $(B)/stockadectl ## stockaded and stockadectl, in build/
ctl-asan: $(B)/asan/stockaded $(B)/asan/stockadectl ## the same under ASan and UBSan, in build/asan/

# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-7s %s\n' $(1) $(2))

define flavour
$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(CSTD) $$(WARN) $(2) $$(CPPFLAGS_CTL) -MMD -MP -c -o $$@ $$<
$(1)/libstockade.a: $(call lib_obj,$(1))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
$(1)/stockaded: $(1)/obj/ctl/stockaded.o $(1)/libstockade.a
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(LIBS_CTL)
$(1)/stockadectl: $(1)/obj/ctl/stockadectl.o $(patsubst %.c,$(1)/obj/%.o,$(CMD_SRC)) $(1)/libstockade.a
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $(2) -o $$@ $$^ $$(LIBS_CTL)
endef
$(eval $(call flavour,$(B),$$(CFLAGS)))
$(eval $(call flavour,$(B)/asan,$$(ASAN)))
-include $(shell find build -name '*.d' 2>/dev/null)
$(B)/obj/ctl/graph/render.o $(B)/asan/obj/ctl/graph/render.o: ctl/graph/page.html
