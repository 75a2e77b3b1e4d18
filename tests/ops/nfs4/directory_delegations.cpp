// Delegations of directories as clients see them: who is given one, and of what use it is to be told; what takes it
// back, from whichever version; and what is left of it when the directory goes.
#include "ops/nfs4/directory_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;
using enum gddrnf4_status;
using nfs3::nfsstat3;

namespace {

/// CREATE of version 3, which may have to wait.
struct Creating3 {
  Creating3(World& over, const nfs_fh3& in, std::string_view name) : args{at(in, name), {}} {
    over.start(&nfs3::create, args, result);
  }
  nfs3::CREATE3args args;
  std::optional<nfs3::CREATE3res> result;
};
struct Removing3 {
  Removing3(World& over, const nfs_fh3& in, std::string_view name) : args{at(in, name)} {
    over.start(&nfs3::rmdir, args, result);
  }
  nfs3::RMDIR3args args;
  std::optional<nfs3::RMDIR3res> result;
};

}  // namespace

TEST_CASE("a directory is delegated; whoever changes its entries waits for the DELEGRETURN of each holder") {
  DirectoryClients on;
  const auto first = on.get(on.a);
  const auto second = on.get(on.b);
  CHECK(same_bits(first.gddr_notification, {}));
  CHECK(on.counts().given == 2);
  CHECK(on.server.keeper->clients().client(on.a.id)->grants.count() == 1);

  Creating3 creating(on.world, on.dir3, "new");
  CHECK_FALSE(creating.result);
  REQUIRE(on.a.back.calls.size() == 1);
  REQUIRE(on.b.back.calls.size() == 1);
  CHECK(on.a.back.calls[0].number == OP_CB_RECALL);
  CHECK(on.a.back.calls[0].recall.stateid == first.gddr_stateid);
  CHECK(on.a.back.calls[0].recall.fh == on.dir);
  CHECK(on.give_back(on.a, first.gddr_stateid) == NFS4_OK);
  on.server.turn();
  CHECK_FALSE(creating.result);
  CHECK(on.give_back(on.b, second.gddr_stateid) == NFS4_OK);
  on.server.turn();
  REQUIRE(creating.result);
  CHECK(creating.result->status == nfsstat3::NFS3_OK);
  CHECK(on.counts().recalled == 2);
  CHECK(on.counts().returned == 2);
  CHECK(on.held() == 0);
  CHECK(on.watched() == 0);
  CHECK(on.server.keeper->clients().client(on.a.id)->grants.count() == 0);
  CHECK(on.give_back(on.a, first.gddr_stateid) == NFS4ERR_BAD_STATEID);
  // It rests for a moment.
  CHECK(on.ask(on.a, on.dir).resok4.gddrnf_status == GDD4_UNAVAIL);
  on.server.wait_seconds(6);
  (void)on.get(on.a);
}

TEST_CASE("each change of a directory's entries or attributes takes the delegation back, and looking does not") {
  struct Way {
    const char* name;
    Ops (*ops)(DirectoryClients& on);
  };
  const Way ways[] = {
      {"REMOVE",
       [](DirectoryClients& on) { return Ops().fh(on.dir).add(OP_REMOVE, REMOVE4args{Ops::component("first")}); }},
      {"RENAME within",
       [](DirectoryClients& on) {
         return Ops().fh(on.dir).save().add(OP_RENAME, RENAME4args{Ops::component("first"), Ops::component("other")});
       }},
      {"RENAME from there",
       [](DirectoryClients& on) {
         return Ops().fh(on.dir).save().fh(on.root).add(OP_RENAME,
                                                        RENAME4args{Ops::component("first"), Ops::component("other")});
       }},
      {"LINK",
       [](DirectoryClients& on) {
         return Ops().fh(on.first).save().fh(on.dir).add(OP_LINK, LINK4args{Ops::component("again")});
       }},
      {"SETATTR",
       [](DirectoryClients& on) {
         return Ops().fh(on.dir).add(OP_SETATTR, SETATTR4args{{}, fattr({FATTR4_MODE}, std::uint32_t{0700})});
       }},
  };
  for (const Way& way : ways) {
    INFO(way.name);
    DirectoryClients on;
    const auto given = on.get(on.a);
    CHECK(on.cookies().size() == 1);
    CHECK(on.b.status(Ops().fh(on.dir).look("first").getfh()) == NFS4_OK);
    CHECK(on.b.write(on.first, anonymous) == NFS4_OK);
    CHECK(on.a.back.calls.empty());
    // What its holder does itself is in nobody's way.
    CHECK(on.a.status(Ops().fh(on.dir).save().add(
              OP_RENAME, RENAME4args{Ops::component("first"), Ops::component("first")})) == NFS4_OK);
    CHECK(on.a.back.calls.empty());
    std::optional<BufferChain> reply;
    ++on.b.sequence.sa_sequenceid;
    on.b.start(on.b.arguments(way.ops(on)), reply);
    ++on.b.xid;
    on.server.turn();
    CHECK_FALSE(reply);
    CHECK(on.a.back.calls.size() == 1);
    CHECK(on.give_back(on.a, given.gddr_stateid) == NFS4_OK);
    on.server.turn();
    REQUIRE(reply);
    CHECK(Results(Client::body(*reply)).status == NFS4_OK);
  }
}

TEST_CASE("whoever waits for a delegation of a directory is told to come again, and it is revoked in the end") {
  DirectoryClients on;
  const auto given = on.get(on.a);
  Creating3 creating(on.world, on.dir3, "new");
  on.server.wait_seconds(1);
  REQUIRE(creating.result);
  CHECK(creating.result->status == nfsstat3::NFS3ERR_JUKEBOX);
  for (int i = 0; i < 6; ++i) {
    on.server.wait_seconds(16);
    (void)on.a.flags();
  }
  CHECK(on.counts().revoked == 1);
  CHECK((on.a.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) != 0);
  CHECK(on.give_back(on.a, given.gddr_stateid) == NFS4ERR_DELEG_REVOKED);
  CHECK(on.a.run(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{given.gddr_stateid})).status == NFS4_OK);
  CHECK(on.watched() == 0);
  (void)on.create("new");
}

TEST_CASE("GET_DIR_DELEGATION gives none to who has one, cannot be called, or may not look; nor of what is none") {
  DirectoryClients on;
  const auto given = on.get(on.a, everything);
  const auto again = on.ask(on.a, on.dir);
  CHECK(again.status == NFS4_OK);
  CHECK(again.resok4.gddrnf_status == GDD4_UNAVAIL);
  CHECK_FALSE(again.resok4.gddrnf_will_signal_deleg_avail);
  CHECK(on.held() == 1);
  CHECK(on.watched() == 1);
  CHECK(on.give_back(on.a, given.gddr_stateid) == NFS4_OK);

  Called deaf(on.server, "deaf", false);
  CHECK(on.ask(deaf, on.dir).resok4.gddrnf_status == GDD4_UNAVAIL);
  CHECK(on.ask(on.a, on.first).status == NFS4ERR_NOTDIR);
  Results at_root = on.a.run(Ops().root().add(OP_GET_DIR_DELEGATION, wanted()));
  CHECK(at_root.skip({OP_PUTROOTFH}).next<GET_DIR_DELEGATION4res>(OP_GET_DIR_DELEGATION).resok4.gddrnf_status ==
        GDD4_UNAVAIL);
  const nfs_fh3 secret = on.world.make_directory(on.world.root(), "secret", 0711);
  on.world.become(1000, 1000);
  CHECK(on.ask(on.a, same_handle(secret)).status == NFS4ERR_ACCESS);
  on.world.become(0, 0);
  const gate::Share& share = on.world.add_share(21, "without", {.delegations = false});
  CHECK(on.ask(on.a, same_handle(on.world.through(share.name(), on.dir3))).resok4.gddrnf_status == GDD4_UNAVAIL);
  CHECK(on.held() == 0);
  CHECK(on.counts().given == 1);
  CHECK(on.server.keeper->clients().client(on.a.id)->grants.count() == 0);
}

TEST_CASE("delegations of directories are counted in the limit on all, and none is given while grace runs") {
  DirectoryClients on;
  Delegations& known = on.server.callbacks.delegations();
  for (state::GrantId grant = 1; grant <= Delegations::most; ++grant) REQUIRE(known.note((grant << 32U), {}));
  CHECK(on.ask(on.a, on.dir).resok4.gddrnf_status == GDD4_UNAVAIL);
  CHECK(on.watched() == 0);
  REQUIRE(known.forget(state::GrantId{1} << 32U));
  (void)on.get(on.a);

  Server server;
  Holder before(server, 1), after(server, 1, "other");
  server.world.make_file(server.world.root(), "file", 0666);
  REQUIRE(before.open("file").status == NFS4_OK);
  server.restart();
  Holder late(server, 1, "late");
  const auto root = same_handle(server.world.root());
  const auto refused = late.on<GET_DIR_DELEGATION4res>(root, OP_GET_DIR_DELEGATION, wanted());
  CHECK(refused.status == NFS4ERR_GRACE);
}

TEST_CASE("of what is asked for, what is told is said") {
  DirectoryClients on;
  const auto given = on.get(on.a, everything);
  CHECK(same_bits(given.gddr_notification, bits(everything)));
  CHECK(same_bits(given.gddr_child_attributes, bits({FATTR4_SIZE, FATTR4_FILEID})));
  CHECK(same_bits(given.gddr_dir_attributes, bits({FATTR4_CHANGE})));
  GET_DIR_DELEGATION4args no_attributes = wanted(everything);
  no_attributes.gdda_child_attributes = {};
  no_attributes.gdda_dir_attributes = bits({FATTR4_TIME_ACCESS});
  no_attributes.gdda_notification_types.set(17);
  const auto less = on.ask(on.b, on.dir, no_attributes);
  REQUIRE(less.resok4.gddrnf_status == GDD4_OK);
  CHECK(
      same_bits(less.resok4.gddrnf_resok4.gddr_notification,
                bits({NOTIFY4_REMOVE_ENTRY, NOTIFY4_ADD_ENTRY, NOTIFY4_RENAME_ENTRY, NOTIFY4_CHANGE_COOKIE_VERIFIER})));
}

TEST_CASE("who removes a directory asks for its delegation first; when it is gone, so is what is left of that") {
  DirectoryClients on;
  on.remove("first");
  const auto given = on.get(on.a);
  SECTION("somebody, once it is returned") {
    Removing3 removing(on.world, on.world.root(), "dir");
    CHECK_FALSE(removing.result);
    REQUIRE(on.a.back.calls.size() == 1);
    CHECK(on.a.back.calls[0].number == OP_CB_RECALL);
    CHECK(on.give_back(on.a, given.gddr_stateid) == NFS4_OK);
    on.server.turn();
    REQUIRE(removing.result);
    CHECK(removing.result->status == nfsstat3::NFS3_OK);
    CHECK(on.counts().revoked == 0);
  }
  SECTION("its holder") {
    CHECK(on.a.status(Ops().fh(on.root).add(OP_REMOVE, REMOVE4args{Ops::component("dir")})) == NFS4_OK);
    on.server.turn();
    CHECK(on.counts().revoked == 1);
    CHECK(on.a.back.calls.empty());
    CHECK((on.a.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) != 0);
    CHECK(on.a.run(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{given.gddr_stateid})).status == NFS4_OK);
  }
  CHECK(on.held() == 0);
  CHECK(on.watched() == 0);
  CHECK(on.ask(on.a, on.dir).status == NFS4ERR_STALE);
}

TEST_CASE("what goes with its client is not watched any more") {
  DirectoryClients on;
  (void)on.get(on.a, everything);
  CHECK(on.watched() == 1);
  on.server.keeper->drop(on.a.id);
  CHECK(on.watched() == 0);
  CHECK(on.held() == 0);
  (void)on.create("new");
  on.server.wait_ms(100);
  CHECK(on.a.back.calls.empty());
}
