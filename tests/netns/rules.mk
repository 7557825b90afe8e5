# SPDX-License-Identifier: GPL-2.0
# The player of cases.  Startup counts under emulation: it takes along no library it does not use.

PLAY_SRC := $(wildcard tests/netns/*.c)
PLAY_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(PLAY_SRC))

$(PLAY_OBJ): CPPFLAGS_CTL += -Itests/netns
$(B)/netns/play: $(PLAY_OBJ) $(B)/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS_CTL)

.PHONY: netns-bins
netns-bins: $(B)/netns/play
