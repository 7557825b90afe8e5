# SPDX-License-Identifier: GPL-2.0
# The demo: what play plays, shown.

DEMO_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/demo/*.c))

$(DEMO_OBJ): CPPFLAGS_CTL += -Itests/netns -Itests/demo
$(B)/netns/demo: $(DEMO_OBJ) $(filter-out %/play.o,$(PLAY_OBJ)) $(B)/libstockade.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) -Wl,--as-needed -o $@ $^ $(LIBS_CTL)

.PHONY: demo
demo: ctl $(B)/netns/demo ## a small cluster on real packets; MANIFESTS=path for your own
	@tests/demo/run $(MANIFESTS)
