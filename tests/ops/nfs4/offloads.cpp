// Copies that go on by themselves after COPY was answered: OFFLOAD_STATUS, OFFLOAD_CANCEL and CB_OFFLOAD, what is in
// the way of one, and what ends it.
#include "nfs/v4/offloads.hpp"

#include "gate/operation.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "ops/nfs4/callback_world.hpp"
#include "vfs/power.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
/// What a COPY moves at most before it is answered.
constexpr std::uint64_t at_once = 16 * mib;
/// The test looks at the files by other clients.
constexpr std::uint32_t undelegated = OPEN4_SHARE_ACCESS_WANT_NO_DELEG;

/// A store in memory whose disk can be full.
struct DiskInHand {
  PowerStores stores;
};
class Disk final : private DiskInHand, public store::Store {
 public:
  Disk() : Store(stores.kv(), stores.data()) {}
  void fill() { stores.power_data.failing_write = Error::NoSpace; }
};

/// A client of version 2 that can be called back, and two files that it has open. What copies does so as far as the
/// test lets the pool run.
struct Offloaded {
  CallbackServer server;
  Called client{server, "client"};
  const std::string text;
  nfs_fh3 from3, to3;
  Opened from, to;

  explicit Offloaded(std::uint64_t size = 20 * mib + 5) : text(pattern(size)) {
    as_version_2(client);
    from3 = server.world.make_file(server.world.root(), "from", 0644, text);
    to3 = server.world.make_file(server.world.root(), "to", 0666);
    from = client.open("from", {.access = OPEN4_SHARE_ACCESS_READ | undelegated});
    to = client.open("to", {.owner = "writer", .access = OPEN4_SHARE_ACCESS_BOTH | undelegated});
    pool(0);
  }
  ~Offloaded() { pool(); }

  static std::string pattern(std::size_t size) {
    std::string made(size, '\0');
    for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + i / 7 % 26);
    return made;
  }
  static void as_version_2(Called& of) {
    of.minor = 2;
    REQUIRE(of.status(Ops().add(OP_BACKCHANNEL_CTL, BACKCHANNEL_CTL4args{of.program, of.security})) == NFS4_OK);
  }

  /// So many pieces are copied; without a number all of them.
  void pool(std::optional<int> pieces = std::nullopt) {
    server.world.pool.most = pieces;
    server.turn();
  }

  COPY4res copy(const COPY4args& args, const nfs_fh4& target) {
    Results results = client.run(Ops().fh(from.handle).save().fh(target).add(OP_COPY, args));
    return results.skip({OP_PUTFH, OP_SAVEFH, OP_PUTFH}).next<COPY4res>(OP_COPY);
  }
  /// All but the first byte, so that no block can be shared.
  COPY4args args(bool synchronous = false) const { return {from.stateid, to.stateid, 1, 0, 0, false, synchronous, {}}; }
  /// The copy stateid of one that was begun.
  stateid4 begin() { return begin(args(), to.handle); }
  stateid4 begin(const COPY4args& args, const nfs_fh4& target) {
    const COPY4res begun = copy(args, target);
    REQUIRE(begun.status == NFS4_OK);
    REQUIRE(begun.resok4.cr_response.wr_callback_id.size() == 1);
    return begun.resok4.cr_response.wr_callback_id[0];
  }
  OFFLOAD_STATUS4res status(const stateid4& stateid) {
    return client.on<OFFLOAD_STATUS4res>(to.handle, OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{stateid});
  }
  nfsstat4 cancel(const stateid4& stateid) {
    return client.on<OFFLOAD_CANCEL4res>(to.handle, OP_OFFLOAD_CANCEL, OFFLOAD_CANCEL4args{stateid}).status;
  }
  /// Bytes of a copy that is under way.
  std::uint64_t progress(const stateid4& stateid) {
    const OFFLOAD_STATUS4res told = status(stateid);
    REQUIRE(told.status == NFS4_OK);
    CHECK(told.resok4.osr_complete.empty());
    return told.resok4.osr_count;
  }
  OffloadCounts counts() const { return server.callbacks.offloads().counts(); }
  std::uint64_t copied_bytes() { return server.world.attributes(to3).size; }
  /// What the client was told, once.
  const CB_OFFLOAD4args& told() {
    REQUIRE(client.back.calls.size() == 1);
    const CalledBack& call = client.back.calls.front();
    CHECK(call.minor == 2);
    REQUIRE(call.number == OP_CB_OFFLOAD);
    return call.copied;
  }
  std::string contents() {
    std::string found;
    for (bool more = true; more;) {
      const nfs3::READ3res got = server.world.call(&nfs3::read, nfs3::READ3args{to3, found.size(), 1 << 20});
      REQUIRE(got.status == nfsstat3::NFS3_OK);
      found += test::text_of(got.resok.data.chain);
      more = !got.resok.eof;
    }
    return found;
  }
};

/// That it ended early, and the client was told so, once.
void check_failed(Offloaded& o, const stateid4& stateid, nfsstat4 status, std::uint64_t bytes) {
  const CB_OFFLOAD4args& told = o.told();
  CHECK(told.coa_stateid == stateid);
  CHECK(told.coa_offload_info.coa_status == status);
  CHECK(told.coa_offload_info.coa_bytes_copied == bytes);
  CHECK(o.counts().failed == 1);
  CHECK(o.counts().under_way == 0);
}

}  // namespace

TEST_CASE(
    "a COPY that is too long for one answer is answered at once, goes on, and its client is told when it is done") {
  Offloaded o;
  const COPY4res begun = o.copy(o.args(), o.to.handle);
  REQUIRE(begun.status == NFS4_OK);
  const write_response4& response = begun.resok4.cr_response;
  REQUIRE(response.wr_callback_id.size() == 1);
  const stateid4 stateid = response.wr_callback_id[0];
  CHECK(stateid.seqid != 0);
  CHECK(response.wr_count == 0);
  CHECK(response.wr_committed == stable_how4::UNSTABLE4);
  CHECK(begun.resok4.cr_requirements.cr_consecutive);
  CHECK_FALSE(begun.resok4.cr_requirements.cr_synchronous);
  CHECK(o.copied_bytes() == 0);
  CHECK(o.progress(stateid) == 0);
  CHECK(o.counts().under_way == 1);

  o.pool(3);
  CHECK(o.progress(stateid) == 3 * mib);
  CHECK(o.copied_bytes() == 3 * mib);
  CHECK(o.client.back.calls.empty());

  o.pool();
  const CB_OFFLOAD4args& told = o.told();
  CHECK(told.coa_fh == o.to.handle);
  CHECK(told.coa_stateid == stateid);
  CHECK(told.coa_offload_info.coa_status == NFS4_OK);
  const write_response4& done = told.coa_offload_info.coa_resok4;
  CHECK(done.wr_callback_id.empty());
  CHECK(done.wr_count == o.text.size() - 1);
  CHECK(done.wr_committed == stable_how4::UNSTABLE4);
  CHECK(done.wr_writeverf == response.wr_writeverf);
  const auto committed = o.client.on<COMMIT4res>(o.to.handle, OP_COMMIT, COMMIT4args{});
  CHECK(committed.resok4.writeverf == done.wr_writeverf);
  CHECK((o.contents() == o.text.substr(1)));  // too long to be told

  CHECK(o.status(stateid).status == NFS4ERR_BAD_STATEID);
  CHECK(o.cancel(stateid) == NFS4ERR_BAD_STATEID);
  CHECK(o.counts().finished == 1);
  CHECK(o.counts().under_way == 0);
  CHECK(o.server.counts().copy_notices == 1);
  CHECK(o.server.counts().lock_notices == 0);
}

TEST_CASE("CB_OFFLOAD that overtakes the answer to COPY names it") {
  Offloaded o;
  o.server.world.pool.most.reset();
  (void)o.begin();
  (void)o.told();
  const auto& lists = o.client.back.calls.front().sequence.csa_referring_call_lists;
  REQUIRE(lists.size() == 1);
  CHECK(lists[0].rcl_sessionid == o.client.sequence.sa_sessionid);
  CHECK(lists[0].rcl_referring_calls[0].rc_sequenceid == o.client.sequence.sa_sequenceid);
}

TEST_CASE("OFFLOAD_STATUS tells what came of a copy until its client has answered CB_OFFLOAD") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  o.client.back.holds = true;
  o.pool();
  const OFFLOAD_STATUS4res over = o.status(stateid);
  REQUIRE(over.status == NFS4_OK);
  CHECK(over.resok4.osr_count == o.text.size() - 1);
  REQUIRE(over.resok4.osr_complete.size() == 1);
  CHECK(over.resok4.osr_complete[0] == NFS4_OK);
  CHECK(o.cancel(stateid) == NFS4ERR_COMPLETE_ALREADY);
  o.client.back.holds = false;
  o.client.back.release(answer_to(o.client.back.calls[0], NFS4ERR_DELAY));
  o.server.turn();
  CHECK(o.status(stateid).status == NFS4_OK);
  o.server.wait_seconds(1);
  CHECK(o.client.back.calls.size() == 2);
  CHECK(o.status(stateid).status == NFS4ERR_BAD_STATEID);
}

TEST_CASE("who does not know the copy yet is told again, a few times") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  for (int i = 0; i < 9; ++i) o.client.back.next(NFS4ERR_BAD_STATEID);
  o.pool();
  o.server.wait_seconds(5);
  CHECK(o.client.back.calls.size() == 3);
  CHECK(o.status(stateid).status == NFS4ERR_BAD_STATEID);
}

TEST_CASE("who cannot be told of a copy may ask for it for a lease's time") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  o.client.back.is_gone = true;
  o.pool();
  o.server.wait_seconds(60);
  CHECK(o.status(stateid).resok4.osr_complete.size() == 1);
  o.server.wait_seconds(31);
  CHECK(o.status(stateid).status == NFS4ERR_BAD_STATEID);
  CHECK(o.server.counts().copy_notices == 0);
}

TEST_CASE("COPY is over when it is answered where that is asked for, or it is short, or the client cannot be called") {
  Offloaded o;
  o.pool();
  const auto synchronous = [&](const COPY4args& args) {
    const COPY4res copied = o.copy(args, o.to.handle);
    REQUIRE(copied.status == NFS4_OK);
    CHECK(copied.resok4.cr_response.wr_callback_id.empty());
    CHECK(copied.resok4.cr_requirements.cr_synchronous);
    return copied.resok4.cr_response.wr_count;
  };
  CHECK(synchronous(o.args(true)) == at_once);
  COPY4args args = o.args();
  args.ca_count = at_once;
  CHECK(synchronous(args) == at_once);
  args.ca_src_offset = args.ca_count = 0;
  CHECK(synchronous(args) == o.text.size());  // shared
  o.client.back.is_gone = true;
  REQUIRE(o.client.status(Ops()) == NFS4_OK);
  o.client.reconnect(nullptr);
  REQUIRE(o.client.status(Ops()) == NFS4_OK);
  CHECK(synchronous(o.args()) == at_once);
  CHECK(o.counts().begun == 0);
}

TEST_CASE("OFFLOAD_CANCEL is answered once nothing is written any more, and nobody is told") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  o.pool(2);
  ++o.client.sequence.sa_sequenceid;
  std::optional<BufferChain> reply;
  o.client.start(o.client.arguments(Ops().fh(o.to.handle).add(OP_OFFLOAD_CANCEL, OFFLOAD_CANCEL4args{stateid})), reply);
  CHECK_FALSE(reply);
  o.pool(1);
  REQUIRE(reply);
  CHECK(Results(Client::body(*reply)).status == NFS4_OK);
  const std::uint64_t written = o.copied_bytes();
  CHECK(written <= 3 * mib);
  o.pool();
  CHECK(o.copied_bytes() == written);
  CHECK(o.client.back.calls.empty());
  CHECK(o.status(stateid).status == NFS4ERR_BAD_STATEID);
  CHECK(o.counts().cancelled == 1);
  CHECK(o.counts().under_way + o.counts().finished + o.counts().failed + o.counts().dropped == 0);
}

TEST_CASE("a copy stateid is good for its client, its file and, to cancel it, its user") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  stateid4 zero = stateid, later = stateid, unknown = stateid;
  zero.seqid = 0;
  later.seqid = 2;
  unknown.other[11] ^= std::byte{0x7f};
  for (const stateid4& bad : {zero, later, unknown, o.to.stateid, anonymous}) {
    CHECK(o.status(bad).status == NFS4ERR_BAD_STATEID);
    CHECK(o.cancel(bad) == NFS4ERR_BAD_STATEID);
  }
  const auto elsewhere =
      o.client.on<OFFLOAD_STATUS4res>(o.from.handle, OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{stateid});
  CHECK(elsewhere.status == NFS4ERR_BAD_STATEID);
  CHECK(o.client.status(Ops().root().add(OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{stateid})) == NFS4ERR_BAD_STATEID);
  Called other(o.server, "other");
  Offloaded::as_version_2(other);
  CHECK(other.status(Ops().fh(o.to.handle).add(OP_OFFLOAD_CANCEL, OFFLOAD_CANCEL4args{stateid})) ==
        NFS4ERR_BAD_STATEID);
  o.server.world.become(500, 500);
  CHECK(o.cancel(stateid) == NFS4ERR_BAD_STATEID);
  CHECK(o.status(stateid).status == NFS4_OK);
  // It is none of what is opened or locked.
  CHECK(o.client.read(o.to.handle, stateid) == NFS4ERR_BAD_STATEID);
  o.pool();
  CHECK(o.counts().finished == 1);
}

TEST_CASE("a client that goes, or comes again, takes its copies along") {
  for (const bool again : {false, true}) {
    INFO("comes again: " << again);
    Offloaded o;
    (void)o.begin();
    o.pool(2);
    if (again) {
      o.client.verifier = 2;
      o.client.introduce();
    } else {
      o.server.keeper->drop(o.client.id);
    }
    o.pool();
    CHECK(o.copied_bytes() <= 3 * mib);
    CHECK(o.client.back.calls.empty());
    CHECK(o.counts().dropped == 1);
    CHECK(o.counts().under_way == 0);
  }
}

TEST_CASE("a client has so many copies under way, and the next one is over when it is answered") {
  Offloaded o;
  for (std::size_t i = 0; i < Offloads::most_of_a_client; ++i) (void)o.begin();
  const COPY4res more = o.copy(o.args(), o.to.handle);
  REQUIRE(more.status == NFS4_OK);
  CHECK(more.resok4.cr_response.wr_callback_id.empty());
  CHECK(more.resok4.cr_response.wr_count == at_once);
  CHECK(o.counts().under_way == Offloads::most_of_a_client);
  o.server.keeper->drop(o.client.id);
  o.pool();
  CHECK(o.counts().dropped == Offloads::most_of_a_client);
}

TEST_CASE("a copy that fails says why, and how far it came") {
  Offloaded o;
  auto made = std::make_unique<Disk>();
  Disk& disk = *made;
  o.server.world.add_other_store(31, "other", std::move(made));
  const nfs_fh4 far = same_handle(o.server.world.make_file(o.server.world.root("other"), "far", 0666));
  COPY4args args = o.args();
  args.ca_dst_stateid = anonymous;
  const stateid4 stateid = o.begin(args, far);
  o.pool(2);
  disk.fill();
  o.client.back.holds = true;
  o.pool();
  check_failed(o, stateid, NFS4ERR_NOSPC, 2 * mib);
  const auto status = o.client.on<OFFLOAD_STATUS4res>(far, OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{stateid});
  REQUIRE(status.resok4.osr_complete.size() == 1);
  CHECK(status.resok4.osr_complete[0] == NFS4ERR_NOSPC);
  CHECK(status.resok4.osr_count == 2 * mib);
  o.client.back.release(answer_to(o.client.back.calls[0]));
}

TEST_CASE("a copy ends when one of its stateids is given up, and when a share goes") {
  SECTION("the source is closed") {
    Offloaded o;
    const stateid4 stateid = o.begin();
    o.pool(2);
    REQUIRE(o.client.close(o.from).status == NFS4_OK);
    o.pool();
    check_failed(o, stateid, NFS4ERR_BAD_STATEID, 2 * mib);
  }
  SECTION("the target is not open for writing any more") {
    Offloaded o;
    const stateid4 stateid = o.begin();
    REQUIRE(o.client.open("to", {.owner = "writer", .access = OPEN4_SHARE_ACCESS_READ}).status == NFS4_OK);
    o.pool(2);
    o.to.stateid.seqid = 0;
    REQUIRE(o.client.downgrade(o.to, OPEN4_SHARE_ACCESS_READ) == NFS4_OK);
    o.pool();
    check_failed(o, stateid, NFS4ERR_OPENMODE, 2 * mib);
  }
  SECTION("the share is not exported any more") {
    Offloaded o;
    const stateid4 stateid = o.begin();
    o.pool(2);
    o.server.world.shares.replace({});
    o.pool();
    check_failed(o, stateid, NFS4ERR_STALE, 2 * mib);
  }
}

TEST_CASE("a source that is cut meanwhile ends the copy, with what there was") {
  Offloaded o;
  const stateid4 stateid = o.begin();
  o.pool(2);
  SETATTR4args cut{.stateid = anonymous, .obj_attributes = fattr({FATTR4_SIZE}, std::uint64_t{5 * mib})};
  REQUIRE(o.client.status(Ops().fh(o.from.handle).add(OP_SETATTR, cut)) == NFS4_OK);
  o.pool();
  CHECK(o.told().coa_stateid == stateid);
  CHECK(o.told().coa_offload_info.coa_status == NFS4_OK);
  CHECK(o.told().coa_offload_info.coa_resok4.wr_count == 5 * mib - 1);
}

TEST_CASE("who holds a delegation of the target is asked for it, and the copy goes on when it is back") {
  Offloaded o;
  REQUIRE(o.client.close(o.to).status == NFS4_OK);
  COPY4args args = o.args();
  args.ca_dst_stateid = anonymous;
  const stateid4 stateid = o.begin(args, o.to.handle);
  Called other(o.server, "other");
  const Opened held = other.open("to", {.access = OPEN4_SHARE_ACCESS_BOTH});
  REQUIRE(held.delegation == open_delegation_type4::OPEN_DELEGATE_WRITE);
  o.pool();
  REQUIRE(other.back.calls.size() == 1);
  CHECK(other.back.calls.front().number == OP_CB_RECALL);
  for (int i = 0; i < 5; ++i) {
    o.server.wait_seconds(1);
    o.server.wait_ms(200);
  }
  CHECK(o.progress(stateid) == 0);
  CHECK(o.counts().under_way == 1);
  REQUIRE(other.on<DELEGRETURN4res>(o.to.handle, OP_DELEGRETURN, DELEGRETURN4args{held.delegated}).status == NFS4_OK);
  o.server.wait_ms(200);
  CHECK(o.told().coa_offload_info.coa_status == NFS4_OK);
  CHECK((o.contents() == o.text.substr(1)));
}

TEST_CASE("after a restart a copy stateid is none, and the verifier is another") {
  Offloaded o;
  const COPY4res begun = o.copy(o.args(), o.to.handle);
  REQUIRE(begun.resok4.cr_response.wr_callback_id.size() == 1);
  o.client.back.is_gone = true;
  o.pool();
  REQUIRE(o.counts().finished == 1);
  o.server.restart();
  o.client.back.is_gone = false;
  o.client.come_back(o.server);
  CHECK(o.status(begun.resok4.cr_response.wr_callback_id[0]).status == NFS4ERR_BAD_STATEID);
  const auto committed = o.client.on<COMMIT4res>(o.to.handle, OP_COMMIT, COMMIT4args{});
  REQUIRE(committed.status == NFS4_OK);
  CHECK(committed.resok4.writeverf != begun.resok4.cr_response.wr_writeverf);
}

TEST_CASE("a server that stops waits for the piece under way, and nobody is told") {
  Offloaded o;
  (void)o.begin();
  o.pool(2);
  o.server.outside.close();
  o.server.turn();
  CHECK_FALSE(o.server.outside.wait_gone(std::chrono::milliseconds(0)));
  o.pool();
  CHECK(o.server.outside.wait_gone(std::chrono::milliseconds(0)));
  CHECK(o.copied_bytes() <= 3 * mib);
  CHECK(o.client.back.calls.empty());
  CHECK(o.counts().dropped == 1);
}

TEST_CASE("copies under way are bounded, for each client and in all, until their clients have been told") {
  Offloads offloads;
  const state::FileKey file{};
  std::vector<state::StateId> all;
  for (state::ClientId client = 1; all.size() < Offloads::most; ++client) {
    for (std::size_t i = 0; i < Offloads::most_of_a_client; ++i) {
      const auto id = offloads.begin(client, file, 0);
      REQUIRE(id);
      all.push_back(*id);
    }
    CHECK_FALSE(offloads.begin(client, file, 0));
  }
  CHECK_FALSE(offloads.begin(1000, file, 0));
  CHECK(offloads.end(all[0], NFS4_OK, 7, 100));
  CHECK_FALSE(offloads.begin(1000, file, 0));
  offloads.advance(99);
  CHECK(offloads.status(all[0], file).resok4.osr_count == 7);
  offloads.advance(100);
  CHECK(offloads.status(all[0], file).status == NFS4ERR_BAD_STATEID);
  CHECK(offloads.begin(1000, file, 0));
  CHECK(offloads.counts().under_way == Offloads::most);

  offloads.drop(2);
  CHECK_FALSE(offloads.moved(all[Offloads::most_of_a_client], 5));
  CHECK_FALSE(offloads.end(all[Offloads::most_of_a_client], NFS4_OK, 5, 100));
  CHECK(offloads.begin(1000, file, 0));
  CHECK(offloads.moved(all[1], 5));
  offloads.abandon(all[1]);
  CHECK(offloads.counts().dropped == Offloads::most_of_a_client + 1);
  CHECK(offloads.counts().under_way == Offloads::most - 1);
}
