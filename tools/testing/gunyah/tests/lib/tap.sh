# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# KTAP from a shell script in the guest. A test sources this, says plan N, and
# then check NAME COMMAND... or skip NAME REASON N times. Lines go through the
# kernel's log, so that none is torn apart by another.

tap_number=0
tap_failed=0
OUTPUT=/tmp/output

tap_print() { echo "<0>$*" >/dev/kmsg; }

plan()
{
	tap_print "KTAP version 1"
	tap_print "1..$1"
}

# check NAME COMMAND...: ok when the command succeeds; its output otherwise
check()
{
	name=$1
	shift
	tap_number=$((tap_number + 1))
	if "$@" >$OUTPUT 2>&1; then
		tap_print "ok $tap_number $name"
	else
		tap_failed=$((tap_failed + 1))
		while read -r line; do
			tap_print "# $line"
		done <$OUTPUT
		tap_print "not ok $tap_number $name"
	fi
}

skip()
{
	tap_number=$((tap_number + 1))
	tap_print "ok $tap_number $1 # SKIP $2"
}

# The last command of a test
finish() { exit $((tap_failed > 0)); }

# --- what several tests ask ------------------------------------------------

# shellcheck disable=SC2034
MODULES="gunyah_rm gunyah_msgq gunyah_hypercall"

# All our modules but the suites of tests and what was made for one
drivers()
{
	find "/lib/modules/$(uname -r)" -name '*gunyah*.ko*' ! -path '*/tests/*' |
		sed 's|.*/||; s|\.ko.*||; s|-|_|g' | sort
}

loaded() { grep -q "^$1 " /proc/modules; }
not() { ! "$@"; }

# Where the resource manager's device and its two children are
rm_device()
{
	for driver in /sys/bus/platform/drivers/gunyah-rm/*; do
		[ ! -e "$driver/driver" ] || { readlink -f "$driver"; return; }
	done
	return 1
}

client_device()
{
	for device in "$(rm_device)"/gunyah_rm.client.*; do
		[ ! -e "$device/driver" ] || { echo "$device"; return; }
	done
	return 1
}

bound() { client_device >/dev/null; }

# eventually SECONDS COMMAND...: until it succeeds
eventually()
{
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		usleep 100000
	done
}
