"""COPY that goes on by itself: OFFLOAD_STATUS, OFFLOAD_CANCEL and CB_OFFLOAD (RFC 7862, 15.2, 15.8, 15.9, 16.1); a kernel here only waits."""

import random
import time

from lib import nfs4_operations as ops
from lib import nfs4_operations_2 as ops2
from lib.nfs4_numbers import Callback, Status
from lib.report import check, equal, eventually
from raw_copies import MIB, between, sum_of, two_files, whole

LARGE = 20 * MIB  # more than is copied before the answer, and not too much for a capture
HUGE = 1024 * MIB  # what nobody copies before OFFLOAD_CANCEL comes; made by CLONE, and not seen by a capture


def asynchronous(client, source, target):
    """All but the first byte, so that no block is shared: what is shared is done at once."""
    got = between(client, source, target, ops2.copy(source[0], target[0], 1, 0, 0, consecutive=False, synchronous=False))
    check(got.response.callback is not None, "it was done when it was answered")
    equal([got.response.count, got.synchronous], [0, False], "what was answered")
    return got.response


def offloaded(world):
    """A long copy goes on by itself: its progress can be asked for, and CB_OFFLOAD says when it is done."""
    data = random.Random(2).randbytes(LARGE)
    client, source, target = two_files(world, data)
    finished = world.status("nfs4_copies")["finished"]
    response = asynchronous(client, source, target)
    done = client.callbacks.wait(Callback.OFFLOAD, seconds=60)
    equal([done.stateid.other, done.handle, done.status], [response.callback.other, target[1], Status.OK], "what it tells of")
    equal([done.response.callback, done.response.count], [None, len(data) - 1], "bytes")
    equal(client.at(target[1], ops.commit()), done.response.verifier, "the verifier at COMMIT")
    equal(sum_of(whole(client, target)), sum_of(data[1:]), "contents")
    equal(world.status("nfs4_copies")["finished"], finished + 1, "copies that are done")
    eventually(lambda: client.status(target[1], ops2.offload_status(response.callback)) == Status.BAD_STATEID, 10, "its stateid to be none")
    return f"{len(data) // MIB} MiB"


def cancelled(world):
    """OFFLOAD_STATUS while it runs, OFFLOAD_CANCEL, and nothing is written any more."""
    piece = random.Random(3).randbytes(8 * MIB)
    client, source, target = two_files(world, piece)
    for at in range(len(piece), HUGE, len(piece)):
        between(client, source, source, ops2.clone(source[0], source[0], 0, at, len(piece)))
    response = asynchronous(client, source, target)
    progress = client.at(target[1], ops2.offload_status(response.callback))
    check(progress.count < HUGE - 1 and progress.complete is None, f"{progress}")
    client.at(target[1], ops2.offload_cancel(response.callback))
    def change():
        return client.attributes(target[1], "change")["change"]
    seen = change()
    equal(client.status(target[1], ops2.offload_status(response.callback)), Status.BAD_STATEID, "what was cancelled")
    time.sleep(0.2)
    equal(change(), seen, "its change attribute, some time after it was cancelled")
    check(client.attributes(target[1], "size")["size"] < HUGE - 1, "all of it was copied")
    equal(client.status(target[1], ops2.offload_cancel(response.callback._replace(other=bytes(12)))), Status.BAD_STATEID, "of nobody's")
    return f"{progress.count // MIB} of {HUGE // MIB} MiB were copied"


OPERATION = "OFFLOAD_STATUS"
TESTS = [
    ("raw 4.2: COPY that goes on by itself, CB_OFFLOAD", offloaded),
    ("raw 4.2: OFFLOAD_STATUS, OFFLOAD_CANCEL", cancelled),
]
