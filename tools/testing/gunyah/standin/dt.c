// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree: QEMU's own is read for memory and CPUs, then copied and
 * edited for the primary VM. What changes is what the real resource manager
 * and its boot chain change on this machine:
 *
 *  - memory without the stand-in's own;
 *  - the CPU that is the RM core is gone;
 *  - no ITS (the real one passes none on), so no "msi-map" either;
 *  - /hypervisor, with the properties the real one generates, no more; on
 *    request with the devices that the real one generates for secondary VMs,
 *    or not at all;
 *  - the initial RAM disk, which QEMU only adds for kernels it loads itself.
 */
#include <libfdt.h>
#include <string.h>

#include "mmu.h"
#include "model.h"
#include "standin.h"

#define FDT_IN		((const void *)PLAT_DTB_IN)
#define FDT_OUT		((void *)PLAT_DTB_OUT)
#define IRQ_SPI		0
#define IRQ_EDGE_RISING	1
#define IRQ_LEVEL_HIGH	4
#define NAME_SIZE	64

/* For calls that cannot fail but for lack of space, or a tree that is broken. */
static int check(int ret, const char *what)
{
	if (ret < 0)
		panic("device tree: %s: error %d", what, ret);
	return ret;
}

static u64 get_cells(const fdt32_t *cell, int nr)
{
	u64 val = 0;

	while (nr--)
		val = val << 32 | fdt32_to_cpu(*cell++);
	return val;
}

static bool is_device_type(const void *fdt, int node, const char *type)
{
	const char *prop = fdt_getprop(fdt, node, "device_type", NULL);

	return prop && !strcmp(prop, type);
}

static int find_memory(const void *fdt)
{
	int node;

	for (node = fdt_first_subnode(fdt, 0); node >= 0; node = fdt_next_subnode(fdt, node)) {
		if (is_device_type(fdt, node, "memory"))
			return node;
	}
	return check(node, "memory");
}

static void read_memory(const void *fdt, struct machine *machine)
{
	const fdt32_t *reg;
	u64 base, size;
	int len;

	reg = fdt_getprop(fdt, find_memory(fdt), "reg", &len);
	if (!reg || len != 4 * sizeof(*reg))
		panic("device tree: not one range of memory");
	base = get_cells(reg, 2);
	size = get_cells(reg + 2, 2);
	if (base != PLAT_RAM_BASE || size > PLAT_RAM_LIMIT - PLAT_RAM_BASE)
		panic("memory %#lx at %#lx: highmem=off and at most 3 GiB expected", size, base);
	machine->ram_end = (base + size) & ~(MMU_BLOCK_SIZE - 1);
	if (machine->ram_end <= PLAT_OWN_END + PLAT_DTB_OUT_SIZE)
		panic("%#lx bytes of memory are too few", size);
}

static u64 cpu_mpidr(const void *fdt, int node)
{
	const fdt32_t *reg;
	int len;

	reg = fdt_getprop(fdt, node, "reg", &len);
	if (!reg || (len != 4 && len != 8))
		panic("device tree: CPU without reg");
	return get_cells(reg, len / 4);
}

static void add_cpu(struct machine *machine, u64 mpidr)
{
	unsigned int i;

	if (machine->nr_cpus == PLAT_MAX_CPUS)
		panic("at most %u CPUs (-smp)", PLAT_MAX_CPUS);
	for (i = machine->nr_cpus++; i && machine->mpidr[i - 1] > mpidr; i--)
		machine->mpidr[i] = machine->mpidr[i - 1];
	machine->mpidr[i] = mpidr;
}

static void read_cpus(const void *fdt, struct machine *machine)
{
	int cpus = check(fdt_path_offset(fdt, "/cpus"), "/cpus");
	int node;

	for (node = fdt_first_subnode(fdt, cpus); node >= 0; node = fdt_next_subnode(fdt, node)) {
		if (is_device_type(fdt, node, "cpu"))
			add_cpu(machine, cpu_mpidr(fdt, node));
	}
	if (machine->nr_cpus < 2)
		panic("one CPU is the resource manager's: -smp 2 or more");
}

static u64 mix(u64 val)
{
	val = (val ^ val >> 30) * 0xbf58476d1ce4e5b9UL;
	val = (val ^ val >> 27) * 0x94d049bb133111ebUL;
	return val ^ val >> 31;
}

/* QEMU's seeds, unless dtb-randomness=off: then only the counter is left. */
static void read_entropy(const void *fdt, struct machine *machine)
{
	int chosen = check(fdt_path_offset(fdt, "/chosen"), "/chosen");
	const u8 *seed;
	int len = 0, i;

	machine->entropy = read_sysreg(cntpct_el0);
	seed = fdt_getprop(fdt, chosen, "rng-seed", &len);
	for (i = 0; seed && i < len; i++)
		machine->entropy = mix(machine->entropy + seed[i] + 1);
}

/**
 * dt_read() - read QEMU's device tree
 * @machine: filled in
 */
void dt_read(struct machine *machine)
{
	memset(machine, 0, sizeof(*machine));
	check(fdt_check_header(FDT_IN), "header");
	if (fdt_totalsize(FDT_IN) > PLAT_LINK_BASE - PLAT_DTB_IN)
		panic("device tree too big");
	read_memory(FDT_IN, machine);
	read_cpus(FDT_IN, machine);
	read_entropy(FDT_IN, machine);
}

static void write_memory(void *fdt, const struct machine *machine)
{
	int node = find_memory(fdt);
	char name[NAME_SIZE];

	format_buf(name, sizeof(name), "memory@%lx", (u64)PLAT_OWN_END);
	check(fdt_delprop(fdt, node, "reg"), "memory reg");
	check(fdt_appendprop_u64(fdt, node, "reg", PLAT_OWN_END), "memory reg");
	check(fdt_appendprop_u64(fdt, node, "reg", machine->ram_end - PLAT_OWN_END), "memory reg");
	check(fdt_set_name(fdt, node, name), "memory name");
}

static int find_cpu_map_entry(void *fdt, int map, u32 phandle)
{
	int node, depth = 0, len;
	const fdt32_t *cpu;

	for (node = fdt_next_node(fdt, map, &depth); node >= 0 && depth > 0;
	     node = fdt_next_node(fdt, node, &depth)) {
		cpu = fdt_getprop(fdt, node, "cpu", &len);
		if (cpu && len == sizeof(*cpu) && fdt32_to_cpu(*cpu) == phandle)
			return node;
	}
	return -FDT_ERR_NOTFOUND;
}

/* Remove the topology's entry, and the clusters and sockets that are then empty. */
static void remove_from_cpu_map(void *fdt, u32 phandle)
{
	int map = fdt_path_offset(fdt, "/cpus/cpu-map");
	int node, parent;

	if (map < 0)
		return;
	node = find_cpu_map_entry(fdt, map, phandle);
	while (node > map) {
		parent = check(fdt_parent_offset(fdt, node), "cpu-map");
		check(fdt_del_node(fdt, node), "cpu-map");
		if (fdt_first_subnode(fdt, parent) >= 0)
			break;
		node = parent;
	}
}

static void remove_rm_core(void *fdt, u64 mpidr)
{
	int cpus = check(fdt_path_offset(fdt, "/cpus"), "/cpus");
	int node;

	for (node = fdt_first_subnode(fdt, cpus); node >= 0; node = fdt_next_subnode(fdt, node)) {
		u32 phandle = fdt_get_phandle(fdt, node);

		if (!is_device_type(fdt, node, "cpu") || cpu_mpidr(fdt, node) != mpidr)
			continue;
		check(fdt_del_node(fdt, node), "cpu");
		if (phandle)
			remove_from_cpu_map(fdt, phandle);
		return;
	}
}

static void remove_its(void *fdt)
{
	int node;

	while ((node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3-its")) >= 0)
		check(fdt_del_node(fdt, node), "its");
	node = fdt_node_offset_by_compatible(fdt, -1, "pci-host-ecam-generic");
	if (node >= 0 && fdt_get_property(fdt, node, "msi-map", NULL))
		check(fdt_delprop(fdt, node, "msi-map"), "msi-map");
}

static void write_initrd(void *fdt, const struct options *opt)
{
	int chosen = check(fdt_path_offset(fdt, "/chosen"), "/chosen");

	if (!opt->initrd_size)
		return;
	check(fdt_setprop_u64(fdt, chosen, "linux,initrd-start", opt->initrd_start), "initrd");
	check(fdt_setprop_u64(fdt, chosen, "linux,initrd-end",
			      opt->initrd_start + opt->initrd_size), "initrd");
}

static void put_bytes(void *fdt, int node, const char *name, const void *val, int size)
{
	check(fdt_setprop(fdt, node, name, val, size), name);
}

static void put_u32(void *fdt, int node, const char *name, u32 val)
{
	check(fdt_setprop_u32(fdt, node, name, val), name);
}

static void put_irq_type(void *fdt, int node, u32 intid, u32 type)
{
	check(fdt_appendprop_u32(fdt, node, "interrupts", IRQ_SPI), "interrupts");
	check(fdt_appendprop_u32(fdt, node, "interrupts", intid - 32), "interrupts");
	check(fdt_appendprop_u32(fdt, node, "interrupts", type), "interrupts");
}

static void put_irq(void *fdt, int node, u32 intid)
{
	put_irq_type(fdt, node, intid, IRQ_EDGE_RISING);
}

static void write_rm_node(void *fdt, int hyp, const struct options *opt,
			  const struct gm_primary_info *info)
{
	/* To a secondary VM it is a pair of queues as well. */
	static const char as_queue[] = "qcom,gunyah-message-queue\0qcom,gunyah-capability";
	static const char compatible[] = "gunyah-resource-manager\0"
					 "qcom,resource-manager-1-0\0"
					 "qcom,resource-manager";
	char name[NAME_SIZE];
	int node;

	format_buf(name, sizeof(name), "qcom,resource-manager-rpc@%016lx", info->tx_cap);
	node = check(fdt_add_subnode(fdt, hyp, name), name);
	/*
	 * As the real one gets there: its overlay has them in this order, and
	 * libfdt puts each new one in front of the others.
	 */
	put_bytes(fdt, node, "compatible", compatible, sizeof(compatible));
	if (opt->guest_nodes)
		check(fdt_appendprop(fdt, node, "compatible", as_queue, sizeof(as_queue)),
		      "compatible");
	check(fdt_appendprop_u64(fdt, node, "reg", info->tx_cap), "reg");
	check(fdt_appendprop_u64(fdt, node, "reg", info->rx_cap), "reg");
	put_irq(fdt, node, info->tx_virq);
	put_irq(fdt, node, info->rx_virq);
	put_u32(fdt, node, "qcom,free-irq-start", info->free_irq_start);
	put_bytes(fdt, node, "qcom,is-full-duplex", NULL, 0);
	put_u32(fdt, node, "qcom,tx-message-size", info->tx_size);
	put_u32(fdt, node, "qcom,rx-message-size", info->rx_size);
	put_u32(fdt, node, "qcom,tx-queue-depth", info->tx_depth);
	put_u32(fdt, node, "qcom,rx-queue-depth", info->rx_depth);
}

static void write_vm_node(void *fdt, int hyp, const struct gm_primary_info *info)
{
	static const char compatible[] = "qcom,gunyah-vm-id-1.0\0qcom,gunyah-vm-id";
	static const char vendor[] = "Qualcomm";
	int node = check(fdt_add_subnode(fdt, hyp, "qcom,gunyah-vm"), "qcom,gunyah-vm");

	put_bytes(fdt, node, "compatible", compatible, sizeof(compatible));
	put_u32(fdt, node, "qcom,vmid", info->vmid);
	put_bytes(fdt, node, "qcom,vendor", vendor, sizeof(vendor));
}

/* The record of a pair's other queue. */
static bool find_pair(const struct gm_peer_info *tx, struct gm_peer_info *rx)
{
	u32 i;

	for (i = 0; gm_peer_info(model, i, rx); i++)
		if (rx->type == GM_PEER_MSGQ_RX && rx->label == tx->label)
			return true;
	return false;
}

static void write_labels(void *fdt, int node, const struct gm_peer_info *info)
{
	put_u32(fdt, node, "label", info->label);
	put_u32(fdt, node, "qcom,label", info->label);
}

/* Named after the RX capability, although TX is the first of "reg". */
static void write_pair_node(void *fdt, int hyp, const struct gm_peer_info *tx,
			    const struct gm_peer_info *rx)
{
	static const char compatible[] = "qcom,gunyah-message-queue\0qcom,gunyah-capability";
	char name[NAME_SIZE];
	int node;

	format_buf(name, sizeof(name), "queue@%lx", rx->cap);
	node = check(fdt_add_subnode(fdt, hyp, name), name);
	write_labels(fdt, node, tx);
	put_u32(fdt, node, "qcom,vdevice-handle", tx->label);
	put_u32(fdt, node, "qcom,rx-queue-depth", rx->depth);
	put_u32(fdt, node, "qcom,tx-queue-depth", tx->depth);
	put_u32(fdt, node, "qcom,rx-message-size", rx->size);
	put_u32(fdt, node, "qcom,tx-message-size", tx->size);
	put_bytes(fdt, node, "qcom,is-full-duplex", NULL, 0);
	put_u32(fdt, node, "qcom,free-irq-start", 0);
	put_u32(fdt, node, "qcom,peer-vmid", tx->partner);
	put_irq(fdt, node, tx->virq);
	put_irq(fdt, node, rx->virq);
	check(fdt_appendprop_u64(fdt, node, "reg", tx->cap), "reg");
	check(fdt_appendprop_u64(fdt, node, "reg", rx->cap), "reg");
	put_bytes(fdt, node, "compatible", compatible, sizeof(compatible));
}

/* A queue without another has properties of other names, the receiver's too. */
static void write_queue_node(void *fdt, int hyp, const struct gm_peer_info *info)
{
	static const char compatible[] = "qcom,gunyah-message-queue\0qcom,gunyah-capability";
	char name[NAME_SIZE];
	int node;

	format_buf(name, sizeof(name), "queue@%lx", info->cap);
	node = check(fdt_add_subnode(fdt, hyp, name), name);
	write_labels(fdt, node, info);
	put_irq(fdt, node, info->virq);
	put_u32(fdt, node, "tx_queue_depth", info->depth);
	put_u32(fdt, node, "tx_message_size", info->size);
	put_bytes(fdt, node, info->type == GM_PEER_MSGQ_TX ? "is-sender" : "is-receiver", NULL, 0);
	check(fdt_appendprop_u64(fdt, node, "reg", info->cap), "reg");
	put_bytes(fdt, node, "compatible", compatible, sizeof(compatible));
}

static void write_doorbell_node(void *fdt, int hyp, const struct gm_peer_info *info)
{
	static const char bell[] = "qcom,gunyah-doorbell\0qcom,gunyah-capability";
	static const char source[] = "qcom,gunyah-doorbell-source\0qcom,gunyah-capability";
	bool receiver = info->type == GM_PEER_DOORBELL_RX;
	char name[NAME_SIZE];
	int node;

	format_buf(name, sizeof(name), "doorbell@%lx", info->cap);
	node = check(fdt_add_subnode(fdt, hyp, name), name);
	write_labels(fdt, node, info);
	if (receiver)
		put_irq(fdt, node, info->virq);
	check(fdt_appendprop_u64(fdt, node, "reg", info->cap), "reg");
	if (receiver)
		put_bytes(fdt, node, "compatible", bell, sizeof(bell));
	else
		put_bytes(fdt, node, "compatible", source, sizeof(source));
}

/*
 * A queue that is not there, whose interrupt is a level one. No driver may take
 * it: as long as there is room, or a message, such an interrupt never ends.
 */
static void write_level_node(void *fdt, int hyp)
{
	static const char compatible[] = "qcom,gunyah-message-queue\0qcom,gunyah-capability";
	int node = check(fdt_add_subnode(fdt, hyp, "queue@1e7e1"), "queue@1e7e1");

	put_u32(fdt, node, "qcom,label", 0x1e7e1);
	put_irq_type(fdt, node, 32 + PLAT_FREE_SPI_LAST, IRQ_LEVEL_HIGH);
	put_bytes(fdt, node, "is-receiver", NULL, 0);
	check(fdt_appendprop_u64(fdt, node, "reg", 0x1e7e1), "reg");
	put_bytes(fdt, node, "compatible", compatible, sizeof(compatible));
}

static bool is_half(const struct gm_peer_info *rx)
{
	struct gm_peer_info tx;
	u32 i;

	for (i = 0; gm_peer_info(model, i, &tx); i++)
		if (tx.type == GM_PEER_MSGQ_TX && tx.label == rx->label)
			return true;
	return false;
}

static void write_guest_nodes(void *fdt, int hyp)
{
	struct gm_peer_info info, rx;
	u32 i;

	for (i = 0; gm_peer_info(model, i, &info); i++) {
		if (info.type == GM_PEER_DOORBELL_TX || info.type == GM_PEER_DOORBELL_RX)
			write_doorbell_node(fdt, hyp, &info);
		else if (info.type == GM_PEER_MSGQ_TX && find_pair(&info, &rx))
			write_pair_node(fdt, hyp, &info, &rx);
		else if (info.type == GM_PEER_MSGQ_TX || !is_half(&info))
			write_queue_node(fdt, hyp, &info);
	}
	write_level_node(fdt, hyp);
}

static void write_hypervisor(void *fdt, const struct options *opt,
			     const struct gm_primary_info *info)
{
	/* A secondary VM's has one compatible string more, in front. */
	static const char compatible[] = "gunyah-hypervisor\0"
					 "qcom,gunyah-hypervisor-1.0\0"
					 "qcom,gunyah-hypervisor\0"
					 "simple-bus";
	size_t skip = opt->guest_nodes || opt->node == 2 ? 0 : sizeof("gunyah-hypervisor");
	size_t end = opt->node == 2 ? sizeof("gunyah-hypervisor") : sizeof(compatible);
	int node = check(fdt_add_subnode(fdt, 0, "hypervisor"), "hypervisor");

	put_u32(fdt, node, "#address-cells", 2);
	put_u32(fdt, node, "#size-cells", 0);
	put_bytes(fdt, node, "compatible", compatible + skip, end - skip);
	/* The last added comes first. */
	if (opt->guest_nodes)
		write_guest_nodes(fdt, node);
	write_vm_node(fdt, node, info);
	write_rm_node(fdt, node, opt, info);
}

/**
 * dt_write() - make the primary VM's device tree, at PLAT_DTB_OUT
 * @machine: what dt_read() found
 * @opt: options
 * @info: the model's part
 */
void dt_write(const struct machine *machine, const struct options *opt,
	      const struct gm_primary_info *info)
{
	check(fdt_open_into(FDT_IN, FDT_OUT, PLAT_DTB_OUT_SIZE), "copy");
	write_memory(FDT_OUT, machine);
	remove_rm_core(FDT_OUT, machine->mpidr[machine->nr_cpus - 1]);
	remove_its(FDT_OUT);
	write_initrd(FDT_OUT, opt);
	if (opt->node)
		write_hypervisor(FDT_OUT, opt, info);
	check(fdt_pack(FDT_OUT), "pack");
	/* Linux reads it before its MMU is on. */
	cache_clean(PLAT_DTB_OUT, PLAT_DTB_OUT_SIZE);
}
