# SPDX-License-Identifier: GPL-2.0
# Benchmarks: none of them is part of `make check`.

$(B)/bench/match_bench: tests/bench/match_bench.c $(B)/libstockade.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CFLAGS) $(CPPFLAGS_CTL) -o $@ $< $(B)/libstockade.a $(LIBS_CTL)

.PHONY: bench-match
bench-match: $(B)/bench/match_bench ## the judge in userspace: ns a verdict, bytes an endpoint, cost of a change
	@$<
