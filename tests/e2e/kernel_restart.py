"""The server goes away and comes back on the same port while kernel clients (hard mounts) are at work."""

import time

from lib.report import check


def killed_while_copying(scene):
    a = scene.guest("A")
    path, _ = scene.directory("copy")
    size = 128 << 20
    copying, restarts = a.start("write_file", path=f"{path}/copied", seed=7, size=size), 0
    while not copying.done.is_set() and restarts < 4:
        time.sleep(0.4)
        scene.server.kill()
        time.sleep(0.2)
        scene.server.start()
        restarts += 1
    copying.wait()
    a.call("forget_cache")
    a.call("check_file", path=f"{path}/copied", seed=7, size=size)
    b = scene.guest("B")
    b.call("check_file", path=f"{path}/copied", seed=7, size=size)
    check(restarts > 0, "the copy was over before the server was restarted")
    return f"{restarts} times"


def killed_while_creating(scene):
    a, b = scene.guest("A"), scene.guest("B")
    count, work, restarts = 600, [], 0
    for guest in (a, b):
        path, _ = scene.directory("create")
        work.append((guest, path, guest.start("create_many", directory=path, tag=guest.name, count=count)))
    while not all(pending.done.is_set() for _, _, pending in work) and restarts < 5:
        time.sleep(0.3)
        scene.server.kill()
        scene.server.start()
        restarts += 1
    for guest, path, pending in work:
        pending.wait()
        guest.call("forget_cache")
        guest.call("check_many", directory=path, tag=guest.name, count=count)
    check(restarts > 1, "the files were there before the server was restarted twice")
    return f"{restarts} times"


def stopped_while_copying(scene):
    """A clean stop in the middle loses nothing either."""
    a = scene.guest("A")
    path, _ = scene.directory("copy")
    copying = a.start("write_file", path=f"{path}/copied", seed=8, size=64 << 20)
    time.sleep(0.3)
    scene.server.stop()
    time.sleep(0.5)
    scene.server.start()
    copying.wait()
    a.call("forget_cache")
    a.call("check_file", path=f"{path}/copied", seed=8, size=64 << 20)


TESTS = [
    ("restart: killed in the middle of a copy", killed_while_copying),
    ("restart: killed while files are created exclusively", killed_while_creating),
    ("restart: stopped in the middle of a copy", stopped_while_copying),
]
