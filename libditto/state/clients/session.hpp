// An NFSv4.1 session: the slots that make each request happen once, the connections bound to it, and its callback
// channel. It keeps replies, and neither runs requests nor knows their bytes' meaning. A request takes its slot's
// mutex, so that those of one session on several loops share none; only one that changes how many slots are in use, or
// comes by a connection that is not bound yet, takes the session's too, which always comes first. Made and ended by
// Clients; a connection may keep a pointer and looks at alive(). Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "state/clients/callback_slots.hpp"
#include "state/clients/client.hpp"
#include "state/clients/reply_budget.hpp"
#include "state/clients/session_types.hpp"
#include "state/refusal.hpp"

namespace ditto::state {

class Session {
 public:
  /// Null when `replies` has no room for it. Attributes are as negotiated; `created.fore.max_requests` is at least one.
  static std::shared_ptr<Session> make(std::shared_ptr<Client> client, const SessionCreated& created,
                                       CallbackControl control, const ClientLimits& limits, ReplyBudget& replies);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const SessionId& id() const noexcept { return created_.id; }
  const ChannelAttributes& fore() const noexcept { return created_.fore; }
  const ChannelAttributes& back() const noexcept { return created_.back; }
  const std::shared_ptr<Client>& client() const noexcept { return client_; }
  /// False once it was destroyed or its client is gone: look it up again, and answer BadSession.
  bool alive() const noexcept { return alive_.load(std::memory_order_acquire); }

  /// That a connection is bound, as long as no binding changes; kept by whoever sends its requests.
  struct Noted {
    std::uint32_t bindings = 0;
  };
  /// SEQUENCE. RFC 8881, 18.46. Renews the client's lease and binds `connection` unless it refuses or answers
  /// InProgress.
  Answer<Sequenced> sequence(const SequenceRequest& request, ConnectionId connection, Moment now, Noted& noted);
  Answer<Sequenced> sequence(const SequenceRequest& request, ConnectionId connection, Moment now) {
    Noted none;
    return sequence(request, connection, now, none);
  }
  /// What was executed in `slot` is answered (and durable). With `reply` it is kept for a retry, if it is no longer
  /// than fore().max_response_cached: whoever was asked to keep it refuses longer ones before executing.
  void finish(std::uint32_t slot, std::optional<Bytes> reply);

  /// BIND_CONN_TO_SESSION. RFC 8881, 18.34.
  Answer<Bound> bind(ConnectionId connection, Direction direction);
  void unbind(ConnectionId connection);
  bool is_bound(ConnectionId connection) const;
  /// Connections that callbacks may be sent on, the one bound first first.
  std::vector<ConnectionId> callback_connections() const;
  /// A callback on `connection` was lost or not answered: it is none for callbacks until it is bound again.
  void callbacks_failed(ConnectionId connection);
  /// Client and server do not agree about the callback channel any more: nothing is sent on it, and the client is told
  /// to make a new session (SEQ4_STATUS_BACKCHANNEL_FAULT).
  void callback_fault();
  bool has_callback_path() const;

  /// BACKCHANNEL_CTL. RFC 8881, 18.33.
  void set_callback_control(CallbackControl control);
  CallbackControl callback_control() const;
  /// A slot of the callback channel, until free_callback_slot(); nothing when all are in use.
  std::optional<CallbackSlot> take_callback_slot();
  void free_callback_slot(const CallbackSlot& slot, bool executed);
  void lose_callback_slot(const CallbackSlot& slot);
  /// The client wants no callbacks in slots beyond this one.
  void set_callback_target(std::uint32_t highest_slot);
  bool callbacks_in_flight() const;
  /// Whether the client may not have seen the answer to this request of its yet (RFC 8881, 2.10.6.3).
  bool may_be_unseen(std::uint32_t slot, std::uint32_t sequence) const;

  /// Memory is short: asks the client to use no more slots than it lately needed.
  void trim();
  /// Destroyed. What it kept is freed at once, whoever still holds the pointer.
  void end();

 private:
  friend struct SessionProbe;  // a test's: nobody counts to 2^32 to see a number wrap

  struct alignas(64) Slot {  // a cache line of its own: other loops use its neighbours
    enum class State : std::uint8_t { Unused, Running, Done };
    std::mutex mutex;  // guards the rest
    std::uint32_t sequence = 0;
    std::uint32_t told = 0;  // the generation of the target in the last answer on this slot
    State state = State::Unused;
    bool kept = false;   // `reply` is the last request's; else it is memory for the next
    bool given = false;  // to somebody who sends it again: it must not change any more
    Fingerprint fingerprint = 0;
    std::shared_ptr<std::vector<std::byte>> reply;
  };
  struct Binding {
    ConnectionId connection = 0;
    Bound bound;
    bool asked = false;   // by CREATE_SESSION or BIND_CONN_TO_SESSION, not just by using it
    bool failed = false;  // as a way for callbacks
    bool takes_callbacks() const noexcept { return bound.back && !failed; }
  };

  Session(std::shared_ptr<Client> client, const SessionCreated& created, CallbackControl control,
          const ClientLimits& limits, ReplyBudget& replies, std::uint32_t paid);

  /// Nothing when it has to be asked again with the session's mutex held.
  std::optional<Answer<Sequenced>> sequence_in(Slot& slot, const SequenceRequest& request, Moment now, bool locked);
  bool is_bound_as(const Noted& noted) const noexcept { return noted.bindings == bindings_count_; }
  /// Whether a new request in `slot` changes neither what is paid for nor the target.
  bool leaves_slots(const Slot& slot, const SequenceRequest& request) const noexcept;
  bool wants_more(const SequenceRequest& request) const noexcept;
  bool frees_slots(const Slot& slot, const SequenceRequest& request) const noexcept;
  bool pay_for(std::uint32_t slots);
  void adjust(const Slot& slot, const SequenceRequest& request);
  void retire_slots(const Slot& own);
  Answer<void> renew_lease(Moment now);
  void note_connection(ConnectionId connection);
  Binding* find_binding(ConnectionId connection);
  Binding& add_binding(ConnectionId connection);
  void count_callback_path();
  Sequenced answered(Sequenced::Kind kind, KeptReply reply) const;
  std::size_t slot_bytes() const noexcept { return created_.fore.max_response_cached; }

  const std::shared_ptr<Client> client_;
  const SessionCreated created_;
  const std::size_t connections_limit_;
  ReplyBudget& replies_;
  std::atomic<bool> alive_{true};

  std::vector<Slot> slots_;  // as many as ever

  // What is atomic here is written under mutex_ and read without, by requests that only have to know it: `peak_` apart.
  mutable std::mutex mutex_;
  // The first `paid_` slots have memory set aside for a reply. Others have none until they are used. It goes below a
  // slot under that slot's mutex too.
  std::atomic<std::uint32_t> paid_;
  std::atomic<std::uint32_t> target_;             // highest slot that the client is asked to use
  std::atomic<std::uint32_t> generation_{0};      // counts changes of target_
  std::atomic<std::uint32_t> peak_{0};            // highest slot used since the last trim
  std::atomic<std::uint32_t> bindings_count_{1};  // counts changes of bindings_
  std::vector<Binding> bindings_;
  std::atomic<bool> callback_path_{false};
  std::atomic<bool> callback_fault_{false};
  CallbackControl control_;
  CallbackSlots callback_slots_;
};

}  // namespace ditto::state
