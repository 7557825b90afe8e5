# SPDX-License-Identifier: GPL-2.0
# The controller on a large cluster that a generator serves from memory.

SCALE_SRC := $(wildcard tests/bench/scale/*.c) tests/cluster/lib/httpd.c

$(B)/bench/scale: $(SCALE_SRC) $(wildcard tests/bench/scale/*.h) $(B)/libstockade.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CFLAGS) $(CPPFLAGS_CTL) -Itests/cluster -Itests/bench/scale -o $@ $(SCALE_SRC) $(B)/libstockade.a \
		$(LIBS_CTL) -pthread

.PHONY: bench-scale
bench-scale: $(B)/bench/scale ## memory and latency with 5,000 nodes and 150,000 pods
	@$(B)/bench/scale $(SCALE_FLAGS)
