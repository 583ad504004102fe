// SPDX-License-Identifier: GPL-2.0-only
/* VMs that run: whose the memory is, both ends of their devices, lives. */
#include <stdlib.h>

#include "vmhost.h"
#include "tap.h"

#define HC_VCPU_RUN	0x65

static struct vm_host v;
static struct dt dt, dt2;
static struct wire w;

static void begin(const char *options)
{
	vm_host_init(&v, options);
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
}

static s64 vm_hvc(u16 vmid, unsigned int num, u64 a, u64 b, u64 c, u64 d)
{
	const u64 args[] = { GM_SMCCC_HYPERCALL | num, a, b, c, d };

	memset(v.h.x, 0, sizeof(v.h.x));
	memcpy(v.h.x, args, sizeof(args));
	OK(gm_hypercall(v.h.m, vmid, v.h.x));
	return (s64)v.h.x[0];
}

/* Its only device of that type */
static const struct gm_vdev *own_of(u16 vmid, u8 type)
{
	unsigned int i;

	for (i = 0; i < GM_MAX_VDEVS; i++)
		if (v.h.m->vdevs[i].used && v.h.m->vdevs[i].vmid == vmid &&
		    v.h.m->vdevs[i].type == type)
			return &v.h.m->vdevs[i];
	return NULL;
}

/* The vdevice of a VM with that label, as the VM's own tree tells it. */
static const struct gm_vdev *own(u16 vmid, u32 label)
{
	struct gm_vdev *vd;
	u32 i = 0;

	while ((vd = gm_vdev_next(v.h.m, gm_vm_find(v.h.m, vmid), &i)))
		if (vd->label == label)
			return vd;
	return NULL;
}

static void memory(void)
{
	unsigned int rights = 0;

	dt_minimal(&dt, "one");
	begin("debug");
	/* Lent: the owner has it no more, the VM not yet. */
	EQ(vm_lost(&v), VM_IMAGE / 4096);
	EQ(v.nr_maps, 0);
	/* Two ranges of private memory, and a page that is shared. */
	wire_lend(&w, VM, RAM + 2 * VM_IMAGE, 0x200000, 2, 0x400000);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
	memset(&w, 0, sizeof(w));
	wire_begin_create(&w, 0, 0, 77);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(vm_pa(&v, VM, VM_BASE, &rights), RAM);
	EQ(rights, MEM_RWX);
	EQ(vm_pa(&v, VM, VM_BASE + VM_IMAGE - 1, &rights), RAM + VM_IMAGE - 1);
	EQ(vm_pa(&v, VM, VM_BASE + VM_IMAGE, &rights), RAM + 2 * VM_IMAGE);
	EQ(vm_pa(&v, VM, VM_BASE + VM_IMAGE + 0x200000, &rights), RAM + 3 * VM_IMAGE);
	EQ(vm_pa(&v, VM, VM_BASE + VM_IMAGE + 0x400000, &rights), ~0ull);
	EQ(v.nr_maps, 3);
	v.ram[0x1234] = 7;
	EQ(vm_stop(&v, VM), RM_OK);
	EQ(v.nr_maps, 3);
	EQ(vm_by_vmid(&v, RM_RESET, VM), RM_OK);
	rm_drain(&v.h, &vm_reply);
	EQ(v.nr_maps, 0);
	EQ(vm_lost(&v), 0x800000 / 4096);
	EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\0\0\0\0\0\0\0", 8), RM_OK);
	EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\1\0\0\0\1\0\0", 8), RM_OK);
	EQ(vm_lost(&v), 0);
	/* Without authentication it is as the VM left it. */
	EQ(v.ram[0x1234], 7);
	vm_host_exit(&v);
}

static void failures(void)
{
	dt_minimal(&dt, "one");
	vm_host_init(&v, "debug");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	v.fail_create = true;
	EQ(vm_init(&v, VM), RM_NORESOURCE);
	EQ(vm_state(&v, VM), 8);
	v.fail_create = false;
	vm_end(&v, VM, 0);
	EQ(vm_lost(&v), 0);
	vm_host_exit(&v);

	/* The second of two ranges does not fit: the VM has neither. */
	begin("debug");
	wire_lend(&w, VM, RAM + 2 * VM_IMAGE, 0x1000, 2, 0x2000);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
	v.fail_map = 3;
	EQ(vm_start(&v, VM), RM_OK);
	EQ(v.nr_maps, 1);
	EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\1\0\0\0\0\0\0", 8), RM_OK);
	vm_end(&v, VM, 0);
	EQ(vm_lost(&v), 0);
	vm_host_exit(&v);

	begin("debug");
	v.fail_map = 1;
	EQ(vm_start(&v, VM), RM_NORESOURCE);
	EQ(vm_state(&v, VM), 8);
	EQ(v.nr_maps, 0);
	vm_end(&v, VM, 0);
	vm_host_exit(&v);
}

/* Protected VMs leave nothing to read; and RECLAIM wipes if it is asked to. */
static void wiped(void)
{
	u8 auth[4] = { VM };
	unsigned int n;

	dt_minimal(&dt, "one");
	for (n = 0; n < 2; n++) {
		vm_host_init(&v, "debug");
		EQ(wire_allocate(&v.h), VM);
		memcpy(v.ram + VM_DT, dt.blob, sizeof(dt.blob));
		wire_lend(&w, VM, RAM, VM_IMAGE, 1, 0);
		EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
		memset(&w, 0, sizeof(w));
		wire_put32(&w, VM | (n ? 0u : 1u << 16));
		wire_put32(&w, 0);
		wire_put64(&w, 0);
		wire_put64(&w, VM_DT);
		wire_put64(&w, VM_DT);
		wire_put64(&w, VM_DT_SIZE);
		EQ(wire_call(&v.h, &vm_reply, RM_CONFIG, &w), RM_OK);
		if (!n)
			EQ(rm_call(&v.h, &vm_reply, RM_AUTH, auth, 4), RM_OK);
		EQ(vm_init(&v, VM), RM_OK);
		EQ(v.setup.vmmio_size, n ? 0x40000000 : 0);
		EQ(vm_start(&v, VM), RM_OK);
		v.ram[VM_IMAGE - 1] = 0x55;
		EQ(vm_stop(&v, VM), RM_OK);
		EQ(vm_by_vmid(&v, RM_RESET, VM), RM_OK);
		rm_drain(&v.h, &vm_reply);
		EQ(v.ram[VM_IMAGE - 1], n ? 0x55 : 0);
		EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, "\0\0\0\0\1\0\0", 8), RM_OK);
		EQ(v.ram[VM_IMAGE - 1], 0);
		EQ(vm_lost(&v), 0);
		vm_host_exit(&v);
	}
}

#define DEV	"/gunyah-vm-config/vdevices/"

static void doorbells(void)
{
	u64 cap, source;
	u32 virq;

	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "bell", "doorbell", 0x20);
	dt_flag(&dt, DEV "bell", "peer-default");
	dt_flag(&dt, DEV "bell", "source-can-clear");
	dt_spi(&dt, DEV "bell", 4, 4);
	dt_vdevice(&dt, "ring", "doorbell-source", 0x21);
	dt_flag(&dt, DEV "ring", "peer-default");
	begin("debug");
	OK(vm_resource(&v, VM, 0, 0x20, &cap, &virq));
	EQ(virq, 0);
	EQ(host_call(&v.h, HC_DOORBELL_SEND, cap, 5, 0, 0, 0), HE_OK);
	EQ(v.virqs[0][36], 1);
	EQ(vm_hvc(VM, HC_DOORBELL_RECV, own(VM, 0x20)->cap[0], 4, 0, 0), HE_OK);
	EQ(v.h.x[1], 5);
	EQ(vm_hvc(VM, HC_DOORBELL_SEND, own(VM, 0x20)->cap[0], 4, 0, 0), HE_CAP_RIGHTS);
	/* The source may clear this one. */
	EQ(host_call(&v.h, HC_DOORBELL_RECV, cap, ~0ull, 0, 0, 0), HE_OK);
	EQ(v.h.x[1], 1);

	OK(vm_resource(&v, VM, 1, 0x21, &source, &virq));
	host_virqs(&v.h, virq);
	EQ(vm_hvc(VM, HC_DOORBELL_SEND, own(VM, 0x21)->cap[0], 9, 0, 0), HE_OK);
	EQ(host_virqs(&v.h, virq), 1);
	EQ(host_call(&v.h, HC_DOORBELL_RECV, source, ~0ull, 0, 0, 0), HE_OK);
	EQ(v.h.x[1], 9);
	EQ(vm_hvc(VM, HC_DOORBELL_RECV, own(VM, 0x21)->cap[0], 1, 0, 0), HE_CAP_RIGHTS);
	/* One VM's capabilities are nothing in another. */
	EQ(vm_hvc(VM, HC_DOORBELL_RECV, source, 1, 0, 0), HE_ARGUMENT_INVALID);
	vm_end(&v, VM, 0);
	EQ(host_call(&v.h, HC_DOORBELL_SEND, cap, 5, 0, 0, 0), HE_CAP_REVOKED);
	vm_host_exit(&v);
}

static s64 vm_send(u16 vmid, u64 cap, const char *text)
{
	memcpy(v.h.mem, text, strlen(text) + 1);
	return vm_hvc(vmid, HC_MSGQ_SEND, cap, strlen(text) + 1, HOST_BASE, 1);
}

static s64 vm_recv(u16 vmid, u64 cap)
{
	memset(v.h.mem, 0, sizeof(v.h.mem));
	return vm_hvc(vmid, HC_MSGQ_RECV, cap, HOST_BASE, 240, 0);
}

static void queues(void)
{
	u64 tx, rx, cap;
	u32 txi, rxi, virq;

	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "pair", "message-queue-pair", 3);
	dt_flag(&dt, DEV "pair", "peer-default");
	dt_u32(&dt, DEV "pair", "queue-depth", 1);
	dt_vdevice(&dt, "out", "message-queue", 4);
	dt_flag(&dt, DEV "out", "peer-default");
	dt_flag(&dt, DEV "out", "is-sender");
	begin("debug");
	OK(vm_resource(&v, VM, 2, 3, &tx, &txi));
	OK(vm_resource(&v, VM, 3, 3, &rx, &rxi));
	OK(vm_resource(&v, VM, 3, 4, &cap, &virq));
	OK(!vm_resource(&v, VM, 2, 4, &cap, &virq));
	EQ(own(VM, 3)->virq[0], 960);
	EQ(own(VM, 3)->virq[1], 961);
	EQ(vm_send(3, tx, "down"), HE_OK);
	EQ(v.h.x[1], 0);
	EQ(v.virqs[0][961], 1);
	EQ(vm_send(3, tx, "down"), HE_FULL);
	EQ(vm_recv(VM, own(VM, 3)->cap[1]), HE_OK);
	OK(!strcmp((char *)v.h.mem, "down"));
	EQ(host_virqs(&v.h, txi), 1);
	EQ(vm_send(VM, own(VM, 3)->cap[0], "up"), HE_OK);
	EQ(host_virqs(&v.h, rxi), 1);
	EQ(vm_recv(3, rx), HE_OK);
	OK(!strcmp((char *)v.h.mem, "up"));
	EQ(v.virqs[0][960], 1);
	EQ(vm_send(VM, own(VM, 4)->cap[0], "x"), HE_OK);
	EQ(host_virqs(&v.h, virq), 1);
	vm_end(&v, VM, 0);
	EQ(vm_recv(3, rx), HE_CAP_REVOKED);
	vm_host_exit(&v);
}

/* Is a VM told of its own end when it asks for another VM's resources? */
static bool is_told(u16 vmid, u16 of, u8 type, u32 label, u64 cap)
{
	unsigned int i;

	for (i = 0; i < GM_MAX_RESOURCES; i++) {
		const struct gm_resource *res = &v.h.m->resources[i];

		if (res->used && res->vmid == vmid && res->of_vmid == of && res->type == type &&
		    res->label == label && res->cap == cap)
			return true;
	}
	return false;
}

/* Doorbells between two guests, made by one end each. */
static void two_bells(void)
{
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "bell", "doorbell", 6);
	dt_str(&dt, DEV "bell", "peer", "vm-name:two");
	dt_vdevice(&dt, "ring", "doorbell-source", 6);
	dt_str(&dt, DEV "ring", "peer", "vm-name:two");
	dt_minimal(&dt2, "two");
	dt_vdevice(&dt2, "ring", "doorbell-source", 6);
	dt_str(&dt2, DEV "ring", "peer", "vm-name:one");
	begin("debug");
	/* Nobody hears it yet. */
	EQ(vm_hvc(VM, HC_DOORBELL_SEND, own_of(VM, GM_VDEV_BELL_SOURCE)->cap[0], 5, 0, 0), HE_OK);
	EQ(vm_config(&v, VM2, 1, &dt2), RM_OK);
	EQ(vm_init(&v, VM2), RM_OK);
	EQ(vm_hvc(VM2, HC_DOORBELL_SEND, own(VM2, 6)->cap[0], 8, 0, 0), HE_OK);
	EQ(v.virqs[0][960], 1);
	EQ(vm_hvc(VM, HC_DOORBELL_RECV, own_of(VM, GM_VDEV_BELL)->cap[0], ~0ull, 0, 0), HE_OK);
	EQ(v.h.x[1], 8);
	OK(is_told(VM, VM2, 1, 6, own_of(VM, GM_VDEV_BELL)->cap[0]));
	OK(is_told(VM2, VM, 0, 6, own(VM2, 6)->cap[0]));
	OK(!is_told(VM, VM2, 0, 6, own_of(VM, GM_VDEV_BELL_SOURCE)->cap[0]));
	EQ(vm_start(&v, VM2), RM_OK);
	vm_end(&v, VM2, 1);
	OK(!is_told(VM, VM2, 1, 6, own_of(VM, GM_VDEV_BELL)->cap[0]));

	/* It comes again, hears what rang before, and has no end for the other. */
	dt_minimal(&dt2, "two");
	dt_vdevice(&dt2, "bell", "doorbell", 6);
	dt_str(&dt2, DEV "bell", "peer", "vm-name:one");
	EQ(vm_config(&v, VM2, 1, &dt2), RM_OK);
	EQ(vm_init(&v, VM2), RM_OK);
	EQ(v.virqs[1][960], 1);
	EQ(vm_hvc(VM2, HC_DOORBELL_RECV, own(VM2, 6)->cap[0], ~0ull, 0, 0), HE_OK);
	EQ(v.h.x[1], 5);
	/* The first one goes first. */
	vm_end(&v, VM, 0);
	vm_end(&v, VM2, 2);
	EQ(v.h.m->heap_used, 0);
	vm_host_exit(&v);
}

/* Who names a VM that is there has to fit to it. */
static void no_far_end(void)
{
	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "pair", "message-queue-pair", 5);
	dt_str(&dt, DEV "pair", "peer", "vm-name:two");
	dt_minimal(&dt2, "two");
	dt_vdevice(&dt2, "pair", "message-queue-pair", 6);
	dt_str(&dt2, DEV "pair", "peer", "vm-name:one");
	begin("debug");
	EQ(vm_config(&v, VM2, 1, &dt2), RM_OK);
	EQ(vm_init(&v, VM2), RM_ARGUMENT_INVALID);
	EQ(vm_state(&v, VM2), 8);
	vm_end(&v, VM2, 1);
	vm_end(&v, VM, 0);
	EQ(v.h.m->heap_used, 0);
	vm_host_exit(&v);
}

/* A pair between two guests; one of them goes and comes back. */
static void two_guests(void)
{
	u64 before;

	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "pair", "message-queue-pair", 5);
	dt_str(&dt, DEV "pair", "peer", "vm-name:two");
	dt_minimal(&dt2, "two");
	dt_vdevice(&dt2, "pair", "message-queue-pair", 5);
	dt_str(&dt2, DEV "pair", "peer", "vm-name:one");
	begin("debug");
	/* Nobody there yet; what is sent waits. */
	EQ(vm_send(VM, own(VM, 5)->cap[0], "early"), HE_OK);
	EQ(vm_config(&v, VM2, 1, &dt2), RM_OK);
	EQ(vm_init(&v, VM2), RM_OK);
	EQ(v.virqs[1][961], 1);
	EQ(vm_recv(VM2, own(VM2, 5)->cap[1]), HE_OK);
	OK(!strcmp((char *)v.h.mem, "early"));
	EQ(vm_send(VM2, own(VM2, 5)->cap[0], "late"), HE_OK);
	EQ(v.virqs[0][961], 1);
	EQ(vm_recv(VM, own(VM, 5)->cap[1]), HE_OK);
	OK(!strcmp((char *)v.h.mem, "late"));
	OK(gm_vm_is_peer(gm_vm_find(v.h.m, VM), VM2));
	OK(is_told(VM, VM2, 2, 5, own(VM, 5)->cap[0]));
	OK(is_told(VM, VM2, 3, 5, own(VM, 5)->cap[1]));
	OK(is_told(VM2, VM, 2, 5, own(VM2, 5)->cap[0]));
	OK(is_told(VM2, VM, 3, 5, own(VM2, 5)->cap[1]));

	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	before = v.h.x[6];
	EQ(vm_start(&v, VM2), RM_OK);
	vm_end(&v, VM2, 1);
	EQ(vm_send(VM, own(VM, 5)->cap[0], "alone"), HE_OK);
	EQ(vm_config(&v, VM2, 1, &dt2), RM_OK);
	EQ(vm_init(&v, VM2), RM_OK);
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(v.h.x[6], before);
	EQ(vm_recv(VM2, own(VM2, 5)->cap[1]), HE_OK);
	OK(!strcmp((char *)v.h.mem, "alone"));
	/* The first one goes first. */
	vm_end(&v, VM, 0);
	EQ(vm_send(VM2, own(VM2, 5)->cap[0], "hello"), HE_OK);
	vm_end(&v, VM2, 2);
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(v.h.x[6], 3);
	EQ(v.h.m->heap_used, 0);
	vm_host_exit(&v);
}

/* A guest asks RM who it is, and says goodbye. */
static void own_link(void)
{
	static const u8 who[8] = { 0x21, 1, 7, 0, 0x24, 0, 0, 0x56 };
	static const u8 bye[12] = { 0x21, 1, 8, 0, 0x85, 0, 0, 0x56, 1, 0, 3, 0 };
	const struct gm_vdev *link;
	unsigned int i;

	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "rm", "rm-rpc", 0);
	dt_str(&dt, DEV "rm", "generate", "/hypervisor/rm");
	dt_flag(&dt, DEV "rm", "console-dev");
	for (i = 0; i < 20; i++) {
		begin("debug");
		EQ(vm_start(&v, VM), RM_OK);
		link = own(VM, 0);
		EQ(link->virq[0], 960);
		memcpy(v.h.mem, who, sizeof(who));
		EQ(vm_hvc(VM, HC_MSGQ_SEND, link->cap[0], sizeof(who), HOST_BASE, 1), HE_OK);
		gm_rm_run_all(v.h.m);
		EQ(v.virqs[0][961], 1);
		/* VM_STATUS is for others. */
		EQ(vm_recv(VM, link->cap[1]), HE_OK);
		EQ(v.h.x[1], 16);
		EQ(v.h.mem[1] & 3, 2);
		EQ(gm_get16(v.h.mem + 2), 7);
		EQ(gm_get32(v.h.mem + 8), 0);
		EQ(gm_get32(v.h.mem + 12), VM);
		EQ(vm_recv(VM, link->cap[1]), HE_EMPTY);
		EQ(gm_vm_find(v.h.m, VM)->has_console, 1);
		memcpy(v.h.mem, bye, sizeof(bye));
		EQ(vm_hvc(VM, HC_MSGQ_SEND, link->cap[0], sizeof(bye), HOST_BASE, 1), HE_OK);
		memset(&vm_reply, 0, sizeof(vm_reply));
		rm_drain(&v.h, &vm_reply);
		EQ(vm_state(&v, VM), 9);
		EQ(vm_reply.note_id, 0x56100001);
		EQ(gm_get16(vm_reply.note + 2), 0);
		EQ(gm_get16(vm_reply.note + 10), 3);
		vm_end(&v, VM, 0);
		vm_host_exit(&v);
	}
}

/* Dry pools: interrupts, then RM's heap. */
static void pools(void)
{
	char path[64], name[16];
	unsigned int i;

	dt_minimal(&dt, "one");
	for (i = 0; i < 180; i++) {
		snprintf(name, sizeof(name), "b%u", i);
		snprintf(path, sizeof(path), DEV "%s", name);
		dt_vdevice(&dt, name, "doorbell-source", i + 1);
		dt_flag(&dt, path, "peer-default");
	}
	OK(!dt.f.full);
	vm_host_init(&v, "debug");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_NORESOURCE);
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(v.h.x[4], 0);
	vm_end(&v, VM, 0);
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	EQ(v.h.x[4], HOST_VIRQ_COUNT - 2);
	EQ(v.h.x[6], 3);
	vm_host_exit(&v);

	vm_host_init(&v, "debug,heap=40000");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), HC_ALL_ONES);
	EQ(vm_state(&v, VM), 8);
	vm_end(&v, VM, 0);
	EQ(v.h.m->heap_used, 0);
	vm_host_exit(&v);
}

/* With profile=boot-context the owner chooses registers, in state READY only. */
static u64 boot_context(u16 vmid, u8 set, u8 index, u64 value)
{
	u8 req[16] = { (u8)vmid, 0, set, index };

	gm_put64(req + 8, value);
	return rm_call(&v.h, &vm_reply, 0x56000031, req, sizeof(req));
}

static void boot_contexts(void)
{
	dt_minimal(&dt, "one");
	begin("debug");
	EQ(boot_context(VM, 1, 0, 0x1000), RM_UNIMPLEMENTED);
	vm_host_exit(&v);
	begin("profile=open-2023");
	EQ(boot_context(0x99, 1, 0, 0x1000), RM_UNIMPLEMENTED);
	vm_host_exit(&v);

	vm_host_init(&v, "debug,profile=boot-context");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(boot_context(VM, 1, 0, 0x1000), RM_VM_STATE);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(boot_context(VM + 1, 1, 0, 0x1000), RM_VMID_INVALID);
	EQ(boot_context(VM, 1, 1, 0x1000), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 1, 0, 0x1002), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 0, 31, 0), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 2, 2, 0), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 2, 1, 8), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 3, 0, 0), RM_ARGUMENT_INVALID);
	EQ(boot_context(VM, 1, 0, 0x80123000), RM_OK);
	EQ(boot_context(VM, 0, 0, 42), RM_OK);
	EQ(boot_context(VM, 0, 5, 43), RM_OK);
	EQ(boot_context(VM, 2, 1, 0x80000010), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(v.entry[0], 0x80123000);
	EQ(v.x0[0], 42);
	EQ(v.nr_regs, 2);
	EQ(v.regs[0], 5);
	EQ(v.regs[1], 2 << 8 | 1);
	EQ(boot_context(VM, 1, 0, 0x1000), RM_VM_STATE);
	vm_end(&v, VM, 0);
	/* The next one begins anew. */
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(vm_start(&v, VM), RM_OK);
	EQ(v.entry[0], VM_BASE + 0x1000);
	EQ(v.nr_regs, 2);
	vm_host_exit(&v);
}

/* Pools that are said to be small. */
static void small_pools(void)
{
	u64 left;

	dt_minimal(&dt, "one");
	vm_host_init(&v, "debug,pool-vcpus=0,pool-parcels=1,pool-vms=1");
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(wire_allocate(&v.h), 0);
	wire_lend(&w, VM, RAM + VM_IMAGE, 4096, 1, 0);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_NOMEM);
	EQ(vm_init(&v, VM), RM_NORESOURCE);
	vm_end(&v, VM, 0);
	EQ(host_debug(&v.h, GM_DBG_POOL, GM_DBG_POOL_VCPUS, 1, 0, 0), 0);
	EQ(host_debug(&v.h, GM_DBG_POOL, GM_DBG_POOL_VIRQS, 2, 0, 0), 0);
	EQ(host_debug(&v.h, GM_DBG_POOL, GM_DBG_POOL_NR, 2, 0, 0), 1);
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_NORESOURCE);
	vm_end(&v, VM, 1);
	EQ(host_debug(&v.h, GM_DBG_POOL, GM_DBG_POOL_VIRQS, 3, 0, 0), 0);
	EQ(vm_config(&v, VM, 0, &dt), RM_OK);
	EQ(vm_init(&v, VM), RM_OK);
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	left = v.h.x[4];
	EQ(left, HOST_VIRQ_COUNT - 3);
	vm_host_exit(&v);
	EQ(host_init(&v.h, "pool-vcpus=x"), -1);
	host_exit(&v.h);
}

static void owner_is(u64 at, u64 base, u64 size, u64 owner)
{
	EQ(host_debug(&v.h, GM_DBG_OWNER, at, 0, 0, 0), 0);
	EQ(v.h.x[1], base);
	EQ(v.h.x[2], size);
	EQ(v.h.x[3], owner);
}

static void owners(void)
{
	dt_minimal(&dt, "one");
	begin("debug");
	wire_lend(&w, 0xff, RAM + 2 * VM_IMAGE, 0x100000, 1, 0);
	EQ(wire_call(&v.h, &vm_reply, RM_DONATE, &w), RM_OK);
	owner_is(0, RAM, VM_IMAGE, 3 | 1 << 16);
	EQ(vm_start(&v, VM), RM_OK);
	owner_is(RAM, RAM, VM_IMAGE, 3 | 1 << 16 | 1 << 24 | (u64)VM << 32);
	owner_is(RAM + 1, RAM + 2 * VM_IMAGE, 0x100000, 3);
	EQ(host_debug(&v.h, GM_DBG_OWNER, RAM + 3 * VM_IMAGE, 0, 0, 0), 1);
	vm_host_exit(&v);
}

/* 1,000 lives of varied size and fate: then everything is as it was. */
static void thousand_lives(void)
{
	u64 books[11], digests[5], n, i;
	u32 handle = 0;

	dt_minimal(&dt, "one");
	dt_vdevice(&dt, "rm", "rm-rpc", 0);
	dt_str(&dt, DEV "rm", "generate", "/hypervisor/rm");
	dt_vdevice(&dt, "bell", "doorbell", 1);
	dt_flag(&dt, DEV "bell", "peer-default");
	dt_vdevice(&dt, "pair", "message-queue-pair", 2);
	dt_flag(&dt, DEV "pair", "peer-default");
	dt_minimal(&dt2, "two");
	dt_drop(&dt2, "/gunyah-vm-config", "image-name");
	vm_host_init(&v, "debug");
	EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
	memcpy(books, v.h.x, sizeof(books));
	EQ(host_debug(&v.h, GM_DBG_DIGEST, 0, 0, 0, 0), 0);
	memcpy(digests, v.h.x, sizeof(digests));
	for (n = 0; n < 1000; n++) {
		u32 extra = (u32)(n % 7), first = handle + 1;
		bool good = n % 5 != 4, fails = !(n % 11);

		EQ(vm_config(&v, VM, (u32)(n % 2), good ? &dt : &dt2), RM_OK);
		for (i = 0; i < extra; i++) {
			wire_lend(&w, VM, RAM + 2 * VM_IMAGE + i * 0x40000, 0x1000, (u32)n % 9 + 1,
				  0x2000);
			EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
		}
		EQ(vm_init(&v, VM), good ? RM_OK : RM_MEM_INVALID);
		v.fail_map = fails;
		if (good && n % 3)
			EQ(vm_start(&v, VM), fails ? RM_NORESOURCE : RM_OK);
		v.fail_map = 0;
		if (vm_state(&v, VM) == GM_VM_RUNNING && n % 2) {
			gm_vm_exit(v.h.m, VM, n % 4 == 1 ? GM_EXIT_OFF : GM_EXIT_RESET, 0, 0);
			rm_drain(&v.h, &vm_reply);
			EQ(vm_state(&v, VM), GM_VM_EXITED);
		}
		vm_end(&v, VM, handle);
		handle = first + extra;
		for (i = first; i < handle; i++) {
			u8 req[8] = { (u8)i, (u8)(i >> 8) };

			EQ(rm_call(&v.h, &vm_reply, RM_RECLAIM, req, 8), RM_OK);
		}
		EQ(host_debug(&v.h, GM_DBG_BOOKS, 0, 0, 0, 0), 0);
		for (i = 1; i < GM_ARRAY_SIZE(books); i++)
			EQ(v.h.x[i], books[i]);
		EQ(host_debug(&v.h, GM_DBG_DIGEST, 0, 0, 0, 0), 0);
		for (i = 1; i < GM_ARRAY_SIZE(digests); i++)
			EQ(v.h.x[i], digests[i]);
		EQ(vm_lost(&v), 0);
		EQ(v.nr_maps, 0);
		EQ(v.creates, v.destroys);
	}
	vm_host_exit(&v);
}

/* A tree with a link to RM, a doorbell, and a place for a parcel of label 78. */
static void overlay_tree(void)
{
	dt_minimal(&dt, "one");
	dt_drop(&dt, "/interrupt-controller", "reg");
	dt_vdevice(&dt, "rm", "rm-rpc", 0);
	dt_str(&dt, DEV "rm", "generate", "/hypervisor/deep/link");
	dt_str(&dt, DEV "rm", "push-compatible", "mine");
	dt_vdevice(&dt, "other", "unheard-of", 9);
	dt_vdevice(&dt, "bell", "doorbell", 0x20);
	dt_flag(&dt, DEV "bell", "peer-default");
	dt_spi(&dt, DEV "bell", 4, 4);
	dt_add(&dt, "/", "reserved-memory");
	dt_add(&dt, "/reserved-memory", "wanted");
	dt_u32(&dt, "/reserved-memory/wanted", "qcom,label", 78);
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/reserved-memory/wanted"), "reg",
		   "\0\0\0\1\0\0\0\0\0\0\0\0\0\0\x10\0", 16);
}

/* More memory behind the image, and two shared pages. */
static void overlay_parcels(void)
{
	u32 rsv, count;

	wire_lend(&w, VM, RAM + 2 * VM_IMAGE, 0x200000, 1, 0);
	EQ(wire_call(&v.h, &vm_reply, RM_LEND, &w), RM_OK);
	for (rsv = 77; rsv < 79; rsv++) {
		memset(&w, 0, sizeof(w));
		wire_begin_create(&w, 0, 0, rsv);
		count = wire_list(&w);
		wire_acl(&w, 3, MEM_RW);
		wire_acl(&w, VM, MEM_RW);
		wire_count(&w, count, 2);
		count = wire_list(&w);
		wire_sgl(&w, RAM + 3 * VM_IMAGE + rsv * 4096, 4096);
		wire_count(&w, count, 1);
		wire_list(&w);
		EQ(wire_call(&v.h, &vm_reply, RM_SHARE, &w), RM_OK);
	}
}

static void check_overlay_link(struct gm_fdt *f)
{
	const struct gm_vdev *vd = own(VM, 0);
	char path[80];
	const u8 *p;
	u32 size;
	int node;

	snprintf(path, sizeof(path), "/hypervisor/deep/link@%llx", (unsigned long long)vd->cap[1]);
	node = gm_fdt_path(f, path);
	OK(node != GM_FDT_NONE);
	OK(!strcmp(gm_fdt_str(f, node, "compatible"), "mine"));
	OK(gm_fdt_is(f, node, "compatible", "gunyah-resource-manager"));
	p = gm_fdt_prop(f, node, "reg", &size);
	EQ(size, 16);
	EQ(gm_fdt_get64(p), vd->cap[0]);
	EQ(gm_fdt_get64(p + 8), vd->cap[1]);
	p = gm_fdt_prop(f, node, "interrupts", &size);
	EQ(size, 24);
	EQ(gm_fdt_get32(p + 4), 960 - 32);
	EQ(gm_fdt_get32(p + 8), 1);
}

static void check_overlay_doorbell(struct gm_fdt *f)
{
	const struct gm_vdev *vd = own(VM, 0x20);
	u32 value, size;
	char path[80];
	const u8 *p;
	u64 number;
	int node;

	snprintf(path, sizeof(path), "/hypervisor/qcom,doorbell@%llx",
		 (unsigned long long)vd->cap[0]);
	node = gm_fdt_path(f, path);
	OK(gm_fdt_cells(f, node, "reg", 2, &number));
	EQ(number, vd->cap[0]);
	OK(gm_fdt_u32(f, node, "label", &value));
	EQ(value, 0x20);
	p = gm_fdt_prop(f, node, "interrupts", &size);
	EQ(size, 12);
	EQ(gm_fdt_get32(p + 4), 4);
	EQ(gm_fdt_get32(p + 8), 4);
}

/* Parcels in a row are one range; shared ones are where the tree says. */
static void check_overlay_memory(struct gm_fdt *f)
{
	u32 value, size;
	const u8 *p;
	int node;

	p = gm_fdt_prop(f, gm_fdt_path(f, "/memory"), "reg", &size);
	EQ(size, 32);
	EQ(gm_fdt_get64(p), VM_BASE);
	EQ(gm_fdt_get64(p + 8), VM_IMAGE + 0x200000);
	EQ(gm_fdt_get64(p + 16), 0x100000000);
	EQ(gm_fdt_get64(p + 24), 0x2000);
	node = gm_fdt_path(f, "/reserved-memory/buffer@100001000");
	OK(gm_fdt_u32(f, node, "qcom,label", &value));
	EQ(value, 77);
	node = gm_fdt_path(f, "/reserved-memory/wanted");
	OK(gm_fdt_u32(f, node, "qcom,rm-mem-handle", &value));
	EQ(value, 3);
	EQ(vm_pa(&v, VM, 0x100000000, &size), RAM + 3 * VM_IMAGE + 78 * 4096);
	EQ(size, MEM_RW);
	EQ(vm_pa(&v, VM, 0x100001000, &size), RAM + 3 * VM_IMAGE + 77 * 4096);
}

/* What the VM finds in its tree when it starts. */
static void overlay(void)
{
	static u8 blob[VM_DT_SIZE];
	struct gm_fdt f;
	u32 value;
	int node;

	overlay_tree();
	begin("debug");
	overlay_parcels();
	EQ(vm_start(&v, VM), RM_OK);
	memcpy(blob, v.ram + VM_DT, sizeof(blob));
	EQ(gm_fdt_open(&f, blob, sizeof(blob)), 0);

	node = gm_fdt_path(&f, "/hypervisor");
	OK(gm_fdt_is(&f, node, "compatible", "gunyah-hypervisor"));
	OK(gm_fdt_is(&f, node, "compatible", "simple-bus"));
	node = gm_fdt_path(&f, "/hypervisor/qcom,gunyah-vm");
	OK(gm_fdt_u32(&f, node, "qcom,vmid", &value));
	EQ(value, VM);
	OK(!strcmp(gm_fdt_str(&f, node, "qcom,image-name"), "one"));

	check_overlay_link(&f);
	check_overlay_doorbell(&f);
	check_overlay_memory(&f);
	host_exit(&v.h);
	free(v.ram);
}

/* Trees that VM_START does not take. */
static void no_overlay(void)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		dt_minimal(&dt, "one");
		if (i == 1)
			dt_add(&dt, "/", "hypervisor");
		if (i == 2)
			memcpy((u8 *)gm_fdt_name(&dt.f, gm_fdt_path(&dt.f, "/chosen")), "chozen",
			       6);
		if (i == 3)
			gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/chosen"), "big", dt2.blob,
				   (u32)(VM_DT_SIZE - dt.f.size - 64));
		begin("debug");
		EQ(vm_start(&v, VM), i ? RM_NORESOURCE : RM_OK);
		EQ(vm_state(&v, VM), i ? 8 : 3);
		vm_end(&v, VM, 0);
		EQ(v.nr_maps, 0);
		EQ(vm_lost(&v), 0);
		vm_host_exit(&v);
	}
}

/* A place for label 78, and if @shm a device that wants it there. */
static void pieces_tree(bool shm)
{
	dt_minimal(&dt, "one");
	dt_add(&dt, "/", "reserved-memory");
	dt_add(&dt, "/reserved-memory", "wanted");
	dt_u32(&dt, "/reserved-memory/wanted", "qcom,label", 78);
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, "/reserved-memory/wanted"), "reg",
		   "\0\0\0\1\0\0\0\0\0\0\0\0\0\0\x20\0", 16);
	if (!shm)
		return;
	dt_vdevice(&dt, "pool", "shm", 78);
	dt_flag(&dt, DEV "pool", "peer-default");
	dt_add(&dt, DEV "pool", "memory");
	dt_u32(&dt, DEV "pool/memory", "label", 78);
	gm_fdt_set(&dt.f, gm_fdt_path(&dt.f, DEV "pool/memory"), "base",
		   "\0\0\0\1\0\0\0\0", 8);
}

/* For a node alone, one piece of memory is mapped; for a device, all of them. */
static void pieces(void)
{
	unsigned int i;
	u32 count, size;

	for (i = 0; i < 3; i++) {
		pieces_tree(i == 2);
		begin("debug");
		memset(&w, 0, sizeof(w));
		wire_begin_create(&w, 0, 0, 78);
		count = wire_list(&w);
		wire_acl(&w, 3, MEM_RW);
		wire_acl(&w, VM, MEM_RW);
		wire_count(&w, count, 2);
		count = wire_list(&w);
		wire_sgl(&w, RAM + 3 * VM_IMAGE + 4096, i ? 4096 : 8192);
		if (i)
			wire_sgl(&w, RAM + 3 * VM_IMAGE, 4096);
		wire_count(&w, count, i ? 2 : 1);
		wire_list(&w);
		EQ(wire_call(&v.h, &vm_reply, RM_SHARE, &w), RM_OK);
		EQ(vm_start(&v, VM), i == 1 ? RM_NORESOURCE : RM_OK);
		if (i != 1) {
			EQ(vm_pa(&v, VM, 0x100000000, &size), RAM + 3 * VM_IMAGE + 4096);
			EQ(vm_pa(&v, VM, 0x100001000, &size),
			   RAM + 3 * VM_IMAGE + (i ? 0 : 8192));
		}
		vm_end(&v, VM, 0);
		EQ(v.nr_maps, 0);
		host_exit(&v.h);
		free(v.ram);
	}
}

const struct tap_test vm_tests[] = {
	{ "memory goes and comes back", memory },
	{ "a failure leaves nothing half done", failures },
	{ "memory is wiped", wiped },
	{ "doorbells", doorbells },
	{ "message queues", queues },
	{ "doorbells between two guests", two_bells },
	{ "a guest that does not fit to the other", no_far_end },
	{ "a queue between two guests", two_guests },
	{ "a guest's own link to RM", own_link },
	{ "pools run dry", pools },
	{ "boot contexts", boot_contexts },
	{ "small pools", small_pools },
	{ "whose a page is", owners },
	{ "1,000 lives", thousand_lives },
	{ "the tree as the VM finds it", overlay },
	{ "trees that are refused at VM_START", no_overlay },
	{ "memory in pieces", pieces },
	{}
};
