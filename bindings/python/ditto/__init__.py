"""A file server for NFS clients inside a Python program.

    import ditto

    with ditto.Store("files") as store, ditto.Server(nfs_port=12049) as server:
        server.add_share("export", store)
        server.start()
        input(f"serving /export on port {server.nfs_port}; Enter stops it")

The package needs libditto.so: the environment variable DITTO_LIBRARY names it, or the system's library search finds it.
Objects may be used by several threads; close() is the last call on one.
"""

from __future__ import annotations

import ctypes
import enum
import os
import weakref
from typing import Any, Callable, Iterable, Optional, Union

from . import _native

__all__ = ["Durability", "Error", "LogLevel", "Server", "Squash", "Status", "Store", "version"]

_library = _native.load()


class Status(enum.IntEnum):
    """Kinds of failure: the DITTO_... codes of ditto.h."""

    INVALID_ARGUMENT = 1
    OUT_OF_MEMORY = 2
    NOT_FOUND = 3
    PERMISSION_DENIED = 4
    ADDRESS_IN_USE = 5
    ADDRESS_NOT_AVAILABLE = 6
    BUSY = 7
    EXISTS = 8
    WRONG_STATE = 9
    UNSUPPORTED = 10
    CORRUPT = 11
    NO_SPACE = 12
    IO = 13
    TIMEOUT = 14
    INTERNAL = 15


class Squash(enum.IntEnum):
    """Which callers act as the anonymous user."""

    ROOT = 0
    NONE = 1
    ALL = 2


class Durability(enum.IntEnum):
    """What an answer promises: that a power cut takes nothing of it, or only that a killed process does not."""

    SYNC = 0
    ASYNC = 1


class LogLevel(enum.IntEnum):
    DEBUG = 1
    INFO = 2
    WARN = 3
    ERROR = 4
    AUDIT = 5


class Error(Exception):
    """What Ditto could not do; str() says why. `status` is a Status, or a plain number unknown to this package."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        try:
            self.status: int = Status(status)
        except ValueError:
            self.status = status


def version() -> str:
    """The library's version, such as "0.1.0"."""
    return _library.ditto_version().decode()


def _call(function: Any, *arguments: Any) -> None:
    """Calls a function of the library that gives a status and takes an error as its last argument."""
    error = ctypes.c_void_p()
    status = function(*arguments, ctypes.byref(error))
    if status == 0:
        return
    message = _library.ditto_error_message(error).decode(errors="replace")
    _library.ditto_error_free(error)
    raise Error(status, message or f"status {status}")


def _text(value: str) -> bytes:
    encoded = os.fsencode(value)
    if b"\0" in encoded:
        raise ValueError("a text contains a NUL")
    return encoded


class Store:
    """Where files are kept: in a directory, which is created when absent, or in memory when none is given."""

    def __init__(self, directory: Optional[Union[str, "os.PathLike[str]"]] = None) -> None:
        self._handle = ctypes.c_void_p()
        if directory is None:
            _call(_library.ditto_store_new_memory, ctypes.byref(self._handle))
        else:
            path = _text(os.fspath(directory))
            _call(_library.ditto_store_new_directory, path, ctypes.byref(self._handle))
        self._free = weakref.finalize(self, _library.ditto_store_free, self._handle)

    def close(self) -> None:
        """Lets go of the store; it is closed when the server that uses it is closed too."""
        self._handle = ctypes.c_void_p()
        self._free()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Server:
    """A server, which listens from start() to stop().

    `log` is called with a LogLevel and a line, from threads of the server; exceptions that leave it are printed and
    lost. `portmap` is the port of a portmapper for clients that cannot be told ports; None: there is none.
    `memory_budget` is in bytes. With `verify_reads` contents are compared with their checksums as they are read, and a
    READ of what is not what was written is refused. With `control`, `nfsd --status --data DIR` can ask the server, where
    DIR is its first store. Zeros mean the library's defaults, for ports any free one.
    """

    def __init__(
        self,
        listen: str = "127.0.0.1",
        nfs_port: int = 0,
        *,
        portmap: Optional[int] = None,
        threads: int = 0,
        pool_threads: int = 0,
        max_connections: int = 0,
        memory_budget: int = 0,
        verify_reads: bool = False,
        control: bool = False,
        log: Optional[Callable[[int, str], None]] = None,
        log_level: LogLevel = LogLevel.INFO,
    ) -> None:
        self._handle = ctypes.c_void_p()
        options = _native.ServerOptions(
            struct_size=ctypes.sizeof(_native.ServerOptions),
            listen=_text(listen),
            nfs_port=_port(nfs_port),
            portmap_port=_port(portmap or 0),
            portmap=portmap is not None,
            threads=threads,
            pool_threads=pool_threads,
            max_connections=max_connections,
            memory_budget=memory_budget,
            verify_reads=verify_reads,
            control=control,
            log_level=log_level,
        )
        if log is not None:
            options.log = _native.LogFunction(_log_adapter(log))
        _call(_library.ditto_server_new, ctypes.byref(options), ctypes.byref(self._handle))
        # Also at the interpreter's end; with the function of the log, which the library calls until then.
        self._free = weakref.finalize(self, _free_server, self._handle, options.log)

    def add_share(
        self,
        name: str,
        store: Store,
        *,
        squash: Squash = Squash.ROOT,
        anonymous_uid: int = 0,
        anonymous_gid: int = 0,
        read_only: bool = False,
        delegations: bool = True,
        durability: Durability = Durability.SYNC,
        flush_interval_ms: int = 0,
        networks: Iterable[str] = (),
        root_mode: int = 0,
        root_uid: int = 0,
        root_gid: int = 0,
    ) -> None:
        """Serves the tree `name` of `store` as "/name"; docs/configuration.md describes the options."""
        blocks = [_text(network) for network in networks]
        options = _native.ShareOptions(
            struct_size=ctypes.sizeof(_native.ShareOptions),
            squash=squash,
            anonymous_uid=anonymous_uid,
            anonymous_gid=anonymous_gid,
            read_only=read_only,
            durability=durability,
            root_mode=root_mode,
            root_uid=root_uid,
            root_gid=root_gid,
            networks=(ctypes.c_char_p * len(blocks))(*blocks),
            network_count=len(blocks),
            flush_interval_ms=flush_interval_ms,
            no_delegations=not delegations,
        )
        _call(_library.ditto_server_add_share, self._handle, _text(name), store._handle, ctypes.byref(options))

    def remove_share(self, name: str) -> None:
        """Serves the share no longer; nothing of it is lost. Error with Status.NOT_FOUND when there is none."""
        _call(_library.ditto_server_remove_share, self._handle, _text(name))

    def start(self) -> None:
        """Listens, and serves on threads of its own; returns when clients can connect."""
        _call(_library.ditto_server_start, self._handle)

    def stop(self, seconds: float = 10) -> None:
        """Stops. Requests being served have `seconds` to finish; Error with Status.TIMEOUT when some did not."""
        _call(_library.ditto_server_stop, self._handle, min(max(int(seconds * 1000), 0), 0xFFFFFFFF))

    @property
    def nfs_port(self) -> int:
        """The port of NFS and MOUNT, once started."""
        return _library.ditto_server_nfs_port(self._handle)

    @property
    def portmap_port(self) -> int:
        """The portmapper's port; 0 when there is none."""
        return _library.ditto_server_portmap_port(self._handle)

    def close(self) -> None:
        """Stops the server if it still runs, without waiting for requests, and frees it."""
        self._handle = ctypes.c_void_p()
        self._free()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if exception[0] is None and self._handle:
                self.stop()
        finally:
            self.close()


def _free_server(handle: ctypes.c_void_p, log: Any) -> None:
    _library.ditto_server_free(handle)


def _port(number: int) -> int:
    if not 0 <= number <= 65535:
        raise ValueError(f"{number} is not a port")
    return number


def _log_adapter(log: Callable[[int, str], None]) -> Callable[..., None]:
    def adapter(_user: object, level: int, line: Any, length: int) -> None:
        log(LogLevel(level), ctypes.string_at(line, length).decode(errors="replace"))

    return adapter
