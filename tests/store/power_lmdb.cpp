// LMDB under power_cut: whenever the power is cut, the last transaction that was durable is there, or the one that was
// under way, whole. That is LMDB's promise, so what fails here is power_cut, or LMDB.
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstring>
#include <optional>

#include "store/power_files.hpp"
#include "support/seeded_random.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint64_t seeds = 300;
constexpr unsigned transactions = 25;
constexpr unsigned keys = 40;

class Environment {
 public:
  explicit Environment(const std::string& path) {
    REQUIRE(mdb_env_create(&env_) == 0);
    REQUIRE(mdb_env_set_mapsize(env_, std::size_t{1} << 30) == 0);
    opened_ = mdb_env_open(env_, path.c_str(), MDB_NOSUBDIR | MDB_NOTLS, 0600);
  }
  ~Environment() { mdb_env_close(env_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  MDB_env* get() const { return env_; }
  int opened() const { return opened_; }

 private:
  MDB_env* env_ = nullptr;
  int opened_ = 0;
};

MDB_val value_of(unsigned& number) { return {sizeof number, &number}; }

/// What transaction `number` leaves under `key`; its size has pages come and go.
std::string text_of(unsigned number, unsigned key) {
  return std::string(1 + (number * 977 + key * 131) % 3000, static_cast<char>('a' + (number + key) % 26));
}

/// Each transaction writes its number and a third of the keys.
bool is_written(unsigned number, unsigned key) { return (number + key) % 3 == 0; }

bool commit(MDB_env* env, unsigned number) {
  MDB_txn* txn = nullptr;
  MDB_dbi table = 0;
  if (mdb_txn_begin(env, nullptr, 0, &txn) != 0) return false;
  int code = mdb_dbi_open(txn, nullptr, 0, &table);
  for (unsigned key = 1; key <= keys && code == 0; ++key) {
    if (!is_written(number, key)) continue;
    std::string text = text_of(number, key);
    MDB_val name = value_of(key);
    MDB_val value{text.size(), text.data()};
    code = mdb_put(txn, table, &name, &value, 0);
  }
  unsigned zero = 0;
  MDB_val name = value_of(zero);
  MDB_val value = value_of(number);
  if (code == 0) code = mdb_put(txn, table, &name, &value, 0);
  if (code == 0) return mdb_txn_commit(txn) == 0;
  mdb_txn_abort(txn);
  return false;
}

/// The last transaction that is there; nothing if what is there is not what it left.
std::optional<unsigned> last_whole(MDB_env* env) {
  MDB_txn* txn = nullptr;
  MDB_dbi table = 0;
  if (mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) != 0) return std::nullopt;
  if (mdb_dbi_open(txn, nullptr, 0, &table) != 0) return mdb_txn_abort(txn), std::nullopt;
  const auto get = [&](unsigned key) -> std::string {
    MDB_val name = value_of(key);
    MDB_val value{};
    if (mdb_get(txn, table, &name, &value) != 0) return {};
    return {static_cast<const char*>(value.mv_data), value.mv_size};
  };
  unsigned number = 0;
  if (const std::string stored = get(0); stored.size() == sizeof number) {
    std::memcpy(&number, stored.data(), sizeof number);
  }
  bool whole = true;
  for (unsigned key = 1; key <= keys; ++key) {
    unsigned writer = number;
    while (writer > 0 && !is_written(writer, key)) --writer;
    whole = whole && get(key) == (writer == 0 ? "" : text_of(writer, key));
  }
  mdb_txn_abort(txn);
  return whole ? std::optional(number) : std::nullopt;
}

struct Cut {
  std::optional<Moment> moment;
  unsigned committed = 0;  // transactions that were reported durable before
};

/// Whether the database at `path` has transaction `number` whole. In a child process, since reading a broken database
/// may end it.
bool has_whole(const std::string& path, unsigned number) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fatal : {SIGBUS, SIGSEGV, SIGABRT}) ::signal(fatal, SIG_DFL);
    const Environment env(path);
    ::_exit(env.opened() == 0 && last_whole(env.get()) == number ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Commits until the power is cut at a sync point that the seed chooses.
Cut run(const std::string& root, std::uint64_t seed) {
  SeededRandom random(seed);
  Cut cut;
  WatchedFolder watched(root);
  const std::size_t chosen = 1 + random.below(2 * transactions);
  const bool done = random.below(2) == 0;
  watched.on_sync([&](const SyncPoint& point) {
    if (point.number == chosen && point.done == done) cut.moment = watched.cut();
  });
  const Environment env(root + "/metadata.mdb");
  REQUIRE(env.opened() == 0);
  const store::Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool named = ::fsync(folder.get()) == 0;
  for (unsigned number = 1; named && number <= transactions && !cut.moment; ++number) {
    if (commit(env.get(), number) && !cut.moment) cut.committed = number;
  }
  if (!cut.moment) cut.moment = watched.cut();
  return cut;
}

}  // namespace

TEST_CASE("after a power cut LMDB has the last durable transaction or the next one, whole", "[power]") {
  unsigned later = 0, earlier = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const TemporaryFolder folder(fast_disk());
    std::filesystem::create_directory(folder / "root");
    const Cut cut = run(folder / "root", seed);
    cut.moment->build_image(folder / "image", seed);
    if (!std::filesystem::exists(folder / "image/metadata.mdb")) {
      CHECK(cut.committed == 0);
      continue;
    }
    const Environment env(folder / "image/metadata.mdb");
    INFO("seed " << seed);
    // Its first pages were not synced: an empty file is a new database, half a one is none.
    if (cut.committed == 0 && env.opened() != 0) continue;
    REQUIRE(env.opened() == 0);
    const auto last = last_whole(env.get());
    REQUIRE(last.has_value());
    CHECK(*last >= cut.committed);
    CHECK(*last <= cut.committed + 1);
    ++(*last > cut.committed ? later : earlier);
  }
  // Both happen.
  CHECK(later > seeds / 20);
  CHECK(earlier > seeds / 4);
}

TEST_CASE("LMDB without its syncs does not survive", "[power]") {
  // Which shows that the test above could fail.
  unsigned lost = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const TemporaryFolder folder(fast_disk());
    std::filesystem::create_directory(folder / "root");
    std::optional<Moment> moment;
    {
      WatchedFolder watched(folder / "root");
      const Environment env(folder / "root/metadata.mdb");
      sync_folder(folder / "root");
      REQUIRE(commit(env.get(), 1));
      REQUIRE(mdb_env_set_flags(env.get(), MDB_NOSYNC, 1) == 0);
      for (unsigned number = 2; number <= 10; ++number) REQUIRE(commit(env.get(), number));
      moment = watched.cut();
    }
    moment->build_image(folder / "image", seed, {.unsynced = Unsynced::Subset});
    if (!has_whole(folder / "image/metadata.mdb", 10)) ++lost;
  }
  CHECK(lost > 25);
}
