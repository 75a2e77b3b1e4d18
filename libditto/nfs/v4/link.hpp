// What NFSv4 keeps with a connection: its number, by which sessions know it, the session that it was last used for, and
// what its client holds, so that no request need look those up, and the way back to the client. It goes with the
// connection, and then no session is bound to it any more. The connection's loop is its only thread, but for the way
// back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "nfs/v4/callbacks/channels.hpp"
#include "nfs/v4/compound.hpp"
#include "rpc/remote.hpp"
#include "state/clients/session.hpp"
#include "state/holdings/holdings.hpp"

namespace ditto::nfs4 {

class Link {
 public:
  explicit Link(state::ConnectionId number) noexcept : id(number) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    if (channels_) channels_->remove(id);
    for (const Used& each : used_) each.session->unbind(id);
  }

  const state::ConnectionId id;
  /// Of version 0: the client that a COMPOUND which came by it has named last. Those that name none are taken for its:
  /// a client must not be asked to give back what is in its own way (Linux begins DELEGRETURN's COMPOUND with GETATTR).
  state::ClientId speaks_for = state::nobody;

  /// A session that was used here, and what need not be looked up again for it.
  struct Used {
    std::shared_ptr<state::Session> session;
    state::Session::Noted noted;
    std::shared_ptr<state::Holdings> holdings;  // of its client; null: looked up when it is needed

    /// Holdings::use() of a stateid, as long as nothing has changed since without asking again.
    state::Answer<state::Holdings::Used> use(const state::StateId& stateid, const state::FileKey& file) {
      Stands& last = stands[stateid.number % stands.size()];
      const std::uint64_t version = holdings->version();
      if (last.version == version && last.id == stateid && last.file == file) return last.used;
      const auto used = holdings->use(stateid, file, state::ZeroSequence::IsCurrent);
      if (used) last = {.version = version, .id = stateid, .file = file, .used = *used};
      return used;
    }

   private:
    friend class Link;
    struct Stands {
      std::uint64_t version = 0;  // of no holdings
      state::StateId id;
      state::FileKey file;
      state::Holdings::Used used;
    };
    explicit Used(std::shared_ptr<state::Session> of) noexcept : session(std::move(of)) {}
    std::array<Stands, 4> stands;
  };

  /// A session that was used here before, and is still alive; null: look it up.
  Used* find(const state::SessionId& session) noexcept {
    for (Used& each : used_) {
      if (each.session->id() == session && each.session->alive()) return &each;
    }
    return nullptr;
  }
  Used* find(const state::Session& session) noexcept {
    for (Used& each : used_) {
      if (each.session.get() == &session) return &each;
    }
    return nullptr;
  }
  void keep(const std::shared_ptr<state::Session>& session) {
    std::erase_if(used_, [&](const Used& each) { return !each.session->alive() || each.session == session; });
    used_.push_back(Used(session));
  }

  /// Its client may be called back here, by whoever finds it in `channels`. False: there is no connection to do so on.
  bool open_back(const std::shared_ptr<Channels>& channels, rpc::BackchannelSource* source) {
    if (!source) return false;
    channels->add(id, source->backchannel());
    channels_ = channels;
    return true;
  }

 private:
  std::vector<Used> used_;
  std::shared_ptr<Channels> channels_;  // once it is among them
};

/// That of the connection which `compound` came by; null: it came by none.
inline Link* link_of(Compound& compound) noexcept {
  return compound.call.attachment ? static_cast<Link*>(compound.call.attachment->get()) : nullptr;
}

}  // namespace ditto::nfs4
