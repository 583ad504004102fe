// SPDX-License-Identifier: GPL-2.0-only
/* A disk from a file. Requests are done one after the other, in place. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "virtio.h"

#define SECTOR		512
#define F_SEG_MAX	(1ULL << 2)
#define F_RO		(1ULL << 5)
#define F_FLUSH		(1ULL << 9)

#define IN		0
#define OUT		1
#define FLUSH		4
#define GET_ID		8

#define OK		0
#define IOERR		1
#define UNSUPPORTED	2

/* Of a request, besides its header and its status */
#define SEGMENTS	(QUEUE_MAX - 2)

struct request {
	uint32_t type, reserved;
	uint64_t sector;
};

/* What the driver sees of the configuration */
struct config {
	uint64_t sectors;
	uint32_t size_max, seg_max;
};

struct blk {
	struct virtio virtio;
	int fd;
	bool read_only;
	struct config config;
};

static size_t length(const struct iovec *iov, unsigned int count)
{
	size_t size = 0;

	while (count--)
		size += iov++->iov_len;
	return size;
}

/*
 * What is behind the first bytes of these buffers and before the last: as
 * iovecs of its own. Returns how many.
 */
static unsigned int cut(const struct iovec *iov, unsigned int count, size_t skip, size_t size,
			struct iovec *part)
{
	unsigned int n = 0;

	for (; count && size; iov++, count--) {
		if (skip >= iov->iov_len) {
			skip -= iov->iov_len;
			continue;
		}
		part[n].iov_base = iov->iov_base + skip;
		part[n].iov_len = iov->iov_len - skip;
		if (part[n].iov_len > size)
			part[n].iov_len = size;
		size -= part[n++].iov_len;
		skip = 0;
	}
	return n;
}

static uint8_t transfer(struct blk *blk, const struct request *request, const struct iovec *iov,
			unsigned int count, size_t size, bool out)
{
	ssize_t done;

	/* Sectors are compared, not bytes: those could wrap. */
	if (size % SECTOR || request->sector > blk->config.sectors ||
	    size / SECTOR > blk->config.sectors - request->sector)
		return IOERR;
	if (out && blk->read_only)
		return IOERR;
	if (out)
		done = pwritev(blk->fd, iov, count, request->sector * SECTOR);
	else
		done = preadv(blk->fd, iov, count, request->sector * SECTOR);
	return done == (ssize_t)size ? OK : IOERR;
}

/* Returns how many bytes were written into the chain. */
static uint32_t blk_serve(struct virtio *virtio, unsigned int queue, const struct chain *chain)
{
	struct blk *blk = (struct blk *)virtio;
	const struct iovec *in = chain->iov + chain->readable;
	size_t readable = length(chain->iov, chain->readable);
	size_t writable = length(in, chain->writable);
	struct iovec part[QUEUE_MAX];
	char id[20] = "gunyah-vmm";
	struct request request;
	uint8_t status = UNSUPPORTED;
	size_t size = 0;
	unsigned int count;

	(void)queue;
	/* Without room for a status, nobody waits for one. */
	if (!writable)
		return 0;
	writable--;
	if (chain_read(chain, 0, &request, sizeof(request)) != sizeof(request)) {
		status = IOERR;
	} else if (request.type == IN) {
		size = writable;
		count = cut(in, chain->writable, 0, size, part);
		status = transfer(blk, &request, part, count, size, false);
	} else if (request.type == OUT) {
		count = cut(chain->iov, chain->readable, sizeof(request),
			    readable - sizeof(request), part);
		status = transfer(blk, &request, part, count, readable - sizeof(request), true);
	} else if (request.type == FLUSH) {
		status = fdatasync(blk->fd) ? IOERR : OK;
	} else if (request.type == GET_ID) {
		size = chain_write(chain, 0, id, writable < sizeof(id) ? writable : sizeof(id));
		status = OK;
	}
	chain_write(chain, writable, &status, 1);
	return size + 1;
}

static void blk_close(struct virtio *virtio)
{
	struct blk *blk = (struct blk *)virtio;

	close(blk->fd);
	free(blk);
}

int virtio_blk_create(struct vmm *vmm, const char *path, bool read_only)
{
	struct blk *blk = calloc(1, sizeof(*blk));
	struct stat stat;
	int ret;

	if (!blk)
		return -ENOMEM;
	blk->fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (blk->fd < 0 || fstat(blk->fd, &stat)) {
		ret = -errno;
		if (blk->fd >= 0)
			close(blk->fd);
		free(blk);
		return ret;
	}
	blk->read_only = read_only;
	blk->config.sectors = stat.st_size / SECTOR;
	blk->config.seg_max = SEGMENTS;
	blk->virtio.id = VIRTIO_BLK;
	blk->virtio.features = F_SEG_MAX | F_FLUSH | (read_only ? F_RO : 0);
	blk->virtio.config = &blk->config;
	blk->virtio.config_size = sizeof(blk->config);
	blk->virtio.nr_queues = 1;
	blk->virtio.serve = blk_serve;
	blk->virtio.close = blk_close;
	return virtio_create(&blk->virtio, vmm);
}
