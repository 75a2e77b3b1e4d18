// Copies that the server makes: CLONE and COPY.
#include "nfs/v4/messages/copy.hpp"

#include "ops/nfs4/holder.hpp"
#include "vfs/file_system.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint64_t block = vfs::clone_block_bytes;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i / 5 % 26);
  return text;
}

/// A client of version 2 with two files.
struct Copies {
  World world;
  Client client{world};
  std::string text = pattern(30 * block + 77);
  nfs_fh3 from3 = world.make_file(world.root(), "from", 0644, text), to3 = world.make_file(world.root(), "to");
  nfs_fh4 from = same_handle(from3), to = same_handle(to3);
  Copies() { client.minor = 2; }

  nfsstat4 clone(std::uint64_t at, std::uint64_t to_at, std::uint64_t count) {
    return client.status(Ops().fh(from).save().fh(to).add(OP_CLONE, CLONE4args{{}, {}, at, to_at, count}));
  }
  COPY4res copy(const COPY4args& args) {
    Results results = client.run(Ops().fh(from).save().fh(to).add(OP_COPY, args));
    return results.skip({OP_PUTFH, OP_SAVEFH, OP_PUTFH}).next<COPY4res>(OP_COPY);
  }
  COPY4res copy(std::uint64_t at, std::uint64_t to_at, std::uint64_t count) {
    return copy(COPY4args{{}, {}, at, to_at, count, true, true, {}});
  }
};

std::uint64_t copied(const COPY4res& result) {
  REQUIRE(result.status == NFS4_OK);
  CHECK(result.resok4.cr_response.wr_callback_id.empty());
  CHECK(result.resok4.cr_requirements.cr_consecutive);
  CHECK(result.resok4.cr_requirements.cr_synchronous);
  return result.resok4.cr_response.wr_count;
}

}  // namespace

TEST_CASE("CLONE gives a file the contents of another one, which stay its own") {
  Copies c;
  REQUIRE(c.clone(0, 0, 0) == NFS4_OK);
  CHECK(c.world.contents(c.to3) == c.text);
  REQUIRE(c.client.status(Ops().fh(c.to).add(
              OP_WRITE, WRITE4args{.offset = 5,
                                   .stable = stable_how4::FILE_SYNC4,
                                   .data = {BufferChain(Buffer::copy_of(bytes_of("new")))}})) == NFS4_OK);
  CHECK(c.world.contents(c.to3) == std::string(c.text).replace(5, 3, "new"));
  CHECK(c.world.contents(c.from3) == c.text);
  REQUIRE(c.clone(2 * block, 40 * block, block) == NFS4_OK);
  CHECK(c.world.contents(c.to3).size() == 41 * block);
  CHECK(c.world.contents(c.to3).substr(40 * block) == c.text.substr(2 * block, block));
}

TEST_CASE("CLONE keeps to its blocks, to the source's end, and to itself") {
  Copies c;
  CHECK(c.clone(1, 0, block) == NFS4ERR_INVAL);
  CHECK(c.clone(0, 1, block) == NFS4ERR_INVAL);
  CHECK(c.clone(0, 0, block + 1) == NFS4ERR_INVAL);
  CHECK(c.clone(0, 0, c.text.size() + 1) == NFS4ERR_INVAL);
  CHECK(c.clone(31 * block, 0, 0) == NFS4ERR_INVAL);
  CHECK(c.world.contents(c.to3).empty());
  c.to = c.from;
  CHECK(c.clone(0, block, 2 * block) == NFS4ERR_INVAL);
  CHECK(c.clone(0, 40 * block, 2 * block) == NFS4_OK);
  CHECK(c.world.contents(c.from3).substr(40 * block) == c.text.substr(0, 2 * block));
  Results results = c.client.run(Ops().fh(c.from).getattr({FATTR4_CLONE_BLKSIZE}));
  std::uint32_t told = 0;
  read_values(results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, told);
  CHECK(told == block);
}

TEST_CASE("COPY shares whole blocks, and copies what is none") {
  Copies c;
  const COPY4res whole = c.copy(0, 0, 0);
  CHECK(copied(whole) == c.text.size());
  CHECK(c.world.contents(c.to3) == c.text);
  const COPY4res blocks = c.copy(block, 33 * block, 2 * block);
  CHECK(copied(blocks) == 2 * block);
  CHECK(blocks.resok4.cr_response.wr_committed == stable_how4::FILE_SYNC4);
  CHECK(copied(c.copy(7, 50 * block + 3, 1000)) == 1000);
  CHECK(c.world.contents(c.to3).substr(50 * block + 3) == c.text.substr(7, 1000));
  // What lies behind the copy stays, in the last block too.
  const std::string before = c.world.contents(c.to3);
  CHECK(copied(c.copy(30 * block, 0, 0)) == 77);
  CHECK(c.world.contents(c.to3) == c.text.substr(30 * block) + before.substr(77));
  CHECK(copied(c.copy(c.text.size(), 0, 0)) == 0);
  const COPY4res lazy = c.copy(COPY4args{{}, {}, 0, 0, block, false, false, {}});
  CHECK(copied(lazy) == block);
}

TEST_CASE("COPY of more than one answer takes ends where the next one begins") {
  Copies c;
  const std::string large = pattern((std::size_t{17} << 20) + 5);
  const nfs_fh3 source = c.world.make_file(c.world.root(), "large", 0644, large);
  c.from = same_handle(source);
  const std::uint64_t first = copied(c.copy(1, 0, 0));
  CHECK(first == std::uint64_t{16} << 20);
  CHECK(copied(c.copy(1 + first, first, 0)) == large.size() - 1 - first);
  std::string found;
  while (found.size() < large.size() - 1) {
    Results results = c.client.run(Ops().fh(c.to).add(OP_READ, READ4args{{}, found.size(), 1 << 20}));
    const auto got = results.skip({OP_PUTFH}).next<READ4res>(OP_READ);
    REQUIRE((got.status == NFS4_OK && got.resok4.data.size() != 0));
    found += test::text_of(got.resok4.data.chain);
  }
  CHECK((found == large.substr(1)));  // too long to be told
}

TEST_CASE("COPY leaves holes as they are, however long") {
  Copies c;
  const std::uint64_t size = std::uint64_t{1} << 40;
  REQUIRE(c.client.status(Ops().fh(c.from).add(OP_SETATTR, SETATTR4args{{}, fattr({FATTR4_SIZE}, size)})) == NFS4_OK);
  // Not at a block, so that nothing is shared.
  std::uint64_t done = 1;
  for (int i = 0; i < 4 && done < size; ++i) done += copied(c.copy(done, done, 0));
  CHECK(done == size);
  Results results = c.client.run(Ops().fh(c.to).getattr({FATTR4_SIZE, FATTR4_SPACE_USED}));
  const auto told = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
  std::uint64_t copied_size = 0, used = 0;
  read_values(told.resok4.obj_attributes, copied_size, used);
  CHECK(copied_size == size);
  CHECK(used < 4 << 20);
}

TEST_CASE("COPY is refused beyond the source's end, within one file, and from other servers") {
  Copies c;
  CHECK(c.copy(c.text.size() + 1, 0, 0).status == NFS4ERR_INVAL);
  CHECK(c.copy(0, 0, c.text.size() + 1).status == NFS4ERR_INVAL);
  CHECK(c.copy(0, ~std::uint64_t{0}, 0).status == NFS4ERR_FBIG);
  COPY4args foreign{};
  foreign.ca_source_server.emplace_back();
  CHECK(c.copy(foreign).status == NFS4ERR_OFFLOAD_DENIED);
  CHECK(c.world.contents(c.to3).empty());
  c.to = c.from;
  CHECK(c.copy(0, 64 * block, block).status == NFS4ERR_INVAL);
}

TEST_CASE("CLONE and COPY are for regular files, in whichever shares they are, and the target's may be written") {
  Copies c;
  const nfs_fh4 file = c.from;
  c.world.make_directory(c.world.root(), "d");
  c.from = c.client.handle({"export", "d"});
  CHECK(c.clone(0, 0, 0) == NFS4ERR_WRONG_TYPE);
  CHECK(c.copy(0, 0, 0).status == NFS4ERR_WRONG_TYPE);
  std::swap(c.from, c.to);
  CHECK(c.clone(0, 0, 0) == NFS4ERR_WRONG_TYPE);
  CHECK(c.client.status(Ops().fh(file).save().root().add(OP_CLONE, CLONE4args{})) == NFS4ERR_WRONG_TYPE);
  CHECK(c.client.status(Ops().fh(file).add(OP_CLONE, CLONE4args{})) == NFS4ERR_NOFILEHANDLE);
  c.world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
  c.from = file;
  c.to = c.client.handle({"fixed", "to"});
  CHECK(c.clone(0, 0, 0) == NFS4ERR_ROFS);
  CHECK(c.copy(0, 0, 0).status == NFS4ERR_ROFS);
  // From there they may come.
  c.from = c.client.handle({"fixed", "from"});
  c.to = same_handle(c.to3);
  CHECK(c.clone(0, 0, 0) == NFS4_OK);
  CHECK(c.world.contents(c.to3) == c.text);
}

TEST_CASE("between stores there is no CLONE, and COPY moves bytes") {
  Copies c;
  c.world.add_other_store(13, "other");
  c.from = same_handle(c.world.make_file(c.world.root("other"), "far", 0644, c.text));
  CHECK(c.clone(0, 0, 0) == NFS4ERR_XDEV);
  const COPY4res far = c.copy(0, 0, 0);
  CHECK(copied(far) == c.text.size());
  CHECK(far.resok4.cr_response.wr_committed == stable_how4::UNSTABLE4);
  CHECK(c.world.contents(c.to3) == c.text);
}

TEST_CASE("CLONE and COPY read by the one stateid and write by the other") {
  Server server;
  Holder client(server, 2);
  const std::string text = pattern(3 * block);
  server.world.make_file(server.world.root(), "from", 0644, text);
  const nfs_fh3 to3 = server.world.make_file(server.world.root(), "to");
  const Opened from = client.open("from"), reads = client.open("to", {.owner = "reader"}),
               to = client.open("to", {.owner = "writer", .access = OPEN4_SHARE_ACCESS_WRITE});
  const auto clone = [&](const stateid4& source, const stateid4& target) {
    return client.status(Ops().fh(from.handle).save().fh(to.handle).add(OP_CLONE, CLONE4args{source, target, 0, 0, 0}));
  };
  const auto copy = [&](const stateid4& source, const stateid4& target) {
    return client.status(Ops()
                             .fh(from.handle)
                             .save()
                             .fh(to.handle)
                             .add(OP_COPY, COPY4args{source, target, 0, 0, block, true, true, {}}));
  };
  stateid4 unknown = from.stateid;
  unknown.other[11] ^= std::byte{0x7f};
  const auto refused = [&](const auto& operation) {
    CHECK(operation(to.stateid, to.stateid) != NFS4_OK);
    CHECK(operation(from.stateid, reads.stateid) == NFS4ERR_OPENMODE);
    CHECK(operation(unknown, to.stateid) == NFS4ERR_BAD_STATEID);
    CHECK(operation(from.stateid, unknown) == NFS4ERR_BAD_STATEID);
    CHECK(server.world.contents(to3).empty());
  };
  refused(clone);
  refused(copy);
  CHECK(clone(from.stateid, to.stateid) == NFS4_OK);
  CHECK(server.world.contents(to3) == text);
  CHECK(copy(from.stateid, to.stateid) == NFS4_OK);
  // Whoever denies writing denies both to all others.
  const Opened denies = client.open("from", {.owner = "denies", .deny = OPEN4_SHARE_DENY_READ});
  CHECK(denies.status == NFS4ERR_SHARE_DENIED);
  REQUIRE(client.close(from).status == NFS4_OK);
  const Opened alone = client.open("from", {.owner = "alone", .deny = OPEN4_SHARE_DENY_READ});
  REQUIRE(alone.status == NFS4_OK);
  CHECK(clone({}, to.stateid) == NFS4ERR_LOCKED);
  CHECK(copy({}, to.stateid) == NFS4ERR_LOCKED);
  CHECK(clone(alone.stateid, to.stateid) == NFS4_OK);
}
