// SPDX-License-Identifier: GPL-2.0-only
/*
 * Without a resource manager (RM): the device is there, and has no VMs to make;
 * VMs that were made before can not be started. Runs on a machine without a
 * hypervisor, too; where there is RM, its driver is unbound, and bound again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "running.h"

#define DRIVER	"/sys/bus/auxiliary/drivers/gunyah_rm.client"
#define NAME	"gunyah_rm.client."

FIXTURE(absent)
{
	char client[64];	/* name of RM's device, empty if there is none */
	bool guests;
	struct guest guest;
	int dev;
};

static bool find_client(char *name, size_t room)
{
	struct dirent *entry;
	DIR *dir = opendir(DRIVER);
	bool found = false;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, NAME, strlen(NAME))) {
			snprintf(name, room, "%s", entry->d_name);
			found = true;
		}
	if (dir)
		closedir(dir);
	return found;
}

static int tell_driver(const char *file, const char *client)
{
	char path[128];
	FILE *attribute;

	snprintf(path, sizeof(path), DRIVER "/%s", file);
	attribute = fopen(path, "w");
	if (!attribute)
		return -errno;
	fputs(client, attribute);
	return fclose(attribute) ? -errno : 0;
}

FIXTURE_SETUP(absent)
{
	const struct guest_options options = { .lend = true };

	self->client[0] = '\0';
	self->guest.vm = -1;
	self->dev = gunyah_open(NULL);
	if (self->dev < 0)
		SKIP(return, "there is no /dev/gunyah");
	if (!find_client(self->client, sizeof(self->client)))
		return;
	self->guests = !guest_possible();
	ASSERT_EQ(guest_make(&self->guest, &options), 0);
	ASSERT_EQ(tell_driver("unbind", self->client), 0);
}

FIXTURE_TEARDOWN(absent)
{
	guest_end(&self->guest);
	close(self->dev);
	if (!self->client[0])
		return;
	EXPECT_EQ(tell_driver("bind", self->client), 0);
	EXPECT_EQ(!guest_possible(), self->guests);
}

TEST_F_TIMEOUT(absent, device, SLOW)
{
	struct gunyah_create_mem_args args = { .size = 0x1000 };
	int fd;

	EXPECT_EQ(gunyah_create_vm(self->dev), -ENODEV);
	/* Asking makes no hypercall, which would be an undefined instruction. */
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_BOOT_CONTEXT), 0);
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_VCPU_RUN), 0);
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_VCPU_TIMER_WAKEUP), 0);
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_MEM_DEMAND), 0);
	/* What this kernel does itself. */
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_POLL), 1);
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_MEM_PARCELS), 1);
	EXPECT_EQ(gunyah_check_extension(self->dev, GUNYAH_EXT_GUEST_MEM), 1);
	fd = ioctl(self->dev, GUNYAH_CREATE_GUEST_MEM, &args);
	EXPECT_GE(fd, 0);
	close(fd);
}

TEST_F_TIMEOUT(absent, vm, SLOW)
{
	int fd;

	if (self->guest.vm < 0)
		SKIP(return, "there never was a VM");
	EXPECT_EQ(gunyah_start(self->guest.vm), -ENODEV);
	EXPECT_EQ(gunyah_vcpu_run(self->guest.vcpu[0].fd), -ENODEV);
	fd = gunyah_add_vcpu(self->guest.vm, 1);
	EXPECT_GE(fd, 0);
	close(fd);
	EXPECT_EQ(gunyah_remove_vcpu(self->guest.vm, 1), 0);
}

TEST_HARNESS_MAIN
