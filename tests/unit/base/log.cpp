#include "base/log.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace ditto;

namespace {

class ManualClock final : public Clock {
 public:
  Timestamp now() const noexcept override { return {.seconds = 1'000'000'000, .nanoseconds = 123'456'789}; }
  std::uint64_t monotonic_ns() const noexcept override { return ns_.load(); }
  void advance_ms(std::uint64_t ms) { ns_ += ms * 1'000'000; }

 private:
  std::atomic<std::uint64_t> ns_{5'000'000'000};  // read by every thread that logs
};

/// A log into memory.
class LogTo {
 public:
  explicit LogTo(LogFormat format = LogFormat::Text, LogLevel level = LogLevel::Info)
      : fd_(::memfd_create("log", MFD_CLOEXEC)), log_(make_fd_log(fd_, level, format, clock_)) {}
  ~LogTo() { ::close(fd_); }
  Log* operator->() { return log_.get(); }
  ManualClock& clock() { return clock_; }
  void close() { log_.reset(); }

  std::vector<std::string> lines() const {
    std::string text(static_cast<std::size_t>(::lseek(fd_, 0, SEEK_END)), '\0');
    REQUIRE(::pread(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      REQUIRE(end != std::string::npos);
      all.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return all;
  }
  std::string only() const {
    const auto all = lines();
    REQUIRE(all.size() == 1);
    return all[0];
  }

 private:
  ManualClock clock_;
  int fd_;
  std::unique_ptr<Log> log_;
};

}  // namespace

TEST_CASE("a line has time, level and text", "[base]") {
  LogTo log;
  log->warn("A disk is nearly full.");
  CHECK(log.only() == "2001-09-09T01:46:40.123Z warn  A disk is nearly full.");
}

TEST_CASE("a JSON line has the same as fields", "[base]") {
  LogTo log(LogFormat::Json);
  log->error(R"(Cannot open "a\b".)");
  CHECK(log.only() == R"({"time":"2001-09-09T01:46:40.123Z","level":"error","message":"Cannot open \"a\\b\"."})");
}

TEST_CASE("lines below the level are dropped", "[base]") {
  LogTo log(LogFormat::Text, LogLevel::Warn);
  CHECK(!log->enabled(LogLevel::Info));
  CHECK(log->enabled(LogLevel::Error));
  log->debug("d");
  log->info("i");
  log->error("e");
  CHECK(log.only().ends_with("error e"));
}

TEST_CASE("a client's bytes cannot forge a line", "[base]") {
  LogTo text;
  text->info("name \"a\nb\x1b[1m\x7f caf\xc3\xa9 \xff\xc3\"");
  CHECK(text.only().ends_with("name \"a\\x0ab\\x1b[1m\\x7f caf\xc3\xa9 \\xff\\xc3\""));
  LogTo json(LogFormat::Json);
  json->info("a\nb \xed\xa0\x80 \xf0\x9f\x98\x80");
  CHECK(json.only().ends_with("\"message\":\"a\\u000ab \\ufffd\\ufffd\\ufffd \xf0\x9f\x98\x80\"}"));
}

TEST_CASE("a very long line is cut", "[base]") {
  LogTo log;
  log->info(std::string(100'000, 'x'));
  CHECK(log.only().size() < 5000);
}

TEST_CASE("the same line more than ten times in a second is counted instead", "[base]") {
  LogTo log;
  for (int i = 0; i < 25; ++i) log->info("again");
  log->info("another");
  CHECK(log.lines().size() == 11);

  // Once the second is over, whoever writes next brings out the count.
  log.clock().advance_ms(1001);
  log->info("later");
  auto lines = log.lines();
  REQUIRE(lines.size() == 13);
  CHECK(lines[11].ends_with("again (and 15 times more)"));
  CHECK(lines[12].ends_with("later"));

  for (int i = 0; i < 3; ++i) log->info("again");
  CHECK(log.lines().size() == 16);
}

TEST_CASE("ten lines in a second are written as they are", "[base]") {
  LogTo log;
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i < 10; ++i) log->info("again");
    log.clock().advance_ms(1001);
  }
  log.close();
  CHECK(log.lines().size() == 30);
}

TEST_CASE("what was counted is said when the log ends", "[base]") {
  LogTo log;
  for (int i = 0; i < 12; ++i) log->warn("again");
  log.close();
  REQUIRE(log.lines().size() == 11);
  CHECK(log.lines().back().ends_with("warn  again (and 2 times more)"));
}

TEST_CASE("lines of several threads stay whole", "[base]") {
  LogTo log;
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c) {
    threads.emplace_back([&log, c] {
      for (int i = 0; i < 200; ++i) log->info(std::string(50, c) + std::to_string(i));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto lines = log.lines();
  CHECK(lines.size() == 800);
  CHECK(std::ranges::all_of(lines, [](const std::string& line) {
    const auto text = line.substr(31);
    return text.size() > 50 && std::ranges::count(text, text[0]) == 50;
  }));
}

TEST_CASE("the null log takes nothing", "[base]") {
  CHECK(!null_log().enabled(LogLevel::Error));
  null_log().error("nobody hears this");
}
