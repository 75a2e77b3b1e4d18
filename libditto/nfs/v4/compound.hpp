// One COMPOUND while its operations run, one after the other: filehandles, stateids and bounds that they hand on to
// each other (RFC 7530, 15.2; RFC 8881, 16.2). A handler gets it beside its arguments. It lives in the call's
// coroutine; the call's loop is its only thread.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/limits.hpp"
#include "nfs/common/entrance.hpp"
#include "nfs/v4/place.hpp"
#include "nfs/v4/service.hpp"
#include "nfs/v4/sessions.hpp"
#include "nfs/v4/status.hpp"
#include "nfs/v4/types.hpp"
#include "rpc/call.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::nfs4 {

/// A filehandle, if there is one, and the stateid that goes with it since NFSv4.1.
struct Cursor {
  std::optional<Place> place;
  stateid4 stateid;
};

/// What Compound::memory_for() gives to be awaited.
class [[nodiscard]] MemoryFor {
 public:
  MemoryFor(rpc::Call& call, std::size_t bytes, bool more) noexcept
      : room_(call, bytes), there_(!more || rpc::more_room_for_reply(call, bytes)), more_(more) {}
  bool await_ready() const noexcept { return more_ || room_.await_ready(); }
  bool await_suspend(std::coroutine_handle<> awaiter) { return room_.await_suspend(awaiter); }
  bool await_resume() const noexcept { return there_; }

 private:
  rpc::RoomForReply room_;
  const bool there_, more_;
};

class Compound {
 public:
  /// Bytes of a reply where no session says how many: one READ of the largest size, and much beside it.
  static constexpr std::size_t max_reply_bytes = limits::io_bytes + (std::size_t{64} << 10);

  Compound(Service& of, rpc::Call& made, std::uint32_t minor_version, std::uint32_t operations, std::size_t bytes)
      : service(of), call(made), minor(minor_version), count(operations), request_bytes(bytes) {}
  Compound(const Compound&) = delete;
  Compound& operator=(const Compound&) = delete;

  Service& service;
  rpc::Call& call;
  const std::uint32_t minor;
  const std::uint32_t count;        // operations that the client sent
  const std::size_t request_bytes;  // of its arguments, without the header of RPC

  /// For the operations whose row says so, the handler finds them there.
  Cursor current, saved;

  /// Goes to `place`; its stateid is the anonymous one (RFC 8881, 16.2.3.1.2).
  void move_to(const Place& place) noexcept { current = {.place = place, .stateid = {}}; }
  /// The current filehandle is consumed (RFC 8881, 2.6.3.1.1.8).
  void consume() noexcept { current = {}; }

  nfsstat4 status_of(Error error) const noexcept { return nfs4::status_of(error, minor); }
  /// The way into `share`. The reference is good until another share is entered. An operation acts by the caller's own
  /// rights, as the client that it is from, and by no open, as long as it does not find that it does otherwise.
  nfs::Entrance& entrance(const gate::Share& share);
  /// Whatever the operation before it acted by; as which client, where the arguments say it and no session does: from
  /// there on the COMPOUND is from that client.
  void act_as(state::ClientId client) noexcept;
  /// The same for the operations that follow.
  void came_from(state::ClientId client) noexcept { named_ = client; }
  void act_as_caller() noexcept;

  /// Bytes that the reply may have, with the header of RPC, and the status of what does not fit.
  void limit_reply(std::size_t bytes, nfsstat4 beyond) noexcept {
    reply_bytes_ = bytes;
    beyond_ = beyond;
  }
  std::size_t reply_bytes() const noexcept { return reply_bytes_; }
  nfsstat4 beyond() const noexcept;
  /// Bytes that the result of the operation that runs may have, with its number and status.
  std::size_t room = 0;
  /// Before a result of some size is made: memory for it. False: NFS4ERR_DELAY; the COMPOUND holds some already, and
  /// must not wait for more.
  MemoryFor memory_for(std::size_t bytes);

  Slot* slot = nullptr;  // once SEQUENCE has taken one
  std::optional<SessionSlot> session_slot;
  /// The session that SEQUENCE named; null in version 0, and before.
  state::Session* session() const noexcept { return session_slot ? session_slot->session.get() : nullptr; }
  /// A checksum over what the client sent, from its beginning, and over who sent it: two requests with one slot and
  /// sequence number are told apart by it.
  std::uint64_t fingerprint = 0;
  /// The same request was answered before, and the answer was not kept: whatever follows SEQUENCE is
  /// RETRY_UNCACHED_REP.
  bool unkept = false;
  /// In place of what a connection keeps, for a call that came by none.
  std::shared_ptr<void> link;
  /// Keeps the memory of a result that was kept and is given again.
  state::KeptReply kept;
  /// The same request was answered before, with this: it is sent again, and nothing else is run.
  std::optional<BufferChain> repeat;

 private:
  std::optional<nfs::Entrance> entrance_;
  state::Holder caller_;
  state::ClientId named_ = state::nobody;  // in version 0
  std::size_t reply_bytes_ = max_reply_bytes;
  std::optional<nfsstat4> beyond_;
  bool holds_memory_ = false;
};

}  // namespace ditto::nfs4
