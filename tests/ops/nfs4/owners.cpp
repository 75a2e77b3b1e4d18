// NFSv4.0's owners: requests with numbers, each of which happens once and is answered again with the same bytes (RFC
// 7530, 9.1.7), OPEN_CONFIRM and RELEASE_LOCKOWNER.
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH;

struct Version0 {
  Server server;
  Holder client{server, 0};
  nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0666, "contents"));
  nfs_fh4 root = same_handle(server.world.root());

  /// The bytes of the reply to an operation on `at`.
  template <class Args>
  std::string bytes(const nfs_fh4& at, nfs_opnum4 number, const Args& args) {
    return test::text_of(client.run(Ops().fh(at).add(number, args)).bytes());
  }
  template <class Args>
  nfsstat4 status(const nfs_fh4& at, nfs_opnum4 number, const Args& args) {
    return client.status(Ops().fh(at).add(number, args));
  }
};

}  // namespace

TEST_CASE("OPEN_CONFIRM makes good what an unknown owner has opened, and only that") {
  Version0 v;
  const OPEN4args args = v.client.open_args("file", {.access = both});
  Results results = v.client.run(Ops().fh(v.root).add(OP_OPEN, args));
  const auto opened = results.skip({OP_PUTFH}).next<OPEN4res>(OP_OPEN);
  REQUIRE(opened.status == NFS4_OK);
  CHECK((opened.resok4.rflags & OPEN4_RESULT_CONFIRM) != 0);
  v.client.count("owner", NFS4_OK);
  const stateid4 unconfirmed = opened.resok4.stateid;

  CHECK(v.client.read(v.file, unconfirmed) == NFS4ERR_BAD_STATEID);
  const CLOSE4args close{2, unconfirmed};
  CHECK(v.status(v.file, OP_CLOSE, close) == NFS4ERR_BAD_STATEID);
  const OPEN_CONFIRM4args wrong{unconfirmed, 7};
  CHECK(v.status(v.file, OP_OPEN_CONFIRM, wrong) == NFS4ERR_BAD_SEQID);

  const Opened held{.status = NFS4_OK, .handle = v.file, .stateid = unconfirmed, .owner = "owner"};
  const OPEN_CONFIRM4res confirmed = v.client.confirm(held);
  REQUIRE(confirmed.status == NFS4_OK);
  CHECK(confirmed.resok4.open_stateid.other == unconfirmed.other);
  CHECK(confirmed.resok4.open_stateid.seqid == unconfirmed.seqid + 1);
  CHECK(v.client.read(v.file, confirmed.resok4.open_stateid) == NFS4_OK);
  // Once confirmed, an owner need not be confirmed again.
  v.server.world.make_file(v.server.world.root(), "second");
  CHECK((v.client.open("second").rflags & OPEN4_RESULT_CONFIRM) == 0);
}

TEST_CASE("an OPEN without OPEN_CONFIRM gives way to the next one of its owner") {
  Version0 v;
  v.server.world.make_file(v.server.world.root(), "second");
  const OPEN4args first = v.client.open_args("file", {.access = both, .deny = OPEN4_SHARE_DENY_BOTH});
  REQUIRE(v.status(v.root, OP_OPEN, first) == NFS4_OK);
  Holder other(v.server, 0, "other");
  CHECK(other.open("file").status == NFS4ERR_SHARE_DENIED);
  v.client.numbers["owner"] = 100;
  CHECK(v.client.open("second").status == NFS4_OK);
  CHECK(other.open("file").status == NFS4_OK);
}

TEST_CASE("an OPEN without OPEN_CONFIRM goes after a lease") {
  Version0 v;
  const OPEN4args first = v.client.open_args("file", {.access = both, .deny = OPEN4_SHARE_DENY_BOTH});
  REQUIRE(v.status(v.root, OP_OPEN, first) == NFS4_OK);
  Holder other(v.server, 0, "other");
  for (int i = 0; i < 2; ++i) {
    v.server.wait_seconds(Server::lease_seconds / 2 + 1);
    REQUIRE(v.client.plain<status4res>(OP_RENEW, RENEW4args{v.client.id}).status == NFS4_OK);
    REQUIRE(other.plain<status4res>(OP_RENEW, RENEW4args{other.id}).status == NFS4_OK);
  }
  v.server.keeper->advance();
  CHECK(other.open("file").status == NFS4_OK);
}

TEST_CASE("OPEN of version 0 that comes again is answered with the same bytes, and opens nothing more") {
  Version0 v;
  const Opened first = v.client.open("file");
  OPEN4args args = v.client.open_args("file", {.access = both});
  const std::string once = v.bytes(v.root, OP_OPEN, args);
  CHECK(v.bytes(v.root, OP_OPEN, args) == once);
  v.client.count("owner", NFS4_OK);
  // The filehandle is where the OPEN left it.
  Results again = v.client.run(Ops().fh(v.root).add(OP_OPEN, args).getfh());
  const auto opened = again.skip({OP_PUTFH}).next<OPEN4res>(OP_OPEN);
  CHECK(opened.resok4.stateid.seqid == first.stateid.seqid + 1);
  CHECK(again.next<GETFH4res>(OP_GETFH).resok4.object == v.file);

  args.share_access = OPEN4_SHARE_ACCESS_READ;  // another request with that number
  CHECK(v.status(v.root, OP_OPEN, args) == NFS4ERR_BAD_SEQID);
  args.seqid += 2;
  CHECK(v.status(v.root, OP_OPEN, args) == NFS4ERR_BAD_SEQID);
  args.seqid -= 1;
  CHECK(v.status(v.root, OP_OPEN, args) == NFS4_OK);
}

TEST_CASE(
    "an OPEN of version 0 that comes again leaves the filehandle at its file, whatever its name stands for by now") {
  Version0 v;
  REQUIRE(v.client.open("file").status == NFS4_OK);
  const Ops ops = Ops().fh(v.root).add(OP_OPEN, v.client.open_args("file", {.access = both})).getfh();
  const std::string once = test::text_of(v.client.run(ops).bytes());
  const RENAME4args args{Ops::component("file"), Ops::component("moved")};
  REQUIRE(v.client.status(Ops().fh(v.root).save().add(OP_RENAME, args)) == NFS4_OK);
  CHECK(test::text_of(v.client.run(ops).bytes()) == once);
  v.server.world.make_file(v.server.world.root(), "file");
  CHECK(test::text_of(v.client.run(ops).bytes()) == once);
}

TEST_CASE("a failed OPEN of version 0 uses its number up, and is answered again") {
  Version0 v;
  const Opened first = v.client.open("file");
  REQUIRE(first.status == NFS4_OK);
  const OPEN4args missing = v.client.open_args("missing");
  CHECK(v.status(v.root, OP_OPEN, missing) == NFS4ERR_NOENT);
  v.server.world.make_file(v.server.world.root(), "missing");
  CHECK(v.status(v.root, OP_OPEN, missing) == NFS4ERR_NOENT);
  v.client.count("owner", NFS4ERR_NOENT);
  CHECK(v.client.open("missing").status == NFS4_OK);
}

TEST_CASE("CLOSE of version 0 that comes again is answered with the same bytes") {
  Version0 v;
  const Opened opened = v.client.open("file");
  const CLOSE4args args{v.client.next_number("owner"), opened.stateid};
  const std::string once = v.bytes(v.file, OP_CLOSE, args);
  CHECK(v.status(v.file, OP_CLOSE, args) == NFS4_OK);
  CHECK(v.bytes(v.file, OP_CLOSE, args) == once);
  const CLOSE4args another{args.seqid + 5, opened.stateid};
  CHECK(v.status(v.file, OP_CLOSE, another) == NFS4ERR_BAD_SEQID);
}

TEST_CASE("OPEN_DOWNGRADE of version 0 that comes again is answered with the same bytes") {
  Version0 v;
  REQUIRE(v.client.open("file").status == NFS4_OK);
  const Opened opened = v.client.open("file", {.access = both});
  const OPEN_DOWNGRADE4args args{opened.stateid, v.client.next_number("owner"), OPEN4_SHARE_ACCESS_READ, 0};
  const std::string once = v.bytes(v.file, OP_OPEN_DOWNGRADE, args);
  CHECK(v.status(v.file, OP_OPEN_DOWNGRADE, args) == NFS4_OK);
  CHECK(v.bytes(v.file, OP_OPEN_DOWNGRADE, args) == once);
}

TEST_CASE("LOCK and LOCKU of version 0 that come again are answered with the same bytes") {
  Version0 v;
  const Opened opened = v.client.open("file", {.access = both});
  const LOCK4args first = v.client.lock_args(opened, {0, 10});
  const std::string once = v.bytes(v.file, OP_LOCK, first);
  CHECK(v.status(v.file, OP_LOCK, first) == NFS4_OK);
  CHECK(v.bytes(v.file, OP_LOCK, first) == once);
  v.client.count("owner", NFS4_OK);
  v.client.count("locker", NFS4_OK);

  Results results = v.client.run(Ops().fh(v.file).add(OP_LOCK, first));
  const stateid4 stateid = results.skip({OP_PUTFH}).next<LOCK4res>(OP_LOCK).resok4.lock_stateid;
  LOCK4args more = v.client.lock_args(opened, {20, 10});
  more.locker.new_lock_owner = false;
  more.locker.lock_owner = {stateid, 3};
  CHECK(v.status(v.file, OP_LOCK, more) == NFS4ERR_BAD_SEQID);
  more.locker.lock_owner.lock_seqid = 2;
  const std::string second = v.bytes(v.file, OP_LOCK, more);
  CHECK(v.status(v.file, OP_LOCK, more) == NFS4_OK);
  CHECK(v.bytes(v.file, OP_LOCK, more) == second);

  const LOCKU4args unlock{nfs_lock_type4::WRITE_LT, 3, {2, stateid.other}, 0, 10};
  const std::string unlocked = v.bytes(v.file, OP_LOCKU, unlock);
  CHECK(v.status(v.file, OP_LOCKU, unlock) == NFS4_OK);
  CHECK(v.bytes(v.file, OP_LOCKU, unlock) == unlocked);
}

TEST_CASE("a LOCK of version 0 that was denied is answered again with who was in the way") {
  Version0 v;
  Holder other(v.server, 0, "other");
  REQUIRE(other.lock(other.open("file", {.access = both}), {0, 10}).status == NFS4_OK);
  const Opened opened = v.client.open("file", {.access = both});
  const LOCK4args args = v.client.lock_args(opened, {0, 10});
  const std::string once = v.bytes(v.file, OP_LOCK, args);
  CHECK(v.status(v.file, OP_LOCK, args) == NFS4ERR_DENIED);
  CHECK(v.bytes(v.file, OP_LOCK, args) == once);
}

TEST_CASE("a lock owner of version 0 that got no lock may count from the start again") {
  Version0 v;
  Holder other(v.server, 0, "other");
  REQUIRE(other.lock(other.open("file", {.access = both}), {0, 10}).status == NFS4_OK);
  const Opened opened = v.client.open("file", {.access = both});
  LOCK4args args = v.client.lock_args(opened, {0, 10});
  CHECK(v.status(v.file, OP_LOCK, args) == NFS4ERR_DENIED);
  ++args.locker.open_owner.open_seqid;
  CHECK(v.status(v.file, OP_LOCK, args) == NFS4ERR_DENIED);
  args.offset = 20;
  ++args.locker.open_owner.open_seqid;
  CHECK(v.status(v.file, OP_LOCK, args) == NFS4_OK);
}

TEST_CASE("LOCK of version 0 by another client's owner is refused") {
  Version0 v;
  const Opened opened = v.client.open("file", {.access = both});
  LOCK4args args = v.client.lock_args(opened, {0, 10});
  ++args.locker.open_owner.lock_owner.clientid;
  CHECK(v.status(v.file, OP_LOCK, args) == NFS4ERR_STALE_CLIENTID);
}

TEST_CASE("RELEASE_LOCKOWNER forgets a lock owner that has nothing locked") {
  Version0 v;
  const auto release = [&](std::string_view owner) {
    const RELEASE_LOCKOWNER4args args{{v.client.id, xdr::opaque<NFS4_OPAQUE_LIMIT>::copy_of(bytes_of(owner))}};
    return v.client.plain<status4res>(OP_RELEASE_LOCKOWNER, args).status;
  };
  CHECK(release("nobody") == NFS4_OK);
  const Opened opened = v.client.open("file", {.access = both});
  const Locked locked = v.client.lock(opened, {0, 10});
  CHECK(release("locker") == NFS4ERR_LOCKS_HELD);
  const LOCKU4res unlocked = v.client.unlock(opened, locked.stateid, {0, 10});
  REQUIRE(unlocked.status == NFS4_OK);
  CHECK(v.client.read(v.file, unlocked.resok4) == NFS4_OK);
  CHECK(release("locker") == NFS4_OK);
  CHECK(v.client.read(v.file, unlocked.resok4) == NFS4ERR_BAD_STATEID);
  // It may begin anew, with any number.
  v.client.numbers["locker"] = 500;
  CHECK(v.client.lock(opened, {0, 10}).status == NFS4_OK);

  const RELEASE_LOCKOWNER4args nobodys{{v.client.id + 99, {}}};
  CHECK(v.client.plain<status4res>(OP_RELEASE_LOCKOWNER, nobodys).status == NFS4ERR_STALE_CLIENTID);
}

TEST_CASE("OPEN of a client that nobody knows is STALE_CLIENTID") {
  Version0 v;
  OPEN4args args = v.client.open_args("file");
  args.owner.clientid += 99;
  CHECK(v.status(v.root, OP_OPEN, args) == NFS4ERR_STALE_CLIENTID);
}
