# SPDX-License-Identifier: GPL-2.0
# The stages of `make check`, each its own target.  A stage is a program that prints what it
# does and closes with "NAME: N passed, N failed[, N skipped]"; tests/run-stages adds them up.

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(patsubst tests/unit/%.c,$(B)/asan/unit/%,$(UNIT_SRC))

$(B)/asan/unit/%: tests/unit/%.c $(wildcard tests/unit/lib/*.c tests/unit/lib/*.h) $(B)/asan/libstockade.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(ASAN) $(CPPFLAGS_CTL) -Itests/unit -o $@ $< $(wildcard tests/unit/lib/*.c) $(B)/asan/libstockade.a $(LIBS_CTL) -lcmocka

.PHONY: unit-bins
unit-bins: $(UNIT_BIN)
