// SPDX-License-Identifier: GPL-2.0-only
/* Planted fault: framing that takes a lock. */
void planted_frame(struct mutex *lock)
{
	mutex_lock(lock);
}
