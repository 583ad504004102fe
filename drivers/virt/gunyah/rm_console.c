// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device of the consoles at the resource manager (RM).
 *
 * It is a child of the client device, and goes before calls are refused, so
 * that its driver can close what it has opened.
 */
#include <linux/auxiliary_bus.h>
#include <linux/device.h>
#include <linux/gunyah_console.h>
#include <linux/gunyah_rm.h>
#include <linux/idr.h>
#include <linux/slab.h>
#include <kunit/visibility.h>

#include "rm.h"

/* The name says whose device it is, whichever module tests it. */
#define CONSOLE_CREATOR	"gunyah_rm"

static DEFINE_IDA(console_ids);

static void console_release(struct device *dev)
{
	struct gunyah_console_device *console = to_gunyah_console_device(to_auxiliary_dev(dev));

	ida_free(&console_ids, console->adev.id);
	gunyah_rm_put(console->rm);
	kfree(console);
}

/**
 * gunyah_rm_console_start() - make the device of the consoles
 * @rm: client
 *
 * Context: may sleep.
 * Return: for gunyah_rm_console_stop(): NULL if it cannot be.
 */
struct gunyah_console_device *gunyah_rm_console_start(struct gunyah_rm *rm)
{
	struct gunyah_console_device *console;
	int id;

	console = kzalloc(sizeof(*console), GFP_KERNEL);
	if (!console)
		return NULL;

	id = ida_alloc(&console_ids, GFP_KERNEL);
	if (id < 0)
		goto err_free;

	console->rm = gunyah_rm_get(rm);
	console->adev.name = "console";
	console->adev.id = id;
	console->adev.dev.parent = rm->dev;
	console->adev.dev.release = console_release;
	if (auxiliary_device_init(&console->adev))
		goto err_put;

	if (__auxiliary_device_add(&console->adev, CONSOLE_CREATOR)) {
		/* Frees it. */
		auxiliary_device_uninit(&console->adev);
		return NULL;
	}

	return console;

err_put:
	gunyah_rm_put(rm);
	ida_free(&console_ids, id);
err_free:
	kfree(console);
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_console_start);

/**
 * gunyah_rm_console_stop() - remove the device of the consoles
 * @console: result of gunyah_rm_console_start()
 *
 * Before gunyah_rm_destroy(). Its driver makes calls, each of which is bounded.
 *
 * Context: may sleep.
 */
void gunyah_rm_console_stop(struct gunyah_console_device *console)
{
	if (!console)
		return;

	auxiliary_device_delete(&console->adev);
	auxiliary_device_uninit(&console->adev);
}
EXPORT_SYMBOL_IF_KUNIT(gunyah_rm_console_stop);
