// Delegations as clients see them: who is given one with an OPEN, what it is good for, who asks it back, how it comes
// back, and what is left of one that does not.
#include "gate/operation.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "ops/nfs4/callback_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;
using enum open_delegation_type4;
using enum open_claim_type4;

namespace {

constexpr std::uint32_t reads = OPEN4_SHARE_ACCESS_READ, writes = OPEN4_SHARE_ACCESS_WRITE,
                        both = OPEN4_SHARE_ACCESS_BOTH;

/// Clients of version 1 that can be called back, over a share with the file "file".
struct Clients {
  CallbackServer server;
  Called a{server, "a"}, b{server, "b"}, c{server, "c"};
  const nfs_fh3 file3 = server.world.make_file(server.world.root(), "file", 0666, "contents");
  const nfs_fh4 file = same_handle(file3);

  DelegationCounts counts() const { return server.callbacks.delegations().counts(); }
  std::size_t held() { return server.callbacks.delegations().size(); }
};

nfsstat4 give_back(Holder& client, const nfs_fh4& file, const stateid4& stateid) {
  return client.on<DELEGRETURN4res>(file, OP_DELEGRETURN, DELEGRETURN4args{stateid}).status;
}

/// A COMPOUND that may have to wait, and its results once it has ended.
struct Waiting {
  Waiting(Called& by, const Ops& ops) : client(by) {
    ++client.sequence.sa_sequenceid;
    client.start(client.arguments(ops), reply);
    ++client.xid;
  }
  std::optional<nfsstat4> status() {
    client.turn();
    return reply ? std::optional(Results(Client::body(*reply)).status) : std::nullopt;
  }
  Called& client;
  std::optional<BufferChain> reply;
};

Ops write_ops(const nfs_fh4& file) {
  return Ops().fh(file).add(OP_WRITE, WRITE4args{anonymous, 0, stable_how4::FILE_SYNC4, chain_of("new")});
}
Ops open_ops(Called& client, const nfs_fh4& file, std::uint32_t access, std::uint32_t deny = 0) {
  return Ops().fh(file).add(OP_OPEN, client.open_args("", {.access = access, .deny = deny, .claim = claim(CLAIM_FH)}));
}

}  // namespace

TEST_CASE("an OPEN to read is given a delegation, beside others; a writer waits for the DELEGRETURN of each") {
  Clients on;
  const Opened first = on.a.open("file", {.access = reads});
  const Opened second = on.b.open("file", {.access = reads | OPEN4_SHARE_ACCESS_WANT_READ_DELEG});
  CHECK(first.delegation == OPEN_DELEGATE_READ);
  CHECK(second.delegation == OPEN_DELEGATE_READ);
  CHECK(on.counts().of(DelegationKind::Read).given == 2);
  Waiting writer(on.c, open_ops(on.c, on.file, both));
  CHECK_FALSE(writer.status());
  REQUIRE(on.a.back.calls.size() == 1);
  REQUIRE(on.b.back.calls.size() == 1);
  CHECK(on.a.back.calls[0].recall.stateid == first.delegated);
  CHECK(on.b.back.calls[0].recall.stateid == second.delegated);
  CHECK(on.a.back.calls[0].recall.fh == on.file);
  CHECK(give_back(on.a, on.file, first.delegated) == NFS4_OK);
  CHECK_FALSE(writer.status());
  CHECK(give_back(on.b, on.file, second.delegated) == NFS4_OK);
  CHECK(writer.status() == NFS4_OK);
  CHECK(on.counts().all().recalled == 2);
  CHECK(on.counts().all().returned == 2);
  CHECK(on.held() == 0);
  CHECK(give_back(on.a, on.file, first.delegated) == NFS4ERR_BAD_STATEID);
}

TEST_CASE("an OPEN to write is given a delegation to write when nobody else has the file open") {
  for (const std::uint32_t access : {both, writes}) {
    Clients on;
    const Opened opened = on.a.open("file", {.access = access});
    REQUIRE(opened.delegation == OPEN_DELEGATE_WRITE);
    CHECK(on.a.write(on.file, opened.delegated) == NFS4_OK);
    CHECK(on.a.read(on.file, opened.delegated) == NFS4_OK);
    CHECK(on.a.back.calls.empty());
    Waiting reader(on.b, Ops().fh(on.file).add(OP_READ, READ4args{anonymous, 0, 100}));
    CHECK_FALSE(reader.status());
    CHECK(on.a.back.calls.size() == 1);
    CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
    CHECK(reader.status() == NFS4_OK);
    CHECK(on.counts().of(DelegationKind::Write).given == 1);
  }
}

TEST_CASE("nobody is given one whom others keep from it, who cannot be called, or who does not want it") {
  Clients on;
  REQUIRE(on.b.open("file", {.access = reads | OPEN4_SHARE_ACCESS_WANT_NO_DELEG}).delegation == OPEN_DELEGATE_NONE_EXT);
  // Beside a reader nobody writes alone.
  CHECK(on.a.open("file", {.access = both}).delegation == OPEN_DELEGATE_NONE);
  // Beside a writer nobody only reads.
  CHECK(on.c.open("file", {.access = reads}).delegation == OPEN_DELEGATE_NONE);
  Called deaf(on.server, "deaf", false);
  on.server.world.make_file(on.server.world.root(), "other", 0666);
  CHECK(deaf.open("other", {.access = reads}).delegation == OPEN_DELEGATE_NONE);
  CHECK(on.counts().of(DelegationKind::Read).given + on.counts().of(DelegationKind::Write).given == 0);
  CHECK(on.held() == 0);
  CHECK(on.server.keeper->clients().client(on.a.id)->grants.count() == 0);
  CHECK(on.a.open("other", {.access = reads}).delegation == OPEN_DELEGATE_READ);
  // One is enough for a client.
  CHECK(on.a.open("other", {.owner = "second", .access = reads}).delegation == OPEN_DELEGATE_NONE);
}

TEST_CASE("a share can do without delegations") {
  CallbackServer server;
  Called client(server, "client");
  const gate::Share& share = server.world.add_share(21, "without", {.delegations = false});
  const nfs_fh3 file = server.world.make_file(server.world.root(), "file", 0666);
  const auto opened = client.open_at(same_handle(server.world.through(share.name(), file)),
                                     client.open_args("", {.access = reads, .claim = claim(CLAIM_FH)}), "owner");
  CHECK(opened.status == NFS4_OK);
  CHECK(opened.delegation == OPEN_DELEGATE_NONE);
}

TEST_CASE("a stateid of a delegation reads, and writes where it was given for that, for its client only") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  CHECK(on.a.read(on.file, opened.delegated) == NFS4_OK);
  CHECK(on.a.write(on.file, opened.delegated) == NFS4ERR_OPENMODE);
  CHECK(on.b.read(on.file, opened.delegated) == NFS4ERR_BAD_STATEID);
  CHECK(give_back(on.b, on.file, opened.delegated) == NFS4ERR_BAD_STATEID);
  const nfs_fh4 other = same_handle(on.server.world.make_file(on.server.world.root(), "other", 0666));
  CHECK(on.a.read(other, opened.delegated) == NFS4ERR_BAD_STATEID);
  CHECK(give_back(on.a, other, opened.delegated) == NFS4ERR_BAD_STATEID);
  // A delegation is none to be closed, and no open is returned.
  CHECK(give_back(on.a, on.file, opened.stateid) == NFS4ERR_BAD_STATEID);
  const FREE_STATEID4args free{opened.delegated};
  CHECK(on.a.run(Ops().add(OP_FREE_STATEID, free)).status == NFS4ERR_LOCKS_HELD);
  CHECK(on.held() == 1);
}

TEST_CASE("while it is recalled its client opens the file for those whom it had let in, and locks it") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = both});
  REQUIRE(opened.delegation == OPEN_DELEGATE_WRITE);
  REQUIRE(on.a.close(opened).status == NFS4_OK);
  Waiting reader(on.b, open_ops(on.b, on.file, reads));
  CHECK_FALSE(reader.status());
  open_claim4 current = claim(CLAIM_DELEG_CUR_FH);
  current.oc_delegate_stateid = opened.delegated;
  const Opened again =
      on.a.open_at(on.file, on.a.open_args("", {.owner = "local", .access = both, .claim = current}), "local");
  REQUIRE(again.status == NFS4_OK);
  CHECK(again.delegation == OPEN_DELEGATE_NONE);
  open_claim4 by_name = claim(CLAIM_DELEGATE_CUR);
  by_name.delegate_cur_info = {opened.delegated, Ops::component("file")};
  CHECK(on.a.open("file", {.owner = "named", .access = reads, .claim = by_name}).status == NFS4_OK);
  CHECK(on.a.lock(again, {.offset = 0, .length = 4}).status == NFS4_OK);
  CHECK(on.a.write(on.file, again.stateid) == NFS4_OK);
  CHECK_FALSE(reader.status());
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(reader.status() == NFS4_OK);
  // Of others, of another file, or of nothing.
  const auto claim_of = [&](Called& client, const stateid4& stateid) {
    open_claim4 of = claim(CLAIM_DELEG_CUR_FH);
    of.oc_delegate_stateid = stateid;
    return client.open_at(on.file, client.open_args("", {.owner = "x", .claim = of}), "x").status;
  };
  CHECK(claim_of(on.a, opened.delegated) == NFS4ERR_BAD_STATEID);
  CHECK(claim_of(on.b, opened.delegated) == NFS4ERR_BAD_STATEID);
  CHECK(claim_of(on.a, again.stateid) == NFS4ERR_BAD_STATEID);
}

namespace {

struct Seen {
  std::uint64_t change = 0, size = 0;
};
Ops look_ops(const nfs_fh4& file) {
  return Ops().fh(file).add(OP_GETATTR, GETATTR4args{bits({FATTR4_CHANGE, FATTR4_SIZE})});
}
Seen seen_in(Results results) {
  (void)results.next<SEQUENCE4res>(OP_SEQUENCE);
  const auto result = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
  REQUIRE(result.status == NFS4_OK);
  Seen seen;
  read_values(result.resok4.obj_attributes, seen.change, seen.size);
  return seen;
}
Seen look(Called& client, const nfs_fh4& file) {
  Waiting looking(client, look_ops(file));
  REQUIRE(looking.status() == NFS4_OK);
  return seen_in(Results(Client::body(*looking.reply)));
}

}  // namespace

TEST_CASE("whoever looks at a file is told what its only writer keeps to itself") {
  Clients on;
  const Seen before = look(on.b, on.file);
  const Opened opened = on.a.open("file", {.access = both});
  REQUIRE(opened.delegation == OPEN_DELEGATE_WRITE);
  // Nothing yet.
  on.a.back.next([&](const CalledBack& call) { return rpc::CallResult(report_to(call, before.change, before.size)); });
  Seen seen = look(on.b, on.file);
  REQUIRE(on.a.back.calls.size() == 1);
  CHECK(on.a.back.calls[0].query.fh == on.file);
  CHECK(seen.change == before.change);
  CHECK(seen.size == before.size);
  // It has written more.
  on.server.wait_seconds(1);
  on.a.back.next([&](const CalledBack& call) { return rpc::CallResult(report_to(call, before.change + 1, 4000)); });
  seen = look(on.b, on.file);
  CHECK(seen.change > before.change);
  CHECK(seen.size == 4000);
  CHECK(on.counts().asked == 2);
  CHECK(on.counts().all().recalled == 0);
  // Its own looks ask nobody.
  CHECK(look(on.a, on.file).size == before.size);
  CHECK(on.a.back.calls.size() == 2);
  // What it writes then is another change again.
  CHECK(on.a.write(on.file, opened.delegated) == NFS4_OK);
  CHECK(look(on.a, on.file).change >= seen.change);
}

TEST_CASE("many who look at once ask once, and a writer that does not say what it keeps is recalled") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = both});
  REQUIRE(opened.delegation == OPEN_DELEGATE_WRITE);
  on.a.back.holds = true;
  Waiting first(on.b, look_ops(on.file)), second(on.c, look_ops(on.file));
  CHECK_FALSE(first.status());
  CHECK_FALSE(second.status());
  REQUIRE(on.a.back.held() == 1);
  on.a.back.holds = false;
  on.a.back.release(rpc::CallResult(answer_to(on.a.back.calls[0], NFS4ERR_BADHANDLE)));
  on.server.turn();
  REQUIRE(on.a.back.calls.size() == 2);
  CHECK(on.a.back.calls[1].number == OP_CB_RECALL);
  CHECK_FALSE(first.status());
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(first.status() == NFS4_OK);
  CHECK(second.status() == NFS4_OK);
  CHECK(on.counts().asked == 1);
  CHECK(on.counts().all().recalled == 1);
}

TEST_CASE("after a recall the file is left alone for a while") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  Waiting writer(on.c, write_ops(on.file));
  CHECK_FALSE(writer.status());
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(writer.status() == NFS4_OK);
  const auto asks = [&] {
    return on.b.open("file", {.owner = "b", .access = reads | OPEN4_SHARE_ACCESS_WANT_ANY_DELEG}).delegation;
  };
  CHECK(asks() == OPEN_DELEGATE_NONE_EXT);
  on.server.wait_seconds(RecalledLately::rests_for / state::one_second);
  CHECK(asks() == OPEN_DELEGATE_READ);
}

TEST_CASE("whoever denies reading is in the way of delegations to read") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  REQUIRE(on.a.close(opened).status == NFS4_OK);
  Waiting denies(on.b, open_ops(on.b, on.file, reads, OPEN4_SHARE_DENY_READ));
  CHECK_FALSE(denies.status());
  CHECK(on.a.back.calls.size() == 1);
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(denies.status() == NFS4_OK);
}

TEST_CASE("a delegation that is not returned within a lease is revoked, says so, and is freed") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  Waiting writer(on.c, write_ops(on.file));
  CHECK_FALSE(writer.status());
  on.server.wait_seconds(1);
  CHECK(writer.status() == NFS4ERR_DELAY);
  for (int i = 0; i < 5; ++i) {
    on.server.wait_seconds(15);
    CHECK((on.a.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) == 0);
    (void)on.c.flags();
  }
  CHECK(on.counts().all().revoked == 0);
  on.server.wait_seconds(16);
  CHECK(on.counts().all().revoked == 1);
  CHECK((on.a.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) != 0);
  Waiting again(on.c, write_ops(on.file));
  CHECK(again.status() == NFS4_OK);
  CHECK(on.a.read(on.file, opened.delegated) == NFS4ERR_DELEG_REVOKED);
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4ERR_DELEG_REVOKED);
  TEST_STATEID4args test;
  test.ts_stateids.push_back(opened.delegated);
  const auto tested = on.a.run(Ops().add(OP_TEST_STATEID, test)).next<TEST_STATEID4res>(OP_TEST_STATEID);
  REQUIRE(tested.resok4.tsr_status_codes.size() == 1);
  CHECK(tested.resok4.tsr_status_codes[0] == NFS4ERR_DELEG_REVOKED);
  CHECK(on.a.run(Ops().add(OP_FREE_STATEID, FREE_STATEID4args{opened.delegated})).status == NFS4_OK);
  CHECK((on.a.flags() & SEQ4_STATUS_RECALLABLE_STATE_REVOKED) == 0);
  CHECK(on.a.read(on.file, opened.delegated) == NFS4ERR_BAD_STATEID);
  CHECK(on.server.keeper->clients().client(on.a.id)->grants.count() == 0);
}

TEST_CASE("nobody waits for a holder that was silent for longer than its lease") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  REQUIRE(on.a.close(opened).status == NFS4_OK);
  for (int i = 0; i < 2; ++i) {
    on.server.wait_seconds(Server::lease_seconds / 2 + 1);
    (void)on.c.flags();
  }
  CHECK(on.held() == 1);
  Waiting writer(on.c, write_ops(on.file));
  CHECK(writer.status() == NFS4_OK);
  CHECK(on.held() == 0);
}

TEST_CASE("what goes with its client keeps nobody waiting") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = both});
  REQUIRE(on.a.close(opened).status == NFS4_OK);
  Waiting reader(on.b, open_ops(on.b, on.file, reads));
  CHECK_FALSE(reader.status());
  on.server.keeper->drop(on.a.id);
  CHECK(reader.status() == NFS4_OK);
}

TEST_CASE("what its own client does recalls no delegation, and what others do does") {
  Clients on;
  const Opened opened = on.a.open("file", {.access = reads});
  const SETATTR4args mode{{}, fattr({FATTR4_MODE}, std::uint32_t{0600})};
  CHECK(on.a.status(Ops().fh(on.file).add(OP_SETATTR, mode)) == NFS4_OK);
  CHECK(on.a.write(on.file, anonymous) == NFS4_OK);
  CHECK(on.a.back.calls.empty());
  Waiting removing(on.b,
                   Ops().fh(same_handle(on.server.world.root())).add(OP_REMOVE, REMOVE4args{Ops::component("file")}));
  CHECK_FALSE(removing.status());
  CHECK(on.a.back.calls.size() == 1);
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(removing.status() == NFS4_OK);
}

TEST_CASE("a named attribute that goes recalls the delegations of its file, and what is written to one does not") {
  Clients on;
  Results made = on.b.run(Ops().fh(on.file).add(OP_OPENATTR, OPENATTR4args{true}).getfh());
  const nfs_fh4 directory = made.skip({OP_PUTFH, OP_OPENATTR}).next<GETFH4res>(OP_GETFH).resok4.object;
  const Opened attribute = on.b.open_at(
      directory,
      on.b.open_args("attribute", {.owner = "maker", .access = both, .how = creating(createmode4::GUARDED4)}), "maker");
  REQUIRE(attribute.status == NFS4_OK);
  // It has one of its own.
  CHECK(attribute.delegation == OPEN_DELEGATE_WRITE);
  const Opened opened = on.a.open("file", {.access = reads});
  REQUIRE(opened.delegation == OPEN_DELEGATE_READ);
  CHECK(on.b.write(attribute.handle, attribute.stateid) == NFS4_OK);
  CHECK(on.a.back.calls.empty());
  Waiting remover(on.b, Ops().fh(directory).add(OP_REMOVE, REMOVE4args{Ops::component("attribute")}));
  CHECK_FALSE(remover.status());
  REQUIRE(on.a.back.calls.size() == 1);
  CHECK(on.a.back.calls[0].recall.fh == on.file);
  CHECK(give_back(on.a, on.file, opened.delegated) == NFS4_OK);
  CHECK(remover.status() == NFS4_OK);
  CHECK(on.b.status(Ops().fh(directory).look("attribute")) == NFS4ERR_NOENT);
}

TEST_CASE("WANT_DELEGATION gives one without an OPEN, to whoever may read or write, of regular files") {
  Clients on;
  const auto want = [&](Called& client, const nfs_fh4& file, std::uint32_t which, open_claim_type4 by = CLAIM_FH) {
    return client.on<WANT_DELEGATION4res>(file, OP_WANT_DELEGATION,
                                          WANT_DELEGATION4args{.wda_want = which, .wda_claim = {.dc_claim = by}});
  };
  const auto given = want(on.a, on.file, OPEN4_SHARE_ACCESS_WANT_WRITE_DELEG);
  REQUIRE(given.status == NFS4_OK);
  REQUIRE(given.resok4.delegation_type == OPEN_DELEGATE_WRITE);
  const stateid4 stateid = given.resok4.write.stateid;
  CHECK(on.a.write(on.file, stateid) == NFS4_OK);
  const auto refused = want(on.b, on.file, OPEN4_SHARE_ACCESS_WANT_READ_DELEG);
  CHECK(refused.status == NFS4_OK);
  CHECK(refused.resok4.delegation_type == OPEN_DELEGATE_NONE_EXT);
  CHECK(refused.resok4.od_whynone.ond_why == why_no_delegation4::WND4_CONTENTION);
  CHECK(give_back(on.a, on.file, stateid) == NFS4_OK);
  const auto shared = want(on.b, on.file, OPEN4_SHARE_ACCESS_WANT_READ_DELEG);
  CHECK(shared.resok4.delegation_type == OPEN_DELEGATE_READ);
  CHECK(want(on.b, on.file, 0).status == NFS4ERR_INVAL);
  CHECK(want(on.b, on.file, OPEN4_SHARE_ACCESS_WANT_READ_DELEG, CLAIM_DELEG_PREV_FH).status == NFS4ERR_NOTSUPP);
  CHECK(want(on.b, on.file, OPEN4_SHARE_ACCESS_WANT_READ_DELEG, CLAIM_PREVIOUS).status == NFS4ERR_NO_GRACE);
  CHECK(want(on.b, same_handle(on.server.world.root()), OPEN4_SHARE_ACCESS_WANT_READ_DELEG).status == NFS4ERR_ISDIR);
  on.server.world.become(1000, 1000);
  const nfs_fh4 secret = same_handle(on.server.world.make_file(on.server.world.root(), "secret", 0));
  on.server.world.become(1001, 1001);
  CHECK(want(on.b, secret, OPEN4_SHARE_ACCESS_WANT_READ_DELEG).resok4.delegation_type == OPEN_DELEGATE_NONE_EXT);
}

TEST_CASE("there are never more delegations than the limit") {
  Delegations known;
  for (state::GrantId grant = 1; grant <= Delegations::most; ++grant) REQUIRE(known.note(grant, {}));
  CHECK_FALSE(known.note(Delegations::most + 1, {}));
  CHECK(known.forget(1));
  CHECK_FALSE(known.forget(1));
  CHECK(known.note(Delegations::most + 1, {}));
}

TEST_CASE("CLONE waits for who keeps changes of its source to itself, and for who reads its target") {
  Clients on;
  const std::string text(20'000, 'x');
  on.server.world.make_file(on.server.world.root(), "from", 0666, text);
  const Opened kept = on.a.open("from", {.access = both}), read = on.b.open("file", {.access = reads});
  REQUIRE(kept.delegation == OPEN_DELEGATE_WRITE);
  REQUIRE(read.delegation == OPEN_DELEGATE_READ);
  on.c.minor = 2;
  Waiting clone(on.c, Ops().fh(kept.handle).save().fh(on.file).add(OP_CLONE, CLONE4args{}));
  CHECK_FALSE(clone.status());
  REQUIRE(on.a.back.calls.size() == 1);
  CHECK(on.b.back.calls.empty());
  CHECK(on.a.back.calls[0].recall.stateid == kept.delegated);
  CHECK(give_back(on.a, kept.handle, kept.delegated) == NFS4_OK);
  CHECK_FALSE(clone.status());
  REQUIRE(on.b.back.calls.size() == 1);
  CHECK(on.b.back.calls[0].recall.stateid == read.delegated);
  CHECK(on.server.world.contents(on.file3) == "contents");
  CHECK(give_back(on.b, on.file, read.delegated) == NFS4_OK);
  CHECK(clone.status() == NFS4_OK);
  CHECK(on.server.world.contents(on.file3) == text);
}
