// A disk that is really full: a small file system in a mount namespace of a child process of its own. Nothing is lost,
// removals go on, and everything goes on once there is room.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/data_engines.hpp"
#include "store/kv_engines.hpp"
#include "store/store.hpp"
#include "support/skip.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t MiB = 1 << 20;

/// What a check in the child says when it fails; the child's output is the test's.
struct Failure {
  std::string what;
};

#define MUST(...)                                  \
  if (!(__VA_ARGS__)) throw Failure {              \
      std::to_string(__LINE__) + ": " #__VA_ARGS__ \
    }

/// Runs `body` in a child process with a tmpfs of `size_bytes` mounted on `folder`. What it throws is what is returned.
template <class Body>
std::string on_small_disk(const std::string& folder, std::uint64_t size_bytes, Body body) {
  int pipe[2];
  if (::pipe(pipe) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string failure;
    const std::string size = "size=" + std::to_string(size_bytes);
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) {
      failure = "skip";
    } else {
      try {
        body();
      } catch (const Failure& failed) {
        failure = failed.what;
      } catch (const std::exception& error) {
        failure = error.what();
      }
    }
    const bool told = ::write(pipe[1], failure.data(), failure.size()) == static_cast<ssize_t>(failure.size());
    ::_exit(told ? 0 : 1);
  }
  ::close(pipe[1]);
  std::string failure;
  char buffer[256];
  for (ssize_t got; (got = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
    failure.append(buffer, static_cast<std::size_t>(got));
  ::close(pipe[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return "the child ended badly";
  }
  return failure;
}

/// Fills the disk with somebody else's file, but for `left` bytes.
void fill(const std::string& path, std::uint64_t left) {
  const auto space = std::filesystem::space(std::filesystem::path(path).parent_path());
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  MUST(fd >= 0);
  MUST(::posix_fallocate(fd, 0, static_cast<off_t>(space.available - left)) == 0);
  ::close(fd);
}

std::unique_ptr<store::Store> open_store(const std::string& path, std::uint64_t reserve = 0) {
  auto opened = store::open_local_store(path, null_log(), {.program = "test", .reserve_bytes = reserve});
  if (!opened) throw Failure{opened.error().message};
  return std::move(*opened);
}

Result<Lsn> try_put(KvStore& kv, std::string_view key, std::string_view value) {
  return kv.transact(
      [&](KvTransaction& t) -> Result<void> {
        put(t, key, value);
        return {};
      },
      Blocking::Allowed);
}

Result<Lsn> try_erase(KvStore& kv, std::string_view key) {
  return kv.transact(
      [&](KvTransaction& t) -> Result<void> {
        erase(t, key);
        return {};
      },
      Blocking::Allowed);
}

/// The disk's room is asked for a few times a second.
template <class Attempt>
bool eventually(Attempt attempt) {
  const std::uint64_t start = system_clock().monotonic_ns();
  while (system_clock().monotonic_ns() - start < 10'000'000'000) {
    if (attempt()) return true;
    std::this_thread::yield();
  }
  return false;
}

/// Adds entries until one is refused; how many there were.
unsigned put_until_refused(KvStore& kv, const std::string& value) {
  unsigned added = 0;
  MUST(eventually([&] {
    const auto outcome = try_put(kv, numbered("p", added), value);
    if (outcome) ++added;
    return outcome == fail(Error::NoSpace);
  }));
  return added;
}

void full_for_metadata(const std::string& folder) {
  Lsn last = 0;
  {
    auto store = open_store(folder + "/store");
    KvStore& kv = store->kv;
    const std::string value(1000, 'v');
    for (unsigned i = 0; i < 200; ++i) last = write_one(kv, numbered("k", i), value);
    MUST(kv.wait_durable(last));
    fill(folder + "/ballast", 15 * MiB);  // less than the reserve
    // New entries are refused before they have any effect; removals and changes in place go on.
    const unsigned added = put_until_refused(kv, value);
    MUST(try_put(kv, "new", value) == fail(Error::NoSpace));
    MUST(read_one(kv, "new") == std::nullopt);
    for (unsigned i = 0; i < added; ++i) MUST(try_erase(kv, numbered("p", i)));
    const std::string other(1000, 'w');
    const auto changed = try_put(kv, numbered("k", 1), other);
    MUST(changed && kv.wait_durable(*changed));
    for (unsigned i = 100; i < 200; ++i) MUST(try_erase(kv, numbered("k", i)));
    const auto erased = try_erase(kv, "nobody");
    MUST(erased && kv.wait_durable(*erased));
    MUST(try_put(kv, "new", value) == fail(Error::NoSpace));
    std::filesystem::remove(folder + "/ballast");
    MUST(eventually([&] { return try_put(kv, "new", value).has_value(); }));
  }
  auto store = open_store(folder + "/store");
  const Pairs found = read(store->kv, [](KvReader& r) { return scan(r); });
  MUST(found.size() == 101);
  MUST(read_one(store->kv, numbered("k", 1)) == std::string(1000, 'w'));
}

void full_at_commit(const std::string& folder) {
  // Without a reserve, only the commit finds out.
  auto store = open_store(folder + "/store", 1);
  KvStore& kv = store->kv;
  const std::string value(100'000, 'v');
  MUST(kv.wait_durable(write_one(kv, "kept", value)));
  fill(folder + "/ballast", 2 * MiB);
  unsigned durable = 0, refused = 0;
  Pairs expected{{"kept", value}};
  for (unsigned i = 0; i < 100; ++i) {
    const auto lsn = try_put(kv, numbered("k", i), value);
    const auto outcome = lsn ? kv.wait_durable(*lsn) : fail(lsn.error());
    if (outcome) {
      expected.emplace_back(numbered("k", i), value);
      ++durable;
    } else {
      MUST(outcome.error() == Error::NoSpace);
      ++refused;
    }
  }
  MUST(durable > 0);
  MUST(refused > 50);
  std::sort(expected.begin(), expected.end());
  MUST(read(kv, [](KvReader& r) { return scan(r); }) == expected);
  // Removing needs room for new pages before it frees old ones; the file system has no reserve now, so this may fail,
  // but not hurt.
  std::filesystem::remove(folder + "/ballast");
  MUST(eventually([&] {
    const auto lsn = try_put(kv, "z", value);
    return lsn && kv.wait_durable(*lsn);
  }));
  expected.emplace_back("z", value);
  store.reset();
  store = open_store(folder + "/store", 1);
  MUST(read(store->kv, [](KvReader& r) { return scan(r); }) == expected);
}

void room_inside_the_file(const std::string& folder) {
  // What was erased makes room again, though the LMDB file does not shrink.
  const std::string value(100'000, 'v');
  {
    auto store = open_store(folder + "/store");
    for (unsigned i = 0; i < 400; ++i) MUST(store->kv.wait_durable(write_one(store->kv, numbered("k", i), value)));
  }  // closed: everything is in that file
  auto store = open_store(folder + "/store");
  KvStore& kv = store->kv;
  fill(folder + "/ballast", 10 * MiB);
  put_until_refused(kv, "x");
  MUST(try_put(kv, "new", value) == fail(Error::NoSpace));
  for (unsigned i = 0; i < 400; ++i) MUST(try_erase(kv, numbered("k", i)));
  MUST(eventually([&] {
    const auto lsn = try_put(kv, "new", value);
    return lsn && kv.wait_durable(*lsn);
  }));
}

void full_for_data(const std::string& folder) {
  auto store = open_store(folder + "/store");
  DataStore& data = store->data;
  const std::string block = pattern(1 * MiB, 1);
  std::uint64_t written = 0;
  Result<void> outcome;
  while (written < 100) {
    outcome = data.write(1, written * MiB, chain_of(block), Blocking::Allowed);
    if (!outcome) break;
    ++written;
  }
  MUST(outcome == fail(Error::NoSpace));
  MUST(written > 10);
  // The reserve is left for metadata, and what has its blocks can be overwritten.
  MUST(std::filesystem::space(folder).available >= 14 * MiB);
  MUST(data.space()->available_bytes < 2 * MiB);
  MUST(data.write(1, 3 * MiB + 5, chain_of("over"), Blocking::Allowed));
  MUST(data.write(2, 0, chain_of(block), Blocking::Allowed) == fail(Error::NoSpace));
  MUST(data.clone_range(1, 0, 3, 0, 2 * MiB) == fail(Error::NoSpace));
  MUST(data.allocate(5, 0, 2 * MiB) == fail(Error::NoSpace));
  MUST(read(data, 1, 3 * MiB, 9) == block.substr(0, 5) + "over");
  MUST(try_erase(store->kv, "nobody"));
  // Freed room is found at once.
  MUST(data.punch(1, 0, 4 * MiB));
  MUST(data.write(2, 0, chain_of(block), Blocking::Allowed));
  MUST(data.remove(1));
  MUST(data.write(4, 0, chain_of(block), Blocking::Allowed));
}

void check(void (*body)(const std::string&), std::uint64_t size_bytes) {
  if (::geteuid() != 0) return test::skip("needs root, to mount a small file system");
  TemporaryFolder folder;
  const std::string failure = on_small_disk(folder.path(), size_bytes, [&] { body(folder.path()); });
  if (failure == "skip") return test::skip("this machine lets nobody mount a file system in a namespace of its own");
  CHECK(failure == "");
}

}  // namespace

TEST_CASE("near a full disk removals go on and new entries are refused", "[full]") {
  check(full_for_metadata, 64 * MiB);
}

TEST_CASE("a full disk at the commit loses nothing that was durable", "[full]") { check(full_at_commit, 64 * MiB); }

TEST_CASE("erased entries make room in the file", "[full]") { check(room_inside_the_file, 128 * MiB); }

TEST_CASE("file data stops at the reserve", "[full]") { check(full_for_data, 64 * MiB); }
