// CB_COMPOUND as bytes, what is taken for an answer to it, and what clients offer for its authentication.
#include "nfs/v4/callbacks/cb_compound.hpp"
#include "nfs/v4/callbacks/security.hpp"
#include "ops/nfs4/callback_world.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;

namespace {

CB_RECALL4args recall() {
  CB_RECALL4args args;
  args.stateid = {.seqid = 7, .other = {std::byte{1}, std::byte{2}}};
  args.fh = nfs_fh4(bytes_of("abcde"));
  return args;
}

template <class... T>
BufferChain results(nfsstat4 status, std::uint32_t count, const T&... operations) {
  CB_COMPOUND4res_header header;
  header.status = status;
  header.count = count;
  xdr::Writer writer;
  writer(header, operations...);
  return writer.finish();
}

CB_SEQUENCE4res sequence(nfsstat4 status = NFS4_OK) { return {.status = status}; }
status4res only(nfsstat4 status) { return {status}; }

}  // namespace

TEST_CASE("CB_COMPOUND of version 0 has an ident, of version 1 a CB_SEQUENCE in front") {
  const CalledBack zero = decode_call({.identity = {}, .arguments = encode_callback(recall(), nullptr, 0x1234)});
  CHECK(zero.minor == 0);
  CHECK(zero.ident == 0x1234);
  CHECK(zero.count == 1);
  CHECK(zero.recall.stateid == recall().stateid);
  CHECK(zero.recall.fh == recall().fh);

  CB_SEQUENCE4args args;
  args.csa_sessionid.fill(std::byte{0xee});
  args.csa_sequenceid = 5;
  args.csa_slotid = 2;
  args.csa_highest_slotid = 3;
  const CB_NOTIFY_LOCK4args notice{nfs_fh4(bytes_of("fh")), {9, xdr::opaque<NFS4_OPAQUE_LIMIT>::lend(bytes_of("o"))}};
  const CalledBack one = decode_call({.identity = {}, .arguments = encode_callback(notice, &args, 0)});
  CHECK(one.minor == 1);
  CHECK(one.ident == 0);
  CHECK(one.count == 2);
  CHECK(one.sequence.csa_sessionid == args.csa_sessionid);
  CHECK(one.sequence.csa_sequenceid == 5);
  CHECK(one.sequence.csa_slotid == 2);
  CHECK(one.sequence.csa_highest_slotid == 3);
  CHECK_FALSE(one.sequence.csa_cachethis);
  CHECK(one.number == OP_CB_NOTIFY_LOCK);
  CHECK(one.notice.cnla_fh == notice.cnla_fh);
  CHECK(one.notice.cnla_lock_owner.clientid == 9);
  const CalledBack two = decode_call({.identity = {}, .arguments = encode_callback(notice, &args, 0, 2)});
  CHECK(two.minor == 2);
  CHECK(two.sequence.csa_sequenceid == 5);
}

TEST_CASE("what is an answer to a CB_COMPOUND, and what is none") {
  struct Row {
    const char* what;
    BufferChain bytes;
    bool sequenced;
    std::optional<std::pair<nfsstat4, nfsstat4>> answer;  // of CB_SEQUENCE, of the operation
  };
  const auto both = [](nfsstat4 a, nfsstat4 b) { return std::optional(std::pair(a, b)); };
  const Row rows[] = {
      {"good", results(NFS4_OK, 1, OP_CB_RECALL, only(NFS4_OK)), false, both(NFS4_OK, NFS4_OK)},
      {"failed", results(NFS4ERR_DELAY, 1, OP_CB_RECALL, only(NFS4ERR_DELAY)), false, both(NFS4_OK, NFS4ERR_DELAY)},
      {"unknown", results(NFS4ERR_OP_ILLEGAL, 1, OP_CB_ILLEGAL, only(NFS4ERR_OP_ILLEGAL)), false,
       both(NFS4_OK, NFS4ERR_OP_ILLEGAL)},
      {"refused as a whole", results(NFS4ERR_MINOR_VERS_MISMATCH, 0), false,
       both(NFS4_OK, NFS4ERR_MINOR_VERS_MISMATCH)},
      {"refused as a whole, in a session", results(NFS4ERR_MINOR_VERS_MISMATCH, 0), true,
       both(NFS4ERR_MINOR_VERS_MISMATCH, NFS4_OK)},
      {"good in a session", results(NFS4_OK, 2, OP_CB_SEQUENCE, sequence(), OP_CB_RECALL, only(NFS4_OK)), true,
       both(NFS4_OK, NFS4_OK)},
      {"failed in a session", results(NFS4ERR_DELAY, 2, OP_CB_SEQUENCE, sequence(), OP_CB_RECALL, only(NFS4ERR_DELAY)),
       true, both(NFS4_OK, NFS4ERR_DELAY)},
      {"CB_SEQUENCE failed", results(NFS4ERR_DELAY, 1, OP_CB_SEQUENCE, sequence(NFS4ERR_DELAY)), true,
       both(NFS4ERR_DELAY, NFS4_OK)},
      {"nothing", results(NFS4_OK, 0), false, {}},
      {"nothing, in a session", results(NFS4_OK, 0), true, {}},
      {"another operation's", results(NFS4_OK, 1, OP_CB_NOTIFY_LOCK, only(NFS4_OK)), false, {}},
      {"illegal and good", results(NFS4_OK, 1, OP_CB_ILLEGAL, only(NFS4_OK)), false, {}},
      {"two statuses", results(NFS4_OK, 1, OP_CB_RECALL, only(NFS4ERR_DELAY)), false, {}},
      {"too many", results(NFS4_OK, 2, OP_CB_RECALL, only(NFS4_OK), OP_CB_RECALL, only(NFS4_OK)), false, {}},
      {"too few", results(NFS4_OK, 1, OP_CB_SEQUENCE, sequence()), true, {}},
      {"CB_SEQUENCE failed, and went on",
       results(NFS4_OK, 2, OP_CB_SEQUENCE, sequence(NFS4ERR_DELAY), OP_CB_RECALL, only(NFS4_OK)),
       true,
       {}},
      {"the other way round", results(NFS4_OK, 2, OP_CB_RECALL, only(NFS4_OK), OP_CB_SEQUENCE, sequence()), true, {}},
      {"something behind it", results(NFS4_OK, 1, OP_CB_RECALL, only(NFS4_OK), only(NFS4_OK)), false, {}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const auto answer = decode_callback(row.bytes, row.sequenced, OP_CB_RECALL);
    REQUIRE(answer.has_value() == row.answer.has_value());
    if (!answer) continue;
    CHECK(std::pair(answer->sequence, answer->operation) == *row.answer);
    // Cut anywhere it is none.
    for (std::size_t size = 0; size < row.bytes.size(); ++size) {
      CHECK_FALSE(decode_callback(row.bytes.slice(0, size), row.sequenced, OP_CB_RECALL));
    }
  }
}

TEST_CASE("callbacks go as who the client offers: AUTH_SYS before AUTH_NONE, and nothing else") {
  callback_sec_parms4_list offered;
  CHECK_FALSE(security_of(offered));
  CHECK_FALSE(names_gss_handle(offered));
  offered.push_back({});  // AUTH_NONE
  REQUIRE(security_of(offered));
  CHECK_FALSE(security_of(offered)->identity);
  offered.push_back(sys_security(3)[0]);
  REQUIRE(security_of(offered));
  REQUIRE(security_of(offered)->identity);
  CHECK(security_of(offered)->identity->caller.uid == 3);
  const state::CallbackControl kept = control_of(5, offered);
  CHECK(kept.program == 5);
  REQUIRE(security_of(kept));
  CHECK(security_of(kept)->identity->machine_name == "machine");
  // What RPC puts in front: six words, AUTH_SYS's claims, an empty verifier.
  CHECK(call_header_bytes(*security_of(kept)) == 24 + 8 + (4 + 4 + 8 + 8 + 4 + 4) + 8);
  CHECK(call_header_bytes({}) == 24 + 8 + 8);

  callback_sec_parms4_list gss;
  gss.emplace_back().cb_secflavor = rpc::AuthFlavor::RpcsecGss;
  CHECK_FALSE(security_of(gss));
  CHECK(names_gss_handle(gss));
  CHECK_FALSE(security_of(state::CallbackControl{.program = 1, .security = "garbage"}));
}

TEST_CASE("CREATE_SESSION and BIND_CONN_TO_SESSION promise callbacks only where there can be some") {
  CallbackServer server;
  Called client(server, "client", false);
  Backchannel back;
  client.reconnect(&back);
  sequenceid4 number = 2;
  const auto flags_for = [&](const CREATE_SESSION4args& args) {
    const auto created = client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args);
    REQUIRE(created.status == NFS4_OK);
    client.sequence = {.sa_sessionid = created.resok4.csr_sessionid, .sa_cachethis = true};
    return created.resok4.csr_flags;
  };
  const auto bind = [&](channel_dir_from_client4 direction) {
    client.reconnect(&back);
    return client.bind(direction);
  };
  using enum channel_dir_from_client4;
  CREATE_SESSION4args args = client.session_args(number);
  CHECK(flags_for(args) == CREATE_SESSION4_FLAG_CONN_BACK_CHAN);
  CHECK(bind(CDFC4_BACK).resok4.bctsr_dir == channel_dir_from_server4::CDFS4_BACK);

  for (const int why : {0, 1, 2, 3}) {
    args = client.session_args(++number);
    if (why == 0) args.csa_sec_parms = {};
    if (why == 1) args.csa_back_chan_attrs.ca_maxoperations = 1;
    if (why == 2) args.csa_back_chan_attrs.ca_maxrequests = 0;
    if (why == 3) args.csa_flags = 0;
    INFO("why not: " << why);
    CHECK(flags_for(args) == 0);
    CHECK((client.flags() & SEQ4_STATUS_CB_PATH_DOWN_SESSION) != 0);
    if (why == 3) continue;  // it may be asked for later
    CHECK(bind(CDFC4_FORE_OR_BOTH).resok4.bctsr_dir == channel_dir_from_server4::CDFS4_FORE);
    CHECK(bind(CDFC4_BACK).status == NFS4ERR_INVAL);
    CHECK(bind(CDFC4_BACK_OR_BOTH).status == NFS4ERR_INVAL);
  }
  CHECK(bind(CDFC4_BACK_OR_BOTH).resok4.bctsr_dir == channel_dir_from_server4::CDFS4_BOTH);
  CHECK((client.flags() & SEQ4_STATUS_CB_PATH_DOWN_SESSION) == 0);

  // Nobody has a handle of RPCSEC_GSS; one beside what can be used makes no session fail.
  args = client.session_args(++number);
  args.csa_sec_parms.emplace_back().cb_secflavor = rpc::AuthFlavor::RpcsecGss;
  const BACKCHANNEL_CTL4args control{9, args.csa_sec_parms};
  CHECK(flags_for(args) == CREATE_SESSION4_FLAG_CONN_BACK_CHAN);
  args.csa_sequence = ++number;
  args.csa_sec_parms = {};
  args.csa_sec_parms.emplace_back().cb_secflavor = rpc::AuthFlavor::RpcsecGss;
  CHECK(client.plain<CREATE_SESSION4res>(OP_CREATE_SESSION, args).status == NFS4ERR_NOENT);
  CHECK(client.status(Ops().add(OP_BACKCHANNEL_CTL, control)) == NFS4ERR_NOENT);
}

TEST_CASE("an answer to CB_GETATTR may tell of more, behind what was asked for, and of nothing before it") {
  const auto told = [](std::initializer_list<std::uint32_t> numbers, const auto&... values) {
    CB_GETATTR4res result;
    result.resok4.obj_attributes = fattr(numbers, values...);
    return decode_callback(results(NFS4_OK, 1, OP_CB_GETATTR, result), false, OP_CB_GETATTR);
  };
  const std::uint64_t change = 7, size = 1234;
  for (const auto& answer : {told({FATTR4_CHANGE, FATTR4_SIZE}, change, size),
                             told({FATTR4_CHANGE, FATTR4_SIZE, FATTR4_TIME_MODIFY}, change, size, nfstime4{5, 6})}) {
    REQUIRE(answer);
    REQUIRE(answer->reported);
    CHECK(answer->reported->change == change);
    CHECK(answer->reported->size == size);
  }
  CHECK_FALSE(told({FATTR4_TYPE, FATTR4_CHANGE, FATTR4_SIZE}, nfs_ftype4::NF4REG, change, size));
  CHECK_FALSE(told({FATTR4_CHANGE}, change));
  CHECK_FALSE(told({FATTR4_CHANGE, FATTR4_SIZE}, change));
}
