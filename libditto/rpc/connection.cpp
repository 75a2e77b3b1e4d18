#include "rpc/connection.hpp"

#include <exception>
#include <string_view>
#include <utility>

#include "rpc/outgoing_calls.hpp"
#include "rpc/record.hpp"
#include "rpc/reply.hpp"
#include "rpc/reply_room.hpp"

namespace ditto::rpc {

// What a Connection and its running calls share. It goes with the last of them.
class Connection::State final : ReplyRoom, BackchannelSource, OutgoingCalls::Wire {
 public:
  State(const Host& host, Executor& loop, Alarms& alarms, const Peer& peer, Transport& transport,
        const ConnectionLimits& limits)
      : host_(host),
        loop_(loop),
        alarms_(alarms),
        peer_(peer),
        transport_(&transport),
        limits_(limits),
        share_(host.in_flight) {
    next_turn_.state = this;
    next_turn_.run = [](Job* job) { static_cast<NextTurn*>(job)->state->begin_turn(); };
    record_room_.state = this;
    record_room_.loop = &loop;
    record_room_.run = [](Job* job) { static_cast<RecordRoom*>(job)->state->record_has_room(); };
  }

  void received(Buffer bytes) {
    if (phase_ != Phase::Open) return;
    records_.append(std::move(bytes));
    start_calls();
  }

  void taken(std::size_t bytes) {
    unsent_bytes_ -= bytes;
    start_calls();
  }

  bool may_read();
  bool set_buffer(std::size_t bytes);

  void ended() {
    if (phase_ == Phase::Open) phase_ = Phase::Ended;
    start_calls();
  }
  void drain() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Draining;
    end_outgoing();
    forget_records();
    tell_if_idle();
  }
  void closed() {
    phase_ = Phase::Closed;
    end_outgoing();
    unsent_bytes_ = 0;
    forget_records();
    tell_if_idle();
  }
  void release() {
    transport_ = nullptr;
    phase_ = Phase::Closed;
    end_outgoing();
    unsent_bytes_ = buffer_bytes_ = 0;
    forget_records();
    delete_if_unused();
  }

  std::shared_ptr<Remote> backchannel() override;

  bool is_reading() const noexcept { return phase_ == Phase::Open && !paused_ && record_room_.stage != Room::Awaited; }
  bool holds_room() const noexcept { return share_.held() > 0; }
  const RecordReader& records() const noexcept { return records_; }
  std::size_t calls() const noexcept { return calls_; }
  std::size_t bytes() const noexcept { return call_bytes_ + unsent_bytes_; }

 private:
  enum class Phase : std::uint8_t { Open, Ended, Draining, Closed };

  struct NextTurn : Job {
    State* state = nullptr;
    bool posted = false;
  };

  // Memory for the rest of a large record.
  enum class Room : std::uint8_t { None, Awaited, Taken };
  struct RecordRoom : InFlightPool::Waiter {
    State* state = nullptr;
    Room stage = Room::None;
  };

  bool is_full() const noexcept { return bytes() >= limits_.bytes_in_flight || calls_ >= limits_.calls_in_flight; }
  // Once full, a good part must be gone before it goes on: else reading would stop and start for each reply.
  bool has_room() noexcept {
    if (full_) full_ = bytes() > limits_.bytes_in_flight / 2 || calls_ > limits_.calls_in_flight / 2;
    if (!full_) full_ = is_full();
    return !full_;
  }

  void start_calls();
  bool start_next();
  void wait_for_turn();
  void begin_turn();
  void pause();
  void send_call(BufferChain message) noexcept override;
  void end_outgoing() noexcept {
    if (outgoing_) outgoing_->closed();
  }
  bool reserve(Call& call, std::size_t bytes, InFlightPool::Waiter& waiter) override;
  void granted(const InFlightPool::Waiter& waiter, std::size_t bytes) noexcept override {
    share_.granted(waiter);
    awaited_bytes_ -= bytes;
  }
  // All that the server's memory is taken for.
  std::size_t total_bytes() const noexcept {
    const std::size_t to_come = record_room_.stage == Room::Taken ? records_.outstanding() : 0;
    return buffer_bytes_ + records_.held() + to_come + bytes() - awaited_bytes_;
  }
  bool may_start_another() noexcept;
  void record_has_room();
  void forget_records();
  void delete_if_unused() {
    if (!transport_ && calls_ == 0 && !next_turn_.posted && record_room_.stage != Room::Awaited) delete this;
  }
  Detached run(BufferChain message);
  void end(std::size_t cost, BufferChain reply, std::string_view why_none);
  void fail(std::string_view reason);
  void tell_if_idle();

  const Host& host_;
  Executor& loop_;
  Alarms& alarms_;
  const Peer peer_;
  Transport* transport_;  // nullptr: the Connection is gone
  const ConnectionLimits limits_;
  RecordReader records_;
  std::size_t calls_ = 0;
  std::size_t call_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::size_t started_in_turn_ = 0;   // calls, by the start_calls() below us on the stack
  std::size_t turn_reply_bytes_ = 0;  // of those that have ended already
  std::size_t awaited_bytes_ = 0;     // of call_bytes_: replies that there is no memory for yet
  std::size_t buffer_bytes_ = 0;      // of the transport
  InFlightShare share_;
  RecordRoom record_room_;
  std::shared_ptr<OutgoingCalls> outgoing_;  // none: nobody has asked for it
  NextTurn next_turn_;
  Phase phase_ = Phase::Open;
  bool full_ = false;      // no call starts until there is much room again
  bool paused_ = false;    // the transport was asked not to read
  bool starting_ = false;  // start_calls() is below us on the stack
  bool told_idle_ = false;
};

void Connection::State::start_calls() {
  // A call that ends at once sends its reply, and the transport may report it as taken, all within start_next().
  if (starting_ || next_turn_.posted) return;
  starting_ = true;
  started_in_turn_ = 0;
  turn_reply_bytes_ = 0;
  try {
    while (start_next()) {
    }
  } catch (const std::exception&) {
    fail("sent more than there is memory for");
  }
  starting_ = false;
  share_.cover(total_bytes());
  if (phase_ != Phase::Open) tell_if_idle();
}

// False: there is nothing to start, or not now.
bool Connection::State::start_next() {
  if (phase_ != Phase::Open && phase_ != Phase::Ended) return false;
  if (!has_room() || !may_start_another()) {
    pause();
    return false;
  }
  if (started_in_turn_ == calls_per_turn || turn_reply_bytes_ >= reply_bytes_per_turn) {
    wait_for_turn();
    return false;
  }
  BufferChain message;
  switch (const RecordReader::Next next = records_.next(message)) {
    case RecordReader::Next::Record: break;
    case RecordReader::Next::More:
      if (phase_ == Phase::Ended) end_outgoing();  // their replies cannot come any more
      if (std::exchange(paused_, false) && phase_ == Phase::Open) transport_->resume_reading();
      return false;
    default: fail(reason_of(next)); return false;
  }
  if (record_room_.stage == Room::Taken) record_room_.stage = Room::None;
  ++started_in_turn_;
  if (!outgoing_ || !reply_xid(message)) {
    run(std::move(message));
  } else if (!outgoing_->received(message)) {
    fail("sent a malformed reply");
  }
  return true;
}

// A call whose record is there can come to its end. Beside others it waits for theirs when the server's memory is
// short.
bool Connection::State::may_start_another() noexcept {
  return (calls_ == 0 && unsent_bytes_ == 0) || share_.try_cover(total_bytes() + call_cost_bytes);
}

bool Connection::State::reserve(Call& call, std::size_t bytes, InFlightPool::Waiter& waiter) {
  call.expected_reply_bytes += bytes;
  call_bytes_ += bytes;
  if (share_.try_cover(total_bytes())) return true;
  share_.wait(waiter, total_bytes());
  awaited_bytes_ += bytes;
  return false;
}

// A small record may come in what every connection has; for a large one the whole rest is taken at once, so that nobody
// waits in the middle of one.
bool Connection::State::may_read() {
  const std::size_t to_come = records_.outstanding();
  if (to_come < large_record_bytes || record_room_.stage == Room::Taken) return true;
  if (record_room_.stage == Room::Awaited) return false;
  const std::size_t total = total_bytes() + to_come;
  if (share_.try_cover(total)) {
    record_room_.stage = Room::Taken;
    return true;
  }
  record_room_.stage = Room::Awaited;
  share_.wait(record_room_, total);
  return false;
}

void Connection::State::record_has_room() {
  share_.granted(record_room_);
  record_room_.stage = Room::Taken;
  if (phase_ == Phase::Open) {
    if (!paused_) transport_->resume_reading();
    return;
  }
  forget_records();
  delete_if_unused();
}

bool Connection::State::set_buffer(std::size_t bytes) {
  if (bytes > buffer_bytes_ && !share_.try_cover(total_bytes() - buffer_bytes_ + bytes)) return false;
  buffer_bytes_ = bytes;
  share_.cover(total_bytes());
  return true;
}

void Connection::State::forget_records() {
  records_.clear();
  // When its turn has come already, its job does the rest.
  if (record_room_.stage != Room::Awaited || share_.cancel(record_room_)) record_room_.stage = Room::None;
  share_.cover(total_bytes());
}

void Connection::State::pause() {
  if (!std::exchange(paused_, true)) transport_->pause_reading();
}

void Connection::State::wait_for_turn() {
  pause();
  next_turn_.posted = true;
  loop_.post(next_turn_);
}

void Connection::State::begin_turn() {
  next_turn_.posted = false;
  if (!transport_) return delete_if_unused();
  start_calls();
}

Detached Connection::State::run(BufferChain message) {
  Call call = new_call(host_, loop_, peer_);
  call.reply_room = this;
  call.backchannel_source = this;
  const std::size_t cost = message.size() + call_cost_bytes;
  ++calls_;
  call_bytes_ += cost;
  BufferChain reply;
  std::string_view why_none = "sent something that is not a call";
  try {
    reply = co_await answer(host_, call, message, Framing::Record);
  } catch (const std::exception&) {
    why_none = "could not be answered for lack of memory";
  }
  end(cost + call.expected_reply_bytes, std::move(reply), why_none);
}

// The end of a call; the last thing it does, as it may be the end of the State too.
void Connection::State::end(std::size_t cost, BufferChain reply, std::string_view why_none) {
  --calls_;
  call_bytes_ -= cost;
  if (!transport_ || phase_ == Phase::Closed) {
    share_.cover(total_bytes());
    return transport_ ? tell_if_idle() : delete_if_unused();
  }
  if (reply.empty()) return fail(why_none);
  unsent_bytes_ += reply.size();
  turn_reply_bytes_ += reply.size();
  transport_->send(std::move(reply));
  start_calls();
}

void Connection::State::fail(std::string_view reason) {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  end_outgoing();
  forget_records();
  transport_->close(reason);
  tell_if_idle();
}

std::shared_ptr<Remote> Connection::State::backchannel() {
  if (!outgoing_) {
    // The connection is all that xids of ours must differ on.
    const auto first_xid = static_cast<std::uint32_t>(host_.clock.monotonic_ns());
    OutgoingCalls::Wire& wire = *this;
    outgoing_ = std::make_shared<OutgoingCalls>(loop_, alarms_, wire, Framing::Record, first_xid);
    if (phase_ != Phase::Open) outgoing_->closed();
  }
  return outgoing_;
}

// Behind the replies that were sent, and like them in flight until it has left.
void Connection::State::send_call(BufferChain message) noexcept {
  unsent_bytes_ += message.size();
  share_.cover(total_bytes());
  transport_->send(std::move(message));
}

void Connection::State::tell_if_idle() {
  if (phase_ == Phase::Open || calls_ > 0 || told_idle_ || starting_) return;
  // Paused: whole calls may wait for room.
  if (phase_ == Phase::Ended && paused_) return;
  told_idle_ = true;
  transport_->idle();
}

Connection::Connection(const Host& host, Executor& loop, Alarms& alarms, const Peer& peer, Transport& transport,
                       const ConnectionLimits& limits)
    : state_(new State(host, loop, alarms, peer, transport, limits)) {}

Connection::~Connection() { state_->release(); }

void Connection::received(Buffer bytes) { state_->received(std::move(bytes)); }
void Connection::taken(std::size_t bytes) { state_->taken(bytes); }
void Connection::ended() { state_->ended(); }
void Connection::drain() { state_->drain(); }
void Connection::closed() { state_->closed(); }

std::shared_ptr<Remote> Connection::backchannel() { return state_->backchannel(); }

std::size_t Connection::wanted() const noexcept { return state_->records().wanted(); }
bool Connection::may_read() { return state_->may_read(); }
bool Connection::set_buffer(std::size_t bytes) { return state_->set_buffer(bytes); }
bool Connection::holds_room() const noexcept { return state_->holds_room(); }
bool Connection::awaits_more() const noexcept { return state_->is_reading() && state_->records().in_record(); }
std::size_t Connection::calls_in_flight() const noexcept { return state_->calls(); }
std::size_t Connection::bytes_in_flight() const noexcept { return state_->bytes(); }

}  // namespace ditto::rpc
