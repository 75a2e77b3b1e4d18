// A COMPOUND waits once, for all that it changed or saw; where some of that is taken back, its reply ends there. The
// file system is a fake whose numbers become durable, or are lost, when the test says so.
#include "ops/nfs4/client.hpp"
#include "support/manual_durable.hpp"
#include "unit/gate/fake_file_system.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

class Slow final : public FakeFileSystem {
 public:
  ManualDurable store;
  Lsn written = 0;
  Slow() {
    on_setattr = [this](vfs::Context& context) {
      context.depend(++written);
      return vfs::Change{};
    };
    on_getattr = [this](vfs::Context& context) {
      context.depend(written);
      return vfs::Attributes{.id = node.id(), .type = vfs::FileType::Directory};
    };
  }
  void when_durable(DurableWait& wait) override { store.when_durable(wait); }
};

struct SlowWorld {
  World world;
  std::shared_ptr<Slow> slow = std::make_shared<Slow>();
  Client client{world};
  std::optional<BufferChain> reply;

  explicit SlowWorld(std::uint32_t minor) {
    REQUIRE(world.shares.add(std::make_shared<gate::Share>(12, "slow", slow, slow->root(), gate::ShareRules{})));
    client.minor = minor;
  }
  void start(const Ops& ops) { client.start(client.arguments(ops), reply); }
  Results results() {
    client.turn();
    REQUIRE(reply);
    Results got(Client::body(*reply));
    if (client.minor > 0) got.next<SEQUENCE4res>(OP_SEQUENCE);
    return got;
  }
};

Ops& chmod(Ops& ops) { return ops.add(OP_SETATTR, SETATTR4args{{}, fattr({FATTR4_MODE}, std::uint32_t{0700})}); }
Ops two_changes() {
  Ops ops;
  chmod(chmod(ops.go({"slow"})).getfh()).getfh();
  return ops;
}

}  // namespace

TEST_CASE("a reply waits once, for the last change, and the slot with it") {
  for (const std::uint32_t minor : {0U, 1U}) {
    SlowWorld slow(minor);
    slow.start(two_changes());
    CHECK_FALSE(slow.reply);
    CHECK(slow.slow->store.waiting() == 1);
    slow.slow->store.advance(1);
    slow.client.turn();
    CHECK_FALSE(slow.reply);
    CHECK(slow.client.session.ended == 0);
    slow.slow->store.advance(2);
    Results results = slow.results();
    CHECK(results.status == NFS4_OK);
    CHECK(slow.client.session.ended == (minor == 0 ? 0 : 1));
  }
}

TEST_CASE("a reply ends with the first operation whose change was taken back") {
  for (const std::uint32_t minor : {0U, 1U}) {
    SlowWorld slow(minor);
    slow.start(two_changes());
    slow.slow->store.advance(1);
    slow.slow->store.take_back(2, Error::NoSpace);
    Results results = slow.results();
    CHECK(results.status == NFS4ERR_NOSPC);
    CHECK(results.count == 5 + minor);
    CHECK(results.went(1).next<SETATTR4res>(OP_SETATTR).status == NFS4_OK);
    CHECK(results.next<GETFH4res>(OP_GETFH).status == NFS4_OK);
    const auto lost = results.next<SETATTR4res>(OP_SETATTR);
    CHECK(lost.status == NFS4ERR_NOSPC);
    CHECK(lost.attrsset.words.empty());
    CHECK(results.left() == 0);
    if (minor > 0) CHECK(slow.client.session.kept == Client::body(*slow.reply));
  }
}

TEST_CASE("when all is taken back, the first change is the failure") {
  SlowWorld slow(0);
  slow.start(two_changes());
  slow.slow->store.take_back(1, Error::Io);
  slow.slow->store.take_back(2, Error::Io);
  Results results = slow.results();
  CHECK(results.status == NFS4ERR_IO);
  CHECK(results.count == 3);
  CHECK(results.went(1).next<SETATTR4res>(OP_SETATTR).status == NFS4ERR_IO);
  CHECK(results.left() == 0);
}

TEST_CASE("what was seen is waited for as well, and is not told when it is taken back") {
  SlowWorld slow(0);
  slow.slow->written = 7;  // somebody else's change
  slow.start(Ops().go({"slow"}).getfh().getattr({FATTR4_TYPE}));
  CHECK_FALSE(slow.reply);
  slow.slow->store.take_back(7, Error::Io);
  Results results = slow.results();
  CHECK(results.status == NFS4ERR_IO);
  CHECK(results.went(1).next<GETFH4res>(OP_GETFH).status == NFS4_OK);
  CHECK(results.next<GETATTR4res>(OP_GETATTR).status == NFS4ERR_IO);
}

TEST_CASE("a COMPOUND that rests on nothing waits for nothing") {
  SlowWorld slow(0);
  slow.slow->written = 7;
  slow.start(Ops().go({"slow"}).getfh());
  CHECK(slow.results().status == NFS4_OK);
}

TEST_CASE("a retry of version 0 that comes while the first waits for the disk waits with it") {
  SlowWorld slow(0);
  slow.start(two_changes());
  std::optional<BufferChain> second;
  Ops again = two_changes();
  slow.client.start(slow.client.arguments(again), second);
  CHECK_FALSE(second);
  slow.slow->store.advance(2);
  slow.client.turn();
  REQUIRE(second);
  CHECK(*second == *slow.reply);
  CHECK(slow.slow->written == 2);
}
