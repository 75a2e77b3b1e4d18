#!/usr/bin/env python3
"""Serves a directory's store as /export until Ctrl-C: serve.py [DIRECTORY [PORT]]. Without a directory, from memory."""

import signal
import sys

import ditto

directory = sys.argv[1] if len(sys.argv) > 1 else None
port = int(sys.argv[2]) if len(sys.argv) > 2 else 0

# Before the server starts, so that Ctrl-C waits for sigwait() below.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})

with ditto.Store(directory) as store, ditto.Server(nfs_port=port) as server:
    server.add_share("export", store)
    server.start()
    print(f"nfs-ls 'nfs://127.0.0.1/export?nfsport={server.nfs_port}&mountport={server.nfs_port}'", flush=True)
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
