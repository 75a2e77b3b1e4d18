// Operations on contents: READ, WRITE, COMMIT, READLINK, with the special stateids, and their memory.
#include "nfs/v4/stateids.hpp"
#include "ops/nfs4/client.hpp"
#include "unit/gate/fake_file_system.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

WRITE4args written(std::string_view contents, std::uint64_t offset = 0, stateid4 stateid = {}) {
  return {stateid, offset, stable_how4::FILE_SYNC4, chain_of(contents)};
}

/// Stateids of a test's own: one is good.
class OneStateid final : public Stateids {
 public:
  stateid4 good{.seqid = 3, .other = {}};
  std::vector<Intent> asked;
  OneStateid() { good.other[0] = std::byte{9}; }
  nfsstat4 judge(Compound&, const stateid4& stateid, Intent intent) override {
    asked.push_back(intent);
    return stateid == good ? NFS4_OK : NFS4ERR_OLD_STATEID;
  }
};

/// Gives and takes memory that the test knows.
class Spy final : public FakeFileSystem {
 public:
  Buffer contents = Buffer::copy_of(bytes_of(std::string(4096, 'x')));
  const std::byte* written = nullptr;
  Result<vfs::ReadResult> read(vfs::Context&, vfs::Node&, std::uint64_t, std::uint32_t) override {
    return vfs::ReadResult{.data = BufferChain(contents), .end_of_file = true, .attributes = {}};
  }
  Result<vfs::WriteResult> write(vfs::Context&, vfs::Node&, std::uint64_t, const BufferChain& data,
                                 vfs::Stability) override {
    if (data.buffers().size() == 1) written = data.buffers()[0].data();
    return vfs::WriteResult{.count = static_cast<std::uint32_t>(data.size()), .change = {}};
  }
};

}  // namespace

TEST_CASE("READ gives what is there, and says where the end is") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644, "0123456789"));
    struct Case {
      std::uint64_t offset;
      std::uint32_t count;
      std::string data;
      bool eof;
    };
    for (const Case& c : {Case{0, 4, "0123", false}, Case{4, 6, "456789", true}, Case{8, 100, "89", true},
                          Case{10, 1, "", true}, Case{~std::uint64_t{0}, 5, "", true}, Case{3, 0, "", false}}) {
      for (const stateid4& stateid : {anonymous, bypass()}) {
        Results results = client.run(Ops().fh(file).add(OP_READ, READ4args{stateid, c.offset, c.count}));
        const auto got = results.skip({OP_PUTFH}).next<READ4res>(OP_READ);
        INFO(c.offset << " " << c.count);
        CHECK(got.status == NFS4_OK);
        CHECK(test::text_of(got.resok4.data.chain) == c.data);
        CHECK(got.resok4.eof == c.eof);
      }
    }
  });
}

TEST_CASE("READ, WRITE and COMMIT are for regular files") {
  for_both([](World& world, Client& client) {
    const nfs_fh3 root = world.root();
    world.make_directory(root, "d");
    world.make_symlink(root, "link", "x");
    const CREATE4args fifo{.objtype = {.type = nfs_ftype4::NF4FIFO}, .objname = Ops::component("fifo")};
    REQUIRE(client.status(Ops().go({"export"}).add(OP_CREATE, fifo)) == NFS4_OK);
    const bool first = client.minor == 0;
    for (const auto& [name, status] : {std::pair{"d", NFS4ERR_ISDIR},
                                       {"link", first ? NFS4ERR_INVAL : NFS4ERR_SYMLINK},
                                       {"fifo", first ? NFS4ERR_INVAL : NFS4ERR_WRONG_TYPE}}) {
      INFO(name);
      CHECK(client.status(Ops().go({"export", name}).add(OP_READ, READ4args{{}, 0, 10})) == status);
      CHECK(client.status(Ops().go({"export", name}).add(OP_WRITE, written("x"))) == status);
      CHECK(client.status(Ops().go({"export", name}).add(OP_COMMIT, COMMIT4args{})) == status);
    }
  });
}

TEST_CASE("READ and WRITE with a special stateid are checked like everybody") {
  for_both([](World& world, Client& client) {
    world.become(1000, 1000);
    const nfs_fh4 unreadable = same_handle(world.make_file(world.root(), "a", 0200));
    const nfs_fh4 unwritable = same_handle(world.make_file(world.root(), "b", 0400));
    CHECK(client.status(Ops().fh(unreadable).add(OP_READ, READ4args{{}, 0, 1})) == NFS4ERR_ACCESS);
    CHECK(client.status(Ops().fh(unreadable).add(OP_WRITE, written("x"))) == NFS4_OK);
    CHECK(client.status(Ops().fh(unwritable).add(OP_WRITE, written("x"))) == NFS4ERR_ACCESS);
    CHECK(client.status(Ops().fh(unwritable).add(OP_READ, READ4args{{}, 0, 1})) == NFS4_OK);
  });
}

TEST_CASE("WRITE writes, tells how stable, and COMMIT has the same verifier") {
  for_both([](World& world, Client& client) {
    const nfs_fh3 file3 = world.make_file(world.root(), "file");
    WRITE4args args = written("hello", 3);
    args.stable = stable_how4::UNSTABLE4;
    Results results = client.run(Ops()
                                     .fh(same_handle(file3))
                                     .add(OP_WRITE, args)
                                     .add(OP_COMMIT, COMMIT4args{0, 0})
                                     .add(OP_WRITE, written("J", 3)));
    const auto first = results.skip({OP_PUTFH}).next<WRITE4res>(OP_WRITE);
    REQUIRE(first.status == NFS4_OK);
    CHECK(first.resok4.count == 5);
    const auto committed = results.next<COMMIT4res>(OP_COMMIT);
    CHECK(committed.status == NFS4_OK);
    CHECK(committed.resok4.writeverf == first.resok4.writeverf);
    CHECK(results.next<WRITE4res>(OP_WRITE).resok4.committed == stable_how4::FILE_SYNC4);
    CHECK(world.contents(file3) == std::string("\0\0\0Jello", 8));
  });
}

TEST_CASE("WRITE and COMMIT refuse what no file reaches to") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    CHECK(client.status(Ops().fh(file).add(OP_WRITE, written("x", limits::file_size))) == NFS4ERR_FBIG);
    CHECK(client.status(Ops().fh(file).add(OP_WRITE, written("x", ~std::uint64_t{0}))) == NFS4ERR_FBIG);
    const nfsstat4 beyond = client.status(Ops().fh(file).add(OP_COMMIT, COMMIT4args{~std::uint64_t{0}, 1}));
    CHECK(beyond == (client.minor == 0 ? NFS4ERR_INVAL : NFS4_OK));
    world.add_share(12, "fixed", {.read_only = true});
    CHECK(client.status(Ops().go({"fixed", "file"}).add(OP_WRITE, written("x"))) == NFS4ERR_ROFS);
  });
}

TEST_CASE("READ and WRITE refuse stateids that nobody gave") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0666, "x"));
    stateid4 unknown{.seqid = 1, .other = {}};
    unknown.other[3] = std::byte{7};
    stateid4 zeros_with_seqid{.seqid = 2, .other = {}}, invalid{.seqid = NFS4_UINT32_MAX, .other = {}};
    stateid4 ones_without_seqid = bypass(), current{.seqid = 1, .other = {}};
    ones_without_seqid.seqid = 0;
    for (const stateid4& bad : {unknown, zeros_with_seqid, invalid, ones_without_seqid, current}) {
      CHECK(client.status(Ops().fh(file).add(OP_READ, READ4args{bad, 0, 1})) == NFS4ERR_BAD_STATEID);
      CHECK(client.status(Ops().fh(file).add(OP_WRITE, written("y", 0, bad))) == NFS4ERR_BAD_STATEID);
      const SETATTR4args size{bad, fattr({FATTR4_SIZE}, std::uint64_t{0})};
      CHECK(client.status(Ops().fh(file).add(OP_SETATTR, size)) == NFS4ERR_BAD_STATEID);
    }
    OneStateid stateids;
    client.service.stateids = &stateids;
    CHECK(client.status(Ops().fh(file).add(OP_READ, READ4args{stateids.good, 0, 1})) == NFS4_OK);
    CHECK(client.status(Ops().fh(file).add(OP_WRITE, written("y", 0, stateids.good))) == NFS4_OK);
    CHECK(client.status(Ops().fh(file).add(OP_WRITE, written("y", 0, unknown))) == NFS4ERR_OLD_STATEID);
    CHECK(stateids.asked == std::vector{Intent::Read, Intent::Write, Intent::Write});
  });
}

TEST_CASE("READLINK gives the text of a symbolic link, and of nothing else") {
  for_both([](World& world, Client& client) {
    world.make_symlink(world.root(), "link", "some/where");
    world.make_file(world.root(), "file");
    Results results = client.run(Ops().go({"export", "link"}).add(OP_READLINK));
    CHECK(results.went(2).next<READLINK4res>(OP_READLINK).resok4.link.view() == "some/where");
    const nfsstat4 other = client.minor == 0 ? NFS4ERR_INVAL : NFS4ERR_WRONG_TYPE;
    CHECK(client.status(Ops().go({"export", "file"}).add(OP_READLINK)) == other);
    CHECK(client.status(Ops().go({"export"}).add(OP_READLINK)) == other);
  });
}

TEST_CASE("READ links the file system's memory into the reply, and WRITE hands on the request's") {
  for_both([](World& world, Client& client) {
    const auto spy = std::make_shared<Spy>();
    REQUIRE(world.shares.add(std::make_shared<gate::Share>(12, "spy", spy, spy->root(), gate::ShareRules{})));
    Results results = client.run(Ops().go({"spy"}).add(OP_READ, READ4args{{}, 0, 4096}));
    CHECK(results.status == NFS4_OK);
    const auto slices = results.bytes().buffers();
    CHECK(std::ranges::any_of(slices, [&](const Buffer& slice) { return slice.data() == spy->contents.data(); }));

    const BufferChain data = chain_of(std::string(4096, 'y'));
    const std::byte* const sent = data.buffers()[0].data();
    CHECK(client.status(Ops().go({"spy"}).add(OP_WRITE, WRITE4args{{}, 0, stable_how4::UNSTABLE4, data})) == NFS4_OK);
    CHECK(spy->written == sent);
  });
}

TEST_CASE("a READ that has memory already does not wait for more: DELAY") {
  struct FullRoom final : rpc::ReplyRoom {
    std::size_t reserved = 0, refused = 0;
    bool reserve(rpc::Call&, std::size_t bytes, rpc::InFlightPool::Waiter&) override {
      reserved += bytes;
      return true;
    }
    bool try_reserve(rpc::Call&, std::size_t bytes) override {
      refused += bytes;
      return false;
    }
    void granted(const rpc::InFlightPool::Waiter&, std::size_t) noexcept override {}
  } room;
  for_both([&](World& world, Client& client) {
    room = {};
    client.room = &room;
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644, "0123456789"));
    const READ4args args{{}, 0, 7};
    Results results = client.run(Ops().fh(file).add(OP_READ, args).add(OP_READ, args));
    CHECK(results.status == NFS4ERR_DELAY);
    CHECK(results.skip({OP_PUTFH}).next<READ4res>(OP_READ).status == NFS4_OK);
    CHECK(results.next<READ4res>(OP_READ).status == NFS4ERR_DELAY);
    CHECK(room.reserved == 7);
    CHECK(room.refused == 7);
  });
}
