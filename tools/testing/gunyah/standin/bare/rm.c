// SPDX-License-Identifier: GPL-2.0-only
/* The bare test's client of RM, and VMs made with it. */
#include <libfdt.h>
#include <string.h>

#include "bare.h"

#define MSG_SIZE		240
#define CONTENT			232
#define TYPE_REPLY		2
#define TYPE_NOTIFICATION	3
#define NOTIFY_EXITED		0x56100001
#define NOTIFY_STATUS		0x56100008
#define STATE_RESET		11
#define RUN_TIMEOUT_MS		3000

static u64 tx, rx;
static u32 rx_virq;
static u16 seq;
static u32 exited[0x100];	/* exit type + 1 per vmid */
static u32 states[0x100];

struct header {
	u8 version;
	u8 type;
	u16 seq;
	u32 id;
};

/**
 * rm_init() - find RM's queues
 * @fdt: device tree
 */
void rm_init(const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "gunyah-resource-manager");
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", NULL);

	const fdt32_t *irq = fdt_getprop(fdt, node, "interrupts", NULL);

	if (!reg || !irq)
		die("no resource manager in the device tree");
	tx = (u64)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
	rx_virq = 32 + fdt32_to_cpu(irq[4]);
	rx = (u64)fdt32_to_cpu(reg[2]) << 32 | fdt32_to_cpu(reg[3]);
}

/**
 * call() - one hypercall
 * @num: number
 * @a: argument, and three more
 * @b: .
 * @c: .
 * @d: .
 * @res: five results, may be NULL
 *
 * Return: the error.
 */
u64 call(u32 num, u64 a, u64 b, u64 c, u64 d, u64 *res)
{
	u64 x[8] = { 0xc6008000 | num, a, b, c, d };

	hypercall(x);
	if (res)
		memcpy(res, x, 5 * sizeof(*res));
	return x[0];
}

static void note(u32 id, const u8 *data)
{
	u32 vmid = data[0];

	if (id == NOTIFY_EXITED)
		exited[vmid] = data[2] + 1;
	if (id == NOTIFY_STATUS)
		states[vmid] = data[4];
}

/* One message of RM; returns its type, 0 if there is none. */
static u32 receive(struct header *h, u8 *content, u32 *size)
{
	static u8 msg[MSG_SIZE] __aligned(8);
	u64 res[5];

	if (call(0x1c, rx, (u64)msg, sizeof(msg), 0, res) || res[1] < sizeof(*h)) {
		gic_wait(rx_virq);
		return 0;
	}
	memcpy(h, msg, sizeof(*h));
	*size = res[1] - sizeof(*h);
	memcpy(content, msg + sizeof(*h), *size);
	return (h->type & 3) + 1;
}

static bool poll(u8 *reply, u32 *size, u32 *left)
{
	u8 content[CONTENT];
	struct header h;
	u32 type, got;

	type = receive(&h, content, &got);
	if (!type)
		return false;
	type--;
	if (type == TYPE_NOTIFICATION)
		note(h.id, content);
	if (type != TYPE_REPLY && type)
		return false;
	*left = type ? h.type >> 2 : *left - 1;
	memcpy(reply + *size, content, got);
	*size += got;
	return !*left;
}

/**
 * rm_call() - one request to RM
 * @id: message id
 * @data: payload
 * @size: its size
 * @reply: what comes after the status; room for 1024 bytes
 * @reply_size: filled with its size, may be NULL
 *
 * Return: the status, or -2 if it cannot be sent.
 */
u32 rm_call(u32 id, const void *data, u32 size, void *reply, u32 *reply_size)
{
	static u8 msg[MSG_SIZE] __aligned(8), in[2048] __aligned(8);
	struct header h = { 0x21, 1, ++seq, id };
	u32 got = 0, left = 0, status;

	memcpy(msg, &h, sizeof(h));
	memcpy(msg + sizeof(h), data, size);
	if (call(0x1b, tx, sizeof(h) + size, (u64)msg, 1, NULL))
		return -2;
	while (!poll(in, &got, &left))
		;
	memcpy(&status, in, 4);
	if (reply)
		memcpy(reply, in + 4, got - 4);
	if (reply_size)
		*reply_size = got - 4;
	return status;
}

/**
 * rm_exit_type() - wait until RM has said that a VM has ended
 * @vmid: VM
 *
 * Return: exit type.
 */
u32 rm_exit_type(u32 vmid)
{
	u32 size = 0, left = 0, ret;
	u8 none[CONTENT];

	while (!exited[vmid])
		poll(none, &size, &left);
	ret = exited[vmid] - 1;
	exited[vmid] = 0;
	return ret;
}

static void wait_reset(u32 vmid)
{
	u32 size = 0, left = 0;
	u8 none[CONTENT];

	while (states[vmid] != STATE_RESET)
		poll(none, &size, &left);
}

static void node(void *fdt, const char *name, u32 address_cells, u32 size_cells)
{
	fdt_begin_node(fdt, name);
	if (!address_cells)
		return;
	fdt_property_u32(fdt, "#address-cells", address_cells);
	fdt_property_u32(fdt, "#size-cells", size_cells);
}

static void add_cpus(void *fdt, u32 nr)
{
	static const char * const names[MAX_VCPUS] = {
		"cpu@0", "cpu@1", "cpu@2", "cpu@3", "cpu@4", "cpu@5", "cpu@6", "cpu@7",
	};
	u32 i;

	node(fdt, "cpus", 1, 0);
	for (i = 0; i < nr; i++) {
		fdt_begin_node(fdt, names[i]);
		fdt_property_string(fdt, "device_type", "cpu");
		fdt_property_string(fdt, "compatible", "arm,armv8");
		fdt_property_u32(fdt, "reg", i);
		fdt_property_string(fdt, "enable-method", "psci");
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
	fdt_begin_node(fdt, "psci");
	fdt_property_string(fdt, "compatible", "arm,psci-1.0");
	fdt_property_string(fdt, "method", "hvc");
	fdt_end_node(fdt);
}

static void add_gic(void *fdt, u32 nr_vcpus)
{
	fdt32_t reg[8] = { 0, cpu_to_fdt32(GUEST_GICD), 0, cpu_to_fdt32(0x10000),
			   0, cpu_to_fdt32(GUEST_GICR), 0, cpu_to_fdt32(0x20000 * nr_vcpus) };

	fdt_begin_node(fdt, "intc");
	fdt_property_string(fdt, "compatible", "arm,gic-v3");
	fdt_property(fdt, "interrupt-controller", NULL, 0);
	fdt_property_u32(fdt, "#interrupt-cells", 3);
	fdt_property(fdt, "reg", reg, sizeof(reg));
	fdt_property_u32(fdt, "phandle", 1);
	fdt_end_node(fdt);
}

static void add_bell(void *fdt)
{
	fdt32_t irq[3] = { 0, cpu_to_fdt32(8), cpu_to_fdt32(1) };

	fdt_begin_node(fdt, "vdevices");
	fdt_begin_node(fdt, "rm-rpc");
	fdt_property_string(fdt, "vdevice-type", "rm-rpc");
	fdt_property_string(fdt, "generate", "/hypervisor/qcom,resource-mgr");
	fdt_end_node(fdt);
	fdt_begin_node(fdt, "bell");
	fdt_property_string(fdt, "vdevice-type", "doorbell");
	fdt_property_string(fdt, "generate", "/hypervisor/bell-40");
	fdt_property_u32(fdt, "label", 40);
	fdt_property(fdt, "peer-default", NULL, 0);
	fdt_property(fdt, "interrupts", irq, sizeof(irq));
	fdt_end_node(fdt);
	fdt_end_node(fdt);
}

static void add_config(void *fdt)
{
	node(fdt, "gunyah-vm-config", 2, 2);
	fdt_property_string(fdt, "image-name", "bare");
	fdt_property_string(fdt, "os-type", "linux");
	fdt_property_string(fdt, "vm-type", "aarch64-guest");
	fdt_begin_node(fdt, "memory");
	fdt_property_u64(fdt, "base-address", GUEST_BASE);
	fdt_end_node(fdt);
	fdt_begin_node(fdt, "interrupts");
	fdt_property_string(fdt, "config", "/intc");
	fdt_end_node(fdt);
	fdt_begin_node(fdt, "vcpus");
	fdt_property_string(fdt, "config", "/cpus");
	fdt_property_string(fdt, "affinity", "proxy");
	fdt_end_node(fdt);
	add_bell(fdt);
	fdt_end_node(fdt);
}

static void write_dt(void *fdt, u32 nr_vcpus)
{
	fdt_create(fdt, DT_SIZE);
	fdt_finish_reservemap(fdt);
	node(fdt, "", 2, 2);
	fdt_property_u32(fdt, "interrupt-parent", 1);
	fdt_begin_node(fdt, "chosen");
	fdt_end_node(fdt);
	add_cpus(fdt, nr_vcpus);
	add_gic(fdt, nr_vcpus);
	add_config(fdt);
	fdt_end_node(fdt);
	fdt_finish(fdt);
}

static void put16(u8 *p, u32 val)
{
	p[0] = val;
	p[1] = val >> 8;
}

static void put64(u8 *p, u64 val)
{
	memcpy(p, &val, 8);
}

/**
 * vm_lend() - lend a VM its memory
 * @vm: the VM
 */
void vm_lend(struct vm *vm)
{
	u8 msg[40] = { 0 };

	msg[8] = 1;
	put16(msg + 12, vm->vmid);
	msg[14] = 7;
	msg[16] = 1;
	put64(msg + 20, vm->memory);
	put64(msg + 28, vm->size);
	if (rm_call(0x51000012, msg, sizeof(msg), &vm->handle, NULL))
		die("MEM_LEND");
}

/**
 * vm_make() - make a VM, up to its memory
 * @vm: filled in
 * @memory: where it is to be in the primary VM
 * @size: its size
 * @code: what it runs
 * @end: end of that
 * @nr_vcpus: how many vCPUs
 *
 * Return: true.
 */
bool vm_make(struct vm *vm, u64 memory, u64 size, const char *code, const char *end, u32 nr_vcpus)
{
	u8 msg[4] = { 0 };

	memset(vm, 0, sizeof(*vm));
	vm->memory = memory;
	vm->size = size;
	vm->nr_vcpus = nr_vcpus;
	if (rm_call(0x56000001, msg, sizeof(msg), &vm->vmid, NULL))
		die("VM_ALLOCATE");
	states[vm->vmid] = 0;
	exited[vm->vmid] = 0;
	memcpy((void *)memory, code, end - code);
	write_dt((void *)(memory + DT_OFFSET), nr_vcpus);
	vm_lend(vm);
	return true;
}

static void read_resources(struct vm *vm)
{
	static u8 list[2048];
	u32 nr, i, label, virq;
	u64 cap;
	u8 msg[4] = { 0 };

	put16(msg, vm->vmid);
	if (rm_call(0x56000020, msg, sizeof(msg), list, NULL))
		die("VM_GET_HYP_RESOURCES");
	memcpy(&nr, list, 4);
	for (i = 0; i < nr; i++) {
		const u8 *r = list + 4 + 44 * i;

		memcpy(&label, r + 8, 4);
		memcpy(&cap, r + 12, 8);
		memcpy(&virq, r + 24, 4);
		if (r[0] == 4 && label < MAX_VCPUS) {
			vm->cap[label] = cap;
			vm->virq[label] = virq;
		}
		if (r[0] == 0)
			vm->bell = cap;
	}
}

/**
 * vm_start() - configure and start it
 * @vm: the VM
 *
 * Return: false if RM does not want to.
 */
bool vm_start(struct vm *vm)
{
	u8 msg[40] = { 0 };

	put16(msg, vm->vmid);
	memcpy(msg + 4, &vm->handle, 4);
	put64(msg + 16, DT_OFFSET);
	put64(msg + 24, DT_OFFSET);
	put64(msg + 32, DT_SIZE);
	if (rm_call(0x56000009, msg, 40, NULL, NULL))
		die("VM_CONFIG_IMAGE");
	memset(msg + 2, 0, sizeof(msg) - 2);
	if (rm_call(0x5600000b, msg, 4, NULL, NULL))
		die("VM_INIT");
	read_resources(vm);
	return !rm_call(0x56000004, msg, 4, NULL, NULL);
}

/**
 * vm_run_on() - one vcpu_run
 * @vm: the VM
 * @vcpu: vCPU
 * @resume: value of a load
 * @exit: five result registers
 *
 * Return: the state, ~0 for an error.
 */
u64 vm_run_on(struct vm *vm, u32 vcpu, u64 resume, u64 *exit)
{
	if (call(0x65, vm->cap[vcpu], resume, 0, 0, exit))
		return ~0UL;
	return exit[1];
}

/**
 * vm_run() - run a vCPU until something else than READY
 * @vm: the VM; has the results afterwards
 * @vcpu: vCPU
 * @resume: value of a load
 *
 * Return: the state, ~0 for an error.
 */
u64 vm_run(struct vm *vm, u32 vcpu, u64 resume)
{
	u64 end = now() + RUN_TIMEOUT_MS * ticks_per_ms();
	u64 state;

	do {
		state = vm_run_on(vm, vcpu, resume, vm->exit);
		resume = 0;
	} while (state == READY && now() < end);
	return state;
}

/**
 * vm_end() - end a VM and get its memory back
 * @vm: the VM
 * @stop: it does not end by itself
 */
void vm_end(struct vm *vm, bool stop)
{
	u8 msg[8] = { 0 };
	u32 i;

	put16(msg, vm->vmid);
	msg[2] = 1;
	if (stop && rm_call(0x56000005, msg, 8, NULL, NULL))
		die("VM_STOP");
	msg[2] = 0;
	if (rm_call(0x56000006, msg, 4, NULL, NULL))
		die("VM_RESET");
	wait_reset(vm->vmid);
	/* The end of a vCPU raises its interrupt once more. */
	for (i = 0; i < vm->nr_vcpus; i++)
		gic_take(vm->virq[i]);
	put64(msg, vm->handle);
	if (rm_call(0x51000015, msg, 8, NULL, NULL))
		die("MEM_RECLAIM");
	put64(msg, vm->vmid);
	if (rm_call(0x56000002, msg, 4, NULL, NULL))
		die("VM_DEALLOCATE");
}
