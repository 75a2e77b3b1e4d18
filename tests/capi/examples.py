#!/usr/bin/env python3
"""Every example serves a libnfs client: examples.py EMBED_NFS DOCS INCLUDE C-COMPILER C++-COMPILER LIBRARY BINDINGS
[SANITIZER-RUNTIME]"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from embedding import Program, needs_libnfs, put_and_get, python_environment, run

embed_nfs, docs, include, c_compiler, cpp_compiler, library, bindings = sys.argv[1:8]
embed_nfs, library = os.path.abspath(embed_nfs), os.path.abspath(library)
preload = sys.argv[8] if len(sys.argv) > 8 else ""


class EmbedNfs(unittest.TestCase):
    """examples/embed_nfs.c"""

    @needs_libnfs
    def test_serves_a_client_and_keeps_its_files(self):
        with tempfile.TemporaryDirectory() as folder:
            program = Program([embed_nfs, folder + "/data"])
            put_and_get(self, program, "one")
            self.assertEqual(program.stop(text="\n"), 0)
            program = Program([embed_nfs, folder + "/data"])
            put_and_get(self, program, "two")
            self.assertRegex(subprocess.run(["nfs-ls", program.url()], capture_output=True, text=True).stdout, r"\bone\b")
            self.assertEqual(program.stop(text="\n"), 0)

    def test_says_what_is_wrong(self):
        done = subprocess.run([embed_nfs, "/nonexistent/data"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^embed_nfs: .*/nonexistent/data")


class ServePy(unittest.TestCase):
    """bindings/python/examples/serve.py"""

    def serve(self, *arguments):
        script = str(Path(bindings) / "examples/serve.py")
        environment = python_environment(library, bindings, preload)
        return Program([sys.executable, script, *arguments], env=environment)

    @needs_libnfs
    def test_serves_a_client_from_memory(self):
        program = self.serve()
        put_and_get(self, program, "file")
        self.assertEqual(program.stop(signal.SIGINT), 0)

    @needs_libnfs
    def test_serves_a_client_from_a_directory(self):
        with tempfile.TemporaryDirectory() as folder:
            program = self.serve(folder + "/data")
            put_and_get(self, program, "file")
            self.assertEqual(program.stop(signal.SIGTERM), 0)
            self.assertIn("data", os.listdir(folder))


class EmbeddingPage(unittest.TestCase):
    """The programs in docs/embedding.md"""

    def blocks(self, language):
        text = (Path(docs) / "embedding.md").read_text()
        return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)

    def compiles(self, compiler, language, *flags):
        for block in self.blocks(language):
            command = [*compiler.split(), *flags, "-Wall", "-Werror", "-I", include, "-fsyntax-only", "-x", "c++" if language == "cpp" else "c", "-"]
            done = subprocess.run(command, input=block, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_c_and_cpp_compile(self):
        self.compiles(c_compiler, "c", "-std=c11")
        self.compiles(cpp_compiler, "cpp", "-std=c++23")

    @needs_libnfs
    def test_c_serves_a_client(self):
        if preload:
            self.skipTest("the compiler of this build would need the flags of its sanitizer")
        with tempfile.TemporaryDirectory() as folder:
            here, name = os.path.dirname(library), os.path.join(folder, "embed")
            command = [*c_compiler.split(), "-I", include, "-x", "c", "-", "-x", "none", library, f"-Wl,-rpath,{here}", "-o", name]
            subprocess.run(command, input=self.blocks("c")[0], text=True, check=True)
            self.serves(["stdbuf", "-oL", name], folder)  # as in a terminal

    @needs_libnfs
    def test_python_serves_a_client(self):
        with tempfile.TemporaryDirectory() as folder:
            block = self.blocks("python")[0].replace("nfs_port=12049", "nfs_port=0")
            self.serves([sys.executable, "-c", block], folder, env=python_environment(library, bindings, preload))

    def serves(self, command, folder, **options):
        program = Program(command, line=r"port (\d+); Enter stops", cwd=folder, **options)
        put_and_get(self, program, "file")
        self.assertEqual(program.stop(text="\n"), 0)
        self.assertEqual([name for name in os.listdir(folder) if name != "embed"], ["ditto-data"])


run()
