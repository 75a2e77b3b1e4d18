// Callbacks to a client of NFSv4.1 over the backchannels of its sessions (RFC 8881, 2.10.6.2 and 20.9). One attempt at
// a time: a message takes a slot, keeps it with its number and its bytes until the client has answered, and goes over
// whatever connection of the session is there. Runs on the loop of Outside.
#pragma once

#include <memory>

#include "base/task.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/v4/callbacks/channels.hpp"
#include "nfs/v4/callbacks/counters.hpp"
#include "nfs/v4/callbacks/message.hpp"
#include "state/clients/clients.hpp"

namespace ditto::nfs4 {

class SessionCalls {
 public:
  SessionCalls(state::Clients& clients, nfs::Outside& outside, CallbackCounters& counters)
      : clients_(clients), outside_(outside), counters_(counters) {}
  SessionCalls(const SessionCalls&) = delete;
  SessionCalls& operator=(const SessionCalls&) = delete;

  const std::shared_ptr<Channels>& channels() const noexcept { return channels_; }

  /// Whether callbacks can be sent at all to whoever wants these channel attributes and that security.
  static bool can_call(const state::ChannelAttributes& back, const state::CallbackControl& control);

  /// Sends it once.
  Task<Delivery> send(state::ClientId client, Message& message);
  /// Nobody waits for its answer any more: its slot is lost, and with it the session's callback channel.
  static void give_up(Message& message);

 private:
  struct Way {
    state::ConnectionId connection = 0;
    std::shared_ptr<rpc::Remote> remote;
  };
  Way way_to(const state::Session& session) const;
  bool take_slot(state::ClientId client, Message& message);
  BufferChain encode(const Message& message) const;
  Delivery failed(Message& message, state::ConnectionId connection, rpc::CallFailure failure);
  Delivery answered(Message& message, state::ConnectionId connection, const CallbackAnswer& answer);
  static void release(Message& message, bool executed);
  static Delivery fault(Message& message);

  state::Clients& clients_;
  nfs::Outside& outside_;
  CallbackCounters& counters_;
  const std::shared_ptr<Channels> channels_ = std::make_shared<Channels>();
};

}  // namespace ditto::nfs4
