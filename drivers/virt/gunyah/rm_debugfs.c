// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of the resource-manager (RM) client in debugfs:
 *
 *  gunyah/hypervisor	version and features of the hypervisor
 *  gunyah/rm/counters	what was sent, received and dropped, and why
 *  gunyah/rm/calls	the last calls
 *  gunyah/rm/identity	asks RM who this VM is when it is read
 *  gunyah/rm/resources	what became of the entries of RM's lists of resources
 *  gunyah/rm/raw	messages to and from RM as they are, see rm_raw.c
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uuid.h>

#include "rm.h"
#include "rm_raw.h"
#include "rm_resource.h"

static struct dentry *debugfs_root;

/* Protects the pointers below. A leaf. */
static DEFINE_MUTEX(debugfs_lock);
static const struct gunyah_hyp_info *hyp_info;
static struct gunyah_rm *debugfs_rm;
static struct dentry *debugfs_rm_dir;

static const struct {
	u64 bit;
	const char *name;
} feature_names[] = {
	{ GUNYAH_FEATURE_CSPACE,	"cspace" },
	{ GUNYAH_FEATURE_DOORBELL,	"doorbell" },
	{ GUNYAH_FEATURE_MSGQUEUE,	"msgqueue" },
	{ GUNYAH_FEATURE_VIC,		"vic" },
	{ GUNYAH_FEATURE_VPM,		"vpm" },
	{ GUNYAH_FEATURE_VCPU,		"vcpu" },
	{ GUNYAH_FEATURE_MEMEXTENT,	"memextent" },
	{ GUNYAH_FEATURE_TRACE_CTRL,	"trace-ctrl" },
	{ GUNYAH_FEATURE_WATCHDOG,	"watchdog" },
	{ GUNYAH_FEATURE_VIRTIO_MMIO,	"virtio-mmio" },
	{ GUNYAH_FEATURE_PRNG,		"prng" },
	{ GUNYAH_FEATURE_VCPU_RUN,	"vcpu-run" },
};

static int hypervisor_show(struct seq_file *s, void *unused)
{
	size_t i;

	guard(mutex)(&debugfs_lock);

	if (!hyp_info)
		return 0;

	seq_printf(s, "api_version %u\n", gunyah_hyp_api_version(hyp_info));
	seq_printf(s, "variant %#x\n", gunyah_hyp_variant(hyp_info));
	seq_printf(s, "features %#llx %#llx %#llx\n", hyp_info->flags[0], hyp_info->flags[1],
		   hyp_info->flags[2]);
	for (i = 0; i < ARRAY_SIZE(feature_names); i++)
		seq_printf(s, "feature %s %s\n", feature_names[i].name,
			   gunyah_hyp_has(hyp_info, feature_names[i].bit) ? "yes" : "no");

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hypervisor);

static const char * const counter_names[] = {
	[RM_CTR_CALLS]			= "calls",
	[RM_CTR_REPLIES]		= "replies",
	[RM_CTR_TIMEOUTS]		= "timeouts",
	[RM_CTR_KILLED]			= "killed",
	[RM_CTR_TX_FRAGMENTS]		= "tx_fragments",
	[RM_CTR_TX_ERRORS]		= "tx_errors",
	[RM_CTR_TX_RETRIES]		= "tx_retries",
	[RM_CTR_RX_FRAGMENTS]		= "rx_fragments",
	[RM_CTR_NOTIFICATIONS]		= "notifications",
	[RM_CTR_NOTIF_DELIVERED]	= "notifications_delivered",
	[RM_CTR_NOTIF_UNCLAIMED]	= "notifications_unclaimed",
	[RM_CTR_NOTIF_UNKNOWN]		= "notifications_unknown",
	[RM_CTR_NOTIF_LOST]		= "notifications_lost",
};

static_assert(ARRAY_SIZE(counter_names) == RM_NR_CTRS);

static int counters_show(struct seq_file *s, void *unused)
{
	struct gunyah_rm *rm = s->private;
	unsigned int i;

	scoped_guard(spinlock_irqsave, &rm->lock) {
		for (i = 0; i < RM_NR_CTRS; i++)
			seq_printf(s, "%s %llu\n", counter_names[i], rm->counters[i]);
		for (i = GUNYAH_RM_DROP_NONE + 1; i < GUNYAH_RM_NR_DROPS; i++)
			seq_printf(s, "drop_%s %llu\n", gunyah_rm_drop_name(i), rm->drops[i]);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static void call_show(struct seq_file *s, u64 number, const struct rm_log_entry *entry)
{
	seq_printf(s, "%llu %#010x %s %u %u %u %s %d %llu\n", number, entry->id,
		   gunyah_rm_msg_name(entry->id), entry->seq, entry->tx_frags, entry->rx_frags,
		   entry->result ? "-" : gunyah_rm_status_name(entry->status), entry->result,
		   entry->latency_us);
}

static int calls_show(struct seq_file *s, void *unused)
{
	struct gunyah_rm *rm = s->private;
	struct rm_log_entry entry = {};
	u64 i = 0, end = 0;

	seq_puts(s, "number id name seq tx_fragments rx_fragments status result latency_us\n");

	scoped_guard(spinlock_irqsave, &rm->lock) {
		end = rm->nr_logged;
		i = end - min(end, RM_NR_LOG);
	}

	for (; i < end; i++) {
		scoped_guard(spinlock_irqsave, &rm->lock)
			entry = rm->log[i % RM_NR_LOG];
		call_show(s, i, &entry);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(calls);

/* One call of "identity" that has failed. */
static void failure_show(struct seq_file *s, const char *call, int ret)
{
	seq_printf(s, "%s: error %d\n", call, ret);
}

static void vmids_show(struct seq_file *s, const char *call, int ret,
		       const struct gunyah_rm_vmids *vms)
{
	u32 i;

	if (ret) {
		failure_show(s, call, ret);
		return;
	}

	seq_printf(s, "%s: %u", call, vms->nr);
	for (i = 0; i < vms->nr; i++)
		seq_printf(s, " vmid=%u", vms->vmids[i]);
	seq_putc(s, '\n');
}

static void identity_words_show(struct seq_file *s, struct gunyah_rm *rm)
{
	u32 type;
	u16 vmid;
	int ret;

	ret = gunyah_rm_get_vmid(rm, &vmid);
	if (ret)
		failure_show(s, "VM_GET_VMID", ret);
	else
		seq_printf(s, "VM_GET_VMID: vmid=%u\n", vmid);

	ret = gunyah_rm_get_owner(rm, &vmid);
	if (ret)
		failure_show(s, "VM_GET_OWNER", ret);
	else
		seq_printf(s, "VM_GET_OWNER: vmid=%u\n", vmid);

	ret = gunyah_rm_get_host_type(rm, &type);
	if (ret)
		failure_show(s, "VM_HOST_GET_TYPE", ret);
	else
		seq_printf(s, "VM_HOST_GET_TYPE: type=%#010x\n", type);
}

static void identity_state_show(struct seq_file *s, struct gunyah_rm *rm)
{
	struct gunyah_rm_vm_status status;
	int ret;

	ret = gunyah_rm_get_state(rm, GUNYAH_VMID_SELF, &status);
	if (ret)
		failure_show(s, "VM_GET_STATE", ret);
	else
		seq_printf(s, "VM_GET_STATE: vm_state=%u os_state=%u app_status=%u\n",
			   status.vm_state, status.os_state, status.app_status);
}

static void identity_names_show(struct seq_file *s, struct gunyah_rm *rm)
{
	struct gunyah_rm_vmids *vms __free(kvfree) = NULL;
	struct gunyah_rm_vm_id id;
	int ret;

	ret = gunyah_rm_get_id(rm, GUNYAH_VMID_SELF, &id);
	if (ret) {
		failure_show(s, "VM_GET_ID", ret);
		return;
	}

	seq_printf(s, "VM_GET_ID: name=\"%s\" uri=\"%s\"", id.name, id.uri);
	if (id.has_guid)
		seq_printf(s, " guid=%pUb", id.guid);
	seq_putc(s, '\n');

	if (id.name[0]) {
		ret = gunyah_rm_lookup_name(rm, id.name, &vms);
		vmids_show(s, "VM_LOOKUP_NAME", ret, vms);
	}
}

static void identity_lookups_show(struct seq_file *s, struct gunyah_rm *rm)
{
	struct gunyah_rm_vmids *peers __free(kvfree) = NULL;
	struct gunyah_rm_vmids *uri __free(kvfree) = NULL;
	struct gunyah_rm_vmids *guid __free(kvfree) = NULL;
	static const u8 no_guid[GUNYAH_RM_GUID_SIZE];
	int ret;

	ret = gunyah_rm_get_peers(rm, &peers);
	vmids_show(s, "VM_GET_PEERS", ret, peers);

	/* For something that does not exist: shows that RM has the call. */
	ret = gunyah_rm_lookup_uri(rm, "none", &uri);
	vmids_show(s, "VM_LOOKUP_URI none", ret, uri);
	ret = gunyah_rm_lookup_guid(rm, no_guid, &guid);
	vmids_show(s, "VM_LOOKUP_GUID 0", ret, guid);
}

/* The capability ids stay in the kernel. */
static void identity_resources_show(struct seq_file *s, struct gunyah_rm *rm)
{
	struct gunyah_rm_resources *resources __free(kvfree) = NULL;
	u32 i;
	int ret;

	ret = gunyah_rm_get_hyp_resources(rm, GUNYAH_VMID_RM, &resources);
	if (ret) {
		failure_show(s, "VM_GET_HYP_RESOURCES vmid=255", ret);
		return;
	}

	seq_printf(s, "VM_GET_HYP_RESOURCES vmid=255: %u\n", resources->nr);
	for (i = 0; i < resources->nr; i++) {
		const struct gunyah_rm_resource *res = &resources->entries[i];

		seq_printf(s, "resource: type=%u partner=%u label=%#x virq=%u size=%#llx\n",
			   res->type, res->partner, res->label, res->virq, res->size);
	}
}

static int identity_show(struct seq_file *s, void *unused)
{
	struct gunyah_rm *rm = s->private;

	identity_words_show(s, rm);
	identity_state_show(s, rm);
	identity_names_show(s, rm);
	identity_lookups_show(s, rm);
	identity_resources_show(s, rm);

	return 0;
}

static int resources_show(struct seq_file *s, void *unused)
{
	struct gunyah_rm_resource_stats stats;

	gunyah_rm_resources_total(&stats);
	seq_printf(s, "devices %llu\n", stats.devices);
	seq_printf(s, "late %llu\n", stats.late);
	seq_printf(s, "doubled %llu\n", stats.doubled);
	seq_printf(s, "malformed %llu\n", stats.malformed);
	seq_printf(s, "unknown %llu\n", stats.unknown);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(resources);

/* Large enough at once: seq_file would make the calls again for more room. */
static int identity_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, identity_show, inode->i_private, PAGE_SIZE * 4);
}

static const struct file_operations identity_fops = {
	.owner = THIS_MODULE,
	.open = identity_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/**
 * gunyah_rm_debugfs_hypervisor() - what to show as the hypervisor
 * @info: valid until it is replaced, or NULL
 */
void gunyah_rm_debugfs_hypervisor(const struct gunyah_hyp_info *info)
{
	guard(mutex)(&debugfs_lock);

	hyp_info = info;
}

/**
 * gunyah_rm_debugfs_add() - show a client, if none is shown
 * @rm: client
 */
void gunyah_rm_debugfs_add(struct gunyah_rm *rm)
{
	struct dentry *dir;

	scoped_guard(mutex, &debugfs_lock) {
		if (debugfs_rm)
			return;
		debugfs_rm = rm;
		dir = debugfs_create_dir("rm", debugfs_root);
		debugfs_rm_dir = dir;
	}

	debugfs_create_file("counters", 0444, dir, rm, &counters_fops);
	debugfs_create_file("calls", 0444, dir, rm, &calls_fops);
	debugfs_create_file("identity", 0444, dir, rm, &identity_fops);
	debugfs_create_file("resources", 0444, dir, rm, &resources_fops);
	debugfs_create_file("raw", 0600, dir, rm, &gunyah_rm_raw_fops);
}

/**
 * gunyah_rm_debugfs_remove() - do not show a client any more
 * @rm: client; on return nobody reads its files
 */
void gunyah_rm_debugfs_remove(struct gunyah_rm *rm)
{
	struct dentry *dir = NULL;

	scoped_guard(mutex, &debugfs_lock) {
		if (debugfs_rm == rm) {
			dir = debugfs_rm_dir;
			debugfs_rm_dir = NULL;
			debugfs_rm = NULL;
		}
	}

	/* It waits for readers, and one of them may want the lock. */
	debugfs_remove_recursive(dir);
}

/**
 * gunyah_rm_debugfs_init() - create the directory
 */
void __init gunyah_rm_debugfs_init(void)
{
	debugfs_root = debugfs_create_dir("gunyah", NULL);
	debugfs_create_file("hypervisor", 0444, debugfs_root, NULL, &hypervisor_fops);
}

/**
 * gunyah_rm_debugfs_exit() - remove the directory
 */
void gunyah_rm_debugfs_exit(void)
{
	debugfs_remove_recursive(debugfs_root);
}
