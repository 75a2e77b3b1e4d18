"""RPC headers: versions, programs, credentials."""

import random
import struct

from lib import nfs3, rpc
from lib.nfs3 import MOUNT_PROGRAM, NFS_PROGRAM, Proc
from lib.report import check, equal
from lib.xdr import Packer

from records import SEED, closed_by_server, send_all


def state_of(target, *arguments, **options):
    """SUCCESS, or how the call was refused; CLOSED if the connection went instead."""
    with rpc.Connection(target.port) as connection:
        connection.send_bytes(rpc.record(rpc.call_bytes(7, *arguments, **options)))
        try:
            rpc.results_of(connection.receive_record())
        except rpc.Refused as refused:
            return refused.state
        except (rpc.Closed, ConnectionResetError):
            return "CLOSED"
        return "SUCCESS"


def programs_and_versions(target):
    equal(state_of(target, 100099, 3, 0), "PROG_UNAVAIL", "an unknown program")
    for version in (0, 1, 2, 5, 0xffffffff):
        equal(state_of(target, NFS_PROGRAM, version, 0), "PROG_MISMATCH", f"NFS version {version}")
    for procedure in (22, 23, 1000, 0xffffffff):
        equal(state_of(target, NFS_PROGRAM, 3, procedure), "PROC_UNAVAIL", f"NFS procedure {procedure}")
    if target.mount_port == target.port:
        equal(state_of(target, MOUNT_PROGRAM, 3, 6), "PROC_UNAVAIL", "MOUNT procedure 6")
        equal(state_of(target, MOUNT_PROGRAM, 9, 0), "PROG_MISMATCH", "MOUNT version 9")
    for version in (0, 1, 3, 0xffffffff):
        equal(state_of(target, NFS_PROGRAM, 3, 0, rpc_version=version), "RPC_MISMATCH 2-2", f"RPC version {version}")


def a_reply_instead(target):
    """A record that is a reply answers nothing that was asked."""
    with rpc.Connection(target.port) as connection:
        reply = bytearray(rpc.call_bytes(7, NFS_PROGRAM, 3, 0))
        reply[4:8] = struct.pack(">I", rpc.REPLY)
        send_all(connection, rpc.record(bytes(reply)))
        connection.socket.shutdown(1)
        check(closed_by_server(connection), "the connection stays open")


def credential(flavor, body):
    return bytes(Packer().u32(flavor).opaque(body).bytes)


def garbage_credentials(target):
    """AUTH_SYS that is not one is AUTH_BADCRED (1); a flavor nobody speaks is refused too. NULL needs none, so GETATTR asks."""
    raw, root = target.client()
    raw.close()
    getattr_arguments = bytes(nfs3.handle(root).bytes)

    def ask(cred, verifier=rpc.NO_AUTH):
        return state_of(target, NFS_PROGRAM, 3, Proc.GETATTR, getattr_arguments, credential=cred, verifier=verifier)

    good = bytes(rpc.auth_sys(1, 1, range(16)))
    equal(ask(good), "SUCCESS", "16 groups")
    bad = {
        "17 groups": bytes(rpc.auth_sys(1, 1, range(17))), "a machine name of 256 bytes": bytes(rpc.auth_sys(machine=b"m" * 256)),
        "an empty body": credential(rpc.AUTH_SYS, b""), "half a body": credential(rpc.AUTH_SYS, good[8:20]),
        "4 billion groups": credential(rpc.AUTH_SYS, bytes(Packer().u32(0).opaque(b"m").u32(0).u32(0).u32(0xffffffff).bytes)),
        "a name of 4 GiB": credential(rpc.AUTH_SYS, bytes(Packer().u32(0).u32(0xffffffff).u32(0).bytes)),
    }
    for what, cred in bad.items():
        equal(ask(cred), "AUTH_ERROR 1", what)
    for flavor in (2, 3, 6, 99, 0xffffffff):
        state = ask(credential(flavor, b"\1" * 40))
        check(state.startswith("AUTH_ERROR"), f"flavor {flavor}: {state}")
    for size in (401, 500, 65536):
        state = ask(credential(rpc.AUTH_SYS, bytes(size)))
        check(state in ("CLOSED", "GARBAGE_ARGS") or state.startswith("AUTH_ERROR"), f"a credential of {size} bytes: {state}")
    state = ask(good, verifier=credential(0, bytes(401)))
    check(state != "SUCCESS", "a verifier of 401 bytes")


def credential_lengths(target):
    """Lengths in the header that go beyond the record."""
    for length in (0xffffffff, 0x7fffffff, 1 << 16, 404):
        with rpc.Connection(target.port) as connection:
            header = Packer().u32(7).u32(0).u32(2).u32(NFS_PROGRAM).u32(3).u32(1).u32(rpc.AUTH_SYS).u32(length).bytes
            send_all(connection, rpc.record(bytes(header) + bytes(40)))
            connection.socket.shutdown(1)
            check(closed_by_server(connection), f"length {length:#x}: the connection stays open")


def garbage_arguments(target):
    """Arguments that end too soon, for every procedure that has any, are GARBAGE_ARGS."""
    for procedure in Proc:
        if procedure != Proc.NULL:
            for size in (0, 4):
                arguments = b"" if size == 0 else struct.pack(">I", 32)
                equal(state_of(target, NFS_PROGRAM, 3, procedure, arguments), "GARBAGE_ARGS", f"{procedure.name} with {size} bytes")
            for length in (65, 1 << 20, 0xffffffff):
                state = state_of(target, NFS_PROGRAM, 3, procedure, struct.pack(">I", length) + bytes(200))
                equal(state, "GARBAGE_ARGS", f"{procedure.name} with a filehandle of {length} bytes")


def mutations(target):
    """Good calls with a few bytes changed: whatever comes of each, it comes, and the server stays."""
    rng = random.Random(SEED)
    raw, root = target.client()
    with raw:
        file = raw.create(root, b"mutated", how=nfs3.UNCHECKED, mode=0o644)
    good = [
        (Proc.GETATTR, nfs3.handle(file)), (Proc.SETATTR, nfs3.setattr_arguments(file, mode=0o600, size=10, mtime=(1, 2))),
        (Proc.LOOKUP, nfs3.name(root, b"mutated")), (Proc.READ, nfs3.handle(file).u64(0).u32(4096)),
        (Proc.WRITE, nfs3.write_arguments(file, 0, b"x" * 100)), (Proc.CREATE, nfs3.create_arguments(root, b"new", mode=0o644)),
        (Proc.RENAME, nfs3.name(root, b"new").opaque(root).opaque(b"newer")), (Proc.LINK, nfs3.handle(file).opaque(root).opaque(b"l")),
        (Proc.READDIRPLUS, nfs3.handle(root).u64(0).fixed(bytes(8)).u32(1000).u32(8000)), (Proc.COMMIT, nfs3.handle(file).u64(0).u32(0)),
    ]
    for _ in range(1500):
        procedure, arguments = rng.choice(good)
        call = bytearray(rpc.call_bytes(rng.getrandbits(32), NFS_PROGRAM, 3, procedure, arguments.bytes))
        for _ in range(rng.randrange(1, 5)):
            call[rng.randrange(8, len(call))] = rng.choice([0, 1, 0x7f, 0x80, 0xff, rng.getrandbits(8)])
        with rpc.Connection(target.port) as connection:
            send_all(connection, rpc.record(bytes(call)))
            connection.socket.shutdown(1)
            check(closed_by_server(connection), f"no end after {bytes(call[:80]).hex()}")
    return f"seed {SEED}"


TESTS = [
    ("calls: programs, versions, procedures", programs_and_versions),
    ("calls: a reply instead of a call", a_reply_instead),
    ("calls: garbage credentials", garbage_credentials),
    ("calls: credentials longer than the record", credential_lengths),
    ("calls: arguments that end too soon", garbage_arguments),
    ("calls: mutations of good calls", mutations),
]
