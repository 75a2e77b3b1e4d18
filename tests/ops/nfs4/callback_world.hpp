// A server that calls its clients back, and the ends of the connections that it calls on: each keeps what it was
// called with, decoded, and answers as a client would unless the test has laid another answer ready. One thread.
#pragma once

#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "nfs/v4/callbacks/callbacks.hpp"
#include "nfs/v4/callbacks/cb_compound.hpp"
#include "ops/nfs4/holder.hpp"
#include "rpc/memory_dialer.hpp"
#include "support/manual_alarms.hpp"

namespace ditto::test::v4 {

struct CallbackServer : Server {
  explicit CallbackServer(const state::ClientLimits& limits = {}) : Server(limits) {}
  ManualAlarms alarms{world.clock};
  MemoryDialer dialer;
  nfs::Outside outside{dialer, world.loop, alarms, "server"};
  nfs4::Callbacks callbacks{*keeper, outside, dialer};

  nfs4::CallbackCounts counts() const { return callbacks.counts(); }
  void turn() {
    while (world.pool.run() + world.loop.run() > 0) {
    }
  }
  /// As Server::restart(); clients come back with Called::come_back().
  void restart() {
    std::destroy_at(&callbacks);
    Server::restart();
    std::construct_at(&callbacks, *keeper, outside, dialer);
  }
  /// What was to happen within that time does.
  void wait_ms(std::uint64_t milliseconds) {
    world.clock.advance_ns(milliseconds * 1'000'000);
    alarms.run();
    turn();
  }
  void wait_seconds(std::uint64_t seconds) {
    for (; seconds > 0; --seconds) {
      Server::wait_seconds(1);
      turn();
    }
  }
};

/// A CB_COMPOUND as it came.
struct CalledBack {
  rpc::OutgoingCall call;
  std::uint32_t minor = 0, ident = 0, count = 0;
  nfs4::CB_SEQUENCE4args sequence;
  nfs4::nfs_cb_opnum4 number{};
  nfs4::CB_GETATTR4args query;
  nfs4::CB_RECALL4args recall;
  nfs4::CB_NOTIFY4args notify;
  nfs4::CB_NOTIFY_LOCK4args notice;
  nfs4::CB_OFFLOAD4args copied;
};
CalledBack decode_call(rpc::OutgoingCall call);

/// Results as a client gives them: of CB_SEQUENCE, unless `call` is of version 0, and when that is good of the
/// operation.
BufferChain answer_to(const CalledBack& call, nfs4::nfsstat4 operation = nfs4::nfsstat4::NFS4_OK,
                      nfs4::nfsstat4 sequence = nfs4::nfsstat4::NFS4_OK);

/// The same of CB_GETATTR, with what the client keeps to itself.
BufferChain report_to(const CalledBack& call, std::uint64_t change, std::uint64_t size);

/// The client's end of a connection.
class Backchannel final : public rpc::BackchannelSource, public rpc::Remote {
 public:
  std::shared_ptr<rpc::Remote> backchannel() override { return {std::shared_ptr<void>(), this}; }
  bool gone() const noexcept override { return is_gone; }
  Task<rpc::CallResult> call(rpc::OutgoingCall call, Executor& loop) override;

  using Answer = std::function<rpc::CallResult(const CalledBack&)>;
  /// The next call is answered so.
  void next(Answer answer) { answers_.push_back(std::move(answer)); }
  void next(nfs4::nfsstat4 operation, nfs4::nfsstat4 sequence = nfs4::nfsstat4::NFS4_OK) {
    next([=](const CalledBack& call) { return rpc::CallResult(answer_to(call, operation, sequence)); });
  }
  void next(rpc::CallFailure failure) {
    next([=](const CalledBack&) { return rpc::CallResult(rpc::call_failed(failure)); });
  }

  /// Calls wait until they are released, one after the other.
  bool holds = false;
  void release(rpc::CallResult result);
  std::size_t held() const noexcept { return waiting_.size(); }

  bool is_gone = false;
  std::vector<CalledBack> calls;

 private:
  struct Waiting {
    std::coroutine_handle<> awaiter;
    std::optional<rpc::CallResult> result;
  };
  class Hold;
  std::deque<Answer> answers_;
  std::deque<Waiting*> waiting_;
};

/// A client of version 1 with a session that has a backchannel.
class Called : public Holder {
 public:
  Called(CallbackServer& server, std::string own_name, bool with_backchannel = true);
  Backchannel back;

  /// To the next incarnation of the server, with a session as before, and with all to reclaim.
  void come_back(CallbackServer& server);
  /// The next requests come by another connection.
  void reconnect(Backchannel* by);
  nfs4::BIND_CONN_TO_SESSION4res bind(nfs4::channel_dir_from_client4 direction);
  nfs4::CREATE_SESSION4res new_session(nfs4::sequenceid4 number);
  /// sr_status_flags of a SEQUENCE.
  std::uint32_t flags();
  /// CREATE_SESSION's arguments, with `security` and a backchannel.
  nfs4::CREATE_SESSION4args session_args(nfs4::sequenceid4 number) const;
  nfs4::callback_sec_parms4_list security;
  std::uint32_t program = 0x40000007;
};

nfs4::callback_sec_parms4_list sys_security(std::uint32_t uid = 77);

}  // namespace ditto::test::v4
