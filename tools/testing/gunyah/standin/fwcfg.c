// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's fw_cfg device, read byte by byte: that is where the option string
 * of "-fw_cfg name=opt/org.gunyah/standin,string=..." is.
 */
#include <string.h>

#include "standin.h"

#define FWCFG_DATA		(PLAT_FWCFG_BASE + 0)
#define FWCFG_SELECTOR		(PLAT_FWCFG_BASE + 8)
#define KEY_SIGNATURE		0x0000
#define KEY_FILE_DIR		0x0019
#define MAX_FILES		256

struct file {
	u32 size;
	u16 key;
	char name[56];
};

static void select_key(u16 key)
{
	mmio_write16(FWCFG_SELECTOR, __builtin_bswap16(key));
}

static u32 read_be(unsigned int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | mmio_read8(FWCFG_DATA);
	return val;
}

static void read_file_entry(struct file *file)
{
	unsigned int i;

	file->size = read_be(4);
	file->key = read_be(2);
	read_be(2);
	for (i = 0; i < sizeof(file->name); i++)
		file->name[i] = read_be(1);
	file->name[sizeof(file->name) - 1] = '\0';
}

static bool find_file(const char *name, struct file *file)
{
	u32 nr;

	select_key(KEY_SIGNATURE);
	if (read_be(4) != 0x51454d55)	/* "QEMU" */
		return false;
	select_key(KEY_FILE_DIR);
	for (nr = read_be(4); nr && nr <= MAX_FILES; nr--) {
		read_file_entry(file);
		if (!strcmp(file->name, name))
			return true;
	}
	return false;
}

/**
 * fwcfg_read_file() - read a file as text
 * @name: of the file
 * @buf: gets the terminated text, empty if there is no such file
 * @size: its size
 *
 * Return: length of the file, which may be more than fits.
 */
size_t fwcfg_read_file(const char *name, char *buf, size_t size)
{
	struct file file;
	size_t i;

	buf[0] = '\0';
	if (!find_file(name, &file))
		return 0;
	select_key(file.key);
	for (i = 0; i < file.size && i + 1 < size; i++)
		buf[i] = read_be(1);
	buf[i] = '\0';
	return file.size;
}
