# SPDX-License-Identifier: GPL-2.0
$(B)/fuzz/netlink_fuzz: $(B)/obj/tests/fuzz/netlink_fuzz.o $(B)/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -o $@ $^ $(LIBS_CTL)
