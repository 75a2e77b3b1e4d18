// Calls that fail as planned under power_cut: which, how, and what the disk may hold then. And calls that it cannot
// follow.
#include "store/power_files.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <functional>
#include <set>
#include <thread>

#include "support/power_cut/sync_gate.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

ssize_t try_write(const store::Descriptor& file, off_t offset, std::string_view text) {
  return ::pwrite(file.get(), text.data(), text.size(), offset);
}

/// Whether the process ends by abort() when it does this.
bool aborts(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);
    const store::Descriptor nowhere(::open("/dev/null", O_WRONLY));
    ::dup2(nowhere.get(), STDERR_FILENO);
    body();
    ::_exit(0);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

}  // namespace

TEST_CASE("the planned call fails, once or from then on, on the files that it means", "[power]") {
  Disk disk;
  const auto old = open_file(disk / "old", O_RDWR);
  const auto other = open_file(disk / "other.log");
  disk.watched.fail({.call = Call::Write, .suffix = ".log", .nth = 2, .error = EDQUOT});
  CHECK(try_write(other, 0, "1") == 1);
  CHECK(try_write(old, 0, "1") == 1);
  CHECK(try_write(other, 0, "2") == -1);
  CHECK(errno == EDQUOT);
  CHECK(try_write(other, 1, "3") == 1);
  CHECK(read_file(disk / "other.log") == "13");
  disk.watched.fail({.call = Call::Write, .prefix = "ol", .from_then_on = true});
  for (int i = 0; i < 3; ++i) CHECK(try_write(old, 0, "x") == -1);
  CHECK(try_write(other, 1, "4") == 1);
  disk.watched.repair();
  CHECK(try_write(old, 0, "2") == 1);
}

TEST_CASE("a write that fails half-way has written half", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  disk.watched.fail({.error = ENOSPC, .effect = Failure::Effect::HalfThenError});
  CHECK(try_write(file, 3, "abcd") == -1);
  CHECK(errno == ENOSPC);
  CHECK(read_file(disk / "old") == "oldab");
  disk.watched.fail({.effect = Failure::Effect::Half});
  CHECK(try_write(file, 3, "efghi") == 2);
  CHECK(read_file(disk / "old") == "oldef");
  CHECK(disk.after(1, everything) == read_files(disk.root));
}

TEST_CASE("each kind of call can fail, and has no effect then", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  const auto fails = [&](Call call, const std::function<int()>& body) {
    disk.watched.fail({.call = call, .error = EDQUOT});
    const int first = body();
    return first == -1 && errno == EDQUOT && read_files(disk.root) == Files{{"old", "old"}};
  };
  CHECK(fails(Call::Sync, [&] { return ::fsync(file.get()); }));
  CHECK(fails(Call::Sync, [&] { return ::fdatasync(file.get()); }));
  CHECK(fails(Call::Allocate, [&] { return ::fallocate(file.get(), 0, 0, 100); }));
  CHECK(fails(Call::Resize, [&] { return ::ftruncate(file.get(), 1); }));
  CHECK(fails(Call::Create, [&] { return ::open((disk / "new").c_str(), O_CREAT | O_RDWR, 0600); }));
  CHECK(fails(Call::Create, [&] { return ::mkdir((disk / "new").c_str(), 0700); }));
  CHECK(fails(Call::Create, [&] { return ::link((disk / "old").c_str(), (disk / "new").c_str()); }));
  CHECK(fails(Call::Rename, [&] { return ::rename((disk / "old").c_str(), (disk / "new").c_str()); }));
  CHECK(fails(Call::Remove, [&] { return ::unlink((disk / "old").c_str()); }));
  CHECK(fails(Call::Write, [&] { return static_cast<int>(::write(file.get(), "x", 1)); }));
  disk.watched.fail({.call = Call::Allocate, .error = ENOSPC});
  CHECK(::posix_fallocate(file.get(), 0, 100) == ENOSPC);
}

TEST_CASE("what a failed sync left is never durable for sure", "[power]") {
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  write_at(file, 0, "1");
  disk.watched.fail({.call = Call::Sync});
  CHECK(::fdatasync(file.get()) == -1);
  CHECK(errno == EIO);
  write_at(file, 1, "2");
  sync(file);
  CHECK(disk.watched.capture().unsynced() == 1);
  CHECK(disk.durable()["old"] == "o2d");
  CHECK(disk.after(1, everything)["old"] == "12d");
  // Written again, it is.
  write_at(file, 0, "3");
  sync(file);
  CHECK(disk.durable()["old"] == "32d");
  CHECK(disk.after(1, everything)["old"] == "32d");
}

TEST_CASE("on a full disk only what has its blocks is written", "[power]") {
  Disk disk(std::string(5000, 'x'));
  const auto file = open_file(disk / "old", O_RDWR);
  const auto reserved = open_file(disk / "reserved");
  REQUIRE(::fallocate(reserved.get(), FALLOC_FL_KEEP_SIZE, 0, 10'000) == 0);
  disk.watched.set_full();
  CHECK(try_write(file, 4000, std::string(2000, 'y')) == 2000);  // to the end of the block
  CHECK(try_write(file, 8192, "y") == -1);
  CHECK(errno == ENOSPC);
  CHECK(try_write(reserved, 0, std::string(10'000, 'y')) == 10'000);
  CHECK(try_write(reserved, 100'000, "y") == -1);
  CHECK(::open((disk / "new").c_str(), O_CREAT | O_RDWR, 0600) == -1);
  CHECK(::fallocate(file.get(), 0, 0, 100) == -1);
  CHECK(::mkdir((disk / "folder").c_str(), 0700) == -1);
  REQUIRE(::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0);
  CHECK(try_write(file, 0, "y") == -1);
  sync(file);
  disk.watched.set_full(false);
  CHECK(try_write(file, 8192, "y") == 1);
}

TEST_CASE("syncs are counted by file, and held back by file", "[power]") {
  Disk disk;
  const auto old = open_file(disk / "old", O_RDWR);
  const auto other = open_file(disk / "other");
  const std::size_t before = syncs();
  sync(old);
  sync(old);
  sync_folder(disk.root);
  CHECK(disk.watched.syncs() == 3);
  CHECK(disk.watched.syncs("old") == 2);
  CHECK(disk.watched.syncs("other") == 0);
  CHECK(syncs() - before == 2);
  std::thread waits;
  {
    const HeldSyncs held("other");
    write_at(other, 0, "x");
    waits = std::thread([&] { ::fdatasync(other.get()); });
    held.wait_for(1);
    sync(old);
    CHECK(disk.watched.syncs("other") == 0);
  }
  waits.join();
  CHECK(disk.watched.syncs("other") == 1);
  fail_syncs(1, EDQUOT, "other");
  sync(old);
  write_at(other, 0, "y");
  CHECK(::fdatasync(other.get()) == -1);
  CHECK(errno == EDQUOT);
  CHECK(disk.watched.capture().unsynced() == 1);
  sync(other);
  CHECK(disk.watched.capture().unsynced() == 1);
}

TEST_CASE("a call that cannot be followed ends the process", "[power]") {
  const TemporaryFolder outside(fast_disk());
  open_file(outside / "file");
  Disk disk;
  const auto file = open_file(disk / "old", O_RDWR);
  const auto lock = open_file(disk / "metadata.mdb-lock");
  CHECK(aborts([&] { ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0); }));
  CHECK(aborts([&] { ::fallocate(file.get(), FALLOC_FL_COLLAPSE_RANGE, 0, 4096); }));
  CHECK(aborts([&] { (void)::symlink("to", (disk / "link").c_str()); }));
  CHECK(aborts([&] { ::rename((outside / "file").c_str(), (disk / "file").c_str()); }));
  CHECK(aborts([&] { ::rename((disk / "old").c_str(), (outside / "old").c_str()); }));
  CHECK(aborts([&] { std::ofstream((disk / "new")) << "x"; }));
  CHECK(aborts([&] { ::open(disk.root.c_str(), O_TMPFILE | O_RDWR, 0600); }));
  CHECK(aborts([&] { const WatchedFolder second(outside.path()); }));
  CHECK_FALSE(aborts([&] { ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file.get(), 0); }));
  CHECK_FALSE(aborts([&] { ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, lock.get(), 0); }));
  CHECK_FALSE(aborts([&] { (void)::write(lock.get(), "x", 1); }));
  // Made by somebody else: nobody knows what of it is durable.
  CHECK(aborts([&] {
    (void)::syscall(SYS_mkdirat, AT_FDCWD, (disk / "folder").c_str(), 0700);
    ::open((disk / "folder/file").c_str(), O_CREAT | O_RDWR, 0600);
  }));
}
