// The main of every Catch2 test program. Its last line is `N passed, N failed[, N skipped]`, counted in test cases; a
// test case that asserts nothing fails.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "support/skip.hpp"

namespace {

struct Counts {
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned skipped = 0;
  std::string skip_reason;  // of the running test case; empty: it was not skipped
};
Counts counts;

class CountingListener : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    TestEventListenerBase::testCaseStarting(info);
    counts.skip_reason.clear();
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (!stats.totals.assertions.allOk()) {
      ++counts.failed;
    } else if (!counts.skip_reason.empty()) {
      ++counts.skipped;
      std::printf("skipped: %s: %s\n", stats.testInfo.name.c_str(), counts.skip_reason.c_str());
    } else {
      ++counts.passed;
    }
    TestEventListenerBase::testCaseEnded(stats);
  }
};
CATCH_REGISTER_LISTENER(CountingListener)

}  // namespace

void ditto::test::skip(std::string_view reason) {
  counts.skip_reason = reason.empty() ? std::string("no reason given") : std::string(reason);
  SUCCEED("skipped: " << counts.skip_reason);
}

int main(int argc, char** argv) {
  Catch::Session session;
  session.configData().warnings = Catch::WarnAbout::NoAssertions;
  if (int status = session.applyCommandLine(argc, argv); status != 0) return status;
  int status = session.run();
  if (counts.skipped == 0) {
    std::printf("%u passed, %u failed\n", counts.passed, counts.failed);
  } else {
    std::printf("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed, counts.skipped);
  }
  std::fflush(stdout);
  if (counts.failed != 0) return 1;
  return status == 0 ? 0 : 1;
}
