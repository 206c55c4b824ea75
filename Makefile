# SPDX-License-Identifier: BSD-2-Clause
# Makefile of zpvm. `make help` says what there is.
#
# One file, not recursive. On s390x and ppc64le everything is built for this
# machine and runs on its /dev/kvm; anywhere else both architectures are
# cross-built and run in emulated hosts (tests/host/).

# No rule but those below: make's own would compile the script tests/host/hostile out of hostile.c.
MAKEFLAGS += --no-builtin-rules

B       := build

# What the tag of a checkout says (v0.1.0; some commits later v0.1.0-5-gc0ffee1), or what `make dist` has written, or
# the last release of CHANGELOG.md.
VERSION := $(or $(patsubst v%,%,$(if $(wildcard .git),$(shell git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null))), \
	$(shell cat .version 2>/dev/null),$(shell sed -n 's/^\#\# \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1))

machine := $(shell uname -m)
native  := $(patsubst ppc64le,power9,$(filter s390x ppc64le,$(machine)))
ARCH    ?= $(or $(native),s390x power9)
ifneq ($(filter-out s390x power9,$(ARCH)),)
$(error ARCH is "$(ARCH)"; it must be s390x or power9)
endif

CC      := gcc
CFLAGS  ?= -O2 -g
# What no program needs of a file is left out of it. (No tables for unwinding: a debugger has others.)
sections := -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
# What is built is the same wherever that is.
PATHS   := -ffile-prefix-map=$(CURDIR)=.
WARN    := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Werror
COMMON  := -std=gnu11 -D_GNU_SOURCE -D__SANE_USERSPACE_TYPES__ -I. $(WARN) -MMD -MP $(PATHS)
prefix  ?= /usr/local
jobs    := $(shell nproc)
space   := $(subst ,, )
comma   := ,

# V=1 shows the commands.
Q   := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-6s %s\n')

# --- what it is made of ---------------------------------------------------

# By folder: the sources in these, without their suffix.
in = $(basename $(wildcard $(1:%=%/*.c)))

generic := $(filter-out vmm/tool/main_files,$(call in,vmm vmm/snapshot vmm/debug vmm/trace vmm/lab vmm/gdb vmm/tool))
devices := $(call in,devices devices/css devices/sclp devices/virtio)
# What includes a header of KVM. All else is pure: it is built and tested on any machine.
needs_kvm := $(addprefix vmm/,kvm irqfd hook tap vm vcpu vm_clock vm_virtio worker input main debug/single_step snapshot/dirty snapshot/live snapshot/state tool/probe trace/sink trace/decode trace/calls trace/caps) \
	$(addprefix vmm/lab/,audit checkpoint recorder recording rule run run_end run_expect run_explore run_file run_guest run_host run_irq run_late run_session run_race run_state run_step run_sweep run_vm stats trial) \
	$(addprefix vmm/gdb/,exact free gdb history monitor serve) \
	$(filter-out arch/power9/choose arch/power9/debug/decode arch/power9/debug/radix arch/power9/debug/target arch/s390x/debug/dat arch/s390x/debug/target arch/power9/fdt arch/s390x/interrupt arch/power9/interrupt arch/power9/registers arch/s390x/linux arch/s390x/sysib,$(call in,arch/s390x arch/power9 arch/s390x/tool arch/power9/tool arch/s390x/debug arch/power9/debug arch/s390x/trace arch/power9/trace)) \
	$(foreach a,s390x power9,arch/$(a)/snapshot/state arch/power9/snapshot/look arch/power9/lab/place $(addprefix arch/$(a)/lab/,inject rules))
pure = $(filter-out $(needs_kvm),$(1))

# Of both architectures: what reads their snapshots, so that every program can.
readers := $(filter-out %/linked,$(call pure,$(call in,arch/s390x/snapshot arch/power9/snapshot))) arch/s390x/interrupt arch/power9/interrupt arch/power9/registers \
	arch/s390x/lab/possible arch/power9/lab/possible
# The core first: what each run executes shares pages with nothing else.
core_of = $(sort $(call in,vmm arch/$(1)) $(devices))
layers_of = $(sort $(generic) $(readers) $(call in,arch/$(1)/snapshot arch/$(1)/debug arch/$(1)/trace arch/$(1)/lab arch/$(1)/tool))
all_of = $(core_of) $(filter-out $(core_of),$(layers_of))
s390x_all  := $(call all_of,s390x)
power9_all := $(call all_of,power9)
# What nobody waits for is built to be small, and so is all of the other architecture.
small := vmm/tool/% vmm/syscall vmm/trace/% arch/s390x/trace/% arch/power9/trace/% vmm/options vmm/status vmm/snapshot/outline devices/%_section \
	arch/%/describe arch/%/verify
s390x_small  := $(small) arch/power9/%
power9_small := $(small) arch/s390x/%
# Random scenarios: a program of its own, which runs zpvm.
torture := $(filter-out tests/torture/s390x tests/torture/power9,$(call in,tests/torture))

# Hercules runs instructions that came after z196 wrongly; without PGSTEs KVM refuses to make a VM.
s390x_cflags  := -march=z10
s390x_ldflags := -Wl,--s390-pgste
power9_cflags := -mcpu=power9
power9_libs   := -lfdt

s390x_bench_guests := exits.elf
power9_bench_guests := exits.elf ipi.elf
# A test guest wants a device tree.
power9_floor := arch/power9/fdt vmm/error vmm/identity

s390x_triplet  := s390x-linux-gnu
power9_triplet := powerpc64le-linux-gnu

guest_cflags := -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
	-I. -Iguest $(WARN) -MMD -MP $(PATHS)
guest_ldflags := -nostdlib -Wl,-z,max-page-size=4096 -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack
s390x_guest_cflags  := -march=z10 -msoft-float
power9_guest_cflags := -mcpu=power9 -mno-vsx -mno-altivec -msoft-float
s390x_api   := api api_sandbox api_notify api_fault api_revert api_live api_refuse_s390x api_channel api_flic api_local api_irq api_irqfd api_memory api_regs_s390x api_clock api_watchdog api_step_s390x
power9_api  := api api_sandbox api_notify api_fault api_revert api_live api_refuse_power9 api_irqchip api_late api_regs_power9 api_clock api_step_power9 api_many api_dirty
# Bugs of KVM, shown without zpvm: each program is a file, beside its page.
reports := $(notdir $(call in,tests/scenarios/bugs/reports))
s390x_reports  := $(filter s390x-%,$(reports))
power9_reports := $(filter power9-%,$(reports))
lessons := $(notdir $(basename $(wildcard tests/lessons/*.S)))
lesson_elfs := $(lessons:%=lessons/%-right.elf) $(lessons:%=lessons/%-wrong.elf)
power9_vectors := -Wl,--section-start=.vectors=0x500
s390x_images  := image.raw
power9_images := virtual.elf pie.elf big.elf
s390x_bare    := core.elf hello.elf notify.elf
# Programs without zpvm, for hosts on a newer QEMU (tests/host/suite).
power9_alone  := doorbell_power9 drift_power9
power9_bare   := core.elf hello.elf notify.elf calls.elf
s390x_guest  := $(basename $(wildcard guest/*.c guest/s390x/*.c guest/s390x/*.S))
power9_guest := $(basename $(wildcard guest/*.c guest/power9/*.c guest/power9/*.S))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help FORCE
all: $(foreach a,$(ARCH),$(B)/$(a)/zpvm $(B)/$(a)/guest.elf) $(if $(native),,$(B)/zpvm)

# What has the version in it is built again when that changes.
$(B)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@

$(B)/files/vmm/tool/main_files.o $(foreach a,s390x power9 races,$(B)/$(a)/vmm/main.o $(B)/$(a)/vmm/tool/probe.o): $(B)/version

# --- zpvm for this machine, if it has no KVM for it: it reads snapshots ----

files_objs := $(patsubst %,$(B)/files/%.o,vmm/tool/main_files $(call pure,$(generic)) $(readers) $(devices))

$(B)/files/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(COMMON) $(CFLAGS) $(sections) -DZPVM_VERSION='"$(VERSION)"' -c $< -o $@

$(B)/zpvm: $(files_objs)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) -Wl,--gc-sections $^ -o $@

-include $(files_objs:.o=.d)

# --- zpvm and the guest, for one architecture -----------------------------

host_scripts := $(addprefix tests/host/,hostile suite reports library sweeps recordings course lives conditions restores)
host_programs := zpvm torture core core_snapshot faults zpvm_alloc

# $(1): architecture
define arch_rules
$(1)_cross := $$(if $$(filter $(1),$(native)),,$$($(1)_triplet)-)
$(1)_root  := $$(if $$($(1)_cross),$(B)/cache/$(1)/root/usr)
$(1)_qemu  := $$(if $$($(1)_cross),$(B)/cache/$(1)/qemu)
$(1)_passt := $$(if $$($(1)_cross),$(B)/cache/$(1)/passt)
$(1)_gdb   := $$(if $$($(1)_cross),$(B)/cache/$(1)/gdb)
$(1)_inc   := $$(if $$($(1)_root),-isystem $$($(1)_root)/include)
$(1)_lib   := $$(if $$($(1)_root),-L$$($(1)_root)/lib/$$($(1)_triplet))
$(1)_objs  := $$(patsubst %,$(B)/$(1)/%.o,$$($(1)_all))
$(1)_guest_objs := $$(patsubst %,$(B)/$(1)/%.o,$$($(1)_guest))

$(B)/$(1)/guest/%.o: guest/%.c
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$($(1)_cross)$(CC) $$(guest_cflags) $$($(1)_guest_cflags) -c $$< -o $$@

$(B)/$(1)/guest/%.o: guest/%.S
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$($(1)_cross)$(CC) $$(guest_cflags) $$($(1)_guest_cflags) -c $$< -o $$@

$(B)/$(1)/%.o: %.c | $(B)/$(1)/libs
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$($(1)_cross)$(CC) $$(COMMON) $$(CFLAGS) $(sections) $$(if $$(filter $$($(1)_small),$$*),-Os) $$($(1)_cflags) $$($(1)_inc) -DZPVM_VERSION='"$(VERSION)"' -c $$< -o $$@

$(B)/$(1)/zpvm: $$($(1)_objs)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

$(B)/$(1)/guest.elf: $$($(1)_guest_objs) guest/$(1)/guest.ld
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(guest_ldflags) -T guest/$(1)/guest.ld $$($(1)_guest_objs) -o $$@

# api_fault stands between the code and these.
$(B)/$(1)/api_fault: wrapped := $(patsubst %,-Wl$(comma)--wrap=%,ioctl read write sendfile lseek fallocate eventfd mmap malloc calloc realloc \
	pthread_create memfd_create open socket listen link)
$$(addprefix $(B)/$(1)/,$$($(1)_api)): $(B)/$(1)/%: $$(filter-out %/main.o,$$($(1)_objs)) $(B)/$(1)/tests/host/%.o
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) $$(wrapped) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

# What lets calls of zpvm fail, and a zpvm whose allocations fail.
$(B)/$(1)/faults: $(B)/$(1)/tests/host/faults.o
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) -static $$< -o $$@

$(B)/$(1)/zpvm_alloc: $$($(1)_objs) $(B)/$(1)/tests/host/alloc_fault.o
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) $(patsubst %,-Wl$$(comma)--wrap=%,malloc calloc realloc) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

$(B)/$(1)/reports/%: $(B)/$(1)/tests/scenarios/bugs/reports/%.o
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -static $$< -o $$@

$$(addprefix $(B)/$(1)/,$$($(1)_alone)): $(B)/$(1)/%: $(B)/$(1)/tests/host/%.o
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -static -pthread $$< -o $$@

# The core alone, and with snapshots: no object of the laboratory or the tools is in them.
$(B)/$(1)/core: $$(patsubst %,$(B)/$(1)/%.o,$$(filter-out vmm/main,$$(call in,vmm arch/$(1))) $$(filter-out %_section,$$(devices)))
$(B)/$(1)/core_snapshot: $$(patsubst %,$(B)/$(1)/%.o,$$(filter-out vmm/main,$$(call in,vmm vmm/snapshot arch/$(1) arch/$(1)/snapshot)) $$(filter-out arch/$(1)/% %/possible,$$(readers)) $$(devices))
$(B)/$(1)/core $(B)/$(1)/core_snapshot: $(B)/$(1)/%: $(B)/$(1)/tests/host/%.o
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

# Guests in assembler that know nothing of zpvm.
$(B)/$(1)/hello.elf: guest/hello-$(1).S
$(B)/$(1)/core.elf: tests/host/$(1)-core.S
$(B)/$(1)/calls.elf: tests/host/$(1)-calls.S
$(B)/$(1)/notify.elf: tests/host/$(1)-notify.S
$$(addprefix $(B)/$(1)/,$$($(1)_bare)):
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$($(1)_guest_cflags) $$(guest_ldflags) -Wl,-Ttext=0x10000 -Wl,-e,_start $$< -o $$@

# Lessons: a race, and the same without it; the same text on both architectures.
$(B)/$(1)/lessons/%-right.elf $(B)/$(1)/lessons/%-wrong.elf: tests/lessons/%.S tests/lessons/$(1).inc
	@mkdir -p $$(@D)
	$$(say) LD $$(@D)/$$*
	$$(Q)for v in right wrong; do $$($(1)_cross)$(CC) -DLESSON='"$(1).inc"' -D$$$$v $$($(1)_guest_cflags) $$(guest_ldflags) $$($(1)_vectors) -Wl,-Ttext=0x10000 -Wl,-e,_start $$< -o $$(@D)/$$*-$$$$v.elf || exit; done

# The test guest with another main program, which is hostile to virtio devices or to the machine.
$(B)/$(1)/hostile.elf: tests/host/hostile.c tests/host/hostile-$(1).c tests/host/hostile-machine-$(1).c tests/host/hostile.h $$(filter-out %/guest/main.o,$$($(1)_guest_objs)) guest/$(1)/guest.ld
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(guest_cflags)) $$($(1)_guest_cflags) $$(guest_ldflags) -T guest/$(1)/guest.ld $$(filter %.c %.o,$$^) -o $$@

# Small guests of the kinds that distributions' kernels are.
$(B)/$(1)/image.raw: tests/host/s390x-image.S
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$($(1)_guest_cflags) $$(guest_ldflags) -Wl,-Ttext=0 $$< -o $$@.elf
	$$(Q)$$($(1)_cross)objcopy -O binary -j .text $$@.elf $$@

$(B)/$(1)/virtual.elf: image_flags = -static -no-pie -Wl,-T,tests/host/power9-virtual.ld
$(B)/$(1)/pie.elf: image_flags = -static-pie -Wl,-z,notext
$(B)/$(1)/big.elf: image_flags = -mbig -mabi=elfv2 -static -no-pie -Wl,-EB -Wl,-melf64ppc -Wl,-Ttext=0x100000
$(B)/$(1)/virtual.elf $(B)/$(1)/pie.elf $(B)/$(1)/big.elf: tests/host/power9-image.S tests/host/power9-virtual.ld
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$($(1)_guest_cflags) -nostdlib -Wl,--build-id=none $$(image_flags) $$< -o $$@

# The benchmark of zpvm's own functions.
$(B)/$(1)/bench/state: $$(filter-out %/main.o,$$($(1)_objs)) $(B)/$(1)/tests/bench/state.o
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

$(B)/$(1)/torture: $$(patsubst %,$(B)/$(1)/%.o,$$(torture) tests/torture/$(1) vmm/error vmm/file vmm/number vmm/progress vmm/status vmm/trace)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -Wl,--gc-sections -static $$^ -o $$@

# What goes into the host, under /work there.
$(B)/$(1)/stage: $$(addprefix $(B)/$(1)/,$(host_programs) guest.elf hostile.elf $$($(1)_bare) $$($(1)_images)) $$(addprefix $(B)/$(1)/,$$($(1)_api) $$($(1)_alone)) $$(addprefix $(B)/$(1)/reports/,$$($(1)_reports)) $(host_scripts) tests/linux/talk.c tests/host/bare.c $$(addprefix $(B)/$(1)/,$$(lesson_elfs)) $$(shell find tests/scenarios tests/golden tests/lessons tutorial) TUTORIAL.md
	@rm -rf $$@ && mkdir -p $$@
	@for p in $(host_programs); do $$($(1)_cross)strip -o $$@/$$$$p $(B)/$(1)/$$$$p; done
	@for api in $$($(1)_api) $$($(1)_alone); do $$($(1)_cross)strip -o $$@/$$$$api $(B)/$(1)/$$$$api; done
	@cp -R $(B)/$(1)/guest.elf $(B)/$(1)/hostile.elf $$(addprefix $(B)/$(1)/,$$($(1)_bare) $$($(1)_images)) $(host_scripts) tests/scenarios tests/golden tutorial TUTORIAL.md $(B)/$(1)/lessons $$@
	@cp tests/lessons/*.scn $$@/lessons
	@$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 $$($(1)_cflags) -static tests/linux/talk.c -o $$@/talk
	@$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 $$($(1)_cflags) -static tests/host/bare.c -o $$@/bare
	@for p in $$($(1)_reports); do $$($(1)_cross)strip -o $$@/scenarios/bugs/reports/$$$$p $(B)/$(1)/reports/$$$$p; done

$(B)/$(1)/bench/stage: $(B)/$(1)/zpvm $(B)/$(1)/guest.elf tests/bench/stepping tests/bench/sandbox tests/lessons/missed-wakeup.scn $(B)/$(1)/lessons/missed-wakeup-right.elf $$(addprefix $(B)/$(1)/bench/,bench floor peer state $$($(1)_bench_guests)) $$($(1)_qemu)
	@rm -rf $$@ && mkdir -p $$@
	@$$($(1)_cross)strip -o $$@/zpvm $(B)/$(1)/zpvm
	@$$($(1)_cross)strip -o $$@/state $(B)/$(1)/bench/state
	@cp $(B)/$(1)/guest.elf $$@/test.elf
	@cp $$(addprefix $(B)/$(1)/bench/,bench floor peer $$($(1)_bench_guests)) $$@
	@mkdir $$@/lessons && cp tests/bench/stepping tests/bench/sandbox $$@ && cp $$(filter tests/lessons/% %-right.elf,$$^) $$@/lessons
	@$$(if $$($(1)_qemu),cp -R $$($(1)_qemu) $$@)

# The benchmark: its driver, the bare calls beside it, and guests of both.
$(B)/$(1)/bench/exits.elf: tests/bench/$(1)-guest.S tests/bench/bench.h guest/abi.h
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) -I. $$($(1)_guest_cflags) $$(guest_ldflags) -Wl,-Ttext=0x10000 -Wl,-e,_start $$< -o $$@

# The test guest with another main program.
$(B)/$(1)/bench/ipi.elf: tests/bench/ipi.c tests/bench/bench.h $$(filter-out %/guest/main.o,$$($(1)_guest_objs)) guest/$(1)/guest.ld
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(guest_cflags)) $$($(1)_guest_cflags) $$(guest_ldflags) -T guest/$(1)/guest.ld $$(filter %.c %.o,$$^) -o $$@

$(B)/$(1)/bench/bench: $(B)/$(1)/tests/bench/bench.o
$(B)/$(1)/bench/floor: $(B)/$(1)/tests/bench/$(1)-floor.o $$(patsubst %,$(B)/$(1)/%.o,$$($(1)_floor))
$(B)/$(1)/bench/peer: $(B)/$(1)/tests/bench/peer.o
$(B)/$(1)/bench/bench $(B)/$(1)/bench/floor $(B)/$(1)/bench/peer:
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) -Wl,--gc-sections -static -pthread $$^ $$($(1)_lib) $$($(1)_libs) -o $$@

# The foreign libfdt is unpacked, never installed.
$(B)/$(1)/libs:
	@mkdir -p $$(@D)
	$$(if $$($(1)_cross),$$(Q)tests/host/fetch $(1))
	@touch $$@

# Debian's Linux as a guest, and what it is tried with. Another kernel may be another one each time.
$(B)/linux/$(1)/kernel: tests/linux/prepare tests/linux/init tests/linux/random.c tests/linux/kexec.c tests/host/initrd.sh tests/host/s390x-kernel.py $$(if $$(GUEST_KERNEL)$$(wildcard $(B)/linux/$(1)/.own),FORCE) | $(B)/$(1)/libs
	$$(Q)tests/linux/prepare $(1) && touch $$@

$(B)/$(1)/linux/stage: $(B)/$(1)/zpvm $(B)/linux/$(1)/kernel tests/linux/story tests/linux/talk.c $(B)/$(1)/gdb/stage
	@rm -rf $$@ && mkdir -p $$@
	@$$($(1)_cross)strip -o $$@/zpvm $(B)/$(1)/zpvm
	@cp $(B)/linux/$(1)/kernel $(B)/linux/$(1)/initrd tests/linux/story $$@
	@cp -R $(B)/$(1)/gdb/stage/*.gdb $$(if $$($(1)_gdb),$(B)/$(1)/gdb/stage/gdb.bin $(B)/$(1)/gdb/stage/lib) $$@
	@$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 $$($(1)_cflags) -static tests/linux/talk.c -o $$@/talk

$(B)/$(1)/linux/full: $(B)/$(1)/linux/stage $$($(1)_qemu:%=%/share/qemu/vof.bin) $$($(1)_passt:%=%/bin/passt) tests/linux/esop.c tests/linux/broken.c tests/linux/bench
	@rm -rf $$@ && cp -Rl $$< $$@ && cp tests/linux/bench $$@
	@$$(if $$($(1)_qemu),cp -R $$($(1)_qemu) $$($(1)_passt) $(B)/linux/$(1)/host/*.ko $$@)
	@$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 $$($(1)_cflags) -static tests/linux/broken.c -o $$@/broken
	@$$(if $$(filter s390x,$$($(1)_qemu:$(B)/cache/%/qemu=%)),$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 $$($(1)_cflags) -shared -fPIC tests/linux/esop.c -o $$@/esop.so)

# What zpvm is compared with, for the emulated host.
$(B)/cache/$(1)/qemu $(B)/cache/$(1)/qemu/share/qemu/vof.bin:
	$$(Q)tests/host/fetch $(1) qemu

# A gdb for that host, and what is debugged with it.
$(B)/cache/$(1)/gdb/bin/gdb:
	$$(Q)tests/host/fetch $(1) gdb && touch $$@

$(B)/$(1)/gdb/stage: $(B)/$(1)/zpvm $(B)/$(1)/guest.elf tests/host/nodebuginfod.c tests/host/nodebuginfod.map $$(wildcard tests/gdb/*.gdb) tests/gdb/run $$($(1)_gdb:%=%/bin/gdb)
	@rm -rf $$@ && mkdir -p $$@/lib
	@$$($(1)_cross)strip -o $$@/zpvm $(B)/$(1)/zpvm
	@cp $(B)/$(1)/guest.elf tests/gdb/*.gdb tests/gdb/run $$@
	@$$(if $$($(1)_gdb),cp $$($(1)_gdb)/bin/gdb $$@/gdb.bin && cp $$($(1)_gdb)/lib/* $$@/lib)
	@$$(if $$($(1)_gdb),$$($(1)_cross)$(CC) $$(filter-out -MMD -MP,$$(COMMON)) -O2 -fPIC -shared -Wl$$(comma)-soname=libdebuginfod.so.1 -Wl$$(comma)--version-script=tests/host/nodebuginfod.map tests/host/nodebuginfod.c -o $$@/lib/libdebuginfod.so.1)

# What connects a guest there to the host's network.
$(B)/cache/$(1)/passt/bin/passt:
	$$(Q)tests/host/fetch $(1) passt && touch $$@

-include $$($(1)_objs:.o=.d) $$($(1)_guest_objs:.o=.d) $$(wildcard $(B)/$(1)/tests/*/*.d)
endef
$(foreach a,s390x power9,$(eval $(call arch_rules,$(a))))

# --- tests of the pure files: natively, with sanitizers --------------------

U           := $(B)/unit
sanitize    := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all
unit_both   := gdb_target ledger ledger_section live scenario scenario_page torture# need an architecture's irq.c: once with each
unit_plain  := $(filter-out $(unit_both),$(notdir $(basename $(wildcard tests/unit/*.c))))
unit_arch   := $(foreach a,s390x power9,$(addprefix $(a)/,$(unit_both) \
	$(notdir $(basename $(wildcard tests/unit/$(a)/*.c)))))
fuzz_s390x  := elf options gdb json ccw sclp virtio virtio_pci inspect timeline dat editor control probe
fuzz_power9 := radix fdt
fuzzed      := $(fuzz_s390x) $(fuzz_power9) $(foreach a,s390x power9,$(a)/scenario $(a)/snapshot)
golden_tests := $(addprefix tests/golden/,golden.t core.t schema.t timeline.t) tests/mutants/mutate.t
unit_tests  := $(addprefix $(U)/,$(unit_plain) $(unit_arch) $(fuzzed:%=replay/%))
fuzz_builds := asan fast cover
fuzz_asan   := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
fuzz_fast   := -O2 -fsanitize=fuzzer-no-link
fuzz_cover  := -O1 -g -fprofile-instr-generate -fcoverage-mapping
unit_objs   := $(patsubst %,$(U)/obj/%.o,$(call pure,$(s390x_all) $(power9_all)) $(torture) tests/torture/s390x tests/torture/power9 \
	$(basename $(wildcard tests/unit/*.c tests/unit/*/*.c tests/fuzz/*.c)))

.PHONY: unit-programs
unit-programs: $(unit_tests)

$(U)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(COMMON) $(sanitize) -c $< -o $@

link_unit = $(Q)mkdir -p $(@D) && $(CC) $(sanitize) $(filter %.o %.a,$^) -lfdt -o $@

$(unit_plain:%=$(U)/%): $(U)/%: $(U)/obj/tests/unit/%.o $(U)/s390x.a $(U)/power9.a
	$(say) LD $@
	$(link_unit)

# What a target replays, and where libFuzzer starts, if it is not in tests/fuzz/corpus/TARGET.
corpus_elf      = $(B)/corpus/elf
corpus_inspect  = $(B)/corpus/inspect $(B)/corpus/s390x-snapshot $(B)/corpus/power9-snapshot
corpus_scenario = tests/fuzz/corpus/scenario tests/scenarios/both tests/scenarios/$(1)
corpus_snapshot = $(B)/corpus/$(1)-snapshot $(B)/corpus/inspect

# The seeds that are not text come from the unit tests.
$(B)/corpus/elf: $(U)/elf
	$(Q)mkdir -p $@ && $< $@ > /dev/null && touch $@

$(B)/corpus/inspect: $(wildcard tests/golden/*/*-irq.zs.gz)
	$(Q)mkdir -p $@ && for f in $^; do gunzip -c $$f > $@/$$(echo $$f | tr / -) || exit; done && touch $@

# $(1): target, $(2): corpus, $(3): archives of pure files
define fuzz_rules
$(U)/replay/$(1): $(U)/obj/tests/fuzz/$(notdir $(1)).o tests/fuzz/replay.c $(3:%=$(U)/%.a) | $(filter $(B)/%,$(2))
	@mkdir -p $$(@D)
	$$(say) LD $$@
	$$(Q)$$(CC) $$(COMMON) -MF $$@.d $$(sanitize) -DCORPUS='$$(subst $$(space),$$(comma),$(2:%="%"))' $$(filter %.c %.o %.a,$$^) -lfdt -o $$@

$(foreach f,$(fuzz_builds),$(B)/fuzz/$(f)/$(1)): $(B)/fuzz/%/$(1): $(B)/fuzz/%/obj/tests/fuzz/$(notdir $(1)).o $(3:%=$(B)/fuzz/\%/%.a)
	@mkdir -p $$(@D)
	$$(say) CLANG $$@
	$$(Q)clang -fsanitize=fuzzer $$(fuzz_$$*) $$(filter %.o %.a,$$^) -lfdt -o $$@

.PHONY: fuzz-$(1)
fuzz-$(1): $(B)/fuzz/asan/$(1) $(B)/fuzz/fast/$(1) | $(filter $(B)/%,$(2))
	@tests/fuzz/run $(1) $$(FUZZ_SECONDS) $(2)

$(B)/fuzz/cover/$(1).profraw: $(B)/fuzz/cover/$(1) FORCE | $(filter $(B)/%,$(2))
	@mkdir -p $(B)/fuzz/corpus/$(1)
	$$(Q)LLVM_PROFILE_FILE=$$@ $$< -runs=0 $(B)/fuzz/corpus/$(1) $(2) >$$@.log 2>&1 || { cat $$@.log; exit 1; }
endef
$(foreach f,$(fuzz_s390x),$(eval $(call fuzz_rules,$(f),$(or $(corpus_$(f)),tests/fuzz/corpus/$(f)),s390x)))
$(foreach f,$(fuzz_power9),$(eval $(call fuzz_rules,$(f),$(or $(corpus_$(f)),tests/fuzz/corpus/$(f)),power9)))

# libFuzzer's programs: asan finds faults, fast does so often what has been found to be good, cover says what they reach.
define fuzz_build
$(B)/fuzz/$(1)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(say) CLANG $$@
	$$(Q)clang -std=gnu11 -D_GNU_SOURCE -I. -MMD -MP $$(fuzz_$(1)) -c $$< -o $$@

$(B)/fuzz/$(1)/s390x.a $(B)/fuzz/$(1)/power9.a: $(B)/fuzz/$(1)/%.a:
	$$(say) AR $$@
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
$(foreach a,s390x power9,$(eval $(B)/fuzz/$(1)/$(a).a: $(patsubst %,$(B)/fuzz/$(1)/obj/%.o,$(call pure,$($(a)_all)) $(filter-out %/main,$(torture)) tests/torture/$(a))))
endef
$(foreach f,$(fuzz_builds),$(eval $(call fuzz_build,$(f))))
-include $(foreach f,$(fuzz_builds),$(patsubst %,$(B)/fuzz/$(f)/obj/%.d,$(call pure,$(s390x_all) $(power9_all)) $(basename $(wildcard tests/fuzz/*.c))))

# $(1): architecture. Its pure files are an archive: both define the same symbols.
define unit_rules
$(U)/$(1).a: $$(patsubst %,$(U)/obj/%.o,$$(call pure,$$($(1)_all)) $(filter-out %/main,$(torture)) tests/torture/$(1))
	$$(say) AR $$@
	$$(Q)rm -f $$@ && ar rcs $$@ $$^

$(patsubst %,$(U)/$(1)/%,$(unit_both)): $(U)/$(1)/%: $(U)/obj/tests/unit/%.o $(U)/$(1).a
	$$(say) LD $$@
	$$(link_unit)

$(U)/$(1)/%: $(U)/obj/tests/unit/$(1)/%.o $(U)/$(1).a
	$$(say) LD $$@
	$$(link_unit)

$(B)/corpus/$(1)-snapshot: $(U)/$(1)/codec
	$$(Q)mkdir -p $$@ && $$< $$@/good > /dev/null && touch $$@

$(call fuzz_rules,$(1)/scenario,$(call corpus_scenario,$(1)),$(1))
$(call fuzz_rules,$(1)/snapshot,$(call corpus_snapshot,$(1)),$(1))
endef
$(foreach a,s390x power9,$(eval $(call unit_rules,$(a))))

-include $(unit_objs:.o=.d) $(fuzzed:%=$(U)/replay/%.d)

# --- what people type -----------------------------------------------------

# These install what is missing, and then build in a second make: what that
# finds may have come just now.
.PHONY: demo pictures bugs mutants matrix sweep replay linux check check-more check-unit check-host lint fuzz fuzz-coverage hostile coverage bench bench-linux soak faults mutants-own races shell host-run packages packages-check
packages:
	@tests/host/packages build host

packages-check: packages
	@tests/host/packages check

stages := $(ARCH:%=$(B)/%/stage)
files_zpvm := $(B)/$(if $(native),$(native)/)zpvm
linux_tests := $(ARCH:%=tests/linux/%.t)
linux_stages := $(ARCH:%=$(B)/%/linux/stage)
gdb_stages := $(ARCH:%=$(B)/%/gdb/stage)
# The longest ones first. An emulated host has one thread, and waits now and then: three at a time fill two CPUs.
host_tests := $(ARCH:%=tests/host/%.t) $(linux_tests) $(ARCH:%=tests/gdb/%.t) $(if $(filter power9,$(ARCH)),tests/host/missing.t) \
	$(if $(filter s390x,$(ARCH)),tests/host/s390x-smp.t tests/host/readme.t) tests/host/machine.t
package_tests := tests/install.t tests/completion.t
# These download more, and build and boot more.
more_tests := tests/mutants/own/own.t tests/host/deb.t tests/host/report.t tests/host/matrix.t $(if $(word 2,$(ARCH)),tests/host/kernel.t) $(if $(filter s390x,$(ARCH)),tests/host/bisect.t tests/host/mutants.t) \
	$(if $(filter power9,$(ARCH)),tests/host/campaign.t)
# A test that fails is shown with its name and its reason.
prove := prove --timer --failures --comments -e ''
at_once := -j$(if $(filter 1,$(jobs)),1,3)

demo: packages ## Run the demo scenario on the real KVM of each architecture
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@tests/host/demo $(ARCH)

pictures: packages ## Run the demo again, and draw its timelines, doc/demo-ARCH.svg
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages) $(files_zpvm)
	@tests/host/pictures $(files_zpvm) $(ARCH)

bugs: packages ## Say which interrupt bugs that really happened the kernel of each architecture's host has
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@tests/host/bugs $(ARCH)

matrix: packages ## Run what a kernel could change on Debian's other kernels, too, and print what differs
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@tests/host/matrix $(B) $(B)/matrix $(ARCH)

mutants: packages ## Put bugs into KVM, and say which of them the tests see (MUTANTS=NAME,... SHARD=I/N)
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@bad=0; for a in $(ARCH); do tests/mutants/run $(SHARD:%=-s %) $$a $(subst $(comma), ,$(MUTANTS)) || bad=1; done; exit $$bad

SWEEP_BY ?= 1
sweep: packages ## Try each kind of interrupt at every instruction of the test guest (at each SWEEP_BY-th)
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@bad=0; for a in $(ARCH); do tests/host/run -q -i 250 $$a $(B)/$$a/stage ./sweeps $$a $(SWEEP_BY) || bad=1; done; exit $$bad

replay: packages ## Replay recordings of stepped VMs a thousand times: bit for bit the same
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@for a in $(ARCH); do tests/host/run -q -t 7200 $$a $(B)/$$a/stage "./recordings $$a 1000" || exit 1; done

linux: packages ## Boot Debian's Linux as a guest: disks, network, snapshots; and beside QEMU
	@$(MAKE) -s --no-print-directory -j$(jobs) $(ARCH:%=$(B)/%/linux/full)
	@tests/linux/run $(ARCH)

# One architecture at a time: make shell ARCH=power9. The shell gets DIR and CMD as they were typed: a $ in them
# is no variable of make.
shell: packages ## A shell in the emulated host ARCH, with zpvm, the scenarios, and the files of DIR=...
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@tests/host/shell $(if $(value DIR),-d $(call quote,DIR)) $(one_arch) $(B)/$(one_arch)/stage

host-run: packages ## Run CMD='...' there; with DIR=..., what it makes in /work comes back into DIR/out
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@tests/host/run $(if $(value DIR),-d $(call quote,DIR)) $(one_arch) $(B)/$(one_arch)/stage \
		$(if $(value CMD),$(call quote,CMD),$(error say CMD='...'))

quote = '$(subst ','\'',$(value $(1)))'
one_arch = $(if $(word 2,$(ARCH)),$(error say ARCH=s390x or ARCH=power9),$(ARCH))

check: packages-check ## Run the tests, but for those of check-more
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages) $(linux_stages) $(gdb_stages) $(files_zpvm) unit-programs
	@$(prove) $(at_once) $(host_tests) $(package_tests) tests/lint $(golden_tests) $(unit_tests)

check-more: packages-check ## Run the tests of packages, of other kernels, of mutants and of campaigns
	@tests/host/packages deb campaign kernel
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages) $(files_zpvm)
	@$(prove) $(more_tests)

check-unit: packages-check ## Run the tests that need no KVM
	@$(MAKE) -s --no-print-directory -j$(jobs) $(files_zpvm) unit-programs
	@$(prove) -j$(jobs) $(golden_tests) $(unit_tests)

check-host: packages-check ## Run the tests that need a KVM
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages) $(linux_stages) $(gdb_stages)
	@$(prove) $(at_once) $(host_tests)

lint: packages-check ## Check the rules of HACKING.md that a program can check
	@$(prove) tests/lint

bench: packages ## Measure zpvm beside the bare system calls, and QEMU
	@$(MAKE) --no-print-directory $(ARCH:%=$(B)/%/bench/stage) $(files_zpvm)
	@tests/host/bench $(ARCH)
	@tests/bench/timeline $(files_zpvm)

bench-linux: packages ## Measure Linux guests of zpvm beside QEMU's
	@$(MAKE) -s --no-print-directory -j$(jobs) $(ARCH:%=$(B)/%/linux/full)
	@tests/linux/run -b $(ARCH)

FAULTS_BY ?= 1
faults: packages ## Let each call and each allocation of zpvm fail (each FAULTS_BY-th), and take away what it needs
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@bad=0; for a in $(ARCH); do \
		tests/host/run -q -i 1800 $$a $(B)/$$a/stage "./lives $$a $(FAULTS_BY); lives=\$$?; ./conditions $$a && exit \$$lives" || bad=1; \
	done; exit $$bad

SOAK_SECONDS ?= 1800
soak: packages ## Restore 10000 times with 1000000 interrupts on each of ARCH, Linux guests too, and run random scenarios for SOAK_SECONDS (1800)
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages) $(linux_stages)
	@tests/host/soak $(SOAK_SECONDS) $(ARCH)

SAMPLE ?= 100
SEED ?= 1
mutants-own: packages ## Change zpvm's own code, and say which changes the tests see (SAMPLE=N SEED=N SHARD=I/N)
	@$(MAKE) -s --no-print-directory $(ARCH:%=$(B)/%/libs)
	@tests/mutants/own/run -n $(SAMPLE) -r $(SEED) $(SHARD:%=-s %) native $(ARCH)

FUZZ_SECONDS ?= 60
fuzz: packages-check ## Fuzz each target with clang for FUZZ_SECONDS (60), and count the executions
	@$(MAKE) --no-print-directory -j1 $(fuzzed:%=fuzz-%)
	@tests/fuzz/run -s

fuzz-coverage: packages-check ## Say which lines the inputs reach that fuzzing started from and has kept
	@$(MAKE) -s --no-print-directory -j$(jobs) $(fuzzed:%=$(B)/fuzz/cover/%.profraw)
	@llvm-profdata merge -o $(B)/fuzz/cover/all $(fuzzed:%=$(B)/fuzz/cover/%.profraw)
	@llvm-cov report -instr-profile=$(B)/fuzz/cover/all $(patsubst %,-object=$(B)/fuzz/cover/%,$(fuzzed)) -ignore-filename-regex='tests/|\.h$$' 2>/dev/null | \
		awk 'NF > 9 && $$8 > 0 && $$8 != $$9 { printf "%-40s %6s lines %8s\n", $$1, $$8, $$10 }'

# What of the exit handlers and the devices the scenarios and hostile guests reach: these files count their lines.
define coverage_rules
$(B)/coverage/$(1)/%.o: %.c | $(B)/$(1)/libs
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$($(1)_cross)$(CC) $$(COMMON) -O1 -g -Wno-maybe-uninitialized --coverage -fprofile-update=prefer-atomic $$($(1)_cflags) $$($(1)_inc) -DZPVM_VERSION='"$(VERSION)"' -c $$< -o $$@

$(B)/coverage/$(1)/stage: $$(patsubst %,$(B)/coverage/$(1)/%.o,$$(call counted,$(1))) $$(patsubst %,$(B)/$(1)/%.o,$$(filter-out $$(call counted,$(1)),$$($(1)_all))) $(B)/$(1)/stage
	@rm -rf $$@ && cp -Rl $(B)/$(1)/stage $$@ && rm $$@/zpvm
	$$(say) LD $$@/zpvm
	$$(Q)$$($(1)_cross)$(CC) $$(CFLAGS) $$($(1)_ldflags) --coverage -Wl,--gc-sections -static -pthread $$(filter %.o,$$^) $$($(1)_lib) $$($(1)_libs) -o $$@/zpvm

-include $$(patsubst %,$(B)/coverage/$(1)/%.d,$$(call counted,$(1)))
endef
counted = $(filter-out %_section $($(1)_without),$(call in,arch/$(1)) $(devices))
# Devices that the machine does not have.
s390x_without  := devices/hvterm devices/level %/virtio_pci
power9_without := devices/css/% devices/sclp/% devices/ebcdic %/virtio_ccw
$(foreach a,s390x power9,$(eval $(call coverage_rules,$(a))))

coverage: packages ## Say how much of the exit handlers and devices scenarios and hostile guests reach
	@$(MAKE) -s --no-print-directory -j$(jobs) $(ARCH:%=$(B)/coverage/%/stage)
	@for a in $(ARCH); do tests/host/coverage $$a $(HOSTILE_SECONDS) $(SEED) || exit 1; done

# zpvm with the address sanitizer and that of undefined behaviour, which a static program cannot have: their
# libraries go along.
sane_libs  := libasan.so.8 libubsan.so.1 libc.so.6 libgcc_s.so.1 libstdc++.so.6 libm.so.6
s390x_ld   := lib/ld64.so.1
power9_ld  := lib64/ld64.so.2
define sane_rules
$(B)/sane/$(1)/%.o: %.c | $(B)/$(1)/libs
	@mkdir -p $$(@D)
	$$(say) CC $$@
	$$(Q)$$($(1)_cross)$(CC) $$(COMMON) -O1 -g -Wno-maybe-uninitialized -fsanitize=address,undefined -fno-sanitize-recover=all -fPIE $$($(1)_cflags) $$($(1)_inc) -DZPVM_VERSION='"$(VERSION)"' -c $$< -o $$@

$(B)/sane/$(1)/stage: $$(patsubst %,$(B)/sane/$(1)/%.o,$$($(1)_all)) $(B)/$(1)/stage
	@rm -rf $$@ && cp -Rl $(B)/$(1)/stage $$@ && rm $$@/zpvm
	$$(say) LD $$@/zpvm
	$$(Q)$$($(1)_cross)$(CC) -fsanitize=address,undefined -pie $$($(1)_ldflags) $$(filter %.o,$$^) $$($(1)_lib) $$(if $$(filter power9,$(1)),-l:libfdt.a) -pthread -o $$@/zpvm
	@cp -L $$(patsubst %,$$(if $$($(1)_cross),/usr/$$($(1)_triplet)/lib,/lib/$$($(1)_triplet))/%,$(sane_libs) $$(notdir $$($(1)_ld))) $$@

-include $$(patsubst %,$(B)/sane/$(1)/%.d,$$($(1)_all))
endef
$(foreach a,s390x power9,$(eval $(call sane_rules,$(a))))
sane_start = mkdir -p /$(dir $($(1)_ld)) && cp $(notdir $($(1)_ld)) /$($(1)_ld) && export LD_LIBRARY_PATH=$$PWD ASAN_OPTIONS=abort_on_error=1;

HOSTILE_SECONDS ?= 600
SEED ?= 1
hostile: packages ## Run guests that do nonsense with all that they can reach, for HOSTILE_SECONDS (600) from SEED (1) on; SANE=1: with sanitizers
	@$(MAKE) -s --no-print-directory -j$(jobs) $(ARCH:%=$(B)/$(if $(SANE),sane/)%/stage)
	@$(foreach a,$(ARCH),tests/host/run -q -m 4096 -t $$(($(HOSTILE_SECONDS) + 900)) $a $(B)/$(if $(SANE),sane/)$a/stage \
		'$(if $(SANE),$(call sane_start,$a)) sh ./hostile $a $(HOSTILE_SECONDS) $(SEED)' || bad=1;) exit $$bad

# ThreadSanitizer: of the two targets only power9 has it; not in a static program, so the libraries go along.
races_objs := $(patsubst %,$(B)/races/%.o,$(power9_all))
races_libs := libtsan.so.2 libc.so.6 ld64.so.2 libgcc_s.so.1 libstdc++.so.6 libm.so.6

$(B)/races/%.o: %.c | $(B)/power9/libs
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(power9_cross)$(CC) $(COMMON) -O1 -g -fsanitize=thread -Wno-tsan -fPIE $(power9_cflags) $(power9_inc) -DZPVM_VERSION='"$(VERSION)"' -c $< -o $@

-include $(races_objs:.o=.d)

$(B)/races/stage: $(races_objs) $(B)/power9/guest.elf $(shell find tests/scenarios)
	@rm -rf $@ && mkdir -p $@
	$(say) LD $@/zpvm
	$(Q)$(power9_cross)$(CC) -fsanitize=thread -pie $(races_objs) $(power9_lib) -l:libfdt.a -pthread -o $@/zpvm
	@cp -L $(races_libs:%=$(if $(power9_cross),/usr/$(power9_triplet)/lib,/lib/$(power9_triplet))/%) $@
	@cp -R $(B)/power9/guest.elf tests/scenarios $@

races: packages ## Run the scenarios with ThreadSanitizer, on power9, which has one
	@$(MAKE) -s --no-print-directory -j$(jobs) $(B)/races/stage
	@tests/host/run -q -m 4096 -t 1800 power9 $(B)/races/stage 'mkdir -p /lib64; cp ld64.so.2 /lib64; \
		echo 0 >/proc/sys/kernel/randomize_va_space; export LD_LIBRARY_PATH=$$PWD TSAN_OPTIONS=exitcode=0; bad=0; \
		for s in scenarios/both/*.scn scenarios/power9/*.scn; do \
			./zpvm run -q -t 60 -s $$s guest.elf </dev/null >out 2>&1; \
			! grep -Eq "WARNING: ThreadSanitizer|DEADLYSIGNAL" out || { echo "race: $$s"; cat out; bad=1; }; \
		done; exit $$bad'

# --- what is installed, and packages ---------------------------------------

# For this machine; or with ARCH=s390x or ARCH=power9 for such a one, when DESTDIR is a directory of it.
install_for := $(if $(filter command% environment%,$(origin ARCH)),$(if $(word 2,$(ARCH)),,$(ARCH)),$(native))
STRIP   ?= $($(install_for)_cross)strip
# zsh's own directory; Debian has another one for packages.
zshdir  ?= share/zsh/site-functions

# Each as file:mode:name, below prefix. What is zpvm's alone is in these directories.
installed_dirs := share/doc/zpvm share/zpvm lib/zpvm
installed := $(if $(install_for),$(B)/$(install_for)/zpvm,$(B)/zpvm):755:bin/zpvm \
	$(foreach m,$(wildcard *.[1-8]),$(m):644:share/man/man$(lastword $(subst ., ,$(m)))/$(m)) \
	doc/completion/zpvm.bash:644:share/bash-completion/completions/zpvm \
	doc/completion/_zpvm:644:$(zshdir)/_zpvm \
	doc/completion/zpvm.fish:644:share/fish/vendor_completions.d/zpvm.fish \
	$(foreach d,$(wildcard *.md) LICENSE $(wildcard doc/*.svg),$(d):644:share/doc/zpvm/$(d))
ifneq ($(install_for),)
installed += $(foreach g,guest.elf hello.elf $(lesson_elfs),$(B)/$(install_for)/$(g):644:lib/zpvm/$(g)) \
	$(foreach g,hello-$(install_for).S abi.h,guest/$(g):644:share/zpvm/$(g)) \
	tests/scenarios/$(install_for)/demo.scn:644:share/zpvm/demo.scn
# All scenarios of these folders: as folder:name.
installed_scn := tutorial:share/zpvm/tutorial $(foreach d,lessons $(addprefix scenarios/,both $(install_for) bugs/both bugs/$(install_for)), \
	tests/$(d):share/zpvm/$(d))
endif
installed_files := $(foreach f,$(installed),$(firstword $(subst :, ,$(f))))
installed_names := $(foreach f,$(installed),$(lastword $(subst :, ,$(f)))) \
	$(foreach d,$(installed_scn),$(addprefix $(lastword $(subst :, ,$(d)))/,$(notdir $(wildcard $(firstword $(subst :, ,$(d)))/*.scn))))
root := $(DESTDIR)$(prefix)

.PHONY: install uninstall installable
installable: $(installed_files)

install: installable ## Install zpvm, man pages, completion, and on s390x and POWER9 its guests, below prefix
	@for f in $(installed); do \
		to=$${f#*:}; install -D -m "$${to%%:*}" "$${f%%:*}" "$(root)/$${to#*:}" || exit; \
	done
	@for d in $(installed_scn); do install -D -m 644 -t "$(root)/$${d#*:}" "$${d%%:*}"/*.scn || exit; done
	@$(STRIP) "$(root)/bin/zpvm"
	@echo "$(words $(installed_names)) files are installed in $(root)"

uninstall: ## Remove what install with the same DESTDIR, prefix and ARCH has made
	@cd "$(root)" && rm -f $(installed_names)
	@for d in $(installed_dirs); do [ ! -d "$(root)/$$d" ] || find "$(root)/$$d" -depth -type d -empty -delete || exit; done

.PHONY: dist deb deb-check chroots report
dist: ## Make a tar archive of what is committed, build/zpvm-VERSION.tar.gz
	@[ -e .git ] || { echo 'dist: this is no git checkout' >&2; exit 1; }
	@mkdir -p $(B)
	@git archive --prefix=zpvm-$(VERSION)/ --add-virtual-file=zpvm-$(VERSION)/.version:$(VERSION) HEAD | \
		gzip -9n >$(B)/zpvm-$(VERSION).tar.gz
	@ls -l $(B)/zpvm-$(VERSION).tar.gz

deb: packages ## Make Debian packages for s390x and ppc64el, and of what reads files for this machine, in build/deb
	@tests/host/packages deb
	@$(MAKE) -s --no-print-directory -j$(jobs) $(files_zpvm) $(foreach a,$(ARCH),$(B)/$(a)/zpvm $(B)/$(a)/guest.elf $(B)/$(a)/hello.elf $(lesson_elfs:%=$(B)/$(a)/%))
	@tests/host/deb $(ARCH) $(if $(native),,files)

deb-check: deb ## Check the packages: lintian, twice the same, installed in hosts and in Debian 12 and 13
	@tests/host/packages check chroots
	@$(prove) tests/host/deb.t :: full

CHROOT_CMD ?= make demo && make check
chroots: ## Do CHROOT_CMD (make demo, make check) in a fresh Debian 12 and a fresh Debian 13
	@tests/host/packages chroots
	@for s in bookworm trixie; do tests/host/chroot $$s $(call quote,CHROOT_CMD) || exit; done

report: packages ## Run the suites on this KVM, and write a report of it that can be sent, build/report-ARCH.json
	@tests/host/packages report
	@$(MAKE) -s --no-print-directory -j$(jobs) $(stages)
	@bad=0; for a in $(ARCH); do tests/host/report $$a || bad=1; done; exit $$bad

.PHONY: clean
clean: ## Remove what was built; keep what was fetched (build/cache)
	rm -rf $(filter-out $(B)/cache,$(wildcard $(B)/*))

help: ## Say what there is
	@{ echo 'make#Build zpvm and its test guest'; \
	sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1#\2/p' Makefile; } | column -t -s '#'
