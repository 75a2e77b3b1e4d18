// The way to clients of NFSv4.0, which have no backchannel: the server dials the address that SETCLIENTID gave (RFC
// 7530, 10.2 and 16.33). A path is tried with CB_NULL before anything rests on it, and again with pauses when it was
// down; connections last as long as there is something to say. Only the host that the client itself came from is ever
// dialled, so that nobody can have the server call others. Standing is asked for on any thread, the rest happens on the
// loop of Outside.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/task.hpp"
#include "nfs/common/outside.hpp"
#include "nfs/v4/callbacks/counters.hpp"
#include "nfs/v4/callbacks/message.hpp"
#include "nfs/v4/messages/client.hpp"
#include "rpc/dialer.hpp"
#include "state/clients/client.hpp"

namespace ditto::nfs4 {

/// Where the client behind `peer` may be called, as it is kept with it; nowhere (an empty address) unless it is that
/// very host, by TCP, and a program of the numbers that callbacks have (RFC 5531, 8.3: transient).
state::CallbackAddress callback_address_of(const SETCLIENTID4args& args, const rpc::Peer& peer);

class DialledPaths {
 public:
  /// Tries at a time, so that hosts that answer nothing do not keep the dialer from others.
  static constexpr std::size_t most_at_once = 256;
  /// Of its own accord a path that is down is tried so often, with 1, 2, 4... seconds between; then when it is needed.
  static constexpr std::uint32_t most_tries = 6;
  static constexpr state::Moment longest_pause = 60 * state::one_second;

  enum class Standing : std::uint8_t { None, Untried, Up, Down };

  DialledPaths(rpc::Dialer& dialer, nfs::Outside& outside, CallbackCounters& counters)
      : dialer_(dialer), outside_(outside), counters_(counters) {}
  DialledPaths(const DialledPaths&) = delete;
  DialledPaths& operator=(const DialledPaths&) = delete;

  /// The client's callbacks go there from now on. Any thread.
  void set(const state::Client& client, const state::CallbackAddress& address, state::Moment now);
  Standing standing(state::ClientId client) const;
  /// Somebody needs the path: it is tried again soon, should it be down. Any thread.
  void need(state::ClientId client, state::Moment now);
  void drop(state::ClientId client);

  /// Clients whose paths are to be tried now: for each probe(), then end_try().
  std::vector<state::ClientId> take_due(state::Moment now);
  /// Dials, and calls CB_NULL. True: it is up.
  Task<bool> probe(state::ClientId client);
  void end_try(state::ClientId client);

  /// A connection to say something on. Null: there is none, and no time to try again.
  Task<std::shared_ptr<rpc::Remote>> dial(state::ClientId client);
  Task<Delivery> send(std::shared_ptr<rpc::Remote> remote, state::ClientId client, Message& message);

 private:
  struct Path {
    rpc::Destination destination;
    std::uint32_t program = 0, ident = 0;
    std::optional<rpc::SysIdentity> identity;
    state::CallbackAddress address;

    Standing standing = Standing::Untried;
    bool trying = false;
    std::uint32_t tries = 0;
    state::Moment next_try = 0;
  };
  std::optional<Path> find(state::ClientId client) const;
  Task<std::shared_ptr<rpc::Remote>> connect(const Path& path);
  rpc::OutgoingCall call_of(const Path& path, std::uint32_t procedure, BufferChain arguments) const;
  /// What a try of `path` came to, unless the client has told of another meanwhile.
  void tried(state::ClientId client, const Path& path, bool up);

  rpc::Dialer& dialer_;
  nfs::Outside& outside_;
  CallbackCounters& counters_;
  mutable std::mutex mutex_;  // guards the rest; a leaf
  std::map<state::ClientId, Path> paths_;
  std::size_t trying_ = 0;
};

}  // namespace ditto::nfs4
