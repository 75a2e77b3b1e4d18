"""NFSv3 locks between two kernel clients: the lock manager (NLM) and the status monitor (NSM)."""

import time

from lib import kernel
from lib.report import Skip, check, equal

import kernel_ofd
import portmap_tools

PROMPT_SECONDS = 2  # a client that is not told asks again after 30
GRACE_SECONDS = 8
MOUNT = "/mnt/locks"


def settings():
    return {"locks": {"grace_seconds": GRACE_SECONDS}} if portmap_tools.usable() else {}


def locking(scene, guest):
    """Mounts with locks, once."""
    if kernel.host_can_mount():
        raise Skip("this kernel's lock manager is one client, and two are needed")
    if not portmap_tools.usable():
        raise Skip(f"the kernel asks port {portmap_tools.PORT} for the lock manager, which is not nfsd's here")
    if missing := guest.call("lock_programs"):
        raise Skip(missing)
    if not getattr(guest, "locks", False):
        guest.call("mount_locking", export=scene.server.path(), directory=MOUNT, port=scene.server.port,
                   mount_port=scene.server.mount_port)
        guest.locks = True
    return guest


def two(scene):
    return locking(scene, scene.guest("A")), locking(scene, scene.guest("B"))


def file_in(scene, name):
    _, entry = scene.directory(name)
    return f"{MOUNT}/{entry}/file"


def handed_over(scene, how):
    a, b = two(scene)
    path, slowest = file_in(scene, "contended"), 0
    check(a.call("try_lock", path=path, how=how), "nobody had it")
    for holder, waiter in ((a, b), (b, a), (a, b)):
        check(not waiter.call("try_lock", path=path, how=how), "two have it")
        waiting = waiter.start("wait_lock", path=path, how=how)
        check(not waiting.done.wait(1.5), "it did not wait")
        released = time.monotonic()
        holder.call("unlock", path=path, how=how)
        waiting.wait(60)
        slowest = max(slowest, time.monotonic() - released)
    check(slowest < PROMPT_SECONDS, f"it came after {slowest:.1f} s")
    b.call("unlock", path=path, how=how)
    return f"within {slowest * 1000:.0f} ms"


def counted_up(scene):
    """No update is lost, whoever waits for whom."""
    a, b = two(scene)
    path, times = file_in(scene, "counter"), 60
    work = [guest.start("add_one", path=path, times=times) for guest in (a, b)]
    for each in work:
        each.wait(120)
    raw, root = scene.client()
    with raw:
        entry = path.split("/")[-2].encode()
        equal(int(raw.read(raw.walk(root, entry, b"file"), 0, 100).data), 2 * times, "counted")


def shared_locks(scene):
    a, b = two(scene)
    path = file_in(scene, "shared")
    check(a.call("try_lock", path=path, shared=True) and b.call("try_lock", path=path, shared=True), "readers exclude each other")
    check(not a.call("try_lock", path=path), "a writer beside a reader")
    b.call("unlock", path=path)
    check(a.call("try_lock", path=path), "the last reader may write")
    check(not b.call("try_lock", path=path, shared=True), "a reader beside a writer")
    a.call("close_locked", path=path)  # which unlocks
    check(b.call("try_lock", path=path), "what was closed is free")
    b.call("close_locked", path=path)


def given_up(scene):
    """Whoever gives up waiting is not given the lock, and can have it later."""
    a, b = two(scene)
    path = file_in(scene, "cancelled")
    check(a.call("try_lock", path=path), "nobody had it")
    check(b.call("wait_in_vain", path=path, patience=2), "it came")
    a.call("unlock", path=path)
    check(a.call("try_lock", path=path), "the one that gave up has it")
    check(not b.call("try_lock", path=path), "two have it")
    a.call("unlock", path=path)
    check(b.call("try_lock", path=path), "it can be had later")
    b.call("close_locked", path=path)


def of_opens(scene):
    kernel_ofd.owned_by_opens(*two(scene), file_in(scene, "opens"))


def seen_by_who_has_a_delegation(scene):
    """A client of NFSv4 that has a file to itself locks it by itself: no such thing is given beside a lock of NLM's."""
    (a, at), b = scene.mounted("A", "4.1"), locking(scene, scene.guest("B"))
    theirs = file_in(scene, "beside")
    own = at + theirs.removeprefix(MOUNT)
    check(b.call("try_lock", path=theirs), "nobody had it")
    check(not a.call("try_lock", path=own), "two have it")
    b.call("close_locked", path=theirs)
    check(a.call("try_lock", path=own), "what was closed is free")
    check(not b.call("try_lock", path=theirs), "two have it")
    for guest, path in ((b, theirs), (a, own)):
        guest.call("close_locked", path=path)


def client_killed(scene):
    """A client that is killed keeps its lock until it is back, and says so."""
    b = locking(scene, scene.guest("B"))
    path = file_in(scene, "killed")
    c = kernel.Guest("C", slot=77)
    try:
        locking(scene, c.ready())
        check(c.call("try_lock", path=path), "nobody had it")
        remembered = c.call("statd_files")
        check(remembered, "its status monitor knows nobody")
        c.process.kill()
        check(not b.call("try_lock", path=path), "the lock went with the connection")
        waiting = b.start("wait_lock", path=path)
        c.close()
        c = kernel.Guest("C", slot=77)
        c.ready().call("tell_of_restart", files=remembered)
        back = time.monotonic()
        waiting.wait(60)
        took = time.monotonic() - back
        check(took < PROMPT_SECONDS + 3, f"it came after {took:.1f} s")
        b.call("close_locked", path=path)
    finally:
        c.close()


def server_killed(scene):
    """Locks outlive the server: their holders get them back before anybody else."""
    a, b = two(scene)
    path = file_in(scene, "restarted")
    check(a.call("try_lock", path=path), "nobody had it")
    scene.server.kill()
    scene.server.start()
    time.sleep(GRACE_SECONDS + 1)
    check(not b.call("try_lock", path=path), "its holder did not get it back")
    waiting = b.start("wait_lock", path=path)
    check(not waiting.done.wait(1), "two have it")
    released = time.monotonic()
    a.call("unlock", path=path)
    waiting.wait(60)
    took = time.monotonic() - released
    check(took < PROMPT_SECONDS, f"it came after {took:.1f} s")
    b.call("close_locked", path=path)


TESTS = [
    ("locks: fcntl, handed over to who waits", lambda scene: handed_over(scene, "fcntl")),
    ("locks: flock, handed over to who waits", lambda scene: handed_over(scene, "flock")),
    ("locks: two clients count up a number", counted_up),
    ("locks: readers and writers", shared_locks),
    ("locks: whoever gives up waiting", given_up),
    ("locks: of opens (F_OFD_SETLK), and beside those of processes", of_opens),
    ("locks: of NFSv3, and a client of 4.1 that would have the file to itself", seen_by_who_has_a_delegation),
    ("locks: a client that is killed and comes back", client_killed),
    ("locks: the server is killed, and holders get theirs back", server_killed),
]
