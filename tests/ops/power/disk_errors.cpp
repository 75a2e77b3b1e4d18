// NFSv3 over a local store whose disk fails at one step of a change, or is full: the client that changed something is
// told, reads go on, nothing that was promised is lost, and everything goes on once the disk does (docs/durability.md).
#include <optional>
#include <string>
#include <thread>

#include "ops/world.hpp"
#include "store/store.hpp"
#include "support/power_cut/machine.hpp"
#include "support/recording_log.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

constexpr std::size_t travels = 6000;    // contents of this size go through the journal, and to an object
constexpr std::size_t object = 100'000;  // and these to the object alone

class Server {
 public:
  Server() { start(); }

  void start() {
    log.emplace();
    auto store = store::open_local_store(machine.path() + "/store", *log,
                                         {.map_bytes = std::size_t{64} << 20,
                                          .journal_bytes = 32 * (std::size_t{256} << 10),
                                          .flush_interval = std::chrono::hours(1),
                                          .checkpoint_interval = std::chrono::hours(1)});
    if (!store) FAIL(store.error().message);
    auto fs = vfs::DittoFs::open((*store)->kv, (*store)->data, clock, random, *log,
                                 {.root_mode = 0777, .inline_limit = 4096});
    if (!fs) FAIL(fs.error());
    world.emplace(std::move(*store), std::shared_ptr<vfs::DittoFs>(std::move(*fs)),
                  gate::ShareRules{.squash = gate::Squash::None});
  }

  /// Changes go from the journal to their place at the end of a store.
  void restart() {
    world.reset();
    start();
  }

  /// What the client is told: the handler's status, unless what its answer rests on is lost.
  template <class Res, class Args>
  nfsstat3 told(Task<Res> (*handler)(Service&, rpc::Call&, const Args&), const Args& args) {
    const Res result = world->call(handler, args);
    if (result.status != NFS3_OK) return result.status;
    for (const CommitTokens::Token& one : world->rests_on.tokens()) {
      if (auto durable = world->stores->kv.wait_durable(one.lsn); !durable) {
        return durable.error() == Error::NoSpace ? NFS3ERR_NOSPC : NFS3ERR_IO;
      }
    }
    return NFS3_OK;
  }

  nfsstat3 create(std::string_view name) {
    createhow3 how{.mode = createmode3::GUARDED};
    how.obj_attributes.mode = 0644;
    return told(&nfs3::create, CREATE3args{at(world->root(), name), how});
  }
  nfsstat3 write(const nfs_fh3& file, std::string_view text, stable_how stable = stable_how::FILE_SYNC) {
    return told(&nfs3::write, WRITE3args{file, 0, static_cast<count3>(text.size()), stable, chain_of(text)});
  }
  nfsstat3 commit(const nfs_fh3& file) { return told(&nfs3::commit, COMMIT3args{file, 0, 0}); }
  nfsstat3 remove(std::string_view name) { return told(&nfs3::remove, REMOVE3args{at(world->root(), name)}); }
  nfs_fh3 find(std::string_view name) {
    const LOOKUP3res found = world->call(&lookup, LOOKUP3args{at(world->root(), name)});
    REQUIRE(found.status == NFS3_OK);
    return found.resok.object;
  }

  /// A file whose contents are stable.
  nfs_fh3 keep(std::string_view name, std::string_view text) {
    REQUIRE(create(name) == NFS3_OK);
    const nfs_fh3 file = find(name);
    REQUIRE(write(file, text) == NFS3_OK);
    return file;
  }

  std::size_t errors() const { return log->count(LogLevel::Error, ""); }

  void check() {
    const auto checked = world->fs->check_store(
        {.contents = true}, [](std::string_view line) { UNSCOPED_INFO("the check: " << line); },
        [](const vfs::CheckSummary&) {});
    REQUIRE(checked.has_value());
    CHECK(checked->problems == 0);
  }

  ManualClock clock;
  SeededRandom random{7};
  Machine machine;
  std::optional<RecordingLog> log;
  std::optional<World> world;
};

const std::string small(100, 's'), middle(travels, 'm'), large(object, 'l');

}  // namespace

TEST_CASE("a journal that cannot be written or synced: the client is told, and what was promised is read on",
          "[errors]") {
  const Failure failures[] = {
      {.call = Call::Write, .prefix = "store/journal"},
      {.call = Call::Sync, .prefix = "store/journal"},
      {.call = Call::Write, .prefix = "store/journal", .effect = Failure::Effect::HalfThenError}};
  for (const Failure& failure : failures) {
    INFO((failure.call == Call::Write ? "write" : "sync") << ", effect " << static_cast<int>(failure.effect));
    Server server;
    const nfs_fh3 file = server.keep("kept", middle);
    server.machine.disk().fail(failure);
    // Once only: a sync that failed is not made good by a later one that works.
    CHECK(server.create("lost") == NFS3ERR_IO);
    CHECK(server.create("more") == NFS3ERR_ROFS);
    CHECK(server.write(file, "x") == NFS3ERR_ROFS);
    CHECK(server.remove("kept") == NFS3ERR_ROFS);
    CHECK(server.world->look(server.world->root(), "lost") == NFS3ERR_NOENT);
    CHECK(server.world->contents(file) == middle);
    CHECK(server.errors() == 1);
    const auto status = server.world->stores->status().value();
    REQUIRE(status.read_only.has_value());
    CHECK(status.read_only->reason.contains("journal"));
    CHECK(status.durable > 0);
    CHECK(status.last > status.durable);  // a number that was taken back is not used again

    server.machine.disk().repair();
    server.restart();
    CHECK_FALSE(server.world->stores->status().value().read_only.has_value());
    CHECK(server.world->contents(server.find("kept")) == middle);
    CHECK(server.create("again") == NFS3_OK);
    CHECK(server.errors() == 0);
    server.check();
  }
}

TEST_CASE("metadata that cannot be applied: everything that was answered is there after a restart", "[errors]") {
  for (const Call call : {Call::Write, Call::Sync}) {
    INFO((call == Call::Write ? "write" : "sync"));
    Server server;
    server.keep("kept", middle);
    server.machine.disk().fail({.call = call, .suffix = "metadata.mdb", .from_then_on = true});
    CHECK(server.create("journaled") == NFS3_OK);
    CHECK(server.world->look(server.world->root(), "journaled") == NFS3_OK);
    server.world.reset();  // applies, and fails
    CHECK(server.errors() == 1);

    server.machine.disk().repair();
    server.start();
    CHECK(server.world->look(server.world->root(), "journaled") == NFS3_OK);
    CHECK(server.world->contents(server.find("kept")) == middle);
    CHECK(server.create("again") == NFS3_OK);
    server.check();
  }
}

TEST_CASE("contents that cannot be written: their client is told, and everything else goes on", "[errors]") {
  const Failure failures[] = {
      {.call = Call::Write, .prefix = "store/objects"},
      {.call = Call::Write, .prefix = "store/objects", .effect = Failure::Effect::HalfThenError},
      {.call = Call::Sync, .prefix = "store/objects"},
  };
  for (const Failure& failure : failures) {
    INFO((failure.call == Call::Write ? "write" : "sync") << ", effect " << static_cast<int>(failure.effect));
    Server server;
    const nfs_fh3 other = server.keep("other", large), file = server.keep("file", large);
    server.machine.disk().fail(failure);
    CHECK(server.write(file, std::string(object, 'n')) == NFS3ERR_IO);
    CHECK(server.create("new") == NFS3_OK);
    CHECK(server.world->contents(other) == large);
    CHECK(server.write(file, std::string(object, 'n')) == NFS3_OK);
    server.restart();
    CHECK(server.world->contents(server.find("file")) == std::string(object, 'n'));
    CHECK(server.world->look(server.world->root(), "new") == NFS3_OK);
    server.check();
  }
}

TEST_CASE("COMMIT that cannot sync: its client is told, and writes again under another verifier", "[errors]") {
  Server server;
  const nfs_fh3 file = server.keep("file", large);
  const auto verifier = [&] {
    const WRITE3res written = server.world->call(
        &nfs3::write, WRITE3args{file, 0, static_cast<count3>(large.size()), stable_how::UNSTABLE, chain_of(large)});
    REQUIRE(written.status == NFS3_OK);
    REQUIRE(written.resok.committed == stable_how::UNSTABLE);
    return written.resok.verf;
  };
  const auto before = verifier();
  CHECK(verifier() == before);
  server.machine.disk().fail({.call = Call::Sync, .prefix = "store/objects"});
  CHECK(server.commit(file) == NFS3ERR_IO);
  CHECK_FALSE(verifier() == before);
  CHECK(server.commit(file) == NFS3_OK);
  CHECK(server.world->contents(file) == large);
}

TEST_CASE("a full disk: new things are refused, reads and removals go on, and all goes on when there is room",
          "[errors]") {
  Server server;
  const nfs_fh3 file = server.keep("kept", middle);
  server.keep("old", large);
  server.machine.disk().set_full();
  // The journal's segments that are filled ahead take changes for a while.
  unsigned made = 0;
  nfsstat3 last = NFS3_OK;
  while (made < 20'000 && (last = server.create("n" + std::to_string(made))) == NFS3_OK) ++made;
  CHECK(last == NFS3ERR_NOSPC);
  REQUIRE(made > 0);
  CHECK(server.world->contents(file) == middle);
  CHECK(server.write(server.find("old"), std::string(object * 4, 'x')) == NFS3ERR_NOSPC);
  CHECK(server.world->look(server.world->root(), "n" + std::to_string(made)) == NFS3ERR_NOENT);

  server.machine.disk().repair();
  unsigned attempts = 0;
  while (server.create("again") != NFS3_OK && ++attempts < 1000)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  CHECK(server.world->look(server.world->root(), "again") == NFS3_OK);
  CHECK(server.write(server.find("old"), std::string(object * 4, 'x')) == NFS3_OK);
  server.restart();
  CHECK(server.world->contents(server.find("kept")) == middle);
  CHECK(server.world->look(server.world->root(), "n" + std::to_string(made - 1)) == NFS3_OK);
  CHECK(server.errors() == 0);
  server.check();
}
