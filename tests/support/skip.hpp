#pragma once

// How a test says that this machine cannot run it: `return ditto::test::skip("no user namespaces here");`. The test
// case then counts as skipped in the program's last line, with the reason printed. Not for tests that fail. Called on
// the test's thread.

#include <string_view>

namespace ditto::test {

// Marks the running test case as skipped; the caller returns at once. An assertion that failed before still fails the
// case.
void skip(std::string_view reason);

}  // namespace ditto::test
