// What NFSv4 keeps with a connection: its number, by which sessions know it, the session that it was last used for, so
// that SEQUENCE need not look it up, and the way back to the client. It goes with the connection, and then no session
// is bound to it any more. The connection's loop is its only thread, but for the way back.
#pragma once

#include <memory>
#include <vector>

#include "nfs/v4/callbacks/channels.hpp"
#include "nfs/v4/compound.hpp"
#include "rpc/remote.hpp"
#include "state/clients/session.hpp"

namespace ditto::nfs4 {

class Link {
 public:
  explicit Link(state::ConnectionId number) noexcept : id(number) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    if (channels_) channels_->remove(id);
    for (const auto& session : sessions_) session->unbind(id);
  }

  const state::ConnectionId id;

  /// A session that was used here before, and is still alive; null: look it up.
  std::shared_ptr<state::Session> find(const state::SessionId& session) const noexcept {
    for (const auto& each : sessions_) {
      if (each->id() == session && each->alive()) return each;
    }
    return nullptr;
  }
  void keep(const std::shared_ptr<state::Session>& session) {
    std::erase_if(sessions_, [&](const auto& each) { return !each->alive() || each == session; });
    sessions_.push_back(session);
  }

  /// Its client may be called back here, by whoever finds it in `channels`. False: there is no connection to do so on.
  bool open_back(const std::shared_ptr<Channels>& channels, rpc::BackchannelSource* source) {
    if (!source) return false;
    channels->add(id, source->backchannel());
    channels_ = channels;
    return true;
  }

 private:
  std::vector<std::shared_ptr<state::Session>> sessions_;
  std::shared_ptr<Channels> channels_;  // once it is among them
};

/// That of the connection which `compound` came by; null: it came by none.
inline Link* link_of(Compound& compound) noexcept {
  return compound.call.attachment ? static_cast<Link*>(compound.call.attachment->get()) : nullptr;
}

}  // namespace ditto::nfs4
