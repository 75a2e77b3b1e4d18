// Seven mistakes that servers of NFSv4 make, each by its name: what another file does not test is here.
//
//  1 sequence ids and their wrap      here; slots: tests/state/clients_slots.cpp; stateids: tests/state/holdings.cpp;
//                                     callbacks' slots: callbacks.cpp
//  2 grace violations                 here; leases.cpp, tests/state/clients_recovery*.cpp
//  3 pseudo root against v3 paths     here; pseudo_root.cpp
//  4 lease expiry races               here; leases.cpp, tests/state/clients_lease.cpp, clients_threads.cpp
//  5 lock owner against open owner    here; owners.cpp
//  6 4.0 callbacks that cannot arrive dialled_callbacks.cpp
//  7 stateids of other clients        here; stateids.cpp
#include "ops/nfs4/holder.hpp"
#include "vfs/filehandle.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::uint32_t both = OPEN4_SHARE_ACCESS_BOTH, last_number = 0xffffffff;

}  // namespace

TEST_CASE("pitfall 1, sequence ids and their wrap: an owner's numbers go on with 0, and each counts once") {
  Server server;
  Holder client(server, 0);
  server.world.make_file(server.world.root(), "file", 0666, "contents");
  client.numbers["owner"] = last_number - 1;
  client.numbers["locker"] = last_number - 1;
  const Opened opened = client.open("file", {.access = both});  // last_number, and confirmed by 0
  REQUIRE(opened.status == NFS4_OK);
  REQUIRE((opened.rflags & OPEN4_RESULT_CONFIRM) != 0);
  CHECK(client.numbers["owner"] == 0);
  const Locked locked = client.lock(opened, {0, 10});  // 1, and the lock owner's last_number
  REQUIRE(locked.status == NFS4_OK);
  CHECK(client.numbers["locker"] == last_number);
  const LOCKU4res unlocked = client.unlock(opened, locked.stateid, {0, 10});  // 0
  REQUIRE(unlocked.status == NFS4_OK);
  CHECK(client.numbers["locker"] == 0);
  // The same once more is a retry; one that is left out, or the one before, is none.
  client.numbers["locker"] = last_number;
  CHECK(client.unlock(opened, locked.stateid, {0, 10}).resok4 == unlocked.resok4);
  client.numbers["locker"] = 1;
  CHECK(client.unlock(opened, unlocked.resok4, {0, 10}).status == NFS4ERR_BAD_SEQID);
  client.numbers["locker"] = last_number - 1;
  CHECK(client.unlock(opened, unlocked.resok4, {0, 10}).status == NFS4ERR_BAD_SEQID);
}

TEST_CASE("pitfall 2, grace violations: nothing new in grace, nothing back after it, and nobody else's ever") {
  for_both_holders([](Server& server, Holder& client) {
    Holder other(server, client.minor == 0 ? 1 : 0, "other");
    const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0666, "contents"));
    const nfs_fh4 free = same_handle(server.world.make_file(server.world.root(), "free", 0666, "contents"));
    REQUIRE(client.open("file", {.access = both, .deny = OPEN4_SHARE_DENY_READ}).status == NFS4_OK);
    server.restart();
    for (Holder* each : {&client, &other}) {
      each->use(server);
      each->introduce();
      each->numbers.clear();
    }
    if (other.minor > 0) REQUIRE(other.reclaim_complete() == NFS4_OK);
    const Asked back{.access = both, .deny = OPEN4_SHARE_DENY_READ, .claim = claim(open_claim_type4::CLAIM_PREVIOUS)};
    const auto reclaim = [&](Holder& who) { return who.open_at(file, who.open_args("", back), "owner").status; };
    CHECK(other.open("file").status == NFS4ERR_GRACE);
    CHECK(reclaim(other) == NFS4ERR_NO_GRACE);  // it held nothing
    CHECK(other.read(file, anonymous) == NFS4ERR_GRACE);
    CHECK(other.read(free, anonymous) == NFS4_OK);  // nobody denied that
    CHECK(reclaim(client) == NFS4_OK);
    if (client.minor > 0) CHECK(client.reclaim_complete() == NFS4_OK);
    server.wait_seconds(Server::lease_seconds + 1);
    CHECK(reclaim(client) == NFS4ERR_NO_GRACE);
  });
}

TEST_CASE("pitfall 3, the pseudo root: a path leads to the same filehandle by MOUNT and version 3 as by LOOKUPs") {
  for_both([](World& world, Client& client) {
    const nfs_fh3 directory = world.make_directory(world.root(), "directory");
    const nfs_fh3 below = world.make_directory(directory, "below");
    const nfs_fh3 file = world.make_file(below, "file");
    const auto named = vfs::Filehandle::parse(directory.data.bytes());
    REQUIRE(named);
    world.add_share(12, "part", {.squash = gate::Squash::None}, named->node);
    const auto mounted = [&](std::string_view path) {
      const mount::mountres3 result = world.call(&mount::mnt, mount::MNTargs{mount::dirpath::copy_of(path)});
      REQUIRE(result.fhs_status == mount::mountstat3::MNT3_OK);
      return nfs_fh4(result.mountinfo.fhandle.bytes());
    };
    CHECK(mounted("/export") == client.handle({"export"}));
    CHECK(mounted("/export/directory/below") == client.handle({"export", "directory", "below"}));
    CHECK(same_handle(file) == client.handle({"export", "directory", "below", "file"}));
    // Another share of the same node is another filehandle, in both.
    CHECK(mounted("/part") == client.handle({"part"}));
    CHECK(mounted("/part/below") == client.handle({"part", "below"}));
    CHECK_FALSE(mounted("/part") == mounted("/export/directory"));
    // And what version 3 mounted, version 4 goes on from.
    Results found = client.run(Ops().fh(mounted("/part/below")).look("file").getfh());
    const auto at = found.skip({OP_PUTFH, OP_LOOKUP}).next<GETFH4res>(OP_GETFH).resok4.object;
    CHECK(at == same_handle(world.through("part", file)));
  });
}

TEST_CASE(
    "pitfall 4, lease expiry races: while a client is being revoked it gets nothing, and who is in its way waits") {
  for (const std::uint32_t minor : {0U, 1U}) {
    INFO("minor version " << minor);
    Server server;
    Holder client(server, minor), other(server, 1, "other");
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    const Asked mine{.access = both, .deny = OPEN4_SHARE_DENY_BOTH};
    const Opened opened = client.open("file", mine);
    REQUIRE(opened.status == NFS4_OK);
    server.world.make_file(server.world.root(), "first", 0666);
    REQUIRE(other.open("first").status == NFS4_OK);  // it is in the records before they get slow
    server.world.clock.advance_seconds(60);
    REQUIRE(other.status(Ops().root()) == NFS4_OK);
    server.world.clock.advance_seconds(60);
    server.keeper->advance();

    // The other has the file as soon as it is durable that the client has lost it, and no sooner.
    server.records.way = KeptRecords::Way::Held;
    std::optional<BufferChain> reply;
    ++other.sequence.sa_sequenceid;
    other.start(other.arguments(Ops().go({"export"}).add(OP_OPEN, other.open_args("file", mine))), reply);
    REQUIRE_FALSE(reply);
    const nfsstat4 meanwhile = client.minor == 0 ? client.plain<status4res>(OP_RENEW, RENEW4args{client.id}).status
                                                 : client
                                                       .run_plain(Ops().add(OP_SEQUENCE,
                                                                            [&] {
                                                                              SEQUENCE4args args = client.sequence;
                                                                              ++args.sa_sequenceid;
                                                                              return args;
                                                                            }()))
                                                       .status;
    CHECK(meanwhile == (client.minor == 0 ? NFS4ERR_EXPIRED : NFS4ERR_DELAY));
    CHECK_FALSE(reply);
    CHECK(server.records.finish_held(true) > 0);
    server.records.way = KeptRecords::Way::AtOnce;
    other.turn();
    REQUIRE(reply);
    CHECK(Results(Client::body(*reply)).status == NFS4_OK);
    if (client.minor == 0) CHECK(client.read(opened.handle, opened.stateid) == NFS4ERR_EXPIRED);
    client.connection.reset();
    other.connection.reset();
  }
}

TEST_CASE("pitfall 5, lock owner against open owner: one name is two owners, with numbers and locks of their own") {
  for_both_holders([](Server& server, Holder& client) {
    server.world.make_file(server.world.root(), "file", 0666, "contents");
    const std::string name = "same";
    const Opened opened = client.open("file", {.owner = name, .access = both});
    // Holder counts by name, so the lock owner's numbers are written down by hand.
    const auto of_open_owner = client.numbers[name];
    LOCK4args args = client.lock_args(opened, {0, 10}, name);
    args.locker.open_owner.lock_seqid = 40;
    Results locking = client.run(Ops().fh(opened.handle).add(OP_LOCK, args));
    const auto locked = locking.skip({OP_PUTFH}).next<LOCK4res>(OP_LOCK);
    REQUIRE(locked.status == NFS4_OK);
    client.numbers[name] = 40;
    const LOCKU4res unlocked = client.unlock(opened, locked.resok4.lock_stateid, {0, 10}, name);
    CHECK(unlocked.status == NFS4_OK);
    if (client.minor == 0) {
      const RELEASE_LOCKOWNER4args release{args.locker.open_owner.lock_owner};
      CHECK(client.plain<status4res>(OP_RELEASE_LOCKOWNER, release).status == NFS4_OK);
    }
    // The open owner is still there, where it was.
    client.numbers[name] = of_open_owner + 1;
    CHECK(client.read(opened.handle, opened.stateid) == NFS4_OK);
    CHECK(client.close(opened).status == NFS4_OK);
  });
}

TEST_CASE("pitfall 7, stateids of other clients: in version 0 whoever has one may use it, whatever his principal") {
  Server server;
  Holder client(server, 0);
  const nfs_fh4 file = same_handle(server.world.make_file(server.world.root(), "file", 0600, "contents"));
  const Opened opened = client.open("file", {.access = both});
  REQUIRE(opened.status == NFS4_OK);
  // Another user of the same client: it is not the principal that is compared, but the file that is checked.
  server.world.become(1000, 1000);
  CHECK(client.read(file, opened.stateid) == NFS4ERR_ACCESS);
  server.world.become(0, 0);
  const SETATTR4args open_to_all{anonymous, fattr({FATTR4_MODE}, mode4{0666})};
  REQUIRE(client.status(Ops().fh(file).add(OP_SETATTR, open_to_all)) == NFS4_OK);
  server.world.become(1000, 1000);
  CHECK(client.read(file, opened.stateid) == NFS4_OK);
  CHECK(client.write(file, opened.stateid) == NFS4_OK);
  CHECK(client.close(opened).status == NFS4_OK);
}

TEST_CASE("pitfall 7, stateids of other clients: in version 1 no operation takes one") {
  Server server;
  Holder client(server, 1), thief(server, 1, "thief");
  server.world.make_file(server.world.root(), "file", 0666, "contents");
  const Opened opened = client.open("file", {.access = both});
  const Locked locked = client.lock(opened, {0, 10});
  REQUIRE(locked.status == NFS4_OK);
  Opened stolen = opened;
  CHECK(thief.read(opened.handle, opened.stateid) == NFS4ERR_BAD_STATEID);
  CHECK(thief.write(opened.handle, locked.stateid) == NFS4ERR_BAD_STATEID);
  CHECK(thief.resize(opened.handle, opened.stateid, 3) == NFS4ERR_BAD_STATEID);
  CHECK(thief.lock(stolen, {20, 10}).status == NFS4ERR_BAD_STATEID);
  CHECK(thief.relock(stolen, locked.stateid, {20, 10}).status == NFS4ERR_BAD_STATEID);
  CHECK(thief.unlock(stolen, locked.stateid, {0, 10}).status == NFS4ERR_BAD_STATEID);
  CHECK(thief.downgrade(stolen, OPEN4_SHARE_ACCESS_READ) == NFS4ERR_BAD_STATEID);
  CHECK(thief.close(stolen).status == NFS4ERR_BAD_STATEID);
  CHECK(thief.status(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{locked.stateid})) == NFS4ERR_BAD_STATEID);
  CHECK(client.unlock(opened, locked.stateid, {0, 10}).status == NFS4_OK);
  CHECK(client.close(opened).status == NFS4_OK);
}
