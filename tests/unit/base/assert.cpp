// A broken invariant ends the process, in every build.
#include "base/assert.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <type_traits>

namespace {

struct Ending {
  int status = 0;
  std::string said;  // on stderr
};

/// Runs `body` in a child process with its stderr in a pipe.
Ending run_in_child(void (*body)()) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);  // Catch's own handler would report the abort as a failure
    ::dup2(ends[1], STDERR_FILENO);
    body();
    ::_exit(0);
  }
  ::close(ends[1]);
  Ending ending;
  std::array<char, 256> part;
  for (ssize_t got; (got = ::read(ends[0], part.data(), part.size())) > 0;) {
    ending.said.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  REQUIRE(::waitpid(child, &ending.status, 0) == child);
  return ending;
}

}  // namespace

TEST_CASE("a true assertion does nothing", "[base]") {
  int evaluated = 0;
  DITTO_ASSERT(++evaluated == 1);
  CHECK(evaluated == 1);
}

TEST_CASE("a false assertion says what and where and aborts", "[base]") {
  const Ending ending = run_in_child([] { DITTO_ASSERT(std::is_same_v<int, long> || 1 + 1 == 3); });
  CHECK(WIFSIGNALED(ending.status));
  CHECK(WTERMSIG(ending.status) == SIGABRT);
  CHECK(ending.said.find("assert.cpp:") != std::string::npos);
  CHECK(ending.said.find("1 + 1 == 3") != std::string::npos);
}
