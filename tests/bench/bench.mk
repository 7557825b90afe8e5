# SPDX-License-Identifier: GPL-2.0
# Benchmarks: none of them is part of `make check`.

$(B)/bench/match_bench: tests/bench/match_bench.c $(B)/libstockade.a
	@mkdir -p $(@D)
	$(CC) $(CSTD) $(WARN) $(CFLAGS) $(CPPFLAGS_CTL) -o $@ $< $(B)/libstockade.a $(LIBS_CTL)

.PHONY: bench-match
bench-match: $(B)/bench/match_bench ## the judge in userspace: ns a verdict, bytes an endpoint, cost of a change
	@$<

# The datapath against the alternatives.
COST := tests/bench/cost
cost_cc = printf '  %-7s %s\n' CC $@ && mkdir -p $(@D) && $(CC) $(CSTD) $(WARN) $(CFLAGS)

$(B)/cost/measure: $(wildcard $(COST)/*.[ch])
	$(Q)$(cost_cc) -o $@ $(filter %.c,$^)
$(B)/cost/report: $(wildcard $(COST)/report/*.[ch])
	$(Q)$(cost_cc) -o $@ $(filter %.c,$^) -ljson-c -lm
$(B)/cost/nfqueue: $(COST)/programs/nfqueue.c
	$(Q)$(cost_cc) -o $@ $< -lmnl
$(B)/cost/tc_ebpf: $(COST)/programs/tc_ebpf.c $(COST)/programs/tc_ebpf.h
	$(Q)$(cost_cc) -o $@ $< -lbpf
$(B)/cost/tc_ebpf.o: $(COST)/programs/tc_ebpf.bpf.c $(COST)/programs/tc_ebpf.h
	@mkdir -p $(@D)
	clang -O2 -g -Wall -Werror -target bpf -I/usr/include/$(shell uname -m)-linux-gnu -c -o $@ $<
$(B)/cost/load: $(COST)/programs/load.c $(B)/libstockade.a
	$(Q)$(cost_cc) $(CPPFLAGS_CTL) -o $@ $^ $(LIBS_CTL)

.PHONY: bench
bench: ctl $(addprefix $(B)/cost/,measure report nfqueue tc_ebpf tc_ebpf.o load) ## instructions a packet costs, with Stockade and with the alternatives
	@$(COST)/run $(BENCH_FLAGS)
