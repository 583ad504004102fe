// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest memory files: memory for guests that is a file of its own.
 *
 * The file is one of shmem's, which knows all about mapping, truncating and
 * swapping; it gets file operations that differ from shmem's in what they
 * refuse. It is mapped, not read or written: the kernel must not touch what is
 * lent. A part of it that is mapped into a guest is called a pin here: it is
 * pinned and given to the guest when the VM starts, and until then it is only
 * a note, so that the file can be punched and resized as user space likes.
 *
 * A part of a file is in one guest at a time, for which the file keeps a list
 * of its pins.
 */
#include <linux/anon_inodes.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/memfd.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>

#include "compat.h"
#include "vm.h"
#include "vm_mem.h"

/* Folios that are pinned in one go. */
#define PIN_BATCH	512

#define CREATE_FLAGS	(GUNYAH_GUEST_MEM_CLOEXEC | GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE)
#define MAP_ACCESS	(GUNYAH_MAP_MEM_ALLOW_READ | GUNYAH_MAP_MEM_ALLOW_WRITE |	\
			 GUNYAH_MAP_MEM_ALLOW_EXEC)
#define MAP_FORCE	(GUNYAH_MAP_MEM_FORCE_LEND | GUNYAH_MAP_MEM_FORCE_SHARE)
#define MAP_FLAGS	(MAP_ACCESS | MAP_FORCE | GUNYAH_MAP_MEM_UNMAP)

/**
 * struct gmem - a guest memory file
 * @huge: it may use huge pages, so that guests get multiples of one
 * @lock: Protects @pins and the fields of those; a VM's lock is taken outside
 * @pins: parts that are in guests
 */
struct gmem {
	bool huge;
	struct mutex lock; /* see above */
	struct list_head pins;
};

/**
 * struct gunyah_vm_gmem_pin - a part of a guest memory file that is in a guest
 * @node: in &gmem.pins
 * @file: the file, with a reference
 * @offset: where in it the part begins
 * @size: bytes
 * @flags: GUNYAH_MAP_MEM_* it was mapped with
 * @given: its pages are pinned for the guest
 */
struct gunyah_vm_gmem_pin {
	struct list_head node;
	struct file *file;
	u64 offset;
	u64 size;
	u32 flags;
	bool given;
};

/* What shmem gave the first file, and that with what differs. */
static const struct file_operations *shmem_fops;
static struct file_operations gmem_fops; /* const from fops_setup() on */
/* The kernel's own for what can not be opened: it may outlive this module. */
static const struct file_operations *no_open_fops;
/* Protects the setting up of the three. */
static DEFINE_MUTEX(fops_lock);

static struct gmem *to_gmem(struct file *file)
{
	return file->private_data;
}

/* File operations */

static struct gunyah_vm_gmem_pin *pin_find_locked(struct gmem *gmem, u64 offset, u64 size)
{
	struct gunyah_vm_gmem_pin *pin;

	lockdep_assert_held(&gmem->lock);

	list_for_each_entry(pin, &gmem->pins, node)
		if (offset < pin->offset + pin->size && pin->offset < offset + size)
			return pin;

	return NULL;
}

/* Memory that a guest has can not be exchanged without its taking notice. */
static bool given_locked(struct gmem *gmem, u64 offset, u64 size)
{
	struct gunyah_vm_gmem_pin *pin;

	lockdep_assert_held(&gmem->lock);

	list_for_each_entry(pin, &gmem->pins, node)
		if (pin->given && offset < pin->offset + pin->size && pin->offset < offset + size)
			return true;

	return false;
}

/*
 * Nor may it be cut off, which shmem would do by itself, and write zeros to the
 * page where the file ends.
 */
static void shrink_seal_locked(struct gmem *gmem, struct file *file)
{
	struct inode *inode = file_inode(file);
	bool given;

	lockdep_assert_held(&gmem->lock);

	given = given_locked(gmem, 0, U64_MAX);
	inode_lock(inode);
	if (given)
		SHMEM_I(inode)->seals |= F_SEAL_SHRINK;
	else
		SHMEM_I(inode)->seals &= ~F_SEAL_SHRINK;
	inode_unlock(inode);
}

static long gmem_punch(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct gmem *gmem = to_gmem(file);
	long ret;

	guard(mutex)(&gmem->lock);

	if (given_locked(gmem, offset, len))
		return -EOPNOTSUPP;

	ret = shmem_fops->fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, len);
	if (ret || (mode & FALLOC_FL_PUNCH_HOLE))
		return ret;

	/* Zeroed, that is not a hole but fresh memory. */
	return shmem_fops->fallocate(file, FALLOC_FL_KEEP_SIZE, offset, len);
}

static long gmem_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	loff_t size = i_size_read(file_inode(file));

	if (!(mode & FALLOC_FL_KEEP_SIZE) ||
	    (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)))
		return -EOPNOTSUPP;
	if (!PAGE_ALIGNED(offset | len))
		return -EINVAL;
	if (!(mode & FALLOC_FL_PUNCH_HOLE) && (len > size || offset > size - len))
		return -EINVAL;

	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return gmem_punch(file, mode, offset, len);

	return shmem_fops->fallocate(file, mode, offset, len);
}

/* The one who is asked about each mapping, and told how it is to be mapped. */
static unsigned long gmem_get_unmapped_area(struct file *file, unsigned long addr,
					    unsigned long len, unsigned long pgoff,
					    unsigned long flags)
{
	if ((flags & MAP_TYPE) == MAP_PRIVATE)
		return -EINVAL;

	/* Not shmem's: it knows its files by their operations. */
	return gunyah_get_unmapped_area(file, addr, len, pgoff, flags);
}

static int gmem_release(struct inode *inode, struct file *file)
{
	struct gmem *gmem = to_gmem(file);

	mutex_destroy(&gmem->lock);
	kfree(gmem);

	return 0;
}

/* The kernel's own mount has no limit: what it has not is memory. */
static int shmem_errno(int err)
{
	return err == -ENOSPC ? -ENOMEM : err;
}

static int fops_setup(const struct file_operations *fops)
{
	static const struct file_operations anon_fops = { .owner = THIS_MODULE };
	struct file *anon;

	guard(mutex)(&fops_lock);

	if (shmem_fops)
		return 0;

	/* An anonymous inode has them. */
	anon = anon_inode_getfile("[gh-gmem]", &anon_fops, NULL, O_RDONLY);
	if (IS_ERR(anon))
		return PTR_ERR(anon);
	no_open_fops = file_inode(anon)->i_fop;
	fput(anon);

	gmem_fops = *fops;
	gmem_fops.owner = THIS_MODULE;
	gmem_fops.fallocate = gmem_fallocate;
	gmem_fops.get_unmapped_area = gmem_get_unmapped_area;
	gmem_fops.release = gmem_release;
	gmem_fops.read_iter = NULL;
	gmem_fops.write_iter = NULL;
	gmem_fops.splice_read = NULL;
	gmem_fops.splice_write = NULL;
	shmem_fops = fops;

	return 0;
}

static struct file *gmem_file(const struct gunyah_create_mem_args *args)
{
	struct gmem *gmem;
	struct file *file;
	int ret;

	gmem = kzalloc(sizeof(*gmem), GFP_KERNEL_ACCOUNT);
	if (!gmem)
		return ERR_PTR(-ENOMEM);

	file = shmem_file_setup("[gh-gmem]", args->size, GUNYAH_VM_NORESERVE);
	if (IS_ERR(file)) {
		kfree(gmem);
		return ERR_PTR(shmem_errno(PTR_ERR(file)));
	}

	ret = fops_setup(file->f_op);
	if (ret) {
		fput(file);
		kfree(gmem);
		return ERR_PTR(ret);
	}

	gmem->huge = args->flags & GUNYAH_GUEST_MEM_ALLOW_HUGEPAGE;
	mutex_init(&gmem->lock);
	INIT_LIST_HEAD(&gmem->pins);

	file->private_data = gmem;
	file->f_mode |= FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE;
	file->f_mode &= ~(FMODE_CAN_READ | FMODE_CAN_WRITE);
	file->f_flags |= O_LARGEFILE;
	/* A second file, got by way of /proc, would have shmem's own operations. */
	file_inode(file)->i_fop = no_open_fops;
	/* Nor is it truncated by its name there. */
	deny_write_access(file);
	/* Given back with the file. */
	__module_get(THIS_MODULE);
	file->f_op = &gmem_fops;

	return file;
}

/**
 * gunyah_vm_gmem_create() - GUNYAH_CREATE_GUEST_MEM
 * @args: argument of the ioctl
 *
 * Context: may sleep.
 * Return: a file descriptor, or one of the errors of the ioctl.
 */
int gunyah_vm_gmem_create(const struct gunyah_create_mem_args *args)
{
	struct file *file;
	int fd;

	if ((args->flags & ~CREATE_FLAGS) || !PAGE_ALIGNED(args->size) ||
	    args->size > MAX_LFS_FILESIZE || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;

	fd = get_unused_fd_flags(args->flags & GUNYAH_GUEST_MEM_CLOEXEC ? O_CLOEXEC : 0);
	if (fd < 0)
		return fd;

	file = gmem_file(args);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}

	fd_install(fd, file);

	return fd;
}

/* Pinning */

static int folios_take(struct gunyah_vm_runs *runs, struct folio **folios, long nr, u64 offset,
		       u64 *left)
{
	u64 size;
	long i;
	int ret;

	for (i = 0; i < nr; i++) {
		size = min(folio_size(folios[i]) - offset, *left);
		ret = gunyah_vm_runs_add(runs, PFN_PHYS(folio_pfn(folios[i])) + offset, size);
		if (ret) {
			unpin_folios(folios + i, nr - i);
			return ret;
		}
		*left -= size;
		offset = 0;
	}

	return 0;
}

static int folios_pin(struct gunyah_vm_runs *runs, const struct gunyah_vm_gmem_pin *pin)
{
	struct folio **folios __free(kfree) =
		kmalloc_array(PIN_BATCH, sizeof(*folios), GFP_KERNEL_ACCOUNT);
	u64 end = pin->offset + pin->size, left = pin->size;
	pgoff_t offset;
	long nr;
	int ret;

	if (!folios)
		return -ENOMEM;

	while (left) {
		if (fatal_signal_pending(current))
			return -EINTR;

		nr = memfd_pin_folios(pin->file, end - left, end - 1, folios, PIN_BATCH, &offset);
		if (nr <= 0)
			return shmem_errno(nr) ?: -EINVAL;

		ret = folios_take(runs, folios, nr, offset, &left);
		if (ret)
			return ret;
		cond_resched();
	}

	return 0;
}

static void folios_unpin(struct gunyah_vm_runs *runs)
{
	struct folio *folio;
	u64 base, end;
	size_t i;

	for (i = 0; i < runs->nr; i++) {
		base = runs->entries[i].base;
		end = base + runs->entries[i].size;
		while (base < end) {
			folio = page_folio(phys_to_page(base));
			base = PFN_PHYS(folio_pfn(folio)) + folio_size(folio);
			folio_lock(folio);
			folio_mark_dirty(folio);
			folio_unlock(folio);
			unpin_folio(folio);
			cond_resched();
		}
	}

	gunyah_vm_runs_free(runs);
}

/**
 * gunyah_vm_gmem_pin() - pin the pages of a region
 * @region: region that comes from a guest memory file, without pages
 *
 * Context: may sleep.
 * Return: 0, -EINVAL if the file is too short by now, -ENOMEM, -EINTR.
 */
int gunyah_vm_gmem_pin(struct gunyah_vm_region *region)
{
	struct gunyah_vm_gmem_pin *pin = region->pin;
	struct gmem *gmem = to_gmem(pin->file);
	int ret;

	guard(mutex)(&gmem->lock);

	pin->given = true;
	shrink_seal_locked(gmem, pin->file);
	ret = folios_pin(&region->runs, pin);
	if (ret) {
		folios_unpin(&region->runs);
		pin->given = false;
		shrink_seal_locked(gmem, pin->file);
	}

	return ret;
}

/**
 * gunyah_vm_gmem_unpin() - unpin the pages of a region
 * @region: region that comes from a guest memory file
 *
 * Context: may sleep.
 */
void gunyah_vm_gmem_unpin(struct gunyah_vm_region *region)
{
	struct gmem *gmem = to_gmem(region->pin->file);

	guard(mutex)(&gmem->lock);

	folios_unpin(&region->runs);
	region->pin->given = false;
	shrink_seal_locked(gmem, region->pin->file);
}

/**
 * gunyah_vm_gmem_put() - a region and its file part
 * @region: region without pages; it does not come from a file any more
 *
 * Context: may sleep.
 */
void gunyah_vm_gmem_put(struct gunyah_vm_region *region)
{
	struct gunyah_vm_gmem_pin *pin = region->pin;
	struct gmem *gmem = to_gmem(pin->file);

	scoped_guard(mutex, &gmem->lock)
		list_del(&pin->node);
	fput(pin->file);
	kfree(pin);
	region->pin = NULL;
}

/* Mapping */

static int map_check(const struct gunyah_map_mem_args *args, const struct gmem *gmem)
{
	u64 align = gmem->huge ? PMD_SIZE : PAGE_SIZE, end;

	if ((args->flags & ~MAP_FLAGS) || !(args->flags & GUNYAH_MAP_MEM_ALLOW_READ) ||
	    (args->flags & MAP_FORCE) == MAP_FORCE)
		return -EINVAL;
	if (!args->size || !IS_ALIGNED(args->guest_addr | args->offset | args->size, align) ||
	    check_add_overflow(args->guest_addr, args->size, &end) ||
	    check_add_overflow(args->offset, args->size, &end) || end > MAX_LFS_FILESIZE)
		return -EINVAL;

	return 0;
}

static u8 map_rights(u32 flags)
{
	return (flags & GUNYAH_MAP_MEM_ALLOW_READ ? GUNYAH_RM_MEM_R : 0) |
	       (flags & GUNYAH_MAP_MEM_ALLOW_WRITE ? GUNYAH_RM_MEM_W : 0) |
	       (flags & GUNYAH_MAP_MEM_ALLOW_EXEC ? GUNYAH_RM_MEM_X : 0);
}

static struct gunyah_vm_gmem_pin *pin_create(struct file *file,
					     const struct gunyah_map_mem_args *args)
{
	struct gmem *gmem = to_gmem(file);
	struct gunyah_vm_gmem_pin *pin;

	pin = kzalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);
	if (!pin)
		return ERR_PTR(-ENOMEM);

	pin->offset = args->offset;
	pin->size = args->size;
	pin->flags = args->flags;

	scoped_guard(mutex, &gmem->lock) {
		if (pin_find_locked(gmem, args->offset, args->size)) {
			kfree(pin);
			return ERR_PTR(-EEXIST);
		}
		pin->file = get_file(file);
		list_add_tail(&pin->node, &gmem->pins);
	}

	return pin;
}

/*
 * A label for a shared part: the first that is free from the top, as user space
 * counts from the bottom. Of one more than there are regions one is.
 */
static int label_free_locked(struct gunyah_vm *vm, u32 *label)
{
	size_t nr = list_count_nodes(&vm->regions) + 1;
	struct gunyah_vm_region *region;
	unsigned long *used;

	lockdep_assert_held(&vm->lock);

	used = bitmap_zalloc(nr, GFP_KERNEL_ACCOUNT);
	if (!used)
		return -ENOMEM;

	list_for_each_entry(region, &vm->regions, node)
		if (U32_MAX - region->label < nr)
			__set_bit(U32_MAX - region->label, used);
	*label = U32_MAX - find_first_zero_bit(used, nr);
	bitmap_free(used);

	return 0;
}

static int map_locked(struct gunyah_vm *vm, struct file *file,
		      const struct gunyah_map_mem_args *args)
{
	bool lend = !(args->flags & GUNYAH_MAP_MEM_FORCE_SHARE);
	struct gunyah_vm_region *region;
	struct gunyah_vm_gmem_pin *pin;
	u32 label = 0;
	int ret;

	lockdep_assert_held(&vm->lock);

	if (args->offset + args->size > i_size_read(file_inode(file)))
		return -EINVAL;

	if (!lend) {
		ret = label_free_locked(vm, &label);
		if (ret)
			return ret;
	}

	region = kzalloc(sizeof(*region), GFP_KERNEL_ACCOUNT);
	if (!region)
		return -ENOMEM;

	pin = pin_create(file, args);
	if (IS_ERR(pin)) {
		kfree(region);
		return PTR_ERR(pin);
	}

	region->pin = pin;
	region->lend = lend;
	region->label = label;
	region->rights = map_rights(args->flags);
	region->gpa = args->guest_addr;
	region->size = args->size;
	region->handle = GUNYAH_RM_NO_HANDLE;

	return gunyah_vm_region_add_locked(vm, region, 0);
}

/* The region that was mapped with the same flags and has this part of the file there. */
static struct gunyah_vm_region *mapped_find_locked(struct gunyah_vm *vm, struct file *file,
						   const struct gunyah_map_mem_args *args)
{
	struct gunyah_rm_range range = { .base = args->guest_addr, .size = args->size };
	struct gunyah_vm_region *region = gunyah_vm_mem_find(vm, &range);

	lockdep_assert_held(&vm->lock);

	if (!region || !region->pin || region->pin->file != file ||
	    region->pin->flags != (args->flags & ~GUNYAH_MAP_MEM_UNMAP) ||
	    args->offset - region->pin->offset != args->guest_addr - region->gpa)
		return NULL;

	return region;
}

static int unmap_locked(struct gunyah_vm *vm, struct file *file,
			const struct gunyah_map_mem_args *args)
{
	struct gunyah_vm_region *region = mapped_find_locked(vm, file, args);
	struct gmem *gmem = to_gmem(file);
	bool head, tail;

	lockdep_assert_held(&vm->lock);

	if (!region)
		return -ENOENT;

	head = args->guest_addr == region->gpa;
	tail = args->guest_addr + args->size == region->gpa + region->size;
	if (!head && !tail)
		return -EINVAL;
	if (head && tail) {
		gunyah_vm_region_remove_locked(vm, region);
		return 0;
	}

	guard(mutex)(&gmem->lock);

	region->size -= args->size;
	region->pin->size -= args->size;
	if (head) {
		region->gpa += args->size;
		region->pin->offset += args->size;
	}

	return 0;
}

static int map_file(struct gunyah_vm *vm, struct file *file,
		    const struct gunyah_map_mem_args *args)
{
	int ret;

	/* The operations are ours only once there has been a file of ours. */
	if (!READ_ONCE(shmem_fops) || file->f_op != &gmem_fops)
		return -EINVAL;

	ret = map_check(args, to_gmem(file));
	if (ret)
		return ret;

	ret = gunyah_vm_lock_new(vm, -EOPNOTSUPP);
	if (ret)
		return ret;

	if (args->flags & GUNYAH_MAP_MEM_UNMAP)
		ret = unmap_locked(vm, file, args);
	else
		ret = map_locked(vm, file, args);
	mutex_unlock(&vm->lock);

	return ret;
}

/**
 * gunyah_vm_gmem_map() - GUNYAH_VM_MAP_MEM
 * @vm: the VM
 * @args: argument of the ioctl
 *
 * Context: may sleep.
 * Return: 0 or one of the errors of the ioctl.
 */
int gunyah_vm_gmem_map(struct gunyah_vm *vm, const struct gunyah_map_mem_args *args)
{
	struct file *file;
	int ret;

	if (current->mm != vm->mm)
		return -EPERM;

	file = fget(args->guest_mem_fd);
	if (!file)
		return -EINVAL;

	ret = map_file(vm, file, args);
	fput(file);

	return ret;
}
