// Whole connections of NFSv4 to one server over stores in memory. Before the input comes, a client of 4.0 and one of
// 4.1 and 4.2 by turns are there with a file open, the latter with a session and a backchannel, so that what comes
// reaches the handlers. An input is steps, each a byte that says what it is, a length, and that many bytes: the
// operations of a COMPOUND of one client or the other, a record as it is, time that goes by, an answer to the server's
// last callback, a new connection. Whatever comes: each COMPOUND gets one reply with no more results than operations,
// and in the end nothing waits any more.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "fuzz/decoder.hpp"
#include "fuzz/nfs4_world.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using enum nfs_opnum4;

namespace {

using Owner = xdr::opaque<NFS4_OPAQUE_LIMIT>;
constexpr std::string_view file_name = "f";

Owner owner(std::string_view name) { return Owner::copy_of(bytes_of(name)); }

/// What is done to the file: from the root to it.
struct Operations {
  xdr::Writer writer;
  std::uint32_t count = 0;
  template <class... T>
  Operations& add(nfs_opnum4 number, const T&... args) {
    writer(number, args...);
    ++count;
    return *this;
  }
  Operations& go(bool to_file = true) {
    add(OP_PUTROOTFH).add(OP_LOOKUP, LOOKUP4args{component4::lend("export")});
    return to_file ? add(OP_LOOKUP, LOOKUP4args{component4::lend(file_name)}) : *this;
  }
};

OPEN4args opening(clientid4 client, std::uint32_t number, std::string_view name) {
  OPEN4args args{.seqid = number, .share_access = OPEN4_SHARE_ACCESS_BOTH, .owner = {client, owner("o")}};
  args.openhow.opentype = opentype4::OPEN4_CREATE;
  args.claim.file = component4::copy_of(name);
  return args;
}

/// A client: its version, and how its COMPOUNDs begin.
class Peer {
 public:
  Peer(Nfs4World& world, std::uint32_t minor)
      : wire(world, static_cast<std::uint8_t>(1 + minor)), world_(world), minor_(minor) {
    minor == 0 ? introduce0() : introduce1();
    Operations ops;
    ops.go(false).add(OP_OPEN, opening(id, 1, file_name));
    const auto opened = run(ops, true);
    DITTO_ASSERT(opened);
    if (minor > 0) return;
    Operations confirming;
    confirming.go().add(OP_OPEN_CONFIRM, OPEN_CONFIRM4args{stateid(), 2});
    DITTO_ASSERT(run(confirming, true));
  }

  /// The stateid of the file that is open, as every client's first is.
  stateid4 stateid() const {
    stateid4 made{.seqid = 1, .other = {}};
    store_be(made.other.data(), id);
    store_be(made.other.data() + 8, std::uint32_t{1});
    return made;
  }

  /// A COMPOUND of `count` operations. None: there was no reply, for the connection is over; false: it failed.
  std::optional<bool> run(BufferChain operations, std::uint32_t count, bool sequenced) {
    xdr::Writer writer;
    const bool in_session = minor_ > 0 && sequenced;
    const std::uint32_t version = minor_ == 0 ? 0 : 1 + number_ % 2;
    writer(COMPOUND4args_header{.minorversion = version, .count = count + (in_session ? 1 : 0)});
    if (in_session) {
      SEQUENCE4args sequence{.sa_sessionid = session_, .sa_sequenceid = number_ + 1, .sa_cachethis = true};
      writer(OP_SEQUENCE, sequence);
    }
    writer.link(std::move(operations));
    wire.received(call(writer.finish()));
    return look(count + (in_session ? 1 : 0), in_session);
  }
  bool run(Operations& ops, bool sequenced) {
    const std::uint32_t count = ops.count;
    return run(ops.writer.finish(), count, sequenced).value_or(false);
  }

  /// A call of COMPOUND with these arguments.
  BufferChain call(BufferChain arguments) {
    xdr::Writer writer;
    writer(rpc::call_header{.xid = ++xid_, .prog = NFS4_PROGRAM, .vers = NFS_V4, .proc = NFSPROC4_COMPOUND});
    const Buffer root = xdr::encode(rpc::authsys_parms{}).coalesce();
    writer(rpc::opaque_auth{rpc::AuthFlavor::Sys, xdr::opaque<400>::lend(root.bytes())}, rpc::opaque_auth{});
    writer.link(std::move(arguments));
    return writer.finish();
  }

  /// `rest` is what follows the xid in an answer to the last callback that came.
  void answer_callback(Bytes rest) {
    watch();
    xdr::Writer writer;
    writer(called_);
    writer.put(rest);
    wire.received(writer.finish());
  }
  void reconnect() {
    wire.reopen();
    if (minor_ == 0) return;
    Operations ops;
    ops.add(OP_BIND_CONN_TO_SESSION,
            BIND_CONN_TO_SESSION4args{session_, channel_dir_from_client4::CDFC4_FORE_OR_BOTH, false});
    (void)run(ops, false);
  }

  Nfs4Wire wire;
  clientid4 id = 0;

 private:
  void introduce0() {
    Operations asking;
    asking.add(OP_SETCLIENTID, SETCLIENTID4args{.client = {{}, owner("zero")}, .callback = {}});
    DITTO_ASSERT(run(asking, false));
    xdr::Reader reader(results_);
    SETCLIENTID4res known;
    skip_to(reader);
    reader(known);
    DITTO_ASSERT(reader.ok());
    id = known.resok4.clientid;
    Operations confirming;
    confirming.add(OP_SETCLIENTID_CONFIRM, SETCLIENTID_CONFIRM4args{id, known.resok4.setclientid_confirm});
    DITTO_ASSERT(run(confirming, false));
  }
  void introduce1() {
    Operations asking;
    EXCHANGE_ID4args who;
    who.eia_clientowner.co_ownerid = owner("one");
    asking.add(OP_EXCHANGE_ID, who);
    DITTO_ASSERT(run(asking, false));
    EXCHANGE_ID4res known;
    {
      xdr::Reader reader(results_);
      skip_to(reader);
      reader(known);
      DITTO_ASSERT(reader.ok());
    }
    id = known.resok4.eir_clientid;
    CREATE_SESSION4args wanted{.csa_clientid = id, .csa_sequence = known.resok4.eir_sequenceid};
    wanted.csa_flags = CREATE_SESSION4_FLAG_CONN_BACK_CHAN;
    for (channel_attrs4* channel : {&wanted.csa_fore_chan_attrs, &wanted.csa_back_chan_attrs}) {
      channel->ca_maxrequestsize = channel->ca_maxresponsesize = 65536;
      channel->ca_maxresponsesize_cached = 4096;
      channel->ca_maxoperations = channel->ca_maxrequests = 16;
    }
    wanted.csa_cb_program = 0x40000000;
    wanted.csa_sec_parms.emplace_back().cb_secflavor = rpc::AuthFlavor::Sys;
    Operations creating;
    creating.add(OP_CREATE_SESSION, wanted);
    DITTO_ASSERT(run(creating, false));
    xdr::Reader reader(results_);
    skip_to(reader);
    CREATE_SESSION4res created;
    reader(created);
    DITTO_ASSERT(reader.ok() && created.resok4.csr_flags == CREATE_SESSION4_FLAG_CONN_BACK_CHAN);
    session_ = created.resok4.csr_sessionid;
    Operations done;
    done.add(OP_RECLAIM_COMPLETE, RECLAIM_COMPLETE4args{});
    DITTO_ASSERT(run(done, true));
  }

  /// Behind the header of the results, and the number of the first operation.
  static void skip_to(xdr::Reader& reader) {
    COMPOUND4res_header header;
    nfs_opnum4 number{};
    reader(header, number);
  }
  /// Looks at all that was sent, and keeps the results of the last call.
  void watch() {
    for (const BufferChain& each : wire.take_sent()) {
      if (word_at(each, 8) == 0) {
        called_ = xid_of(each);
      } else if (xid_of(each) == xid_) {
        reply_ = each;
      }
    }
  }
  std::optional<bool> look(std::uint32_t count, bool in_session) {
    reply_ = {};
    watch();
    // Each operation may have waited for a moment for what somebody else has.
    for (std::uint32_t i = 0; i < count && reply_.empty() && wire.is_open(); ++i) {
      world_.wait_seconds(1);
      watch();
    }
    if (reply_.empty()) {
      DITTO_ASSERT(!wire.is_open());
      return std::nullopt;
    }
    DITTO_ASSERT(word_at(reply_, 12) == 0 && accept_stat_of(reply_) == 0);
    results_ = reply_.slice(results_offset, reply_.size() - results_offset);
    xdr::Reader reader(results_);
    COMPOUND4res_header header;
    reader(header);
    constexpr std::uint32_t max_operations = 64;  // of a Service that was told nothing else
    DITTO_ASSERT(reader.ok() && header.count <= count && header.count <= max_operations + 1);
    if (in_session && header.count > 0) {
      nfs_opnum4 first{};
      SEQUENCE4res sequence;
      reader(first, sequence);
      DITTO_ASSERT(reader.ok());
      if (sequence.status == nfsstat4::NFS4_OK) ++number_;
    }
    return header.status == nfsstat4::NFS4_OK;
  }

  Nfs4World& world_;
  const std::uint32_t minor_;
  sessionid4 session_{};
  sequenceid4 number_ = 0;
  std::uint32_t xid_ = 0, called_ = 0;
  BufferChain reply_, results_;
};

enum class Step : std::uint8_t { Zero, One, AlsoOne, Record, Time, Answer, Reconnect, Recall };
constexpr std::size_t step_kinds = 8, step_header = 3;

class Session {
 public:
  void take(Step step, Bytes bytes) {
    switch (step) {
      case Step::Zero: return compound(zero_, bytes);
      case Step::One:
      case Step::AlsoOne: return compound(one_, bytes);
      case Step::Record:
        return (bytes.size() % 2 == 0 ? zero_ : one_).wire.received(BufferChain(Buffer::copy_of(bytes)));
      case Step::Time: return world_.wait_seconds(bytes.empty() ? 1 : std::to_integer<std::uint8_t>(bytes[0]));
      case Step::Answer: return one_.answer_callback(bytes);
      case Step::Reconnect: return (bytes.empty() ? one_ : zero_).reconnect();
      case Step::Recall: return recall(bytes.size() % 2 == 0 ? one_ : zero_);
    }
  }
  void end() {
    one_.wire.close();
    zero_.wire.close();
    world_.wait_seconds(1000);
    DITTO_ASSERT(world_.callbacks().waiting() == 0 && world_.callbacks().lock_waits().size() == 0);
    for (int i = 0; i < 3; ++i) world_.wait_seconds(100'000);  // everybody's lease and courtesy
    DITTO_ASSERT(world_.keeper().clients().count() == 0);
    DITTO_ASSERT(world_.keeper().coordinator().files().size() == 0);
  }

 private:
  static void compound(Peer& peer, Bytes bytes) {
    if (bytes.empty()) return;
    const auto how = std::to_integer<std::uint8_t>(bytes[0]);
    const BufferChain operations(Buffer::copy_of(bytes.subspan(1)));
    (void)peer.run(operations, how % 32, how < 0xe0);
  }
  /// As if it held a delegation that somebody wants back.
  void recall(const Peer& peer) {
    const state::GrantId grant = world_.keeper().coordinator().new_id();
    const auto client = world_.keeper().clients().client(peer.id);
    if (!client || !client->grants.add()) return;
    world_.callbacks().delegations().note(grant,
                                          {.client = peer.id, .stateid = peer.stateid(), .handle = {}, .request = {}});
    world_.callbacks().recall({.file = {}, .grant = grant, .holder = {peer.id, {}}});
    world_.settle();
  }

  Nfs4World world_;
  Peer zero_{world_, 0};
  Peer one_{world_, 1};
};

// Seeds.

void put(std::vector<std::byte>& input, Step step, Bytes bytes) {
  std::byte header[step_header];
  header[0] = static_cast<std::byte>(step);
  store_be(header + 1, static_cast<std::uint16_t>(bytes.size()));
  input.insert(input.end(), std::begin(header), std::end(header));
  input.insert(input.end(), bytes.begin(), bytes.end());
}

/// Clients get their ids in the order in which they come.
stateid4 first_stateid(std::uint32_t minor, std::uint32_t sequence) {
  stateid4 made{.seqid = sequence, .other = {}};
  store_be(made.other.data(), std::uint64_t{1} << 32 | (minor + 1));
  store_be(made.other.data() + 8, std::uint32_t{1});
  return made;
}

template <class Args>
void sampled(Operations& ops, nfs_opnum4 number, xdr::Sampler& draw) {
  ops.add(number, xdr::sample<Args>(draw.next()));
}

stateid4 copy_stateid(std::uint32_t minor, std::uint32_t sequence) {
  stateid4 made = first_stateid(minor, sequence);
  store_be(made.other.data() + 8, std::uint32_t{1} << 31U | 1);
  return made;
}

/// Now and then so much that it goes on by itself.
void copy_to_another(Operations& ops, clientid4 id, xdr::Sampler& draw) {
  const bool much = draw.below(8) == 0;
  SETATTR4args sized;
  sized.obj_attributes.attrmask.set(FATTR4_SIZE);
  const Buffer size = xdr::encode(std::uint64_t{much ? 17U << 20U : 9000}).coalesce();
  sized.obj_attributes.attr_vals = decltype(sized.obj_attributes.attr_vals)::copy_of(size.bytes());
  ops.add(OP_SETATTR, sized).add(OP_SAVEFH).go(false).add(OP_OPEN, opening(id, 0, "g"));
  ops.add(OP_COPY, COPY4args{{}, {}, 1, draw.below(9000), 0, true, false, {}});
}

void add_state_operation(Operations& ops, std::uint32_t minor, xdr::Sampler& draw) {
  const auto small = [&] { return static_cast<std::uint32_t>(draw.below(4)); };
  const stateid4 stateid = draw.coin() && minor > 0 ? stateid4{.seqid = 1} : first_stateid(minor, 1 + small() % 2);
  const clientid4 id = std::uint64_t{1} << 32 | (minor + 1);
  switch (draw.below(25)) {
    case 0: {
      LOCK4args args{.locktype = static_cast<nfs_lock_type4>(1 + small()), .offset = draw.below(20), .length = 10};
      args.locker.new_lock_owner = true;
      args.locker.open_owner = {3 + small() % 2, stateid, small(), {id, owner("l")}};
      ops.add(OP_LOCK, args);
      return;
    }
    case 1: ops.add(OP_LOCKT, LOCKT4args{nfs_lock_type4::WRITE_LT, draw.below(20), 10, {id, owner("t")}}); return;
    case 2: ops.add(OP_LOCKU, LOCKU4args{nfs_lock_type4::WRITE_LT, small(), stateid, draw.below(20), 10}); return;
    case 3: ops.add(OP_CLOSE, CLOSE4args{3, stateid}); return;
    case 4: ops.add(OP_OPEN_DOWNGRADE, OPEN_DOWNGRADE4args{stateid, 3, 1 + small() % 3, small()}); return;
    case 5: ops.add(OP_READ, READ4args{stateid, draw.below(10), 100}); return;
    case 6:
      ops.add(OP_WRITE, WRITE4args{stateid, 0, stable_how4::FILE_SYNC4, BufferChain(Buffer::copy_of(bytes_of("x")))});
      return;
    case 7: {
      OPEN4args args = opening(id, 3, file_name);
      args.openhow.opentype = draw.coin() ? opentype4::OPEN4_NOCREATE : opentype4::OPEN4_CREATE;
      args.share_deny = small();
      ops.add(OP_OPEN, args);
      return;
    }
    case 8: return sampled<TEST_STATEID4args>(ops, OP_TEST_STATEID, draw);
    case 9: ops.add(OP_FREE_STATEID, FREE_STATEID4args{stateid}); return;
    case 10: return sampled<BACKCHANNEL_CTL4args>(ops, OP_BACKCHANNEL_CTL, draw);
    case 11: ops.add(OP_RENEW, RENEW4args{id}); return;
    case 12: ops.add(OP_RELEASE_LOCKOWNER, RELEASE_LOCKOWNER4args{{id, owner("l")}}); return;
    case 13: return sampled<WANT_DELEGATION4args>(ops, OP_WANT_DELEGATION, draw);
    case 14: ops.add(OP_DELEGRETURN, DELEGRETURN4args{first_stateid(minor, small())}); return;
    case 15: ops.add(OP_SEEK, SEEK4args{stateid, draw.below(20), static_cast<data_content4>(small())}); return;
    case 16: ops.add(OP_ALLOCATE, ALLOCATE4args{stateid, draw.below(20'000), 1 + draw.below(20'000)}); return;
    case 17: ops.add(OP_DEALLOCATE, DEALLOCATE4args{stateid, draw.below(20'000), draw.below(20'000)}); return;
    case 18: ops.add(OP_READ_PLUS, READ_PLUS4args{stateid, draw.below(20'000), 100}); return;
    case 19:
      ops.add(OP_IO_ADVISE, IO_ADVISE4args{stateid, draw.below(20), 10, xdr::sample<bitmap4>(draw.next())});
      return;
    case 20: {
      const bool sets = draw.coin();
      const xattrkey4 key = xattrkey4::lend("x");
      if (!sets) ops.add(OP_REMOVEXATTR, REMOVEXATTR4args{key});
      if (sets) {
        const auto how = static_cast<setxattr_option4>(draw.below(3));
        ops.add(OP_SETXATTR, SETXATTR4args{how, key, xattrvalue4::lend(bytes_of("value"))});
      }
      return;
    }
    case 21: ops.add(OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{copy_stateid(minor, small())}); return;
    case 22: ops.add(OP_OFFLOAD_CANCEL, OFFLOAD_CANCEL4args{copy_stateid(minor, small())}); return;
    case 23: return copy_to_another(ops, id, draw);
    default: return sampled<SETATTR4args>(ops, OP_SETATTR, draw);
  }
}

void put_compound(std::vector<std::byte>& input, std::uint32_t minor, xdr::Sampler& draw) {
  Operations ops;
  ops.go();
  for (std::size_t left = 1 + draw.below(5); left > 0; --left) add_state_operation(ops, minor, draw);
  const Buffer encoded = ops.writer.finish().coalesce();
  std::vector<std::byte> bytes{static_cast<std::byte>(ops.count)};
  bytes.insert(bytes.end(), encoded.bytes().begin(), encoded.bytes().end());
  put(input, minor == 0 ? Step::Zero : Step::One, bytes);
}

void put_answer(std::vector<std::byte>& input, xdr::Sampler& draw) {
  const rpc::accepted_reply accepted;
  xdr::Writer writer;
  writer(accepted.mtype, accepted.stat, accepted.verf_flavor, accepted.verf_length, accepted.accepted);
  CB_COMPOUND4res_header header;
  header.count = 2;
  CB_SEQUENCE4res sequence;
  sequence.resok4.csr_sequenceid = static_cast<std::uint32_t>(1 + draw.below(2));
  const auto number = draw.coin() ? nfs_cb_opnum4::OP_CB_RECALL : nfs_cb_opnum4::OP_CB_NOTIFY_LOCK;
  writer(header, nfs_cb_opnum4::OP_CB_SEQUENCE, sequence, number, status4res{});
  const Buffer encoded = writer.finish().coalesce();
  put(input, Step::Answer, encoded.bytes());
}

}  // namespace

void fuzz::one(Bytes input) {
  Session session;
  for (int steps = 0; steps < 64 && input.size() >= step_header; ++steps) {
    const auto step = static_cast<Step>(std::to_integer<std::uint8_t>(input[0]) % step_kinds);
    const std::size_t length =
        std::min<std::size_t>(load_be<std::uint16_t>(input.data() + 1), input.size() - step_header);
    session.take(step, input.subspan(step_header, length));
    input = input.subspan(step_header + length);
  }
  session.end();
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input;
  for (std::size_t steps = 2 + draw.below(8); steps > 0; --steps) {
    const std::byte some[] = {static_cast<std::byte>(draw.below(100)), std::byte{0}};
    switch (draw.below(12)) {
      case 0: put(input, Step::Time, Bytes(some).first(1)); break;
      case 1: put(input, Step::Reconnect, Bytes(some).first(draw.below(2))); break;
      case 2: put(input, Step::Recall, Bytes(some).first(draw.below(2))); break;
      case 3: put_answer(input, draw); break;
      default: put_compound(input, static_cast<std::uint32_t>(draw.below(2)), draw);
    }
  }
  return input;
}
