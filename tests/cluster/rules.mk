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

# What plays cases and faults in the guest; its parts are the player's and those of the tests above.
PACKETS_SRC := $(filter-out tests/netns/play.c,$(wildcard tests/netns/*.c)) $(wildcard tests/cluster/packets/*.c) \
	$(filter-out %/client.c %/mock.c %/httpd.c,$(CLUSTER_LIB))
PACKETS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(PACKETS_SRC))

$(filter $(B)/obj/tests/cluster/%,$(PACKETS_OBJ)): CPPFLAGS_CTL += -Itests/netns -Itests/cluster
$(B)/cluster/packets: $(PACKETS_OBJ) $(B)/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS_CTL) -lcmocka
