#include "ops/nfs4/callback_world.hpp"

namespace ditto::test::v4 {

using namespace ditto::nfs4;
using enum nfsstat4;
using enum nfs_opnum4;
using enum nfs_cb_opnum4;

CalledBack decode_call(rpc::OutgoingCall call) {
  CalledBack called{
      .call = std::move(call), .sequence = {}, .query = {}, .recall = {}, .notify = {}, .notice = {}, .copied = {}};
  xdr::Reader reader(called.call.arguments);
  CB_COMPOUND4args_header header;
  reader(header);
  called.minor = header.minorversion;
  called.ident = header.callback_ident;
  called.count = header.count;
  reader(called.number);
  if (called.minor > 0) {
    REQUIRE(called.number == OP_CB_SEQUENCE);
    reader(called.sequence, called.number);
  }
  if (called.number == OP_CB_RECALL) {
    reader(called.recall);
  } else if (called.number == OP_CB_GETATTR) {
    reader(called.query);
  } else if (called.number == OP_CB_NOTIFY) {
    reader(called.notify);
  } else if (called.number == OP_CB_NOTIFY_LOCK) {
    reader(called.notice);
  } else if (called.number == OP_CB_OFFLOAD) {
    reader(called.copied);
  }
  REQUIRE(reader.finish());
  return called;
}

namespace {

/// `result` writes that of the operation.
template <class Result>
BufferChain answer_with(const CalledBack& call, nfsstat4 operation, nfsstat4 sequence, Result result) {
  const bool sequenced = call.minor > 0;
  const bool runs = sequence == NFS4_OK;
  xdr::Writer writer;
  CB_COMPOUND4res_header header;
  header.status = runs ? operation : sequence;
  header.count = (sequenced ? 1 : 0) + (runs ? 1 : 0);
  writer(header);
  if (sequenced) {
    CB_SEQUENCE4res slot{.status = sequence};
    slot.resok4 = {.csr_sessionid = call.sequence.csa_sessionid,
                   .csr_sequenceid = call.sequence.csa_sequenceid,
                   .csr_slotid = call.sequence.csa_slotid,
                   .csr_highest_slotid = 15,
                   .csr_target_highest_slotid = 15};
    writer(OP_CB_SEQUENCE, slot);
  }
  if (runs) result(writer);
  return writer.finish();
}

}  // namespace

BufferChain answer_to(const CalledBack& call, nfsstat4 operation, nfsstat4 sequence) {
  return answer_with(call, operation, sequence, [&](auto& writer) { writer(call.number, status4res{operation}); });
}

BufferChain report_to(const CalledBack& call, std::uint64_t change, std::uint64_t size) {
  CB_GETATTR4res result;
  result.resok4.obj_attributes = fattr({FATTR4_CHANGE, FATTR4_SIZE}, change, size);
  return answer_with(call, NFS4_OK, NFS4_OK, [&](auto& writer) { writer(call.number, result); });
}

class Backchannel::Hold {
 public:
  Hold(Backchannel& channel, Waiting& waiting) noexcept : channel_(channel), waiting_(waiting) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) const {
    waiting_.awaiter = awaiter;
    channel_.waiting_.push_back(&waiting_);
  }
  void await_resume() const noexcept {}

 private:
  Backchannel& channel_;
  Waiting& waiting_;
};

Task<rpc::CallResult> Backchannel::call(rpc::OutgoingCall call, Executor&) {
  if (is_gone) co_return rpc::call_failed(rpc::CallFailure::Gone);
  calls.push_back(decode_call(std::move(call)));
  if (holds) {
    Waiting waiting;
    co_await Hold(*this, waiting);
    co_return *std::move(waiting.result);
  }
  if (answers_.empty()) co_return answer_to(calls.back());
  const Answer answer = std::move(answers_.front());
  answers_.pop_front();
  co_return answer(calls.back());
}

void Backchannel::release(rpc::CallResult result) {
  REQUIRE_FALSE(waiting_.empty());
  Waiting* first = waiting_.front();
  waiting_.pop_front();
  first->result = std::move(result);
  first->awaiter.resume();
}

callback_sec_parms4_list sys_security(std::uint32_t uid) {
  callback_sec_parms4_list list;
  callback_sec_parms4& sys = list.emplace_back();
  sys.cb_secflavor = rpc::AuthFlavor::Sys;
  sys.cbsp_sys_cred.machinename = decltype(sys.cbsp_sys_cred.machinename)::copy_of("machine");
  sys.cbsp_sys_cred.uid = uid;
  sys.cbsp_sys_cred.gid = uid + 1;
  sys.cbsp_sys_cred.gids.push_back(5);
  return list;
}

Called::Called(CallbackServer& server, std::string own_name, bool with_backchannel)
    : Holder(server, 1, std::move(own_name)), security(sys_security()) {
  if (!with_backchannel) return;
  // In place of the session that every holder has.
  const DESTROY_SESSION4args first{sequence.sa_sessionid};
  REQUIRE(plain<status4res>(OP_DESTROY_SESSION, first).status == NFS4_OK);
  reconnect(&back);
  REQUIRE(new_session(2).status == NFS4_OK);
}

void Called::come_back(CallbackServer& server) {
  use(server);
  const EXCHANGE_ID4res known = exchange_id();
  REQUIRE(known.status == NFS4_OK);
  id = known.resok4.eir_clientid;
  REQUIRE(new_session(known.resok4.eir_sequenceid).status == NFS4_OK);
}

void Called::reconnect(Backchannel* by) {
  connection.reset();
  Client::backchannel = by;
}

CREATE_SESSION4args Called::session_args(sequenceid4 number) const {
  const channel_attrs4 channel{.ca_maxrequestsize = 4096,
                               .ca_maxresponsesize = 4096,
                               .ca_maxresponsesize_cached = 2048,
                               .ca_maxoperations = 16,
                               .ca_maxrequests = 4,
                               .ca_rdma_ird = {}};
  return {.csa_clientid = id,
          .csa_sequence = number,
          .csa_flags = CREATE_SESSION4_FLAG_CONN_BACK_CHAN,
          .csa_fore_chan_attrs = channel,
          .csa_back_chan_attrs = channel,
          .csa_cb_program = program,
          .csa_sec_parms = security};
}

CREATE_SESSION4res Called::new_session(sequenceid4 number) {
  const auto created = plain<CREATE_SESSION4res>(OP_CREATE_SESSION, session_args(number));
  if (created.status == NFS4_OK) sequence = {.sa_sessionid = created.resok4.csr_sessionid, .sa_cachethis = true};
  return created;
}

BIND_CONN_TO_SESSION4res Called::bind(channel_dir_from_client4 direction) {
  return plain<BIND_CONN_TO_SESSION4res>(
      OP_BIND_CONN_TO_SESSION,
      BIND_CONN_TO_SESSION4args{.bctsa_sessid = sequence.sa_sessionid, .bctsa_dir = direction});
}

std::uint32_t Called::flags() {
  ++sequence.sa_sequenceid;
  Results results = run_plain(Ops().add(OP_SEQUENCE, sequence));
  const auto taken = results.next<SEQUENCE4res>(OP_SEQUENCE);
  REQUIRE(taken.status == NFS4_OK);
  return taken.resok4.sr_status_flags;
}

}  // namespace ditto::test::v4
