// Holes and room: SEEK, READ_PLUS, ALLOCATE, DEALLOCATE, IO_ADVISE.
#include "nfs/v4/messages/sparse.hpp"

#include "ops/nfs4/holder.hpp"
#include "store/data/memory_data.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

using enum data_content4;

constexpr std::uint64_t page = store::MemoryData::page_bytes;

/// A client of version 2.
struct Sparse {
  World world;
  Client client{world};
  nfs_fh4 file;
  Sparse() { client.minor = 2; }

  /// Data, a hole and data, each of one page of the store.
  nfs_fh3 make_sparse() {
    const nfs_fh3 made = world.make_file(world.root(), "sparse", 0644, std::string(3 * page, 'x'));
    file = same_handle(made);
    REQUIRE(deallocate(page, page) == NFS4_OK);
    return made;
  }
  SEEK4res seek(std::uint64_t offset, data_content4 what) {
    Results results = client.run(Ops().fh(file).add(OP_SEEK, SEEK4args{{}, offset, what}));
    return results.skip({OP_PUTFH}).next<SEEK4res>(OP_SEEK);
  }
  std::uint64_t change() {
    Results results = client.run(Ops().fh(file).getattr({FATTR4_CHANGE}));
    const auto got = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
    std::uint64_t value = 0;
    read_values(got.resok4.obj_attributes, value);
    return value;
  }
  nfsstat4 allocate(std::uint64_t offset, std::uint64_t length) {
    return client.status(Ops().fh(file).add(OP_ALLOCATE, ALLOCATE4args{{}, offset, length}));
  }
  nfsstat4 deallocate(std::uint64_t offset, std::uint64_t length) {
    return client.status(Ops().fh(file).add(OP_DEALLOCATE, DEALLOCATE4args{{}, offset, length}));
  }
  READ_PLUS4res pieces(std::uint64_t offset, std::uint32_t count) {
    Results results = client.run(Ops().fh(file).add(OP_READ_PLUS, READ_PLUS4args{{}, offset, count}));
    auto got = results.skip({OP_PUTFH}).next<READ_PLUS4res>(OP_READ_PLUS);
    REQUIRE(got.status == NFS4_OK);
    return got;
  }
  /// "eof data 0: text", "hole 65536: 65536".
  std::string read_plus(std::uint64_t offset, std::uint32_t count) {
    const READ_PLUS4res got = pieces(offset, count);
    std::string told = got.resok4.rpr_eof ? "eof" : "more";
    for (const read_plus_content& piece : got.resok4.rpr_contents) {
      if (piece.rpc_content == NFS4_CONTENT_DATA) {
        told += " data " + std::to_string(piece.rpc_data.d_offset) + ": " + test::text_of(piece.rpc_data.d_data.chain);
      } else {
        told += " hole " + std::to_string(piece.rpc_hole.di_offset) + ": " + std::to_string(piece.rpc_hole.di_length);
      }
    }
    return told;
  }
};

bool found(const SEEK4res& result, std::uint64_t offset, bool eof = false) {
  return result.status == NFS4_OK && result.resok4.sr_offset == offset && result.resok4.sr_eof == eof;
}

}  // namespace

TEST_CASE("SEEK finds data and holes, and the hole at the end of every file") {
  Sparse s;
  s.make_sparse();
  CHECK(found(s.seek(0, NFS4_CONTENT_DATA), 0));
  CHECK(found(s.seek(0, NFS4_CONTENT_HOLE), page));
  CHECK(found(s.seek(page + 5, NFS4_CONTENT_HOLE), page + 5));
  CHECK(found(s.seek(page + 5, NFS4_CONTENT_DATA), 2 * page));
  CHECK(found(s.seek(2 * page, NFS4_CONTENT_HOLE), 3 * page, true));
  for (const data_content4 what : {NFS4_CONTENT_DATA, NFS4_CONTENT_HOLE}) {
    CHECK(s.seek(3 * page, what).status == NFS4ERR_NXIO);
    CHECK(s.seek(~std::uint64_t{0}, what).status == NFS4ERR_NXIO);
  }
  CHECK(s.seek(0, data_content4{2}).status == NFS4ERR_UNION_NOTSUPP);
}

TEST_CASE("SEEK takes what is kept inline for data") {
  Sparse s;
  s.file = same_handle(s.world.make_file(s.world.root(), "small", 0644, "0123456789"));
  CHECK(found(s.seek(4, NFS4_CONTENT_DATA), 4));
  CHECK(found(s.seek(4, NFS4_CONTENT_HOLE), 10, true));
  CHECK(s.seek(10, NFS4_CONTENT_HOLE).status == NFS4ERR_NXIO);
  s.file = same_handle(s.world.make_file(s.world.root(), "empty"));
  CHECK(s.seek(0, NFS4_CONTENT_DATA).status == NFS4ERR_NXIO);
}

TEST_CASE("DEALLOCATE leaves zeros, and the size as it was") {
  Sparse s;
  const nfs_fh3 small = s.world.make_file(s.world.root(), "small", 0644, "0123456789");
  s.file = same_handle(small);
  const std::uint64_t change = s.change();
  CHECK(s.deallocate(2, 3) == NFS4_OK);
  CHECK(s.world.contents(small) == std::string("01\0\0\00056789", 10));
  CHECK(s.change() > change);
  CHECK(s.deallocate(8, ~std::uint64_t{0}) == NFS4_OK);
  CHECK(s.world.contents(small) == std::string("01\0\0\00056700", 8) + std::string(2, '\0'));
  CHECK(s.deallocate(0, 0) == NFS4ERR_INVAL);

  const nfs_fh3 large = s.make_sparse();
  CHECK(s.world.attributes(large).used == 2 * page);
  CHECK(s.world.contents(large) == std::string(page, 'x') + std::string(page, '\0') + std::string(page, 'x'));
  const std::uint64_t before = s.change();
  CHECK(s.deallocate(3 * page, page) == NFS4_OK);  // where there is nothing
  CHECK(s.change() == before);
  CHECK(s.deallocate(10, 3 * page) == NFS4_OK);
  CHECK(s.world.contents(large) == std::string(10, 'x') + std::string(3 * page - 10, '\0'));
  CHECK(s.change() > before);
}

TEST_CASE("ALLOCATE grows the file to the end of the range, and changes no byte") {
  Sparse s;
  const nfs_fh3 file3 = s.world.make_file(s.world.root(), "file", 0644, "0123456789");
  s.file = same_handle(file3);
  CHECK(s.allocate(2, 3) == NFS4_OK);
  CHECK(s.world.contents(file3) == "0123456789");
  CHECK(s.allocate(5, 2 * page) == NFS4_OK);
  CHECK(s.world.contents(file3) == "0123456789" + std::string(2 * page - 5, '\0'));
  CHECK(s.world.attributes(file3).used == 3 * page);
  CHECK(s.allocate(0, 0) == NFS4ERR_INVAL);
  CHECK(s.allocate(10, ~std::uint64_t{0}) == NFS4ERR_FBIG);
  CHECK(s.allocate(0, std::uint64_t{1} << 50) == NFS4ERR_NOSPC);
  CHECK(s.world.contents(file3).size() == 2 * page + 5);
}

TEST_CASE("READ_PLUS gives data, or the hole that is there") {
  Sparse s;
  s.make_sparse();
  CHECK(s.read_plus(10, 5) == "more data 10: xxxxx");
  CHECK(s.read_plus(page + 10, 5) == "more hole 65546: 5");
  CHECK(s.read_plus(page + 10, page - 10) == "more hole 65546: 65526");
  CHECK(s.read_plus(3 * page - 3, 100) == "eof data 196605: xxx");
  CHECK(s.read_plus(3 * page, 100) == "eof");
  CHECK(s.read_plus(~std::uint64_t{0}, 100) == "eof");
  CHECK(s.read_plus(0, 0) == "more");
  REQUIRE(s.deallocate(2 * page, page) == NFS4_OK);
  CHECK(s.read_plus(page, 3 * page) == "eof hole 65536: 131072");
  CHECK(s.read_plus(page, 2 * page - 1) == "more hole 65536: 131071");
  s.file = same_handle(s.world.make_file(s.world.root(), "small", 0644, "0123456789"));
  CHECK(s.read_plus(4, 3) == "more data 4: 456");
  CHECK(s.read_plus(4, 6) == "eof data 4: 456789");
  s.file = same_handle(s.world.make_file(s.world.root(), "empty"));
  CHECK(s.read_plus(0, 100) == "eof");
}

TEST_CASE("READ_PLUS gives data and holes in turn, up to what was asked for") {
  Sparse s;
  s.make_sparse();
  const std::string whole(page, 'x');
  CHECK(s.read_plus(0, 3 * page) == "eof data 0: " + whole + " hole 65536: 65536 data 131072: " + whole);
  CHECK(s.read_plus(page - 2, page + 5) == "more data 65534: xx hole 65536: 65536 data 131072: xxx");
  CHECK(s.read_plus(page + 10, page) == "more hole 65546: 65526 data 131072: xxxxxxxxxx");
  REQUIRE(s.deallocate(2 * page, page) == NFS4_OK);
  CHECK(s.read_plus(page - 1, 4 * page) == "eof data 65535: x hole 65536: 131072");
}

TEST_CASE("READ_PLUS gives as much as the reply has room for, and whoever goes on gets the rest") {
  Sparse s;
  constexpr std::uint64_t pairs = 3;
  s.make_sparse();
  REQUIRE(s.allocate(0, 2 * pairs * page) == NFS4_OK);
  for (std::uint64_t i = 0; i < pairs; ++i) REQUIRE(s.deallocate((2 * i + 1) * page, page) == NFS4_OK);
  s.client.session.reply_bytes = page + page / 2;
  std::uint64_t at = 0, data = 0, answers = 0;
  for (bool more = true; more; ++answers) {
    const READ_PLUS4res got = s.pieces(at, 2 * pairs * page);
    more = !got.resok4.rpr_eof;
    REQUIRE(!got.resok4.rpr_contents.empty());
    for (const read_plus_content& piece : got.resok4.rpr_contents) {
      const bool hole = piece.rpc_content == NFS4_CONTENT_HOLE;
      CHECK((hole ? piece.rpc_hole.di_offset : piece.rpc_data.d_offset) == at);
      at += hole ? piece.rpc_hole.di_length : piece.rpc_data.d_data.chain.size();
      data += hole ? 0 : piece.rpc_data.d_data.chain.size();
    }
  }
  CHECK(at == 2 * pairs * page);
  CHECK(data == pairs * page);
  CHECK(answers == pairs);
  s.client.session.reply_bytes = 110;
  CHECK(s.client.status(Ops().fh(s.file).add(OP_READ_PLUS, READ_PLUS4args{{}, 0, 100})) == NFS4ERR_REP_TOO_BIG);
}

TEST_CASE("IO_ADVISE takes no hint") {
  Sparse s;
  s.file = same_handle(s.world.make_file(s.world.root(), "file"));
  Results results = s.client.run(Ops().fh(s.file).add(OP_IO_ADVISE, IO_ADVISE4args{.iaa_hints = bits({1, 3, 10})}));
  const auto got = results.skip({OP_PUTFH}).next<IO_ADVISE4res>(OP_IO_ADVISE);
  CHECK(got.status == NFS4_OK);
  CHECK(same_bits(got.resok4.ior_hints, bitmap4{}));
}

TEST_CASE("SEEK, READ_PLUS, ALLOCATE, DEALLOCATE and IO_ADVISE are for regular files") {
  Sparse s;
  s.world.make_directory(s.world.root(), "d");
  s.world.make_symlink(s.world.root(), "link", "x");
  const CREATE4args fifo{.objtype = {.type = nfs_ftype4::NF4FIFO}, .objname = Ops::component("fifo")};
  REQUIRE(s.client.status(Ops().go({"export"}).add(OP_CREATE, fifo)) == NFS4_OK);
  for (const auto& [name, reads, advised] : {std::tuple{"d", NFS4ERR_ISDIR, NFS4ERR_ISDIR},
                                             {"link", NFS4ERR_SYMLINK, NFS4ERR_WRONG_TYPE},
                                             {"fifo", NFS4ERR_WRONG_TYPE, NFS4ERR_WRONG_TYPE}}) {
    INFO(name);
    const auto status = [&](nfs_opnum4 number, const auto& args) {
      return s.client.status(Ops().go({"export", name}).add(number, args));
    };
    CHECK(status(OP_SEEK, SEEK4args{}) == reads);
    CHECK(status(OP_READ_PLUS, READ_PLUS4args{{}, 0, 10}) == reads);
    CHECK(status(OP_IO_ADVISE, IO_ADVISE4args{}) == advised);
    CHECK(status(OP_ALLOCATE, ALLOCATE4args{{}, 0, 1}) == NFS4ERR_WRONG_TYPE);
    CHECK(status(OP_DEALLOCATE, DEALLOCATE4args{{}, 0, 1}) == NFS4ERR_WRONG_TYPE);
  }
}

TEST_CASE("a read-only share takes no ALLOCATE and no DEALLOCATE") {
  Sparse s;
  const nfs_fh3 file3 = s.world.make_file(s.world.root(), "file", 0644, "0123456789");
  s.world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
  s.file = s.client.handle({"fixed", "file"});
  CHECK(s.allocate(0, 20) == NFS4ERR_ROFS);
  CHECK(s.deallocate(0, 5) == NFS4ERR_ROFS);
  CHECK(found(s.seek(0, NFS4_CONTENT_DATA), 0));
  CHECK(s.world.contents(file3) == "0123456789");
}

TEST_CASE("SEEK and DEALLOCATE are for stateids that may read and write") {
  Server server;
  Holder client(server, 2);
  server.world.make_file(server.world.root(), "file", 0644, "0123456789");
  const Opened reads = client.open("file"),
               writes = client.open("file", {.owner = "writer", .access = OPEN4_SHARE_ACCESS_WRITE});
  const auto seek = [&](const stateid4& by) {
    return client.on<SEEK4res>(reads.handle, OP_SEEK, SEEK4args{by, 0, NFS4_CONTENT_HOLE}).status;
  };
  const auto deallocate = [&](const stateid4& by) {
    return client.on<status4res>(reads.handle, OP_DEALLOCATE, DEALLOCATE4args{by, 0, 5}).status;
  };
  const auto allocate = [&](const stateid4& by) {
    return client.on<status4res>(reads.handle, OP_ALLOCATE, ALLOCATE4args{by, 0, 5}).status;
  };
  CHECK(seek(reads.stateid) == NFS4_OK);
  CHECK(deallocate(reads.stateid) == NFS4ERR_OPENMODE);
  CHECK(allocate(reads.stateid) == NFS4ERR_OPENMODE);
  CHECK(deallocate(writes.stateid) == NFS4_OK);
  CHECK(allocate(writes.stateid) == NFS4_OK);
  const auto advise = [&](const stateid4& by) {
    return client.on<IO_ADVISE4res>(reads.handle, OP_IO_ADVISE, IO_ADVISE4args{.iaa_stateid = by}).status;
  };
  CHECK(advise(writes.stateid) == NFS4_OK);
  stateid4 unknown = reads.stateid;
  unknown.other[11] ^= std::byte{0x7f};
  for (const nfsstat4 status : {seek(unknown), deallocate(unknown), allocate(unknown), advise(unknown)}) {
    CHECK(status == NFS4ERR_BAD_STATEID);
  }
}
