# SPDX-License-Identifier: GPL-2.0-only
#
# A node of a flattened device tree and all below it, in the order of the blob: a
# line for each node, one for each property with its length and its bytes. Input is
# "od -An -v -tu1" of the blob; -v node=NAME is the name of a child of the root.

function u32(at) { return ((b[at] * 256 + b[at + 1]) * 256 + b[at + 2]) * 256 + b[at + 3] }

# The string at this place; its end is left in stop.
function text(at, s)
{
	for (s = ""; b[at]; at++)
		s = s sprintf("%c", b[at])
	stop = at + 1
	return s
}

function align(at) { return at + (4 - at % 4) % 4 }

function indent(n, s)
{
	for (s = ""; n-- > 0;)
		s = s "  "
	return s
}

function bytes(at, n, s)
{
	for (s = ""; n-- > 0; at++)
		s = s sprintf("%02x", b[at])
	return s
}

{ for (i = 1; i <= NF; i++) b[nr++] = $i + 0 }

END {
	at = u32(8)
	strings = u32(12)
	inside = 0
	for (depth = 0;;) {
		token = u32(at)
		at += 4
		if (token == 1) {
			name = text(at)
			at = align(stop)
			if (++depth == 2 && name == node)
				inside = 1
			if (inside)
				print indent(depth - 2) "node " name
		} else if (token == 2) {
			if (depth-- == 2)
				inside = 0
		} else if (token == 3) {
			len = u32(at)
			if (inside)
				print indent(depth - 1) text(strings + u32(at + 4)) " " len \
					(len ? " " : "") bytes(at + 8, len)
			at = align(at + 8 + len)
		} else if (token != 4) {
			break
		}
	}
	exit token != 9
}
