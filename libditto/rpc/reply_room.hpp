// `co_await room_for_reply(call, bytes)`: the handler goes on once the server has memory for a reply of so many bytes.
// For handlers whose reply may be large (READ, listings), before they make it; when there is room, nothing is
// suspended. What was asked for counts as in flight on the connection until the call ends. Lives in the awaiting
// coroutine's frame; the call's loop is its only thread.
#pragma once

#include <coroutine>
#include <cstddef>

#include "rpc/call.hpp"
#include "rpc/in_flight.hpp"

namespace ditto::rpc {

/// What a connection keeps count with.
class ReplyRoom {
 public:
  /// Counts `bytes` more for the call. True: there is room. False: `waiter` gets its job when there is, and then says
  /// so by granted().
  virtual bool reserve(Call& call, std::size_t bytes, InFlightPool::Waiter& waiter) = 0;
  /// Counts `bytes` more for the call if there is room; false, and counts nothing, when there is none now.
  virtual bool try_reserve(Call& call, std::size_t bytes) = 0;
  virtual void granted(const InFlightPool::Waiter& waiter, std::size_t bytes) noexcept = 0;

 protected:
  ~ReplyRoom() = default;
};

class [[nodiscard]] RoomForReply : InFlightPool::Waiter {
 public:
  RoomForReply(Call& call, std::size_t bytes) noexcept : call_(call), bytes_(bytes) {}
  RoomForReply(const RoomForReply&) = delete;
  RoomForReply& operator=(const RoomForReply&) = delete;

  /// Whoever has no connection (a datagram) is bounded by other means.
  bool await_ready() const noexcept { return call_.reply_room == nullptr; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    loop = &call_.loop;
    run = [](Job* self) {
      auto& mine = *static_cast<RoomForReply*>(self);
      mine.call_.reply_room->granted(mine, mine.bytes_);
      mine.awaiter_.resume();
    };
    return !call_.reply_room->reserve(call_, bytes_, *this);
  }
  void await_resume() const noexcept {}

 private:
  Call& call_;
  const std::size_t bytes_;
  std::coroutine_handle<> awaiter_;
};

inline RoomForReply room_for_reply(Call& call, std::size_t bytes) noexcept { return RoomForReply(call, bytes); }

/// For a call that has a part of its reply already: it must not wait for more, since what it holds is what others wait
/// for. False: there is no room now.
inline bool more_room_for_reply(Call& call, std::size_t bytes) {
  return call.reply_room == nullptr || call.reply_room->try_reserve(call, bytes);
}

}  // namespace ditto::rpc
