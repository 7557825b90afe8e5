# SPDX-License-Identifier: GPL-2.0
# The table changed under traffic.

STRESS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/stress/*.c) $(addprefix tests/netns/,netns.c wire.c))

$(STRESS_OBJ): CPPFLAGS_CTL += -Itests/netns
$(B)/stress/stress: $(STRESS_OBJ) $(B)/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS_CTL) -lpthread
