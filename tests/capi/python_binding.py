#!/usr/bin/env python3
"""The classes of bindings/python: python_binding.py LIBRARY BINDINGS [SANITIZER-RUNTIME]"""

import os
import socket
import sys
import tempfile
import threading
import unittest

from embedding import python_environment, run

if os.environ.get("DITTO_LIBRARY") != os.path.abspath(sys.argv[1]):
    # Once more with the environment that the package, and a sanitizer, must find when Python starts.
    os.execve(sys.executable, [sys.executable, *sys.argv], python_environment(*sys.argv[1:]))

import ditto


def started(**options):
    server = ditto.Server(**options)
    with ditto.Store() as store:
        server.add_share("export", store)
    server.start()
    return server


class Binding(unittest.TestCase):
    def failure(self, call, *arguments, **options):
        with self.assertRaises(ditto.Error) as caught:
            call(*arguments, **options)
        return caught.exception

    def test_version(self):
        self.assertRegex(ditto.version(), r"^\d+\.\d+\.\d+$")

    def test_start_port_and_stop(self):
        with started() as server:
            self.assertNotEqual(server.nfs_port, 0)
            self.assertEqual(server.portmap_port, 0)
            socket.create_connection(("127.0.0.1", server.nfs_port), 10).close()
            server.stop()
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", server.nfs_port), 10)

    def test_portmap(self):
        with started(portmap=0) as server:
            self.assertNotEqual(server.portmap_port, 0)

    def test_directory(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "data")
            with ditto.Store(path):
                error = self.failure(ditto.Store, path)
                self.assertEqual(error.status, ditto.Status.BUSY)
                self.assertIn(str(os.getpid()), str(error))
            ditto.Store(path).close()

    def test_errors_carry_status_and_message(self):
        error = self.failure(ditto.Server, "nowhere")
        self.assertEqual(error.status, ditto.Status.INVALID_ARGUMENT)
        self.assertIn('"nowhere" is not an IP address', str(error))
        with ditto.Server(verify_reads=True) as server, ditto.Store() as store:
            self.assertEqual(self.failure(server.start).status, ditto.Status.WRONG_STATE)
            self.assertEqual(self.failure(server.add_share, "a/b", store).status, ditto.Status.INVALID_ARGUMENT)
            server.add_share("a", store, squash=ditto.Squash.ALL, anonymous_uid=7, networks=["192.0.2.0/24"], root_mode=0o750)
            self.assertEqual(self.failure(server.add_share, "a", store).status, ditto.Status.EXISTS)
            error = self.failure(server.add_share, "b", store, networks=["192.0.2.1/24"])
            self.assertIn("192.0.2.1/24", str(error))

    def test_wrong_values_do_not_reach_the_library(self):
        self.assertRaises(ValueError, ditto.Server, nfs_port=65536)
        self.assertRaises(ValueError, ditto.Store, "a\0b")

    def test_closed_objects(self):
        store, server = ditto.Store(), ditto.Server()
        store.close()
        store.close()
        self.assertEqual(self.failure(server.add_share, "a", store).status, ditto.Status.INVALID_ARGUMENT)
        server.close()
        server.close()
        self.assertEqual(self.failure(server.start).status, ditto.Status.INVALID_ARGUMENT)
        self.assertEqual(server.nfs_port, 0)

    def test_log(self):
        lines = []
        with started(log=lambda level, line: lines.append((level, line))) as server:
            port = server.nfs_port
        self.assertTrue(any(level == ditto.LogLevel.INFO and f"127.0.0.1:{port}" in line for level, line in lines), lines)

    def test_two_servers(self):
        with started() as first, started() as second:
            self.assertNotEqual(first.nfs_port, second.nfs_port)

    def test_an_exception_in_the_body_closes_the_server(self):
        with self.assertRaises(KeyError):
            with started() as server:
                port = server.nfs_port
                raise KeyError
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), 10)

    def test_threads(self):
        server = started()
        threads = [threading.Thread(target=server.stop) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.close()


run()
