# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzer of the resource-manager client.
#
#	make -f client.mk B=<dir> [KIND=fuzz|coverage]	$(B)/fuzz-client
#	make -f client.mk B=<dir> FAULTY=<dir>/rm_msg.c	<dir>/rm_msg
#
# B is where it is built. FAULTY is a copy of one of the driver's files with a
# fault in it; the program is named like it.

ours	:= $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
top	:= $(abspath $(ours)/../../../..)
D	:= $(top)/drivers/virt/gunyah
KIND	?= fuzz
CLANG	?= clang

# Pure code has warnings enough in the kernel's own build; the two that are off
# are off there, too.
cflags	:= -std=gnu11 -g -O1 -fno-omit-frame-pointer -Wall -Wextra -Werror
cflags	+= -Wno-unused-parameter -Wno-sign-compare -Wno-unused-const-variable -Wno-unused-variable
cflags	+= -I$(ours)include -I$(B)/shim -I$(top)/include -include $(ours)kernel/kernel.h
ldflags	:= -Wl,--wrap=gunyah_rm_xfer -Wl,--wrap=gunyah_rm_notif_decode

# What is reached is counted in another program than what is wrong.
sanitize	:= -fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize=fuzzer-no-link
ifeq ($(KIND),coverage)
sanitize	:= -fprofile-instr-generate -fcoverage-mapping -fsanitize=fuzzer-no-link
endif

driver	:= rm_msg rm_core rm_late rm_notify $(notdir $(basename $(wildcard $(D)/rm_rpc*.c)))
ours_o	:= fuzz_client client_rm client_calls

# Headers that are all in kernel/kernel.h
shims	:= $(addprefix linux/,align arm-smccc atomic auxiliary_bus bitfield bitmap bitops bits \
	   bottom_half cleanup completion container_of device err error-injection jiffies \
	   kconfig kref ktime list lockdep log2 mailbox_client mm moduleparam mutex overflow \
	   random sched sizes slab spinlock stddef tracepoint unaligned wait wait_bit workqueue) \
	   trace/define_trace
shims	:= $(shims:%=$(B)/shim/%.h)

headers	:= $(wildcard $(D)/*.h $(top)/include/linux/gunyah*.h $(ours)*.h $(ours)kernel/*.h \
	   $(ours)include/*/*.h) $(ours)client.mk

objs	:= $(driver:%=$(B)/%.o) $(ours_o:%=$(B)/%.o) $(B)/kernel.o

ifeq ($(FAULTY),)
$(B)/fuzz-client: $(objs)
	$(CLANG) $(sanitize) -fsanitize=fuzzer $(ldflags) -o $@ $^
else
$(FAULTY:.c=): $(FAULTY) $(filter-out $(B)/$(notdir $(FAULTY:.c=.o)),$(objs))
	$(CLANG) $(cflags) $(sanitize) -I$(D) -fsanitize=fuzzer $(ldflags) -o $@ $^
endif

$(driver:%=$(B)/%.o): $(B)/%.o: $(D)/%.c $(headers) | $(shims)
	$(CLANG) $(cflags) $(sanitize) -I$(D) -c -o $@ $<

$(ours_o:%=$(B)/%.o): $(B)/%.o: $(ours)%.c $(headers) | $(shims)
	$(CLANG) $(cflags) $(sanitize) -c -o $@ $<

$(B)/kernel.o: $(ours)kernel/kernel.c $(headers) | $(shims)
	$(CLANG) $(cflags) $(sanitize) -c -o $@ $<

$(shims):
	@mkdir -p $(@D)
	@echo '#include "$(ours)kernel/kernel.h"' >$@

.DELETE_ON_ERROR:
