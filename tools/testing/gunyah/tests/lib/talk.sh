# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# What two VMs say to each other, with the same functions at both ends: a byte
# stream over a queue pair, doorbells, and memory, by the module
# gunyah_talk_test. VMID is 0 for what is in this VM's own device tree.
# In a stream both say "ready" first, from when on bytes are only bytes. Then one
# sends a number and so many bytes, and the other answers with their checksum.

bus=/sys/bus/auxiliary/devices
tty_driver=/sys/bus/platform/drivers/gunyah-tty
talk=/sys/kernel/debug/gunyah-talk
PATIENCE=${GUNYAH_PATIENCE:-300}

# said_in FILE WHAT: what a guest that still runs has last said of it. A line ends
# with a carriage return, and may not have come whole.
said_in() { sed -n "s/^GUEST $2 \(.*\)$(printf '\r')\$/\1/p" "$1" | tail -n 1; }

# resource KIND VMID LABEL: its device, if it has a driver
resource()
{
	for resource in "$bus"/gunyah_rm.*; do
		[ -e "$resource/driver" ] && [ "$(cat "$resource/kind" 2>/dev/null)" = "$1" ] &&
			[ "$(cat "$resource/vmid")" = "$2" ] &&
			[ "$(cat "$resource/label")" = "$3" ] && { echo "$resource"; return; }
	done
	return 1
}

has_resource() { resource "$@" >/dev/null; }
sum_of() { sha256sum | cut -d' ' -f1; }

# The tty of the stream VMID LABEL
stream_tty()
{
	for stream in "$tty_driver"/gunyah-tty.*; do
		[ "$(cat "$stream/vmid" "$stream/label" | tr '\n' ' ')" = "$1 $2 " ] || continue
		for tty in "$stream"/tty/ttyGH*; do
			[ ! -c "/dev/${tty##*/}" ] || { echo "/dev/${tty##*/}"; return; }
		done
	done
	return 1
}

has_tty() { stream_tty "$@" >/dev/null; }

# The next line of the stream
hear()
{
	# busybox has the option.
	# shellcheck disable=SC3045
	read -r -t "$PATIENCE" line <&3
}

# stream_open VMID LABEL: it becomes descriptor 3, when the other end is there, too
stream_open()
{
	eventually "$PATIENCE" has_resource msgq "$1" "$2" || return
	echo "$1 $2" >"$tty_driver/new_device" || return
	eventually 20 has_tty "$1" "$2" || return
	exec 3<>"$(stream_tty "$1" "$2")" || return
	stty raw -echo <&3
	echo ready >&3
	hear && [ "$line" = ready ]
}

# stream_send BYTES: print their checksum, if the other end had the same
stream_send()
{
	head -c "$1" /dev/urandom >/tmp/sent
	echo "$1" >&3
	cat /tmp/sent >&3
	hear || return
	echo "$line"
	[ "$line" = "$(sum_of </tmp/sent)" ]
}

# Print the checksum of what the other end sends
stream_answer()
{
	hear || return
	sum=$(head -c "$line" <&3 | sum_of)
	echo "$sum" >&3
	echo "$sum"
}

short() { cut -c1-16; }

# Flags that are good for nothing but to be seen again
# shellcheck disable=SC2034
FLAGS=0x8000000000000001

has_parcel() { not grep -q "^parcel none" "$talk"/state; }

# page N: its checksum
page() { dd if="$talk"/memory bs=4096 skip="$1" count=1 2>/dev/null | sum_of; }

# write_page N: whatever, and print its checksum
write_page()
{
	head -c 4096 /dev/urandom >/tmp/page
	dd if=/tmp/page of="$talk"/memory bs=4096 seek="$1" conv=notrunc 2>/dev/null
	sum_of </tmp/page
}

# talk COMMAND...: see drivers/virt/gunyah/tests/talk.c
talk() { echo "$*" >"$talk"/control; }
rang() { grep -q "^bell $1 $2 rings [1-9].* flags $3\$" "$talk"/state; }

# hears VMID LABEL FLAGS: a doorbell that is listened to has had these flags
hears() { eventually "$PATIENCE" rang "$@"; }
