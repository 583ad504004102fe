# SPDX-License-Identifier: GPL-2.0-only
"""The table of tests: which machine runs which test, and which commands run."""

import dataclasses
import os

TESTING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.abspath(os.path.join(TESTING, "../../../build"))

# Suites of KUnit, each a module gunyah_NAME_kunit, and how many results have to
# be there at least. They replace the hypervisor and skip where there is one.
SUITES = {"hypercall": 120, "msgq": 30, "rm_msg": 25, "rm": 75, "rm_rpc": 259,
          "doorbell": 27, "vcpu": 33, "vcpu_run": 30, "vm": 14}
# The suite that talks to a hypervisor, and what the stand-in gets for it
LIVE = {"standin": "debug,seed=1", "least": 65, "real_least": 9, "timeout": 600,
        "words": ("gunyah.suite=live",)}
# The suite of a VM's life
LIFE = {"standin": "debug,seed=1", "least": 60, "real_least": 39, "timeout": 900,
        "words": ("gunyah.suite=life",)}
# Consoles with a VM at the other end
CONSOLE = {"standin": "debug,seed=1", "least": 4, "timeout": 300,
           "words": ("gunyah.suite=console",)}
RM_DIES = "seed=1,misbehave=silent:single:1:1"
SPLAT, PANIC, TIMEOUT = 3, 4, 124     # exit statuses of the runner
# What the kernel says when it dies of a touch of lent memory
ABORT = "synchronous external abort"
# Not to be watched, and what the kernel says to that
NO_KMEMLEAK = {"words": ("kmemleak=off",), "oops": "Kernel memory leak detector disabled"}
# A debug build of the real hypervisor takes seconds to take back scattered pages,
# and on a machine that is busy more than a call has by default; so does all else.
PATIENT = {"words": ("gunyah_rm.timeout_ms=60000", "rcupdate.rcu_cpu_stall_timeout=120"),
           "times": 3}


@dataclasses.dataclass
class Cell:     # pylint: disable=too-many-instance-attributes
    """One row: a boot of a machine or, with command, a command."""
    name: str
    quick: bool = True
    kernel: str = "6.12"
    flavour: str = "modules"
    test: str = "boot"
    hyp: str = "standin"
    real: bool = False  # can run on the real hypervisor, too
    standin: str = ""
    smp: int = 2
    cpu: str = "cortex-a57"
    mem: str = "1G"
    words: tuple = ()
    timeout: int = 120
    icount: bool = False
    el2: bool = False
    twice: bool = False
    expect: int = 0
    oops: str = ""      # of which the kernel has to complain, and may
    least: int = 0      # KTAP results that have to be there
    real_least: int = 0     # the same on the real hypervisor, if not least
    command: tuple = ()


def machine(kernel, flavour, test, suffix="", **rest):
    name = "-".join(filter(None, (kernel, flavour, test, suffix)))
    # kmemleak reads what describes a page, for each page and twice.
    if "debug" in flavour:
        rest.setdefault("mem", "768M" if test == "vmm" else "384M")
    return Cell(name, kernel=kernel, flavour=flavour, test=test, **rest)


def seldom(cells):
    """The same, and not every day."""
    for cell in cells:
        yield dataclasses.replace(cell, quick=False)


def runner_cells():
    """The runner itself: each way to fail has to be seen as that failure. And what
    looks for programs that are missing."""
    for pretend, status in (("failure", 1), ("ktap", 1), ("counts", 1),
                            ("busy", 1), ("warning", SPLAT), ("lockdep", SPLAT),
                            ("panic", SPLAT), ("hypervisor", PANIC),
                            ("silence", TIMEOUT), ("poweroff", 1)):
        yield machine("6.12", "modules", "pretend", pretend, hyp="none",
                      words=("gunyah.pretend=" + pretend,), expect=status,
                      timeout=8 if status == TIMEOUT else 60)
    for name in ("runner", "need"):
        yield Cell(name, command=(os.path.join(TESTING, "scripts/check-" + name),))


def module_cells(kernel):
    """What every kernel version has to pass with modules."""
    yield machine(kernel, "modules", "off-gunyah", hyp="none", least=7)
    yield machine(kernel, "modules", "off-gunyah", "no-node", standin="seed=1,node=0",
                  words=("gunyah.counted=1",), least=7)
    yield machine(kernel, "modules", "demo", real=True, timeout=300)
    yield from vmm_cells(kernel, "modules")
    # Guests that have the drivers themselves
    for test, least in (("guest-drivers", 17), ("guests-talk", 18)):
        yield machine(kernel, "modules", test, real=True, least=least, timeout=900,
                      quick=test == "guest-drivers",
                      standin="seed=1", words=("gunyah.mem=64M", "gunyah.seconds=600"))
    yield machine(kernel, "modules", "no-bus", standin="seed=1,node=2", least=6)
    yield machine(kernel, "modules", "load-unload", real=True, least=19, timeout=300)
    yield machine(kernel, "modules", "hotplug", real=True, least=8, standin="seed=1")
    # RM dies of its first call.
    yield machine(kernel, "modules", "unload-dead", least=19, standin=RM_DIES, timeout=300)
    yield from suite_cells(kernel, "modules")
    yield machine(kernel, "modules", "kunit", "live", real=True, **LIVE)
    yield machine(kernel, "modules", "kunit", "life", real=True, **LIFE)
    yield machine(kernel, "modules", "kunit", "console", real=True, **CONSOLE)
    yield machine(kernel, "modules", "kunit", "life-touch", oops=ABORT,
                  **dict(LIFE, least=3, words=(*LIFE["words"], "gunyah.parameters=touch=1",
                                               "kunit.filter_glob=gunyah-life-touch")))
    yield machine(kernel, "modules", "counts")
    yield machine(kernel, "modules", "resources", standin="debug,seed=1,peer=many",
                  least=12)
    yield machine(kernel, "modules", "suspend", least=7,
                  standin="misbehave=double-irq:single:all:1500")
    yield machine(kernel, "modules", "tty", standin="seed=1,peer=echo:4", least=14)
    # As in a VM that another one has made: no list of RM's, but nodes.
    yield machine(kernel, "modules", "tty", "tree", words=("gunyah.tree=1",), least=19,
                  standin="guest-nodes=1,seed=1,peer=many,peer=lone")
    yield machine(kernel, "modules", "raw", real=True, least=15)
    # 200 times on one kernel are enough for every day.
    yield machine(kernel, "modules", "reload", real=True, least=2, timeout=300,
                  words=("gunyah.cycles=%d" % (200 if kernel == "6.12" else 40),))
    yield from user_cells(kernel, "modules")
    yield from seldom(guest_cells(kernel, "modules"))


def vmm_cells(kernel, flavour, mem="64M", words=(), **rest):
    """This kernel as a guest, in memory of its own and in memory of both."""
    for memory in ("share", "lend"):
        yield machine(kernel, flavour, "vmm", memory, real=True, least=11,
                      timeout=300,
                      words=("gunyah.memory=" + memory, "gunyah.mem=" + mem, *words),
                      standin="seed=1,vm-image=shared", **rest)


def selftest_cells(kernel, flavour, quick=True, **rest):
    """The selftests: what needs no VM that runs, then what does."""
    def cell(name, programs, least, **options):
        options = dict({"quick": quick, "timeout": 900}, **options, **rest)
        return machine(kernel, flavour, "selftests", name, least=least,
                       words=("gunyah.programs=" + programs, *options.pop("words", ())),
                       **options)

    yield cell("abi", "uapi,args,functions", 39, real=True)
    yield cell("no-hypervisor", "absent", 1, hyp="none")
    # With an RM that takes a shared image, too, as the public one does. Several short
    # ones in one boot.
    shared = {"standin": "seed=1,vm-image=shared", "real": True}
    yield cell("clients", "clients,states,signals,trace,absent", 30, **shared)
    yield cell("memory", "memory", 14, real_least=12, **shared)
    # The longest one is enough once.
    yield cell("life", "life", 19, real_least=17,
               **dict(shared, quick=quick and kernel == "6.12"))
    yield cell("vcpu", "vcpu", 28, real_least=25, smp=4, **shared)
    yield cell("events", "events", 7, real_least=6, **shared)
    yield cell("races", "races", 7, **shared)
    yield cell("touch", "touch", 3, real=True, oops=ABORT, standin="seed=1",
               words=("gunyah.touch=1",))
    yield cell("heap", "heap", 7, standin="debug,seed=1")
    # Nobody gives the real RM a firmware.
    yield cell("protected", "protected", 14, standin="seed=1,firmware", quick=False)
    # Of eight CPUs, which takes its time
    yield cell("pools", "pools", 5, smp=8, standin="debug,seed=1", quick=False)


def user_cells(kernel, flavour, quick=True):
    """The selftests."""
    yield from selftest_cells(kernel, flavour, quick)
    # RM does not hear when a guest switches itself off.
    yield machine(kernel, flavour, "selftests", "lives-deaf", quick=quick, least=1, timeout=600,
                  standin="debug,seed=1,deaf", words=("gunyah.programs=lives",))
    yield machine(kernel, flavour, "selftests", "life-boot-context", quick=False, least=19,
                  timeout=900, words=("gunyah.programs=life",),
                  standin="seed=1,vm-image=shared,profile=boot-context")
    yield machine(kernel, flavour, "selftests", "lives", quick=False, real=True, least=1,
                  timeout=3600, standin="debug,seed=1",
                  words=("gunyah.programs=lives", "gunyah.lives=1000"))


def guest_cells(kernel, flavour):
    """Guests of all kinds; those of every day are in vmm_cells()."""
    yield machine(kernel, flavour, "vmm-ends", real=True, least=9, timeout=900,
                  standin="seed=1")
    yield machine(kernel, flavour, "vmm-protected", least=10, timeout=900,
                  standin="seed=1,firmware")
    yield machine(kernel, flavour, "vmm-many", real=True, least=3, timeout=1800, smp=4,
                  standin="seed=1,vm-image=shared", words=("gunyah.boots=50",))
    yield machine(kernel, flavour, "vmm-idle", least=6, timeout=600,
                  standin="seed=1,vm-image=shared")
    kinds = [(cpus, size, "") for cpus in (1, 2, 8) for size in (64, 256, 1024)]
    kinds += [(2, 256, "huge"), (8, 1024, "huge"), (2, 64, "small"), (2, 256, "small")]
    kinds.remove((2, 64, ""))
    for memory in ("share", "lend"):
        yield machine(kernel, flavour, "vmm-load", memory, real=True, least=11, timeout=600,
                      standin="seed=1,vm-image=shared", words=("gunyah.memory=" + memory,))
        for cpus, size, pages in kinds:
            yield machine(kernel, flavour, "vmm",
                          "-".join(filter(None, (memory, "%dcpu" % cpus, "%dM" % size,
                                                 pages))),
                          real=size <= 256, least=11, smp=max(cpus, 2),
                          mem="3G" if size > 256 else "1G", timeout=900,
                          standin="seed=1,vm-image=shared",
                          words=("gunyah.memory=" + memory, "gunyah.cpus=%d" % cpus,
                                 "gunyah.mem=%dM" % size, "gunyah.seconds=600",
                                 *(("gunyah.%s=1" % pages,) if pages else ())))


def builtin_cells(kernel):
    """The same built in. Suites run before init does."""
    yield machine(kernel, "builtin", "off-gunyah", hyp="none",
                  least=sum(SUITES.values()), timeout=300)
    yield machine(kernel, "builtin", "off-gunyah", "no-node", standin="seed=1,node=0",
                  words=("gunyah.counted=1", "kunit.enable=0"), least=5)
    yield machine(kernel, "builtin", "no-bus", standin="seed=1,node=2", least=2,
                  words=("kunit.enable=0",))
    # The suites that talk to a hypervisor. The console calls RM whenever it has
    # missed something, and would take the misbehaviour that a test has ordered.
    yield machine(kernel, "builtin", "boot", real=True,
                  **dict(LIVE,
                         words=("initcall_blacklist=hvc_gunyah_init",
                                "kunit.filter_glob=gunyah-live*")))
    yield machine(kernel, "builtin", "demo", real=True, timeout=300,
                  words=("kunit.enable=0", "gunyah.guest=0"))


def suite_cells(kernel, flavour, quick=True, words=(), **rest):
    for suite, least in SUITES.items():
        yield machine(kernel, flavour, "kunit", suite, quick=quick, hyp="none", least=least,
                      words=("gunyah.suite=" + suite, *words), timeout=600, **rest)


def debug_cells(kernel, flavour, quick):
    """A complaint may switch a checker off: each suite in a boot of its own."""
    # kmemleak takes half of a short boot. Every day it watches those that are about
    # what is real; what a suite leaks over a model is found by the rest.
    light = NO_KMEMLEAK if quick else {}
    yield from suite_cells(kernel, flavour, quick, **light)
    if flavour == "kcsan":
        yield machine(kernel, flavour, "pretend", "race", hyp="none", quick=False,
                      words=("gunyah.pretend=race",), expect=SPLAT, timeout=300)
    if "debug" in flavour:
        yield machine(kernel, flavour, "pretend", "leak", hyp="none", quick=quick,
                      words=("gunyah.pretend=leak",), expect=SPLAT, timeout=300)
        yield machine(kernel, flavour, "inject", quick=quick, least=16,
                      standin="debug,seed=1,peer=many", timeout=300)
        yield machine(kernel, flavour, "selftests", "fail-nth", quick=False, least=6,
                      words=("gunyah.programs=fail_nth",), standin="seed=1", timeout=3600)
        yield machine(kernel, flavour, "selftests", "locks", quick=False, least=2,
                      words=("gunyah.programs=locks",), standin="seed=1", timeout=900)
        yield machine(kernel, flavour, "hotplug", quick=False, least=8, standin="seed=1",
                      timeout=600)
        yield machine(kernel, flavour, "unload-dead", quick=False, least=19, standin=RM_DIES,
                      timeout=300)
    yield from selftest_cells(kernel, flavour, quick=False)
    # Leaks and races of many VMs, which no other row of these kernels has
    yield machine(kernel, flavour, "selftests", "lives", quick=False, least=1, timeout=900,
                  standin="debug,seed=1", words=("gunyah.programs=lives", "gunyah.lives=100"))
    yield machine(kernel, flavour, "kunit", "live", quick=quick, **LIVE)
    # Of the VMs' lives the one suite that needs a kernel like this.
    if "debug" in flavour:
        yield machine(kernel, flavour, "kunit", "life-fault", quick=quick,
                      **dict(LIFE, least=3, words=(*LIFE["words"],
                                                   "kunit.filter_glob=gunyah-life-fault")))
        yield machine(kernel, flavour, "kunit", "life-fault-tree", quick=False,
                      **dict(LIFE, least=1,
                             words=(*LIFE["words"], "gunyah_rm.peers=0",
                                    "kunit.filter_glob=gunyah-life-fault.*node*"),
                             standin="debug,guest-nodes=1,seed=1,peer=many,peer=lone"))
    yield machine(kernel, flavour, "kunit", "life", quick=False, **LIFE)
    yield machine(kernel, flavour, "kunit", "console", quick=False, **CONSOLE)
    if quick:
        yield machine(kernel, flavour, "reload", least=2, timeout=300,
                      words=("gunyah.cycles=8",))
    yield machine(kernel, flavour, "reload", "200", quick=False, least=2, timeout=1800,
                  words=("gunyah.cycles=200",))
    yield from vmm_cells(kernel, flavour, "160M", quick=quick, **light)


def stock_cells():
    yield machine("6.12", "stock", "load-unload", real=True, least=19, timeout=300)
    yield machine("6.12", "stock", "off-gunyah", hyp="none", least=7, timeout=300)
    yield Cell("modules-names-what-lacks",
               command=(os.path.join(TESTING, "scripts/check-modules"),))


def more_machines(kernel):
    """The same on other machines: determinism, CPUs, CPU models."""
    if kernel == "6.12":
        yield machine(kernel, "modules", "demo", "icount", icount=True, twice=True,
                      standin="seed=1", timeout=300, words=("gunyah.guest=0",))
    for cpus in (1, 4, 8) if kernel == "6.12" else (1,):
        yield machine(kernel, "modules", "kunit", "live-%dcpu" % cpus, smp=cpus,
                      quick=False, **LIVE)
    yield machine(kernel, "modules", "kunit", "live-max", cpu="max",
                  quick=False, **LIVE)


def bench_cells():
    """What things cost. KVM is for comparison, on a CPU that it was made for."""
    yield machine("6.12", "modules", "bench", icount=True, mem="3G", least=30,
                  standin="debug,seed=1", words=("no_hash_pointers",), timeout=900)
    # An RM with an optional call
    yield machine("6.12", "modules", "bench", "boot-context", icount=True, quick=False,
                  least=3, standin="debug,seed=1,profile=boot-context",
                  words=("no_hash_pointers", "gunyah.only=start"), timeout=900)
    yield machine("6.12", "stock", "bench", "kvm", icount=True, quick=False, hyp="none",
                  el2=True, cpu="cortex-a76", smp=1, least=2, timeout=900,
                  words=("gunyah.program=bench-kvm",))


def command_cells():
    scripts = os.path.join(TESTING, "scripts")
    yield Cell("harness", command=("make", "-C", os.path.join(TESTING, "harness"),
                                   "O=" + os.path.join(BUILD, "harness"), "test"))
    yield Cell("vmm-units", command=("make", "-C",
                                     os.path.join(TESTING, "../../virt/gunyah"),
                                     "O=" + os.path.join(BUILD, "vmm-host"), "test"))
    for cpu in ("cortex-a57", "max"):
        yield Cell("standin-bare-" + cpu, command=(scripts + "/standin-bare", cpu))
    yield Cell("pristine-sources", command=(scripts + "/check-pristine",))
    yield Cell("usage", command=(scripts + "/check-usage",))
    yield Cell("shell", command=(scripts + "/check-shell",))
    # Warnings of the older kernel's headers change seldom, compiling costs minutes.
    checks = os.path.join(TESTING, "check/run-checks")
    yield Cell("check", command=(checks, "-t", "-k", "7.3"))
    yield Cell("check-6.12", quick=False, command=(checks, "-k", "6.12", "gcc_sparse",
                                                   "clang"))


def table(hyp=None):
    """All cells; with a real hypervisor those that can run on it."""
    if hyp:
        return [dataclasses.replace(cell, name=cell.name + "-real", hyp=hyp,
                                    words=cell.words + PATIENT["words"],
                                    timeout=cell.timeout * PATIENT["times"],
                                    least=cell.real_least or cell.least)
                for cell in table() if cell.real]
    # A kernel is built while the cells of the one before it run. Half an hour is
    # enough for two: one to try everything on, one to see what goes wrong.
    cells = [*module_cells("6.12"), *runner_cells(), *more_machines("6.12"), *bench_cells(),
             *builtin_cells("6.12"), *debug_cells("7.3", "debug", quick=True)]
    cells += command_cells()
    cells += seldom([*stock_cells(), *module_cells("7.3"), *more_machines("7.3"),
                     *builtin_cells("7.3")])
    for kernel, flavour in (("6.12", "debug"), ("6.12", "kcsan"), ("6.12", "rt"),
                            ("7.3", "kcsan")):
        cells += debug_cells(kernel, flavour, quick=False)
    return cells
