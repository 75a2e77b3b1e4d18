#!/usr/bin/env python3
"""Tests the rules themselves: a clean tree passes, and every rule finds the violations planted for it in a tree of its own."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
sys.dont_write_bytecode = True

import calls  # noqa: E402
import counted  # noqa: E402
import edges  # noqa: E402
import functions  # noqa: E402
import layout  # noqa: E402
import symbols  # noqa: E402
import tables  # noqa: E402
from source import RULES, Tree, code_only  # noqa: E402

HEADER = "#pragma once\n\n// What this is and what it is not, who owns what, which threads may call.\n\n"

CLEAN = {
    "meson.build": "project('x')\n",
    "libditto/base/meson.build": "base_lib = static_library('base', 'clock.cpp')\n",
    "libditto/base/clock.hpp": HEADER + "#include <cstdint>\n",
    "libditto/base/clock.cpp": '#include "base/clock.hpp"\nlong now() { return std::chrono::steady_clock::now(); }\n',
    "libditto/store/kv/meson.build": "files('lmdb_kv.cpp')\n",
    "libditto/store/kv/lmdb_kv.cpp": '#include <lmdb.h>\n#include "base/clock.hpp"\n// sleep(1) and ::now() in a comment\n',
    "libditto/vfs/meson.build": "files('names.cpp')\n",
    "libditto/vfs/names.cpp": '#include "store/kv/kv.hpp"\nconst char* s = "getenv(x) ::now()";\nint f() { return timer.sleep(3); }\n',
    "libditto/include/ditto/ditto.h": "/* The C face of the library, for programs in any language. */\n#ifndef DITTO_H\n#define DITTO_H\n"
                                      "#endif\n",
    "libditto/nfs/meson.build": "files('v3/procedures.cpp', 'v3/procedures/null.cpp', 'v3/procedures/getattr.cpp')\n",
    "libditto/nfs/v3/procedures.cpp": 'auto table = {procedure<&null>("NULL", 0),\n  procedure<&getattr>("GETATTR", 0)};\n',
    "libditto/nfs/v3/procedures/null.cpp": "// RFC 1813, 3.3.0.\n",
    "libditto/nfs/v3/procedures/getattr.cpp": "// RFC 1813, 3.3.1.\n",
    "libditto/nfs/v4/meson.build": "files('operations.cpp', 'operations/getattr.cpp')\n",
    "libditto/nfs/v4/operations.cpp": 'auto table = {op<&getattr>(OP_GETATTR, "GETATTR", "18.7", both, Current),\n'
                                      '  unbuilt<OPEN4args>(OP_OPEN, "OPEN", "18.16", both, Current)};\n',
    "libditto/nfs/v4/operations/getattr.cpp": "// RFC 8881, 18.7.\n",
    "docs/protocols/nfs.md": "| 9 | GETATTR | 18.7 | yes | |\n| 18 | OPEN | 18.16 | no | |\n",
    "tests/ops/meson.build": "files('nfs3/attributes.cpp', 'nfs4/attributes.cpp')\n",
    "tests/ops/nfs4/attributes.cpp": 'TEST_CASE("GETATTR says") {}\n',
    "tests/ops/nfs3/attributes.cpp": 'TEST_CASE("NULL answers") {}\nTEST_CASE("what GETATTR says") {}\n',
    "servers/nfsd/meson.build": "executable('nfsd', 'main.cpp')\n",
    "servers/nfsd/main.cpp": '#include <ditto/ditto.h>\n#include "common/flags.hpp"\nint main() { getenv("X"); }\n',
    "servers/common/flags.hpp": HEADER,
    "tests/unit/meson.build": "foreach t : ['a']\n  executable(t, t + '.cpp')\nendforeach\n",
    "tests/unit/a.cpp": "#include <catch2/catch.hpp>\n",
}

LONG_FUNCTION = "int f() {\n" + "  g();\n" * layout.FUNCTION_LINES + "}\n"

# rule -> trees that break it: what is added to the clean one, and where the finding must be.
PLANTED = {
    edges.room_edges: [
        ({"libditto/base/clock.hpp": HEADER + '#include "store/kv/kv.hpp"\n'}, "libditto/base/clock.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + '#include "gate/gate.hpp"\n'}, "libditto/vfs/x.hpp:5"),
        ({"libditto/nfs/v3/x.hpp": HEADER + '#include "vfs/ditto_fs.hpp"\n'}, "libditto/nfs/v3/x.hpp:5"),
        ({"libditto/nfs/v3/x.hpp": HEADER + '#include "smb/wire/header.hpp"\n'}, "libditto/nfs/v3/x.hpp:5"),
        ({"libditto/rpc/x.hpp": HEADER + '#include "gate/gate.hpp"\n'}, "libditto/rpc/x.hpp:5"),
        ({"libditto/include/ditto/x.hpp": HEADER + '#include "base/clock.hpp"\n'}, "libditto/include/ditto/x.hpp:5"),
        ({"libditto/misc/x.hpp": HEADER}, "libditto/misc/x.hpp:1"),
    ],
    edges.spelled_from_root: [
        ({"libditto/base/x.hpp": HEADER + '#include "clock.hpp"\n'}, "libditto/base/x.hpp:5"),
        ({"libditto/base/x.hpp": HEADER + '#include "../base/clock.hpp"\n'}, "libditto/base/x.hpp:5"),
    ],
    edges.face_only: [
        ({"servers/nfsd/main.cpp": '#include "server/server.hpp"\n'}, "servers/nfsd/main.cpp:1"),
        ({"examples/x.c": '#include "../libditto/base/clock.hpp"\n'}, "examples/x.c:1"),
    ],
    edges.external_libraries: [
        ({"libditto/wire/x.hpp": HEADER + "#include <asio/buffer.hpp>\n"}, "libditto/wire/x.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + "#include <lmdb.h>\n"}, "libditto/vfs/x.hpp:5"),
        ({"libditto/gate/x.hpp": HEADER + "#include <nlohmann/json.hpp>\n"}, "libditto/gate/x.hpp:5"),
        ({"libditto/base/x.hpp": HEADER + "#include <openssl/sha.h>\n"}, "libditto/base/x.hpp:5"),
        ({"libditto/rpc/x.hpp": HEADER + "#include <fmt/format.h>\n"}, "libditto/rpc/x.hpp:5"),
    ],
    calls.banned_calls: [
        ({"libditto/vfs/x.hpp": HEADER + "auto t = std::chrono::system_clock::now();\n"}, "libditto/vfs/x.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + "int f() { std::this_thread::sleep_for(1s); }\n"}, "libditto/vfs/x.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + "int f() { usleep(3); }\n"}, "libditto/vfs/x.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + "std::random_device d;\n"}, "libditto/vfs/x.hpp:5"),
        ({"libditto/server/x.hpp": HEADER + 'auto p = std::getenv("HOME");\n'}, "libditto/server/x.hpp:5"),
        ({"libditto/vfs/x.hpp": HEADER + "int f() { clock_gettime(CLOCK_REALTIME, &t); }\n"}, "libditto/vfs/x.hpp:5"),
    ],
    layout.budgets: [
        ({"libditto/base/x.hpp": HEADER + "\n" * layout.FILE_LINES}, "libditto/base/x.hpp:1"),
        ({"tests/unit/a.cpp": LONG_FUNCTION}, "tests/unit/a.cpp:1"),
        ({"tests/x.py": "def f():\n" + "    g()\n" * layout.FUNCTION_LINES}, "tests/x.py:1"),
        ({"tests/run": "#!/usr/bin/env python3\ndef f():\n" + "    g()\n" * layout.FUNCTION_LINES}, "tests/run:2"),
        ({"dev": "#!/usr/bin/env bash\n" + "\n" * layout.FILE_LINES}, "dev:1"),
    ],
    layout.exceptions_are_needed: [
        ({layout.EXCEPTIONS: "# why\nlibditto/base/clock.cpp\n"}, layout.EXCEPTIONS + ":2"),
        ({layout.EXCEPTIONS: "libditto/base/clock.cpp:now long ago\n"}, layout.EXCEPTIONS + ":1"),
    ],
    layout.headers_introduce_themselves: [
        ({"libditto/base/x.hpp": "#include <cstdint>\n" + HEADER}, "libditto/base/x.hpp:1"),
        ({"libditto/base/x.hpp": "// What this is and what it is not, who owns what.\n"}, "libditto/base/x.hpp:1"),
        ({"libditto/base/x.hpp": "#pragma once\n#include <cstdint>\n"}, "libditto/base/x.hpp:1"),
        ({"libditto/base/x.hpp": "#pragma once\n// Clock.\n"}, "libditto/base/x.hpp:1"),
    ],
    layout.sources_are_built: [
        ({"libditto/base/lost.cpp": "int x;\n"}, "libditto/base/lost.cpp:1"),
        ({"libditto/base/ock.cpp": "int x;\n"}, "libditto/base/ock.cpp:1"),
        ({"tests/unit/b.cpp": "int x;\n"}, "tests/unit/b.cpp:1"),
    ],
    layout.top_level: [({"scripts/x.sh": "true\n"}, "scripts:1"), ({"NOTES.md": "x\n"}, "NOTES.md:1")],
    layout.blanks: [
        ({"libditto/base/x.hpp": HEADER + "int x; \n"}, "libditto/base/x.hpp:5"),
        ({"docs/x.md": "a\tb\n"}, "docs/x.md:1"),
        ({"docs/x.md": "a\nb"}, "docs/x.md:2"),
    ],
    layout.no_places: [
        ({"docs/x.md": "from deb." + "debian.org\n"}, "docs/x.md:1"),
        ({"subprojects/x.wrap": "source_" + "url = x\n"}, "subprojects/x.wrap:1"),
        ({"dev": "cd /" + "root/ditto\n"}, "dev:1"),
        ({"docs/x.md": "in /" + "home/me\n"}, "docs/x.md:1"),
    ],
}

PLANTED |= {
    tables.handlers_cite: [
        ({"libditto/nfs/v3/procedures.cpp": 'procedure<&null>("NULL", 0),\nprocedure<&lookup>("LOOKUP", 0)\n'},
         "libditto/nfs/v3/procedures.cpp:2"),
        ({"libditto/nfs/v3/procedures/getattr.cpp": "// RFC 1813, 3.3.11.\n"}, "libditto/nfs/v3/procedures/getattr.cpp:1"),
        ({"libditto/nfs/nlm/procedures.cpp": 'row<&lock, is_wide>("LOCK", 0)\n',
          "libditto/nfs/nlm/procedures/lock.cpp": "// XNFS, chapter 10: NLM_LOCK_MSG.\n"}, "libditto/nfs/nlm/procedures/lock.cpp:1"),
    ],
    tables.operations_cite: [
        ({"libditto/nfs/v4/operations.cpp": 'op<&getattr>(OP_OPEN, "GETATTR", "18.7", both, Current)\n'},
         "libditto/nfs/v4/operations.cpp:1"),
        ({"libditto/nfs/v4/operations.cpp": 'op<&getfh>(OP_GETATTR, "GETATTR", "18.7", both, Current)\n'},
         "libditto/nfs/v4/operations.cpp:1"),
        ({"libditto/nfs/v4/operations/getattr.cpp": "// RFC 8881, 18.70.\n"}, "libditto/nfs/v4/operations/getattr.cpp:1"),
    ],
    tables.operations_are_tested: [
        ({"tests/ops/nfs4/attributes.cpp": ""}, "libditto/nfs/v4/operations.cpp:1"),
        ({"docs/protocols/nfs.md": "| 9 | GETATTR | 18.7 | yes | |\n"}, "libditto/nfs/v4/operations.cpp:2"),
        ({"docs/protocols/nfs.md": "| 9 | GETATTR | 18.7 | no | |\n| 18 | OPEN | 18.16 | no | |\n"},
         "libditto/nfs/v4/operations.cpp:1"),
    ],
    tables.procedures_are_tested: [
        ({"tests/ops/nfs3/attributes.cpp": 'TEST_CASE("NULL answers") {}\nTEST_CASE("SETGETATTR") {}\n'},
         "libditto/nfs/v3/procedures.cpp:2"),
        ({"tests/ops/nfs3/attributes.cpp": "", "tests/ops/mount/x.cpp": 'TEST_CASE("NULL") {}\n'},
         "libditto/nfs/v3/procedures.cpp:1"),
    ],
}


class Rules(unittest.TestCase):
    def tree(self, changes):
        root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, root)
        for path, text in {**CLEAN, **changes}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        return root

    def test_a_clean_tree_breaks_no_rule(self):
        tree = Tree(self.tree({}))
        self.assertEqual([f for _, check in RULES for f in check(tree)], [])

    def test_every_rule_has_planted_violations(self):
        self.assertEqual({check for _, check in RULES}, set(PLANTED))

    def test_planted_violations_are_found(self):
        for check, trees in PLANTED.items():
            for changes, where in trees:
                with self.subTest(rule=check.__name__, tree=changes):
                    found = [f"{path}:{line}" for path, line, _ in check(Tree(self.tree(changes)))]
                    self.assertIn(where, found)

    def test_an_exception_excuses(self):
        tree = Tree(self.tree({"tests/unit/a.cpp": LONG_FUNCTION, layout.EXCEPTIONS: "tests/unit/a.cpp:f for now\n"}))
        self.assertEqual([*layout.budgets(tree), *layout.exceptions_are_needed(tree)], [])

    def test_the_program_reports_and_fails(self):
        def run(root):
            return subprocess.run([sys.executable, HERE / "run.py", root], capture_output=True, text=True)
        good, bad = run(self.tree({})), run(self.tree({"NOTES.md": "x \n"}))
        self.assertEqual((good.returncode, good.stdout), (0, f"{len(RULES)} passed, 0 failed\n"))
        self.assertEqual(bad.returncode, 1)
        self.assertEqual(bad.stdout.splitlines()[-1], f"{len(RULES) - 2} passed, 2 failed")
        self.assertIn("NOTES.md:1: trailing blanks", bad.stdout)


class Functions(unittest.TestCase):
    def found(self, text):
        return [tuple(f) for f in functions.functions(code_only(text))]

    def test_plain(self):
        self.assertEqual(self.found("namespace a {\nint f(int x) {\n  if (x) { y(); }\n}\n\nint g() { return 1; }\n}\n"),
                         [("f", 2, 4), ("g", 6, 6)])

    def test_members_and_templates(self):
        text = ("template <class T = int>\nclass alignas(64) A : public B<T> {\n public:\n  A() : a_{1}, b_(2) {\n    x();\n  }\n"
                "  auto f() const noexcept -> int {\n    return 1;\n  }\n  int a_ = 1;\n};\n")
        self.assertEqual(self.found(text), [("A", 3, 6), ("f", 7, 9)])

    def test_values_are_not_functions(self):
        text = ("int a[] = {f(1),\n  2};\nconstexpr auto t = make(std::array{\n  row(1),\n  row(2)});\nstruct P { int x; };\n"
                "enum class E { A = f(1) };\n")
        self.assertEqual(self.found(text), [])

    def test_lambda_at_namespace_scope(self):
        self.assertEqual(self.found("auto f = [](int x) {\n  return x;\n};\n"), [("lambda", 1, 3)])

    def test_braces_in_comments_and_literals(self):
        text = 'int f() {\n  // }\n  auto s = "}{";\n  auto r = R"x(}}\n)x";\n  char c = \'}\';\n  int n = 1\'000;\n}\nint g() {\n}\n'
        self.assertEqual(self.found(text), [("f", 1, 8), ("g", 9, 10)])

    def test_extern_c(self):
        self.assertEqual(self.found('extern "C" {\nint f(void) {\n  return 1;\n}\n}\n'), [("f", 2, 4)])


class Symbols(unittest.TestCase):
    def test_foreign_names(self):
        listing = ("\nsha.o:\n0000000000000000 T bssl_ditto_SHA256\n0000000000000010 T SHA256\n                 U malloc\n"
                   "0000000000000000 W _ZN5ditto3runEv\n")
        self.assertEqual(symbols.foreign(listing, symbols.OURS_STATIC), ["SHA256"])
        exported = "0000000000000000 A DITTO_1\n0000000000001000 T ditto_version@@DITTO_1\n0000000000001000 W _ZTISt9exception\n"
        self.assertEqual(symbols.foreign(exported, symbols.OURS_SHARED), ["_ZTISt9exception"])


if __name__ == "__main__":
    counted.main()
