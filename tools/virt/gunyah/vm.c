// SPDX-License-Identifier: GPL-2.0-only
/*
 * One life of a VM. Memory is laid out as arm64 Linux likes it: the Image at
 * the start, the ramdisk at the next 16 MiB behind it, the device tree at the
 * end. Behind that, if memory is lent, is the pool: what host and guest share.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm.h"

#define RWX		(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE | GUNYAH_MEM_ALLOW_EXEC)
#define RW		(GUNYAH_MEM_ALLOW_READ | GUNYAH_MEM_ALLOW_WRITE)
#define INITRD_ALIGN	0x1000000ULL
#define POOL_SIZE	0x800000ULL
#define POOL_LABEL	1
#define DT_MAX		0x10000
#define FIRMWARE	0x7fc00000ULL
#define FIRMWARE_SIZE	0x400000ULL
#define KICK		SIGUSR1
/* How long a guest's memory may take to come back, and how often it is looked */
#define BACK_MS		20000
#define LOOK_MS		10

/* The beginning of an arm64 Image, see the kernel's booting.rst */
struct image {
	uint32_t code[2];
	uint64_t text_offset, size, flags, reserved[3];
	uint32_t magic, pe;
};

#define IMAGE_MAGIC	0x644d5241

/**
 * struct layout - where things are, as offsets into the memory
 * @kernel: the Image
 * @kernel_size: what it needs, with its bss
 * @initrd: the ramdisk
 * @initrd_size: 0 without one
 * @dtb: the device tree
 * @dtb_area: the room RM has there
 */
struct layout {
	uint64_t kernel, kernel_size, initrd, initrd_size, dtb, dtb_area;
};

/* --- contents of the memory ---------------------------------------------- */

/* A file's bytes to an offset, not behind an end. Returns its size, or < 0. */
static int64_t load(const char *path, const struct gunyah_memory *memory, uint64_t offset,
		    uint64_t end)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t done = 0;
	ssize_t size = 1;

	if (fd < 0) {
		vmm_error(errno, "%s", path);
		return -1;
	}
	while (size > 0 && offset + done < end) {
		size = read(fd, memory->host + offset + done, end - offset - done);
		if (size > 0)
			done += size;
	}
	if (size < 0)
		vmm_error(errno, "%s", path);
	else if (size && read(fd, &size, 1) == 1)
		size = vmm_error(0, "%s: does not fit into the guest's memory", path) * -1;
	else
		size = 0;
	close(fd);
	return size < 0 ? -1 : (int64_t)done;
}

static int load_kernel(struct vmm *vmm, struct layout *layout)
{
	const char *path = vmm->options->kernel;
	struct image image;
	int64_t size;

	size = load(path, &vmm->memory, 0, layout->dtb);
	if (size < 0)
		return VMM_FAILED;
	if (size < (int64_t)sizeof(image))
		return vmm_error(0, "%s: not an arm64 Image", path);
	memcpy(&image, vmm->memory.host, sizeof(image));
	if (image.magic != IMAGE_MAGIC)
		return vmm_error(0, "%s: not an arm64 Image that is unpacked", path);
	if (image.text_offset >= GUNYAH_DT_ALIGN || image.size > layout->dtb ||
	    image.text_offset + size > layout->dtb)
		return vmm_error(0, "%s: does not fit into the guest's memory", path);
	layout->kernel = image.text_offset;
	if (image.text_offset)
		memmove(vmm->memory.host + image.text_offset, vmm->memory.host, size);
	layout->kernel_size = image.size > (uint64_t)size ? image.size : (uint64_t)size;
	return 0;
}

static int load_initrd(struct vmm *vmm, struct layout *layout)
{
	uint64_t end = layout->kernel + layout->kernel_size;
	int64_t size;

	if (!vmm->options->initrd)
		return 0;
	layout->initrd = (end + INITRD_ALIGN - 1) & ~(INITRD_ALIGN - 1);
	if (layout->initrd >= layout->dtb)
		return vmm_error(0, "%s: does not fit into the guest's memory",
				 vmm->options->initrd);
	size = load(vmm->options->initrd, &vmm->memory, layout->initrd, layout->dtb);
	if (size < 0)
		return VMM_FAILED;
	layout->initrd_size = size;
	return 0;
}

static void describe(struct fdt *fdt, void *data)
{
	struct vmm *vmm = data;
	struct device *device;
	unsigned int i;

	fdt_open(fdt, "clock");
	fdt_string(fdt, "compatible", "fixed-clock");
	fdt_u32(fdt, "#clock-cells", 0);
	fdt_u32(fdt, "clock-frequency", 24000000);
	fdt_u32(fdt, "phandle", 0x10);
	fdt_close(fdt);
	for (i = 0; i < vmm->nr_devices; i++) {
		device = &vmm->devices[i];
		fdt_open(fdt, "%s@%llx", device->name, (unsigned long long)device->base);
		fdt_reg(fdt, device->base, VMM_PAGE);
		if (device->irq >= 0)
			FDT_CELLS(fdt, "interrupts", GUNYAH_DT_SPI, device->spi, GUNYAH_DT_EDGE);
		if (device->describe)
			device->describe(device, fdt);
		fdt_close(fdt);
	}
}

static int save(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	int ret = !file || fwrite(data, size, 1, file) != 1;

	if (file && fclose(file))
		ret = 1;
	return ret ? vmm_error(errno, "%s", path) : 0;
}

static int write_dtb(struct vmm *vmm, const struct layout *layout)
{
	const struct vmm_options *options = vmm->options;
	struct gunyah_bell bells[VMM_DEVICES];
	struct gunyah_dt dt = {
		.name = options->name, .cpus = options->cpus, .base = vmm->memory.gpa,
		.size = vmm->memory.size, .bells = bells,
		.links = options->links, .nr_links = options->nr_links,
		.rm = true, .bootargs = options->append,
		.initrd = vmm->memory.gpa + layout->initrd, .initrd_size = layout->initrd_size,
		.firmware = options->protected ? FIRMWARE : 0,
		.pool = vmm->pool.gpa, .pool_size = vmm->pool.size, .pool_label = POOL_LABEL,
		.devices = describe, .data = vmm,
	};
	unsigned int i;
	long size;

	for (i = 0; i < vmm->nr_devices; i++)
		if (vmm->devices[i].irq >= 0)
			bells[dt.nr_bells++] = (struct gunyah_bell){
				.label = vmm->devices[i].spi, .spi = vmm->devices[i].spi,
			};
	size = gunyah_dt_write(&dt, vmm->memory.host + layout->dtb, DT_MAX);
	if (size < 0)
		return vmm_error(-size, "device tree");
	return options->dtb_out ? save(options->dtb_out, vmm->memory.host + layout->dtb, size) :
				  0;
}

/* --- the memory itself --------------------------------------------------- */

/* What the kernel has charged to this process, in kB */
static long locked_kb(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	long value = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmLck: %ld", &value) == 1)
			break;
	if (file)
		fclose(file);
	return value;
}

/*
 * The driver takes a VM apart after it has been closed. As long as the guest
 * has the memory it is charged, and must not be touched.
 */
static bool memory_is_back(const struct vmm_kept *kept)
{
	unsigned int ms;

	for (ms = 0; ms < BACK_MS; ms += LOOK_MS) {
		if (locked_kb() <= kept->locked)
			return true;
		poll(NULL, 0, LOOK_MS);
	}
	vmm_error(0, "the guest's memory does not come back, so it gets other memory");
	return false;
}

void vmm_free(struct vmm_kept *kept)
{
	gunyah_memory_free(&kept->pool);
	gunyah_memory_free(&kept->memory);
}

static int take_memory(struct vmm *vmm, struct vmm_kept *kept)
{
	const struct vmm_options *options = vmm->options;
	int ret = 0;

	if (kept->memory.host && !memory_is_back(kept))
		vmm_free(kept);
	kept->locked = locked_kb();
	if (!kept->memory.host)
		ret = gunyah_memory_alloc(&kept->memory, options->memory, options->hugepages);
	if (ret)
		return vmm_error(-ret, "%llu bytes of memory%s",
				 (unsigned long long)options->memory,
				 options->hugepages ? " in huge pages" : "");
	if (options->lend && !kept->pool.host)
		ret = gunyah_memory_alloc(&kept->pool, POOL_SIZE, options->hugepages);
	if (ret)
		return vmm_error(-ret, "memory for bounce buffers");
	vmm->memory = kept->memory;
	vmm->memory.gpa = GUNYAH_DT_MEMORY;
	if (!options->lend)
		return 0;
	vmm->pool = kept->pool;
	vmm->pool.gpa = GUNYAH_DT_MEMORY +
			((options->memory + GUNYAH_DT_ALIGN - 1) & ~(GUNYAH_DT_ALIGN - 1));
	vmm->pool.label = POOL_LABEL;
	return 0;
}

/* --- the VM -------------------------------------------------------------- */

static int create(struct vmm *vmm)
{
	const struct vmm_options *options = vmm->options;
	int dev;

	dev = gunyah_open(options->device);
	if (dev < 0)
		return vmm_error(-dev, "%s", options->device ? options->device : "/dev/gunyah");
	vmm->vm = gunyah_create_vm(dev);
	close(dev);
	if (vmm->vm < 0)
		return vmm_error(-vmm->vm, "GUNYAH_CREATE_VM");
	return 0;
}

static int give_memory(struct vmm *vmm)
{
	int ret;

	if (!vmm->options->lend) {
		ret = gunyah_memory_share(vmm->vm, &vmm->memory, RWX);
		return ret ? vmm_error(-ret, "GUNYAH_VM_SET_USER_MEM_REGION of the memory") : 0;
	}
	ret = gunyah_memory_lend(vmm->vm, &vmm->memory, RWX);
	if (ret)
		return vmm_error(-ret, "GUNYAH_VM_ANDROID_LEND_USER_MEM of the memory");
	ret = gunyah_memory_share(vmm->vm, &vmm->pool, RW);
	return ret ? vmm_error(-ret, "GUNYAH_VM_SET_USER_MEM_REGION of bounce buffers") : 0;
}

/* RM copies its own firmware there, if it has one. */
static int give_firmware(struct vmm *vmm)
{
	const char *path = vmm->options->firmware;
	struct gunyah_memory firmware;
	int ret;

	if (!vmm->options->protected)
		return 0;
	ret = gunyah_memory_alloc(&firmware, FIRMWARE_SIZE, false);
	if (ret)
		return vmm_error(-ret, "memory for the firmware");
	firmware.gpa = FIRMWARE;
	firmware.label = POOL_LABEL + 1;
	if (path && load(path, &firmware, 0, FIRMWARE_SIZE) < 0)
		ret = VMM_FAILED;
	if (!ret) {
		ret = gunyah_memory_lend(vmm->vm, &firmware, RWX);
		if (ret)
			vmm_error(-ret, "GUNYAH_VM_ANDROID_LEND_USER_MEM of the firmware");
	}
	if (!ret) {
		ret = gunyah_set_firmware(vmm->vm, FIRMWARE, FIRMWARE_SIZE);
		if (ret)
			vmm_error(-ret, "GUNYAH_VM_ANDROID_SET_FW_CONFIG");
	}
	/* The pages are the VM's; this mapping is not needed any more. */
	gunyah_memory_free(&firmware);
	return ret ? VMM_FAILED : 0;
}

static int add_functions(struct vmm *vmm)
{
	unsigned int i;
	int ret;

	for (i = 0; i < vmm->options->cpus; i++) {
		ret = gunyah_vcpu_open(&vmm->vcpus[i], vmm->vm, i);
		if (ret)
			return vmm_error(-ret, "GUNYAH_VM_ADD_FUNCTION of vCPU %u", i);
	}
	for (i = 0; i < vmm->nr_devices; i++) {
		if (vmm->devices[i].irq < 0)
			continue;
		ret = gunyah_add_irqfd(vmm->vm, vmm->devices[i].irq, vmm->devices[i].spi, false);
		if (ret)
			return vmm_error(-ret, "GUNYAH_VM_ADD_FUNCTION of the interrupt of %s",
					 vmm->devices[i].name);
	}
	return 0;
}

static int consoles(struct vmm *vmm)
{
	const struct vmm_options *options = vmm->options;
	int ret;

	if (options->console) {
		ret = console_open(&vmm->serial, "console", options->console);
		if (!ret)
			ret = pl011_create(vmm, &vmm->serial);
		if (ret)
			return vmm_error(-ret, "--console %s", options->console);
	}
	if (!options->virtio_console)
		return 0;
	ret = console_open(&vmm->terminal, "virtio console", options->virtio_console);
	if (!ret)
		ret = virtio_console_create(vmm, &vmm->terminal);
	return ret ? vmm_error(-ret, "--virtio-console %s", options->virtio_console) : 0;
}

static int devices(struct vmm *vmm)
{
	const struct vmm_options *options = vmm->options;
	int ret;

	ret = consoles(vmm);
	if (ret)
		return ret;
	ret = virtio_rng_create(vmm);
	if (ret)
		return vmm_error(-ret, "random numbers");
	ret = pvpanic_create(vmm);
	if (ret)
		return vmm_error(-ret, "pvpanic");
	if (!options->disk)
		return 0;
	ret = virtio_blk_create(vmm, options->disk, options->read_only);
	return ret ? vmm_error(-ret, "%s", options->disk) : 0;
}

static int load_all(struct vmm *vmm)
{
	struct layout layout = { .dtb_area = gunyah_dt_area(DT_MAX) };
	int ret;

	layout.dtb = vmm->memory.size - layout.dtb_area;
	ret = load_kernel(vmm, &layout);
	if (!ret)
		ret = load_initrd(vmm, &layout);
	if (!ret)
		ret = write_dtb(vmm, &layout);
	if (!ret)
		ret = give_memory(vmm);
	if (!ret)
		ret = give_firmware(vmm);
	if (ret)
		return ret;
	ret = gunyah_set_dtb(vmm->vm, vmm->memory.gpa + layout.dtb, layout.dtb_area);
	if (ret)
		return vmm_error(-ret, "GUNYAH_VM_SET_DTB_CONFIG");
	/* Without being told, it starts at the beginning of the memory. */
	if (!layout.kernel)
		return 0;
	ret = gunyah_set_boot_context(vmm->vm,
				      GUNYAH_BOOT_CONTEXT_REG(GUNYAH_BOOT_CONTEXT_REG_SET_PC, 0),
				      vmm->memory.gpa + layout.kernel);
	return ret ? vmm_error(-ret, "GUNYAH_VM_SET_BOOT_CONTEXT") : 0;
}

/* --- its vCPUs ----------------------------------------------------------- */

static void decide(struct vmm *vmm, enum vmm_fate fate)
{
	pthread_mutex_lock(&vmm->lock);
	vmm_decide(vmm, fate);
	pthread_mutex_unlock(&vmm->lock);
}

static void access_device(struct vmm *vmm, struct gunyah_vcpu_run *run)
{
	uint64_t value = 0;
	bool found;

	if (run->mmio.is_write) {
		memcpy(&value, run->mmio.data, run->mmio.len);
		vmm_write(vmm, run->mmio.phys_addr, run->mmio.len, value, &found);
	} else {
		value = vmm_read(vmm, run->mmio.phys_addr, run->mmio.len, &found);
		memcpy(run->mmio.data, &value, sizeof(run->mmio.data));
	}
	/* Where nothing is, the guest shall see that nothing is. */
	if (!found)
		run->mmio.resume_action = GUNYAH_VCPU_RESUME_FAULT;
}

struct vcpu_thread {
	struct vmm *vmm;
	unsigned int index;
};

static bool stopping(struct vmm *vmm)
{
	return __atomic_load_n(&vmm->stopping, __ATOMIC_ACQUIRE);
}

static void run(struct vmm *vmm, const struct gunyah_vcpu *vcpu, unsigned int index)
{
	int ret;

	while (!stopping(vmm)) {
		ret = gunyah_vcpu_run(vcpu->fd);
		if (ret == -EINTR || ret == -EAGAIN)
			continue;
		if (ret) {
			vmm_error(-ret, "GUNYAH_VCPU_RUN of vCPU %u", index);
			decide(vmm, VMM_FAILED);
			return;
		}
		switch (vcpu->run->exit_reason) {
		case GUNYAH_VCPU_EXIT_MMIO:
			access_device(vmm, vcpu->run);
			break;
		case GUNYAH_VCPU_EXIT_STATUS:
			decide(vmm, vmm_fate_of(vcpu->run));
			return;
		case GUNYAH_VCPU_EXIT_PAGE_FAULT:
			vcpu->run->page_fault.resume_action = GUNYAH_VCPU_RESUME_FAULT;
			break;
		default:
			vmm_error(0, "vCPU %u: unknown exit %u", index, vcpu->run->exit_reason);
			decide(vmm, VMM_FAILED);
			return;
		}
	}
}

static void *vcpu_main(void *data)
{
	struct vcpu_thread thread = *(struct vcpu_thread *)data;

	free(data);
	run(thread.vmm, &thread.vmm->vcpus[thread.index], thread.index);
	return NULL;
}

static int start_threads(struct vmm *vmm)
{
	struct vcpu_thread *thread;
	int ret;

	while (vmm->nr_threads < vmm->options->cpus) {
		thread = malloc(sizeof(*thread));
		if (!thread)
			return vmm_error(ENOMEM, "vCPU threads");
		*thread = (struct vcpu_thread){ .vmm = vmm, .index = vmm->nr_threads };
		ret = pthread_create(&vmm->threads[vmm->nr_threads], NULL, vcpu_main, thread);
		if (ret) {
			free(thread);
			return vmm_error(ret, "vCPU threads");
		}
		vmm->nr_threads++;
	}
	return 0;
}

static void stop_threads(struct vmm *vmm)
{
	unsigned int i;

	__atomic_store_n(&vmm->stopping, true, __ATOMIC_RELEASE);
	for (i = 0; i < vmm->nr_threads; i++) {
		/* Whoever is not inside yet comes out at once. */
		vmm->vcpus[i].run->immediate_exit = 1;
		pthread_kill(vmm->threads[i], KICK);
		pthread_join(vmm->threads[i], NULL);
	}
	vmm->nr_threads = 0;
}

/* --- the main thread ----------------------------------------------------- */

/* What there is to wait for: returns how many, the events from the third on */
static unsigned int gather(struct vmm *vmm, int signals, struct pollfd *fds)
{
	unsigned int i;

	fds[0] = (struct pollfd){ .fd = vmm->wake, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
	for (i = 0; i < vmm->nr_events; i++)
		fds[i + 2] = (struct pollfd){
			.fd = vmm->events[i].on ? vmm->events[i].fd : -1, .events = POLLIN,
		};
	return i + 2;
}

static void loop(struct vmm *vmm, int signals)
{
	struct pollfd fds[VMM_EVENTS + 2];
	struct signalfd_siginfo info;
	unsigned int i, count;
	uint64_t woken;

	pthread_mutex_lock(&vmm->lock);
	while (!vmm->decided) {
		count = gather(vmm, signals, fds);
		pthread_mutex_unlock(&vmm->lock);
		if (poll(fds, count, -1) < 0 && errno != EINTR) {
			vmm_error(errno, "poll");
			decide(vmm, VMM_FAILED);
		}
		pthread_mutex_lock(&vmm->lock);
		if (fds[0].revents && read(vmm->wake, &woken, sizeof(woken)) < 0)
			continue;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			vmm_decide(vmm, VMM_STOPPED + info.ssi_signo);
		for (i = 2; i < count; i++)
			if (fds[i].revents)
				vmm->events[i - 2].ready(vmm, vmm->events[i - 2].data);
	}
	pthread_mutex_unlock(&vmm->lock);
}

static void close_all(struct vmm *vmm)
{
	unsigned int i;

	for (i = 0; i < GUNYAH_DT_MAX_CPUS; i++)
		gunyah_vcpu_close(&vmm->vcpus[i]);
	if (vmm->vm >= 0)
		close(vmm->vm);
	for (i = 0; i < vmm->nr_devices; i++) {
		if (vmm->devices[i].reset)
			vmm->devices[i].reset(&vmm->devices[i]);
		if (vmm->devices[i].irq >= 0)
			close(vmm->devices[i].irq);
	}
	console_close(&vmm->serial);
	console_close(&vmm->terminal);
	if (vmm->wake >= 0)
		close(vmm->wake);
	pthread_mutex_destroy(&vmm->lock);
}

static void ignore(int signal)
{
	(void)signal;
}

/* SIGINT and SIGTERM are read from a file; KICK only interrupts. */
static int catch_signals(void)
{
	struct sigaction action = { .sa_handler = ignore };
	sigset_t set;

	sigaction(KICK, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What the driver says about a VM, with the reason if it cannot be started */
static void show(const struct vmm *vmm)
{
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", vmm->vm);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		fprintf(stderr, "gunyah-vmm: %s", line);
	if (file)
		fclose(file);
}

static int prepare(struct vmm *vmm, struct vmm_kept *kept)
{
	int ret;

	vmm->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vmm->wake < 0)
		return vmm_error(errno, "eventfd");
	ret = create(vmm);
	if (!ret)
		ret = take_memory(vmm, kept);
	if (!ret)
		ret = devices(vmm);
	if (!ret)
		ret = load_all(vmm);
	if (!ret)
		ret = add_functions(vmm);
	if (ret)
		return ret;
	ret = gunyah_start(vmm->vm);
	if (!ret)
		return start_threads(vmm);
	vmm_error(-ret, "GUNYAH_VM_START");
	show(vmm);
	return VMM_FAILED;
}

enum vmm_fate vmm_run(const struct vmm_options *options, struct vmm_kept *kept)
{
	struct vmm *vmm = calloc(1, sizeof(*vmm));
	enum vmm_fate fate = VMM_FAILED;
	int signals = catch_signals();

	if (!vmm || signals < 0) {
		free(vmm);
		return vmm_error(errno, "memory and signals");
	}
	vmm->options = options;
	vmm->vm = -1;
	vmm->wake = -1;
	vmm->serial = (struct console){ .in = -1, .out = -1, .held = -1 };
	vmm->terminal = vmm->serial;
	pthread_mutex_init(&vmm->lock, NULL);
	if (!prepare(vmm, kept)) {
		loop(vmm, signals);
		stop_threads(vmm);
		fate = vmm->fate;
		if (options->stats)
			show(vmm);
	} else {
		stop_threads(vmm);
	}
	close_all(vmm);
	close(signals);
	free(vmm);
	return fate;
}
