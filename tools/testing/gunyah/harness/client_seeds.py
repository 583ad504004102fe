#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write the seeds of the client's fuzzer.

usage: client_seeds.py DIRECTORY

An input is a script for fuzz_client.c: calls with their arguments, and what the
resource manager does meanwhile. This is its grammar in readable form; whoever
changes the one changes the other and makes corpus/client anew:

    rm corpus/client/seed-*; ./client_seeds.py corpus/client
"""
import os
import sys

(ALLOC, DEALLOC, GET_VMID, GET_TYPE, GET_STATE, GET_ID, LISTS, RESOURCES, CONFIGURE, AUTH,
 LIFE, SET, CRASH_MSG, FIRMWARE, SELF, IPA, PARCEL, HANDLE, ACCEPT, MEM_NOTIFY, LOOKUP_SGL,
 IRQ, CONSOLE, NAMES) = range(24)
LEND = 1
SHARED_ID, EXITED_ID, CHARS_ID = 7, 0, 6
SGL_END = 1 << 44


def le(value, size):
    return (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")


# Operations

def call(which, *args):
    """A call; bytes are taken as they are, numbers are bytes."""
    return bytes([0, which]) + data(*args)


def event(what):
    return bytes([1]) + what


def join(slot=0, kind=0, flags=0):
    return bytes([2, slot, kind, 0, flags])


def leave(slot=0):
    return bytes([3, slot])


def work():
    return bytes([4])


def no_memory(after):
    return bytes([5, after])


def data(*args):
    return b"".join(arg if isinstance(arg, bytes) else bytes([arg]) for arg in args)


# Events

def payload(given=b"", size=None, head=0, fill=0):
    size = head + len(given) if size is None else size
    return le(size, 2) + bytes([len(given), fill]) + given


def rm_list(entries=b"", wrong=0, size=None):
    return data(0, wrong & 0xff, payload(entries, size, 8))


def rm_part_list(frags, entries=b"", wrong=0, size=None):
    return data(2, frags, wrong & 0xff, payload(entries, size, 8))


def reply(status=0, given=b"", size=None):
    return data(1, status, payload(given, size, 4))


def part_reply(frags, status=0, given=b"", size=None):
    return data(3, frags, status, payload(given, size, 4))


NEXT, REST, KILL, TIME, WORK = bytes([4]), bytes([5]), bytes([14]), bytes([15]), bytes([16])


def again(frags):
    return bytes([6, frags])


def spoilt(at, bits):
    return bytes([7, at, bits])


def raw(fragment):
    return bytes([8, len(fragment)]) + fragment


def notify(which, given=b"", size=None, fill=0):
    return data(9, which, payload(given, size, 0, fill), 0)


def part_notify(which, frags, given=b"", size=None):
    return data(10, which, payload(given, size), 0, frags)


def flood(nr, which, given=b"", size=None):
    return data(11, nr, which, payload(given, size), 0)


def tx_mode(mode):
    return bytes([12, mode])


def release(failed=0):
    return bytes([13, failed])


# Arguments

def desc(acl=1, sgl=1, attrs=0, rights=6, cache=0, twice=0, base=1, size=1, kind=0):
    def count(nr):
        return bytes([nr]) if nr < 5 else b"\xff" + le(nr, 2)

    def address(value):
        return bytes([value]) if value < 0xf0 else b"\xff" + le(value, 8)

    return data(kind, 0, count(acl), count(attrs), count(sgl), rights, cache, twice,
                address(base), address(size))


def lend(handle, **kwargs):
    return call(PARCEL, LEND, desc(**kwargs), reply(0, le(handle, 4)))


def accept(entries, wrong=0, size=None, **kwargs):
    return call(ACCEPT, 1, 1, 0, desc(sgl=0, **kwargs), rm_list(entries, wrong, size))


def shared(acl, sizes, attrs, cut=None):
    message = bytes(range(0x11, 0x25))
    message += le(acl, 2) + le(0, 2) + b"\x80\x00\x06\x00" * min(acl, 3)
    message += le(sizes, 2) + le(0, 2) + le(0x1000, 8) * min(sizes, 3)
    message += le(attrs, 2) + le(0, 2) + b"\x03\x00\x80\x00" * min(attrs, 3)
    return notify(SHARED_ID, message[:cut])


def script(*ops, entries=0xff, start=0):
    """Operations; start is a bit for each of what is amiss before them."""
    return bytes([start, 0x34, 0x12, 0, entries]) + b"".join(ops)


def id_entry(kind, content):
    pad = -len(content) % 4
    return data(kind, 0, le(len(content), 2), content, b"\0" * pad)


def get_id(*entries, nr=None):
    body = b"".join(entries)
    nr = len(entries) if nr is None else nr
    # The count is that of entries of four bytes, so the difference is "wrong".
    return script(call(GET_ID, 0, rm_list(body, nr - len(body) // 4)))


def configured(vmid=0x80):
    """A VM that was allocated and has a configuration."""
    return (call(ALLOC, 0, reply(0, le(vmid, 4))) +
            call(CONFIGURE, 0, 1, 0, 1, 1, 1, vmid - 0x80, reply()))


def sub_replies():
    """Replies to calls with a list."""
    yield "resources", script(call(RESOURCES, 0, rm_list(bytes(range(88)))))
    yield "resources-many", script(call(RESOURCES, 0, rm_list(size=8 + 44 * 300)))
    for wrong in (-1, 1, 100):
        yield "resources-lie%+d" % wrong, script(
            call(RESOURCES, 0, rm_list(size=8 + 44 * 3, wrong=wrong)))
    yield "resources-nomem", script(no_memory(2), call(RESOURCES, 0, rm_list(size=52)))
    for which in range(4):
        yield "vmids-%d" % which, script(
            call(LISTS, which, 5, rm_list(le(0x80, 4) + le(0x81, 4))))
    yield "vmids-lie", script(call(LISTS, 0, 5, rm_list(size=24, wrong=2)))
    yield "vmids-large", script(call(LISTS, 0, 5, rm_list(le(0x10080, 4))))
    yield "vmids-nomem", script(no_memory(2), call(LISTS, 0, 5, rm_list(size=12)))
    yield "id", get_id(id_entry(0, bytes(16)), id_entry(1, b"uri:x"), id_entry(2, b"name\0"),
                       id_entry(3, b"signer"), id_entry(9, b"new"))
    yield "id-guid-short", get_id(id_entry(0, bytes(12)))
    yield "id-name-long", get_id(id_entry(2, b"n" * 80))
    yield "id-cut", get_id(id_entry(1, b"uri")[:5])
    yield "id-count", get_id(id_entry(1, b"uri"), nr=2)
    yield "id-size", get_id(data(1, 0, le(200, 2), b"uri\0"))
    yield "id-more", get_id(id_entry(1, b"uri"), b"\0\0\0\0", nr=1)
    yield "ipa", script(call(IPA, 4, 1, 4, 3, 1, 0, rm_list(size=8 + 8 * 3)))
    yield "ipa-lie", script(call(IPA, 4, 1, 4, 3, 1, 0, rm_list(size=8 + 8 * 3, wrong=1)))
    yield "map", script(accept(le(0x80000, 8) + le(0x1000, 8)))
    yield "map-many", script(accept((le(0x80000, 8) + le(0x1000, 8)) * 15))
    yield "map-wrap", script(accept(le(-0x1000, 8) + le(0x2000, 8)))
    yield "map-end", script(accept(le(SGL_END - 0x1000, 8) + le(0x2000, 8)))
    yield "map-lie", script(accept(le(0x80000, 8) + le(0x1000, 8), wrong=3))
    for after in (1, 2, 3):
        yield "map-nomem-%d" % after, script(no_memory(after), accept(bytes(16)))
    yield "crash-msg", script(call(CRASH_MSG, 0, reply(0, le(5, 2) + le(0, 2) + b"hello\0\0\0")))
    yield "crash-msg-lie", script(call(CRASH_MSG, 0, reply(0, le(193, 2) + le(0, 2), 196)))
    yield "crash-msg-cut", script(call(CRASH_MSG, 0, reply(0, le(9, 2) + le(0, 2) + b"hell")))


def sub_words():
    """Replies of a word and of a status, right and wrong."""
    for status in (1, 5, 0x14, 0x77, 0xff):
        yield "status-%#x" % status, script(call(GET_TYPE, reply(status)))
    yield "words", script(
        call(GET_TYPE, reply(0, le(0x01000164, 4))), call(GET_STATE, 0, reply(0, bytes(4))),
        call(GET_VMID, reply(0, le(3, 4)), reply(0, le(0x10000, 4))))
    yield "short", script(call(GET_TYPE, reply()), call(GET_TYPE, raw(b"\x21\x02")))
    yield "long", script(call(GET_TYPE, reply(0, bytes(8))), call(GET_TYPE, reply(0, bytes(230))))
    yield "no-handle", script(call(PARCEL, LEND, desc(), reply(0, le(-1, 4))))
    yield "lookup-sgl", script(call(LOOKUP_SGL, desc(attrs=1, acl=2), reply(0, le(2, 4))))
    yield "irq", script(call(IRQ, 1, 1, 0, 0, reply(0, le(5, 4))),
                        call(IRQ, 1, 1, 0, 1, reply(0, le(1, 4))),
                        call(IRQ, 1, 1, 0, 1, reply(0, le(2, 4))),
                        call(IRQ, 1, 0xff, le(-1, 4), 0, 1, reply(0, le(7, 4))))


def sub_parcels():
    yield "parcel", script(lend(2), call(HANDLE, 1, 2, reply()))
    yield "parcel-twice", script(lend(2), call(HANDLE, 1, 2, reply()),
                                 call(HANDLE, 1, 2, reply()))
    yield "parcel-lost", script(lend(2), call(HANDLE, 1, 2, KILL), event(reply()),
                                call(HANDLE, 1, 2, reply(7)))
    yield "parcels", script(lend(1), lend(2), lend(3), call(HANDLE, 1, 1, reply()))
    yield "parcel-long", script(lend(2, sgl=1100) + reply() + reply())
    yield "parcel-append-fails", script(lend(2, sgl=1100) + reply() + reply(1) + reply())
    yield "parcel-stuck", script(lend(2, sgl=1100) + reply(1) + reply(0xb))
    yield "parcel-limit", script(lend(2, sgl=1100), entries=1)
    yield "parcel-donate", script(call(PARCEL, 0, desc(rights=7), reply(0, le(2, 4))))
    for after in (1, 2, 3):
        yield "parcel-nomem-%d" % after, script(no_memory(after), lend(2, sgl=1100))
    yield "accept-at", script(call(ACCEPT, 1, 1, 0, desc(), reply()))
    yield "accept-nomem", script(no_memory(1), call(ACCEPT, 1, 1, 0, desc(), reply()))
    yield "notify-nomem", script(no_memory(1), call(MEM_NOTIFY, 1, 0, bytes(4), 2, 1, reply()))
    yield "lookup-nomem", script(no_memory(1), call(LOOKUP_SGL, desc(), reply()))
    yield "notify", script(call(MEM_NOTIFY, 1, 0, bytes(4), 2, 1, reply()),
                           call(MEM_NOTIFY, 1, 1, bytes(4), 0, 1, reply()))


def sub_life():
    yield "life", script(configured(), call(LIFE, 0, 0, reply()), call(LIFE, 0, 1, reply()),
                         call(LIFE, 0, 2, 7, reply()), call(LIFE, 0, 3, reply()),
                         call(DEALLOC, 0, reply()))
    yield "dealloc-refused", script(configured(), call(DEALLOC, 0, reply(0x14)))
    yield "reset-refused", script(configured(), call(LIFE, 0, 3, reply(0x14)))
    for state in (1, 8, 5):
        yield "reset-unsure-%d" % state, script(
            configured(), call(LIFE, 0, 3, KILL), event(reply()),
            call(LIFE, 0, 3, reply(0, le(state, 4)), reply()))
    yield "reset-silent", script(configured(), call(LIFE, 0, 3, KILL), event(reply()),
                                 call(LIFE, 0, 3, reply(1)))
    yield "set-nomem", script(no_memory(1), call(SET, 0, 3, desc(sgl=2), 2, reply()))
    yield "auth-nomem", script(no_memory(1), call(AUTH, 0, 2, reply()))


def sub_late():
    """Replies whose caller has gone."""
    made, wanted = le(0x80, 4), call(ALLOC, 1, 0, KILL)
    killed, silent = call(ALLOC, 0, KILL), call(ALLOC, 0, TIME * 8)
    yield "late-killed", script(killed, event(reply(0, made)), work(), reply())
    yield "late-abandoned", script(call(ALLOC, 2, reply(0, made)), work(), reply())
    yield "late-silent", script(silent, event(reply(0, made)), work(), reply())
    yield "late-wanted", script(wanted, event(reply()), work(), reply())
    yield "late-other", script(wanted, event(reply(0, le(0x90, 4))), work(), reply())
    yield "late-refused", script(killed, event(reply(5)), work(), reply())
    yield "late-refused-word", script(silent, event(reply(3, made)), work(), reply())
    yield "late-short", script(killed, event(reply()), work(), reply())
    yield "late-large", script(silent, event(reply(0, le(0x10080, 4))), work(), reply())
    yield "late-id", script(silent, event(part_reply(0, 0, made)), event(spoilt(4, 1)), work())
    yield "late-long", script(killed, event(reply(0, made, 700)), work(), reply())
    yield "late-stays", script(killed, event(reply(0, made)), work(), reply(0x14))
    busy = killed + event(reply(0, made)) + work() + reply(5) + call(GET_TYPE, TIME * 8)
    yield "late-busy", script(busy, work(), reply(2))
    yield "late-busy-taken", script(busy, call(ALLOC, 0, reply(0, made)), work(), reply())
    yield "late-busy-left", script(busy)
    yield "late-unbound", script(killed, event(reply(0, made)))
    yield "late-nested", script(killed, event(reply(0, made)), call(GET_TYPE, WORK,
                                                                    reply(0, bytes(4))),
                                work(), KILL, reply())
    yield "late-many", script(silent * 9, event(reply(0, made)), work(), reply())
    # A parcel: the first one, or that of another number, is asked after.
    lent, parcel = call(PARCEL, LEND, desc(), TIME * 8), event(reply(0, le(2, 4)))
    ask = call(HANDLE, 4, 1)
    yield "late-parcel", script(lent, parcel, work(), reply(), ask, ask)
    yield "late-parcel-asked", script(lent, ask, parcel, ask, reply())
    yield "late-parcel-refused", script(lent, event(reply(5)), ask, call(HANDLE, 4, 7))
    yield "late-parcel-stuck", script(lent, parcel, work(), reply(0xb), ask, reply())
    yield "late-parcel-stays", script(lent, parcel, work(), reply(0xb), ask, reply(0xb))
    yield "late-parcel-nothing", script(lent, event(reply()), ask, lent,
                                        event(reply(0, le(-1, 4))), ask)
    yield "late-parcel-twin", script(lend(2), lent, parcel, work(), call(HANDLE, 4, 2))
    yield "late-parcels", script(lent, parcel, lent, event(reply(0, le(3, 4))),
                                 call(HANDLE, 4, 2), reply(), work(), reply(), ask)
    yield "late-parcel-unbound", script(lent, parcel)
    # What has become of the VM is asked before it is deallocated again.
    lost = configured() + call(DEALLOC, 0, KILL) + event(reply())
    for state in (0, 1, 9):
        yield "lost-state-%d" % state, script(lost, call(DEALLOC, 0, reply(0, le(state, 4)),
                                                         reply()))
    for status in (2, 3):
        yield "lost-status-%d" % status, script(lost, call(DEALLOC, 0, reply(status)))
    yield "numbers-half", script(killed, event(reply(0, made)), work(), reply(), start=0x80)
    yield "numbers-none", script(silent, event(reply(0, made)), work(), reply(), start=0xc0)


def sub_notifications():
    messages = {
        "exited": notify(EXITED_ID, b"\x80\0\x03\0" + le(16, 4) + bytes(range(16))),
        "exited-bare": notify(EXITED_ID, b"\x80\0\x01\0" + le(0, 4)),
        "exited-lie": notify(EXITED_ID, b"\x80\0\x01\0" + le(17, 4) + bytes(16)),
        "exited-wrap": notify(EXITED_ID, b"\x80\0\x01\0" + le(-8, 4) + bytes(16)),
        "shared": shared(2, 3, 1),
        "shared-acl": shared(2, 3, 1, 28),
        "shared-cut": shared(2, 3, 1, 30),
        "shared-acl-lie": shared(60000, 3, 1),
        "shared-sizes-lie": shared(2, 60000, 1),
        "shared-attrs-lie": shared(2, 3, 60000),
        "chars": notify(CHARS_ID, b"\0\0" + le(3, 2) + b"abc"),
        "chars-lie": notify(CHARS_ID, b"\0\0" + le(4, 2) + b"abc"),
        "unknown": notify(0xff, le(0x56100099, 4) + bytes(4)),
    }
    for which in range(1, 11):
        messages["kind-%d" % which] = notify(which, bytes(range(32)))
        messages["kind-%d-short" % which] = notify(which, bytes(3))
    for name, message in messages.items():
        yield "notify-" + name, script(join(), event(message), work())
    yield "notify-nomem", script(join(), event(messages["shared"]), no_memory(1), work())
    yield "notify-flood", script(join(), event(flood(0x90, 5, bytes(8), 14000)), work())
    yield "notify-calls", script(join(flags=1), event(messages["exited"]), work(),
                                 data(GET_TYPE, reply(0, bytes(4))))
    yield "notify-leaves", script(join(flags=2), join(1), event(messages["exited"]), work(),
                                  event(messages["exited"]), leave(1), work())
    yield "notify-others", script(join(kind=1), join(1, 2), join(2, flags=4),
                                  event(messages["exited"]), event(raw(b"xx")), work())
    yield "notify-cut", script(join(), event(part_notify(0, 1, bytes(8), 700)),
                               event(messages["exited"]), work())
    yield "notify-damaged", script(join(), event(part_notify(0, 1, bytes(8), 700)),
                                   event(spoilt(4, 1)), work())


def sub_fragments():
    first = part_reply(1, 0, bytes(4), 700)
    for at, bits, name in ((0, 1, "version"), (0, 0x10, "words"), (1, 1, "type"),
                           (1, 4, "count"), (2, 1, "seq"), (4, 1, "id")):
        yield "spoilt-" + name, script(call(RESOURCES, 0, first, spoilt(at, bits), REST))
    yield "count-63", script(event(raw(b"\x21\xfe" + bytes(6))))
    yield "request", script(event(raw(b"\x21\x01" + bytes(6))))
    yield "stray", script(event(raw(b"\x21\x00" + bytes(6))))
    yield "long", script(event(raw(b"\x21\x02" + bytes(240))))
    yield "sum", script(call(GET_TYPE, first, REST))
    yield "twice", script(call(GET_TYPE, reply(0, bytes(4))), event(again(1)))
    # Fragments of a reply whose caller has gone, with its memory
    yield "stale", script(call(RESOURCES, 0, part_reply(1, 0, bytes(4), 700), KILL), event(REST))
    yield "stale-late", script(call(RESOURCES, 0, part_reply(1, 0, bytes(4), 700),
                                    TIME * 8), event(REST))
    yield "stale-mixed", script(call(RESOURCES, 0, part_reply(1, 0, bytes(4), 700), TIME * 8),
                                call(RESOURCES, 0, NEXT, rm_list(size=8 + 44 * 9)))
    yield "orphan", script(call(GET_TYPE, KILL), call(GET_STATE, 0, KILL),
                           call(GET_STATE, 0, TIME * 8), call(GET_TYPE, reply(0, bytes(4))))
    yield "tx-refused", script(event(tx_mode(2)), call(GET_TYPE), event(tx_mode(3)),
                               call(GET_TYPE))
    yield "tx-full", script(event(tx_mode(1)), call(CONSOLE, 0, 2, le(9000, 2), release() * 24,
                                                    reply()))
    yield "names", script(call(NAMES, 1, 0x14), call(NAMES, 0, le(3, 4), 0x77))


def main():
    out = sys.argv[1]
    for part in (sub_replies, sub_words, sub_parcels, sub_life, sub_late,
                 sub_notifications, sub_fragments):
        for name, content in part():
            with open(os.path.join(out, "seed-" + name), "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
