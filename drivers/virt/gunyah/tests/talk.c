// SPDX-License-Identifier: GPL-2.0-only
/*
 * An in-kernel user of what VMs have in common, to be led by shell scripts: it
 * rings doorbells and counts their rings, and has one memory parcel, which it
 * has made for others or which another VM has made for this one.
 *
 * In the directory gunyah-talk of debugfs are
 *
 *	control		takes one command:
 *			listen VMID LABEL	count the rings of a doorbell
 *			ring VMID LABEL FLAGS	ring one
 *			share LABEL SIZE VMID...	make a parcel for these VMs
 *			recall			ask them to give it back
 *			reclaim			when they have: free it
 *	state		what became of it
 *	memory		the bytes of the parcel
 *
 * VMID is 0 for what is in this VM's own device tree. A parcel that is offered
 * is accepted at once, and given back when its owner asks for it. Each VM that
 * gets one has to have a link to the resource manager.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/gunyah_doorbell.h>
#include <linux/gunyah_resource.h>
#include <linux/gunyah_rm.h>
#include <linux/gunyah_rm_vm.h>
#include <linux/io.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define TALK_MAX_VMS	8
#define TALK_MAX_SIZE	SZ_1M
#define TALK_MAX_LINE	128
#define TALK_RIGHTS	GUNYAH_RM_MEM_RW

/**
 * struct talk_bell - a doorbell whose rings are counted
 * @node: in the list of them
 * @vmid: the VM it was listed for
 * @label: its label
 * @bell: the doorbell
 * @lock: Protects @rings and @flags
 * @rings: how often flags were taken
 * @flags: all of them
 */
struct talk_bell {
	struct list_head node;
	u16 vmid;
	u32 label;
	struct gunyah_doorbell *bell;

	spinlock_t lock; /* see above */
	unsigned int rings;
	u64 flags;
};

/* Whose the parcel is */
enum talk_role {
	TALK_NONE,	/* there is none */
	TALK_OWNER,
	TALK_RECEIVER,
};

static const char * const talk_roles[] = { "none", "owner", "receiver" };

/**
 * struct talk - all there is
 * @rm: resource manager
 * @sub: to all notifications
 * @dir: in debugfs
 * @lock: Protects the rest; held across RM calls
 * @bells: doorbells that are listened to
 * @role: whose the parcel is; the fields below are valid unless TALK_NONE
 * @handle: its handle
 * @owner: the VM that made it
 * @label: its label
 * @size: its bytes
 * @mem: where they are here
 * @vmids: the owner's: for whom it is
 * @nr_vmids: how many
 * @accepted: the owner's: which VMs have it
 */
struct talk {
	struct gunyah_rm *rm;
	struct gunyah_rm_subscriber sub;
	struct dentry *dir;

	struct mutex lock; /* see above */
	struct list_head bells;
	enum talk_role role;
	u32 handle;
	u16 owner;
	u32 label;
	size_t size;
	void *mem;
	u16 vmids[TALK_MAX_VMS];
	size_t nr_vmids;
	DECLARE_BITMAP(accepted, GUNYAH_VMID_ANY);
};

static struct talk talk;

/* Doorbells */

static void bell_rang(void *data)
{
	struct talk_bell *bell = data;
	u64 flags = 0;

	if (gunyah_doorbell_recv(bell->bell, ~0ULL, &flags) || !flags)
		return;

	guard(spinlock)(&bell->lock);

	bell->rings++;
	bell->flags |= flags;
}

static int bell_listen(struct talk *t, u16 vmid, u32 label)
{
	struct talk_bell *bell __free(kfree) = kzalloc(sizeof(*bell), GFP_KERNEL);
	struct auxiliary_device *adev;
	int ret;

	if (!bell)
		return -ENOMEM;

	adev = gunyah_resource_find(vmid, GUNYAH_RESOURCE_DOORBELL, label);
	if (!adev)
		return -ENOENT;

	bell->bell = gunyah_doorbell_get(adev);
	put_device(&adev->dev);
	if (IS_ERR(bell->bell))
		return PTR_ERR(bell->bell);

	bell->vmid = vmid;
	bell->label = label;
	spin_lock_init(&bell->lock);
	ret = gunyah_doorbell_start_flags(bell->bell, bell_rang, bell, ~0ULL, 0);
	if (ret) {
		gunyah_doorbell_put(bell->bell);
		return ret;
	}
	list_add_tail(&no_free_ptr(bell)->node, &t->bells);

	return 0;
}

static int bell_ring(u16 vmid, u32 label, u64 flags)
{
	struct gunyah_doorbell_source *source;
	struct auxiliary_device *adev;
	int ret;

	adev = gunyah_resource_find(vmid, GUNYAH_RESOURCE_DOORBELL_SOURCE, label);
	if (!adev)
		return -ENOENT;

	source = gunyah_doorbell_source_get(adev);
	put_device(&adev->dev);
	if (IS_ERR(source))
		return PTR_ERR(source);

	ret = gunyah_doorbell_send(source, flags, NULL);
	gunyah_doorbell_source_put(source);

	return ret;
}

static void bells_free(struct talk *t)
{
	struct talk_bell *bell, *next;

	list_for_each_entry_safe(bell, next, &t->bells, node) {
		gunyah_doorbell_stop(bell->bell);
		gunyah_doorbell_put(bell->bell);
		kfree(bell);
	}
}

/* A parcel for others */

static int parcel_notify_locked(struct talk *t, enum gunyah_rm_mem_event event)
{
	bool theirs = event == GUNYAH_RM_MEM_SHARED || event == GUNYAH_RM_MEM_RECALL;
	struct gunyah_rm_mem_notify notify = {
		.handle = t->handle,
		.event = event,
		.nr_vmids = theirs ? t->nr_vmids : 0,
		.vmids = t->vmids,
	};

	lockdep_assert_held(&t->lock);

	return gunyah_rm_mem_notify(t->rm, &notify, GUNYAH_RM_HAS_RM_RPC);
}

static int parcel_make_locked(struct talk *t, u16 self)
{
	struct gunyah_rm_mem_acl acl[TALK_MAX_VMS + 1] = { { self, TALK_RIGHTS } };
	struct gunyah_rm_range range = { virt_to_phys(t->mem), t->size };
	struct gunyah_rm_parcel parcel = {
		.desc = {
			.type = GUNYAH_RM_MEM_NORMAL,
			.label = t->label,
			.nr_acl = t->nr_vmids + 1,
			.acl = acl,
			.nr_sgl = 1,
			.sgl = &range,
		},
		.handle = GUNYAH_RM_NO_HANDLE,
	};
	int ret;

	lockdep_assert_held(&t->lock);

	for (size_t i = 0; i < t->nr_vmids; i++)
		acl[i + 1] = (struct gunyah_rm_mem_acl){ t->vmids[i], TALK_RIGHTS };
	ret = gunyah_rm_mem_share(t->rm, &parcel);
	t->handle = parcel.handle;
	/* One range is one message: nothing incomplete is left behind. */
	if (ret && parcel.unsure)
		pr_warn("%zu bytes that RM may have are not used any more\n", t->size);
	else if (ret)
		free_pages_exact(t->mem, t->size);

	return ret;
}

static int parcel_share(struct talk *t, u32 label, size_t size)
{
	u16 self;
	int ret;

	if (t->role != TALK_NONE)
		return -EBUSY;
	if (!size || size > TALK_MAX_SIZE || !PAGE_ALIGNED(size) || !t->nr_vmids)
		return -EINVAL;
	ret = gunyah_rm_get_vmid(t->rm, &self);
	if (ret)
		return ret;

	t->mem = alloc_pages_exact(size, GFP_KERNEL | __GFP_ZERO);
	if (!t->mem)
		return -ENOMEM;

	t->owner = self;
	t->label = label;
	t->size = size;
	bitmap_zero(t->accepted, GUNYAH_VMID_ANY);
	ret = parcel_make_locked(t, self);
	if (ret)
		return ret;
	t->role = TALK_OWNER;

	return parcel_notify_locked(t, GUNYAH_RM_MEM_SHARED);
}

static int parcel_reclaim(struct talk *t)
{
	int ret;

	if (t->role != TALK_OWNER)
		return -ENOENT;
	ret = gunyah_rm_mem_reclaim(t->rm, t->handle, false);
	if (ret)
		return ret;

	free_pages_exact(t->mem, t->size);
	t->role = TALK_NONE;

	return 0;
}

/* A parcel of another VM */

/* In one range; an error otherwise, and then it is to be given back. */
static int parcel_map(struct talk *t, const struct gunyah_rm_mem_map *map)
{
	if (map->nr != 1 || map->incomplete)
		return -EOPNOTSUPP;

	t->size = map->entries[0].size;
	t->mem = memremap(map->entries[0].base, t->size, MEMREMAP_WB);

	return t->mem ? 0 : -ENOMEM;
}

static int parcel_accept_locked(struct talk *t, const struct gunyah_rm_mem_offer *offer)
{
	struct gunyah_rm_mem_accept accept = {
		.handle = offer->handle,
		.trans = GUNYAH_RM_MEM_TRANS_SHARE,
		.flags = GUNYAH_RM_MEM_DONE | GUNYAH_RM_MEM_CHECK_ACL | GUNYAH_RM_MEM_CHECK_LABEL,
		.desc = {
			.type = GUNYAH_RM_MEM_NORMAL,
			.label = offer->shared.label,
			.nr_acl = offer->shared.nr_acl,
			.acl = offer->acl,
			.nr_attrs = offer->shared.nr_attrs,
			.attrs = offer->attrs,
		},
	};
	struct gunyah_rm_mem_map *map __free(kvfree) = NULL;
	int ret;

	lockdep_assert_held(&t->lock);

	ret = gunyah_rm_mem_accept(t->rm, &accept, &map);
	if (ret)
		return ret;

	ret = parcel_map(t, map);
	if (ret) {
		gunyah_rm_mem_release(t->rm, offer->handle, false);
		return ret;
	}
	t->role = TALK_RECEIVER;
	t->handle = offer->handle;
	t->owner = offer->owner;
	t->label = offer->shared.label;

	return parcel_notify_locked(t, GUNYAH_RM_MEM_ACCEPTED);
}

static void parcel_offered(struct talk *t, const struct gunyah_rm_notification *n)
{
	struct gunyah_rm_mem_offer *offer __free(kvfree) = NULL;
	int ret;

	if (t->role != TALK_NONE || n->shared.trans != GUNYAH_RM_MEM_TRANS_SHARE)
		return;

	ret = gunyah_rm_mem_offer(n, &offer);
	if (!ret)
		ret = parcel_accept_locked(t, offer);
	if (ret)
		pr_warn("parcel %u of VM %u: %d\n", n->handle, n->vmid, ret);
}

static int parcel_release(struct talk *t)
{
	int ret;

	memunmap(t->mem);
	t->role = TALK_NONE;
	ret = gunyah_rm_mem_release(t->rm, t->handle, false);

	return ret ?: parcel_notify_locked(t, GUNYAH_RM_MEM_RELEASED);
}

static void talk_notify(struct gunyah_rm_subscriber *sub, const struct gunyah_rm_notification *n)
{
	struct talk *t = container_of(sub, struct talk, sub);
	bool ours;

	guard(mutex)(&t->lock);

	ours = t->role != TALK_NONE && t->handle == n->handle;
	switch (n->id) {
	case GUNYAH_RM_NOTIF_MEM_SHARED:
		parcel_offered(t, n);
		break;
	case GUNYAH_RM_NOTIF_MEM_RECALL:
		if (ours && t->role == TALK_RECEIVER)
			parcel_release(t);
		break;
	case GUNYAH_RM_NOTIF_MEM_ACCEPTED:
		if (ours && n->vmid < GUNYAH_VMID_ANY)
			set_bit(n->vmid, t->accepted);
		break;
	case GUNYAH_RM_NOTIF_MEM_RELEASED:
		if (ours && n->vmid < GUNYAH_VMID_ANY)
			clear_bit(n->vmid, t->accepted);
		break;
	}
}

/* debugfs */

/* The next number of a line; false if there is none that fits. */
static bool talk_number(char **line, u64 max, u64 *value)
{
	char *word = strsep(line, " ");

	return word && !kstrtou64(word, 0, value) && *value <= max;
}

static int talk_share(struct talk *t, char *line)
{
	u64 label, size, vmid;

	if (!talk_number(&line, U32_MAX, &label) || !talk_number(&line, TALK_MAX_SIZE, &size))
		return -EINVAL;
	/* They are the parcel's that there is. */
	if (t->role != TALK_NONE)
		return -EBUSY;

	for (t->nr_vmids = 0; line; t->nr_vmids++) {
		if (t->nr_vmids == TALK_MAX_VMS ||
		    !talk_number(&line, GUNYAH_VMID_ANY - 1, &vmid))
			return -EINVAL;
		t->vmids[t->nr_vmids] = vmid;
	}

	return parcel_share(t, label, size);
}

static int talk_bell(struct talk *t, const char *what, char *line)
{
	u64 vmid, label, flags;

	if (!talk_number(&line, GUNYAH_VMID_ANY - 1, &vmid) ||
	    !talk_number(&line, U32_MAX, &label))
		return -EINVAL;
	if (!strcmp(what, "listen"))
		return bell_listen(t, vmid, label);
	if (!talk_number(&line, U64_MAX, &flags))
		return -EINVAL;

	return bell_ring(vmid, label, flags);
}

static int talk_command(struct talk *t, char *line)
{
	const char *what = strsep(&line, " ");

	guard(mutex)(&t->lock);

	if (!strcmp(what, "listen") || !strcmp(what, "ring"))
		return talk_bell(t, what, line);
	if (!strcmp(what, "share"))
		return talk_share(t, line);
	if (!strcmp(what, "recall"))
		return t->role == TALK_OWNER ? parcel_notify_locked(t, GUNYAH_RM_MEM_RECALL) :
					       -ENOENT;
	if (!strcmp(what, "reclaim"))
		return parcel_reclaim(t);

	return -EINVAL;
}

static ssize_t control_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	char line[TALK_MAX_LINE];
	int ret;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, count))
		return -EFAULT;
	line[count] = '\0';
	ret = talk_command(&talk, strim(line));

	return ret ?: count;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

static int state_show(struct seq_file *m, void *unused)
{
	struct talk *t = &talk;
	struct talk_bell *bell;
	unsigned int vmid;

	guard(mutex)(&t->lock);

	seq_printf(m, "parcel %s", talk_roles[t->role]);
	if (t->role != TALK_NONE)
		seq_printf(m, " label %u size %zu of %u", t->label, t->size, t->owner);
	if (t->role == TALK_OWNER) {
		seq_puts(m, " accepted");
		for_each_set_bit(vmid, t->accepted, GUNYAH_VMID_ANY)
			seq_printf(m, " %u", vmid);
	}
	seq_putc(m, '\n');
	list_for_each_entry(bell, &t->bells, node) {
		guard(spinlock)(&bell->lock);
		seq_printf(m, "bell %u %u rings %u flags %#llx\n", bell->vmid, bell->label,
			   bell->rings, bell->flags);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(state);

static ssize_t memory_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	guard(mutex)(&talk.lock);

	if (talk.role == TALK_NONE)
		return -ENOENT;

	return simple_read_from_buffer(buf, count, pos, talk.mem, talk.size);
}

static ssize_t memory_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	guard(mutex)(&talk.lock);

	if (talk.role == TALK_NONE)
		return -ENOENT;

	return simple_write_to_buffer(talk.mem, talk.size, pos, buf, count);
}

static const struct file_operations memory_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = memory_read,
	.write = memory_write,
	.llseek = default_llseek,
};

static int __init talk_init(void)
{
	struct talk *t = &talk;
	int ret;

	t->rm = gunyah_rm_find();
	if (IS_ERR(t->rm))
		return PTR_ERR(t->rm);

	mutex_init(&t->lock);
	INIT_LIST_HEAD(&t->bells);
	t->sub.id = GUNYAH_RM_NOTIF_ANY;
	t->sub.vmid = GUNYAH_VMID_ANY;
	t->sub.notify = talk_notify;
	ret = gunyah_rm_subscribe(t->rm, &t->sub);
	if (ret) {
		gunyah_rm_put(t->rm);
		return ret;
	}

	t->dir = debugfs_create_dir("gunyah-talk", NULL);
	debugfs_create_file("control", 0200, t->dir, NULL, &control_fops);
	debugfs_create_file("state", 0400, t->dir, NULL, &state_fops);
	debugfs_create_file("memory", 0600, t->dir, NULL, &memory_fops);

	return 0;
}
module_init(talk_init);

static void __exit talk_exit(void)
{
	struct talk *t = &talk;

	debugfs_remove(t->dir);
	gunyah_rm_unsubscribe(t->rm, &t->sub);
	bells_free(t);
	scoped_guard(mutex, &t->lock) {
		if (t->role == TALK_RECEIVER)
			parcel_release(t);
		/* What others have cannot be used again. */
		else if (t->role == TALK_OWNER && parcel_reclaim(t))
			pr_warn("%zu bytes that other VMs have are lost\n", t->size);
	}
	gunyah_rm_put(t->rm);
}
module_exit(talk_exit);

MODULE_DESCRIPTION("Talk to other VMs of Gunyah, for tests");
MODULE_LICENSE("GPL");
