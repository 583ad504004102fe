// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stand-in: a small EL2 program for QEMU's virt machine that boots an
 * unmodified Linux as Gunyah's primary VM. What Linux sees of the hypervisor
 * and its resource manager is the model's (../model); this directory is the
 * part that needs a CPU: boot, two stages of translation, calls, interrupts,
 * CPUs, copies. It is a test instrument and no hypervisor for use: one VM, no
 * protection against devices.
 *
 * Reading order: entry.S, this file, dt.c, smp.c, traps.c, rmcore.c.
 */
#include "model.h"
#include "standin.h"

#define OPTIONS_FILE		"opt/org.gunyah/standin"
#define IMAGE_MAGIC		0x644d5241	/* "ARM\x64" */
#define IMAGE_ALIGN		0x200000UL

/* Header of an arm64 Image, see Documentation/arch/arm64/booting.rst. */
struct image_header {
	u32 code[2];
	u64 text_offset;
	u64 image_size;
	u64 flags;
	u64 res[3];
	u32 magic;
	u32 pe_offset;
};

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static void check_range(const char *what, u64 start, u64 size)
{
	if (!primary_is_ram(start, size))
		panic("%s at %#lx, size %#lx, is not in Linux' memory", what, start, size);
	if (overlap(start, size, PLAT_DTB_OUT, PLAT_DTB_OUT_SIZE))
		panic("%s at %#lx is where the device tree goes", what, start);
}

/* Find out what goes wrong with a wrong QEMU line before Linux hangs. */
static u64 image_entry(const struct options *opt)
{
	const struct image_header *header = (const struct image_header *)opt->image;
	u64 start = opt->image;

	check_range("the Image", start, sizeof(*header));
	if (header->magic != IMAGE_MAGIC)
		panic("no Linux Image at %#lx", start);
	if ((start - header->text_offset) % IMAGE_ALIGN)
		panic("the Image at %#lx wants to be %#lx above 2 MiB", start, header->text_offset);
	check_range("the Image", start, header->image_size);
	if (opt->initrd_size) {
		check_range("the initrd", opt->initrd_start, opt->initrd_size);
		if (overlap(start, header->image_size, opt->initrd_start, opt->initrd_size))
			panic("Image (to %#lx) and initrd (from %#lx) overlap",
			      start + header->image_size, opt->initrd_start);
	}
	return start;
}

static void read_options(struct options *opt)
{
	static char text[sizeof(opt->model)];

	if (fwcfg_read_file(OPTIONS_FILE, text, sizeof(text)) >= sizeof(text))
		panic("option string longer than %zu", sizeof(text) - 1);
	options_parse(opt, text);
}

static void print_summary(const struct machine *machine, const struct options *opt,
			  const struct gm_primary_info *info)
{
	say("Gunyah stand-in: %u CPUs and %lu MiB for Linux, CPU %#lx is the resource manager",
	    smp_nr_guest_cpus(), (machine->ram_end - PLAT_OWN_END) >> 20,
	    machine->mpidr[machine->nr_cpus - 1]);
	say("RM queues: TX %#lx interrupt %u, RX %#lx interrupt %u; options \"%s\"", info->tx_cap,
	    info->tx_virq, info->rx_cap, info->rx_virq, opt->model);
}

/**
 * main() - first C code with the MMU on, on the boot CPU
 */
void main(void)
{
	static struct machine machine;
	static struct options options;
	struct gm_primary_info info;
	size_t gicr_size;
	u64 gicr, entry;

	console_init();
	read_options(&options);
	dt_read(&machine);
	mmu_map_ram(machine.ram_end);
	smp_init(&machine);

	gicr = gic_find_gicr(machine.mpidr[machine.nr_cpus - 1], &gicr_size);
	if (!gicr)
		panic("no GICv3 redistributor for the RM core (gic-version=3?)");
	pages_init((u64)rmcore_model_place() + gm_size(), PLAT_OWN_END, options.pages);
	primary_init(&machine, gicr, gicr_size);
	entry = image_entry(&options);

	rmcore_init(&options, &machine, &info);
	dt_write(&machine, &options, &info);
	print_summary(&machine, &options, &info);
	smp_start_rm_core();
	smp_enter_guest(entry, PLAT_DTB_OUT);
}
