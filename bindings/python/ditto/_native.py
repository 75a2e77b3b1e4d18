"""The functions of ditto.h by ctypes: nothing here is for programs, which use the classes of the package."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int32, c_size_t, c_uint16, c_uint32, c_uint64, c_void_p

LogFunction = CFUNCTYPE(None, c_void_p, c_uint32, POINTER(ctypes.c_char), c_size_t)
ReleaseFunction = CFUNCTYPE(None, c_void_p)


class ServerOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("listen", c_char_p),
        ("nfs_port", c_uint16),
        ("portmap_port", c_uint16),
        ("portmap", c_uint32),
        ("threads", c_uint32),
        ("pool_threads", c_uint32),
        ("max_connections", c_uint32),
        ("log_level", c_uint32),
        ("log", LogFunction),
        ("log_user", c_void_p),
        ("log_release", ReleaseFunction),
        ("memory_budget", c_uint64),
        ("verify_reads", c_uint64),
        ("control", c_uint64),
    ]


class ShareOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("squash", c_uint32),
        ("anonymous_uid", c_uint32),
        ("anonymous_gid", c_uint32),
        ("read_only", c_uint32),
        ("root_mode", c_uint32),
        ("root_uid", c_uint32),
        ("root_gid", c_uint32),
        ("durability", c_uint32),
        ("networks", POINTER(c_char_p)),
        ("network_count", c_size_t),
        ("flush_interval_ms", c_uint64),
        ("no_delegations", c_uint64),
    ]


_ERROR_OUT = POINTER(c_void_p)
_HANDLE_OUT = POINTER(c_void_p)

# name: (result, arguments), as in ditto.h
_FUNCTIONS = {
    "ditto_version": (c_char_p, []),
    "ditto_error_message": (c_char_p, [c_void_p]),
    "ditto_error_free": (None, [c_void_p]),
    "ditto_store_new_directory": (c_int32, [c_char_p, _HANDLE_OUT, _ERROR_OUT]),
    "ditto_store_new_memory": (c_int32, [_HANDLE_OUT, _ERROR_OUT]),
    "ditto_store_free": (None, [c_void_p]),
    "ditto_server_new": (c_int32, [POINTER(ServerOptions), _HANDLE_OUT, _ERROR_OUT]),
    "ditto_server_add_share": (c_int32, [c_void_p, c_char_p, c_void_p, POINTER(ShareOptions), _ERROR_OUT]),
    "ditto_server_remove_share": (c_int32, [c_void_p, c_char_p, _ERROR_OUT]),
    "ditto_server_start": (c_int32, [c_void_p, _ERROR_OUT]),
    "ditto_server_nfs_port": (c_uint16, [c_void_p]),
    "ditto_server_portmap_port": (c_uint16, [c_void_p]),
    "ditto_server_stop": (c_int32, [c_void_p, c_uint32, _ERROR_OUT]),
    "ditto_server_free": (None, [c_void_p]),
}


def _candidates() -> list[str]:
    named = os.environ.get("DITTO_LIBRARY")
    if named:
        return [named]
    found = ctypes.util.find_library("ditto")
    return ([found] if found else []) + ["libditto.so.0", "libditto.so", "libditto.dylib"]


def load() -> ctypes.CDLL:
    """The library, with the types of its functions set. OSError when it is nowhere."""
    reasons = []
    for name in _candidates():
        try:
            library = ctypes.CDLL(name)
        except OSError as reason:
            reasons.append(str(reason))
            continue
        for function, (result, arguments) in _FUNCTIONS.items():
            entry = getattr(library, function)
            entry.restype, entry.argtypes = result, arguments
        return library
    raise OSError(f"libditto.so cannot be loaded; set DITTO_LIBRARY to its path ({'; '.join(reasons)})")
