# SPDX-License-Identifier: GPL-2.0
# The programs of tests/cluster, under ASan and UBSan.

CLUSTER_LIB := $(wildcard tests/cluster/lib/*.c)
CLUSTER_BIN := $(patsubst tests/cluster/%.c,$(B)/asan/cluster/%,$(wildcard tests/cluster/test_*.c))

$(B)/asan/cluster/%: tests/cluster/%.c $(CLUSTER_LIB) $(wildcard tests/cluster/lib/*.h) $(B)/asan/libstockade.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(ASAN) $(CPPFLAGS_CTL) -Itests/cluster -o $@ $< $(CLUSTER_LIB) $(B)/asan/libstockade.a \
		$(LIBS_CTL) -lcmocka -pthread

.PHONY: cluster-bins
cluster-bins: $(CLUSTER_BIN)
