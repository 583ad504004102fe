/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as the resource-manager client needs, for user space.
 *
 * One thread. Where the kernel would sleep, the fuzzer gets to decide what
 * happens meanwhile (see kernel.c); where it would warn or deadlock, this
 * aborts. <linux/...> headers that only lead here are made by client.mk.
 */
#ifndef HARNESS_KERNEL_H
#define HARNESS_KERNEL_H

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include <kunit/visibility.h>
#include <stdlib.h>

#define KERNEL_ASSERT(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

/* The compiler, and macros without a home */

#define noinline		__attribute__((__noinline__))
#define fallthrough		__attribute__((__fallthrough__))
#define __counted_by(member)
#define __printf(fmt, args)	__attribute__((__format__(printf, fmt, args)))
#define IS_ENABLED(option)	0
#define EXPORT_SYMBOL_GPL(name)
#define ALLOW_ERROR_INJECTION(name, kind)

#define U8_MAX			UINT8_MAX
#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX
#define SZ_128K			0x20000

#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(high, low)	((~0UL << (low)) & (~0UL >> (63 - (high))))
#define GENMASK_ULL(high, low)	GENMASK(high, low)
#define FIELD_GET(mask, value)	(((value) & (mask)) >> __builtin_ctzl(mask))
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define WARN_ON_ONCE(condition) \
	({ bool __warn = (condition); KERNEL_ASSERT(!__warn); __warn; })

#define MAX_ERRNO		4095
#define IS_ERR(ptr)		((unsigned long)(ptr) >= (unsigned long)-MAX_ERRNO)
#define PTR_ERR(ptr)		((long)(ptr))
#define ERR_PTR(error)		((void *)(long)(error))
#define ERR_CAST(ptr)		((void *)(ptr))

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

/* Arithmetic, all of which saturates where the kernel's does */

#define check_add_overflow(a, b, sum)	__builtin_add_overflow(a, b, sum)

static inline size_t size_add(size_t a, size_t b)
{
	return __builtin_add_overflow(a, b, &a) ? SIZE_MAX : a;
}

static inline size_t size_mul(size_t a, size_t b)
{
	return __builtin_mul_overflow(a, b, &a) ? SIZE_MAX : a;
}

#define array_size(a, b)	size_mul(a, b)
#define array3_size(a, b, c)	size_mul(a, size_mul(b, c))
#define flex_size(ptr, member, nr)	size_mul(nr, sizeof(*(ptr)->member))
#define flex_array_size(ptr, member, nr)	flex_size(ptr, member, nr)
#define struct_size(ptr, member, nr)	size_add(sizeof(*(ptr)), flex_size(ptr, member, nr))

static inline u16 get_unaligned_le16(const void *p)
{
	u16 x;

	memcpy(&x, p, sizeof(x));

	return le16_to_cpu(x);
}

static inline u32 get_unaligned_le32(const void *p)
{
	u32 x;

	memcpy(&x, p, sizeof(x));

	return le32_to_cpu(x);
}

static inline u64 get_unaligned_le64(const void *p)
{
	u64 x;

	memcpy(&x, p, sizeof(x));

	return le64_to_cpu(x);
}

/* Memory */

typedef int gfp_t;
typedef struct {
	int counter;
} atomic_t;

#define GFP_KERNEL		0

void *kernel_alloc(size_t size, bool zero);
void kfree(const void *p);

#define kmalloc(size, gfp)	kernel_alloc(size, false)
#define kzalloc(size, gfp)	kernel_alloc(size, true)
#define kvmalloc(size, gfp)	kernel_alloc(size, false)
#define kvzalloc(size, gfp)	kernel_alloc(size, true)
#define kcalloc(n, size, gfp)	kernel_alloc(size_mul(n, size), true)
#define kvcalloc(n, size, gfp)	kernel_alloc(size_mul(n, size), true)
#define kvfree(p)		kfree(p)

static inline void free_kfree(void *p)
{
	kfree(*(void **)p);
}

#define free_kvfree		free_kfree
#define __free(how)		__attribute__((__cleanup__(free_##how)))
#define no_free_ptr(p)		({ __typeof__(p) __ptr = (p); (p) = NULL; __ptr; })

/* Locks: nobody is there to wait for, so a lock that is held is a deadlock. */

struct kernel_lock {
	bool held;
};

#define spinlock_t		struct kernel_lock
#define mutex			kernel_lock

extern unsigned int kernel_spinlocks;

static inline struct kernel_lock *lock_take(struct kernel_lock *lock)
{
	KERNEL_ASSERT(!lock->held);
	lock->held = true;

	return lock;
}

static inline void lock_give(struct kernel_lock *lock)
{
	KERNEL_ASSERT(lock->held);
	lock->held = false;
}

struct kernel_guard {
	struct kernel_lock *lock;
	unsigned int spin;
};

static inline struct kernel_guard guard_take(struct kernel_lock *lock, unsigned int spin)
{
	kernel_spinlocks += spin;

	return (struct kernel_guard){ lock_take(lock), spin };
}

static inline void guard_give(struct kernel_guard *guard)
{
	kernel_spinlocks -= guard->spin;
	lock_give(guard->lock);
}

#define guard_mutex(lock)		guard_take(lock, 0)
#define guard_spinlock(lock)		guard_take(lock, 1)
#define guard_spinlock_irqsave(lock)	guard_take(lock, 1)
#define __guard				__attribute__((__cleanup__(guard_give), __unused__))
#define GUARD_NAME(line)		GUARD_NAME_(line)
#define GUARD_NAME_(line)		guard_##line
#define guard(kind)	struct kernel_guard GUARD_NAME(__LINE__) __guard = guard_##kind
#define scoped_guard(kind, lock)					\
	for (struct kernel_guard __scope __guard = guard_##kind(lock),	\
	     *__once = &__scope; __once; __once = NULL)

#define spin_lock_init(lock)		((lock)->held = false)
#define mutex_init(lock)		((lock)->held = false)
#define mutex_destroy(lock)		KERNEL_ASSERT(!(lock)->held)
#define mutex_lock(lock)		((void)lock_take(lock))
#define mutex_unlock(lock)		lock_give(lock)
#define lockdep_assert_held(lock)	KERNEL_ASSERT((lock)->held)
#define might_sleep()			KERNEL_ASSERT(!kernel_spinlocks)
#define cond_resched()			might_sleep()
#define local_bh_disable()		do { } while (0)
#define local_bh_enable()		do { } while (0)

/* Lists, references, bits */

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add(struct list_head *node, struct list_head *after)
{
	node->next = after->next;
	node->prev = after;
	after->next->prev = node;
	after->next = node;
}

static inline void list_add_tail(struct list_head *node, struct list_head *list)
{
	list_add(node, list->prev);
}

static inline void list_del(struct list_head *node)
{
	node->next->prev = node->prev;
	node->prev->next = node->next;
	node->next = NULL;
	node->prev = NULL;
}

static inline void list_del_init(struct list_head *node)
{
	list_del(node);
	INIT_LIST_HEAD(node);
}

#define list_entry(ptr, type, member)		container_of(ptr, type, member)
#define list_first_entry(list, type, member)	list_entry((list)->next, type, member)
#define list_next_entry(pos, member)	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_for_each_entry(pos, list, member)				\
	for (pos = list_entry((list)->next, __typeof__(*pos), member);	\
	     &pos->member != (list); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, list, member)			\
	for (pos = list_entry((list)->next, __typeof__(*pos), member),	\
	     n = list_next_entry(pos, member);				\
	     &pos->member != (list); pos = n, n = list_next_entry(n, member))

struct kref {
	int nr;
};

static inline void kref_init(struct kref *ref)
{
	ref->nr = 1;
}

static inline void kref_get(struct kref *ref)
{
	KERNEL_ASSERT(ref->nr > 0);
	ref->nr++;
}

static inline int kref_put(struct kref *ref, void (*release)(struct kref *ref))
{
	KERNEL_ASSERT(ref->nr > 0);
	if (--ref->nr)
		return 0;

	release(ref);

	return 1;
}

#define DECLARE_BITMAP(name, bits)	unsigned long name[((bits) + 63) / 64]

static inline bool test_bit(unsigned long bit, const unsigned long *map)
{
	return map[bit / 64] >> bit % 64 & 1;
}

static inline void set_bit(unsigned long bit, unsigned long *map)
{
	map[bit / 64] |= 1UL << bit % 64;
}

static inline void clear_bit(unsigned long bit, unsigned long *map)
{
	map[bit / 64] &= ~(1UL << bit % 64);
}

static inline bool test_and_clear_bit(unsigned long bit, unsigned long *map)
{
	bool set = test_bit(bit, map);

	clear_bit(bit, map);

	return set;
}

static inline bool test_and_set_bit(unsigned long bit, unsigned long *map)
{
	bool set = test_bit(bit, map);

	set_bit(bit, map);

	return set;
}

#define TASK_KILLABLE	0

/* There is nobody who could give it back meanwhile. */
static inline int wait_on_bit_lock(unsigned long *map, unsigned long bit, unsigned int mode)
{
	if (test_and_set_bit(bit, map))
		__builtin_trap();

	return 0;
}

#define clear_and_wake_up_bit(bit, map)	clear_bit(bit, map)
#define atomic_set(v, n)		((v)->counter = (n))
#define atomic_fetch_inc(v)		((v)->counter++)
/* There is one CPU. */
#define smp_mb__after_atomic()		do { } while (0)
#define __set_bit(bit, map)		set_bit(bit, map)
#define __clear_bit(bit, map)		clear_bit(bit, map)
#define __test_and_clear_bit(bit, map)	test_and_clear_bit(bit, map)
#define bitmap_zero(map, bits)		memset(map, 0, (bits) / 8)

static inline unsigned long find_next_zero_bit(const unsigned long *map, unsigned long bits,
					       unsigned long bit)
{
	while (bit < bits && test_bit(bit, map))
		bit++;

	return bit;
}

#define find_first_zero_bit(map, bits)	find_next_zero_bit(map, bits, 0)

static inline unsigned long find_next_bit(const unsigned long *map, unsigned long bits,
					  unsigned long bit)
{
	while (bit < bits && !test_bit(bit, map))
		bit += bit % 64 || map[bit / 64] ? 1 : 64;

	return min(bit, bits);
}

#define for_each_set_bit(bit, map, bits)						\
	for ((bit) = find_next_bit(map, bits, 0); (bit) < (bits);			\
	     (bit) = find_next_bit(map, bits, (bit) + 1))

/* Time, which passes when the fuzzer says so */

typedef s64 ktime_t;

extern unsigned long jiffies;

#define HZ				1000
#define msecs_to_jiffies(ms)		((unsigned long)(ms))
#define ktime_get()			((ktime_t)jiffies * 1000000)
#define ktime_us_delta(later, earlier)	(((later) - (earlier)) / 1000)

/* Sleeping */

struct task_struct;

extern struct task_struct *current;

struct completion {
	unsigned int done;
};

#define COMPLETION_INITIALIZER_ONSTACK(c)	((struct completion){ 0 })
#define init_completion(c)			((c)->done = 0)
#define reinit_completion(c)			((c)->done = 0)
#define complete(c)				((c)->done++)

int wait_for_completion_killable(struct completion *c);
long wait_for_completion_timeout(struct completion *c, unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *c, unsigned long timeout);

typedef struct {
	int unused;
} wait_queue_head_t;

#define init_waitqueue_head(wq)		((void)(wq))
#define wake_up_all(wq)			((void)(wq))
#define wait_event(wq, condition)	KERNEL_ASSERT(condition)

/* Work, which runs when the fuzzer says so, and at last when it is waited for */

struct work_struct {
	void (*fn)(struct work_struct *work);
	bool pending;
};

/* @wq: where it goes when its time has come; NULL: it runs at once */
struct delayed_work {
	struct work_struct work;
	struct workqueue_struct *wq;
	bool pending;
	unsigned long expires;
};

/* Of one work, which is all that anybody here queues. */
struct workqueue_struct {
	struct work_struct *work;
	bool running;
};

extern struct workqueue_struct *system_long_wq;

#define WQ_MEM_RECLAIM			0
#define WQ_UNBOUND			0
#define INIT_WORK(w, function)		((w)->fn = (function))
#define INIT_DELAYED_WORK(w, function)	((w)->work.fn = (function))
#define to_delayed_work(w)		container_of(w, struct delayed_work, work)

struct workqueue_struct *kernel_workqueue(void);
#define alloc_ordered_workqueue(name, flags)	kernel_workqueue()
void destroy_workqueue(struct workqueue_struct *wq);
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
			unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
		      unsigned long delay);
#define schedule_delayed_work(work, delay)	queue_delayed_work(NULL, work, delay)
bool cancel_delayed_work(struct delayed_work *work);
bool cancel_delayed_work_sync(struct delayed_work *work);

/* Devices, messages, parameters, traces */

struct device {
	int refs;
};

#define get_device(dev)		({ (dev)->refs++; (dev); })
#define put_device(dev)		((void)(dev)->refs--)

__printf(2, 3)
void dev_warn(const struct device *dev, const char *fmt, ...);

#define dev_warn_ratelimited	dev_warn
#define dev_err			dev_warn
#define dev_err_ratelimited	dev_warn

struct auxiliary_device {
	struct device dev;
};

struct auxiliary_driver;
struct arm_smccc_1_2_regs;

struct kernel_param {
	void *arg;
};

struct kernel_param_ops {
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buf, const struct kernel_param *kp);
};

int param_set_uint_minmax(const char *val, const struct kernel_param *kp, unsigned int min,
			  unsigned int max);
int param_get_uint(char *buf, const struct kernel_param *kp);

#define module_param(name, type, mode)
#define module_param_cb(name, ops, arg, mode)	static const void *param_##name = (ops)
#define MODULE_PARM_DESC(name, text)

#define TP_PROTO(...)		__VA_ARGS__
#define TRACE_EVENT(name, proto, ...)	static inline void trace_##name(proto) { }

u16 get_random_u16(void);

/* A mailbox channel to a resource manager that the fuzzer plays */

struct mbox_client {
	struct device *dev;
	bool tx_block;
	void (*rx_callback)(struct mbox_client *cl, void *mssg);
	void (*tx_done)(struct mbox_client *cl, void *mssg, int error);
};

struct mbox_chan {
	struct mbox_client *client;
};

int mbox_bind_client(struct mbox_chan *chan, struct mbox_client *client);
void mbox_free_channel(struct mbox_chan *chan);
int mbox_send_message(struct mbox_chan *chan, void *mssg);
int mbox_flush(struct mbox_chan *chan, unsigned long timeout);
bool mbox_client_peek_data(struct mbox_chan *chan);

/* What kernel.c asks the fuzzer. */

/**
 * enum kernel_event - what happened while somebody slept
 * @KERNEL_EVENT_SOME: something did
 * @KERNEL_EVENT_TIME: nothing but that time passed
 * @KERNEL_EVENT_KILL: a fatal signal came
 */
enum kernel_event {
	KERNEL_EVENT_SOME,
	KERNEL_EVENT_TIME,
	KERNEL_EVENT_KILL,
};

enum kernel_event kernel_sleep(void);
bool kernel_alloc_fails(void);
u16 kernel_random(void);

/* And what it asks kernel.c. */
void kernel_reset(void);
bool kernel_work_run(void);
void kernel_time_pass(unsigned long ticks);
bool kernel_clean(void);

#endif
