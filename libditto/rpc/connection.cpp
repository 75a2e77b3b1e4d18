#include "rpc/connection.hpp"

#include <exception>
#include <string_view>
#include <utility>

#include "rpc/record.hpp"

namespace ditto::rpc {

// What a Connection and its running calls share. It goes with the last of them.
class Connection::State {
 public:
  State(const Host& host, Executor& loop, const Peer& peer, Transport& transport, const ConnectionLimits& limits)
      : host_(host), loop_(loop), peer_(peer), transport_(&transport), limits_(limits) {
    next_turn_.state = this;
    next_turn_.run = [](Job* job) { static_cast<NextTurn*>(job)->state->begin_turn(); };
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

  void ended() {
    if (phase_ == Phase::Open) phase_ = Phase::Ended;
    start_calls();
  }
  void drain() {
    if (phase_ == Phase::Closed) return;
    phase_ = Phase::Draining;
    records_.clear();
    tell_if_idle();
  }
  void closed() {
    phase_ = Phase::Closed;
    records_.clear();
    tell_if_idle();
  }
  void release() {
    transport_ = nullptr;
    phase_ = Phase::Closed;
    delete_if_unused();
  }

  bool is_reading() const noexcept { return phase_ == Phase::Open && !paused_; }
  const RecordReader& records() const noexcept { return records_; }
  std::size_t calls() const noexcept { return calls_; }
  std::size_t bytes() const noexcept { return call_bytes_ + unsent_bytes_; }

 private:
  enum class Phase : std::uint8_t { Open, Ended, Draining, Closed };

  struct NextTurn : Job {
    State* state = nullptr;
    bool posted = false;
  };

  // A call in flight, in its coroutine's frame.
  struct Running {
    Call call;
    std::size_t cost;
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
  void delete_if_unused() {
    if (!transport_ && calls_ == 0 && !next_turn_.posted) delete this;
  }
  Detached run(BufferChain message);
  void end(std::size_t cost, BufferChain reply, std::string_view why_none);
  void fail(std::string_view reason);
  void tell_if_idle();

  const Host& host_;
  Executor& loop_;
  const Peer peer_;
  Transport* transport_;  // nullptr: the Connection is gone
  const ConnectionLimits limits_;
  RecordReader records_;
  std::size_t calls_ = 0;
  std::size_t call_bytes_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::size_t started_in_turn_ = 0;   // calls, by the start_calls() below us on the stack
  std::size_t turn_reply_bytes_ = 0;  // of those that have ended already
  Running* started_ = nullptr;        // the call being started, unless it has ended already
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
  if (phase_ != Phase::Open) tell_if_idle();
}

// False: there is nothing to start, or not now.
bool Connection::State::start_next() {
  if (phase_ != Phase::Open && phase_ != Phase::Ended) return false;
  if (!has_room()) {
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
      if (std::exchange(paused_, false) && phase_ == Phase::Open) transport_->resume_reading();
      return false;
    default: fail(reason_of(next)); return false;
  }
  ++started_in_turn_;
  run(std::move(message));
  if (started_) {
    // What its handler expects is known only now.
    started_->cost += started_->call.expected_reply_bytes;
    call_bytes_ += started_->call.expected_reply_bytes;
    started_ = nullptr;
  }
  return true;
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
  Running running{.call = new_call(host_, loop_, peer_), .cost = message.size() + call_cost_bytes};
  ++calls_;
  call_bytes_ += running.cost;
  started_ = &running;
  BufferChain reply;
  std::string_view why_none = "sent something that is not a call";
  try {
    reply = co_await answer(host_, running.call, message, Framing::Record);
  } catch (const std::exception&) {
    why_none = "could not be answered for lack of memory";
  }
  if (started_ == &running) started_ = nullptr;
  end(running.cost, std::move(reply), why_none);
}

// The end of a call; the last thing it does, as it may be the end of the State too.
void Connection::State::end(std::size_t cost, BufferChain reply, std::string_view why_none) {
  --calls_;
  call_bytes_ -= cost;
  if (!transport_) return delete_if_unused();
  if (phase_ == Phase::Closed) return tell_if_idle();
  if (reply.empty()) return fail(why_none);
  unsent_bytes_ += reply.size();
  turn_reply_bytes_ += reply.size();
  transport_->send(std::move(reply));
  start_calls();
}

void Connection::State::fail(std::string_view reason) {
  if (phase_ == Phase::Closed) return;
  phase_ = Phase::Closed;
  records_.clear();
  transport_->close(reason);
  tell_if_idle();
}

void Connection::State::tell_if_idle() {
  if (phase_ == Phase::Open || calls_ > 0 || told_idle_ || starting_) return;
  // Paused: whole calls may wait for room.
  if (phase_ == Phase::Ended && paused_) return;
  told_idle_ = true;
  transport_->idle();
}

Connection::Connection(const Host& host, Executor& loop, const Peer& peer, Transport& transport,
                       const ConnectionLimits& limits)
    : state_(new State(host, loop, peer, transport, limits)) {}

Connection::~Connection() { state_->release(); }

void Connection::received(Buffer bytes) { state_->received(std::move(bytes)); }
void Connection::taken(std::size_t bytes) { state_->taken(bytes); }
void Connection::ended() { state_->ended(); }
void Connection::drain() { state_->drain(); }
void Connection::closed() { state_->closed(); }

std::size_t Connection::wanted() const noexcept { return state_->records().wanted(); }
bool Connection::awaits_more() const noexcept { return state_->is_reading() && state_->records().in_record(); }
std::size_t Connection::calls_in_flight() const noexcept { return state_->calls(); }
std::size_t Connection::bytes_in_flight() const noexcept { return state_->bytes(); }

}  // namespace ditto::rpc
