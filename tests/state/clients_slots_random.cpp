#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "base/bytes.hpp"
#include "state/clients_support.hpp"
#include "support/seeds.hpp"

using namespace ditto::state;
using namespace ditto::state::test;

namespace {

using Kind = Sequenced::Kind;

struct Message {
  std::uint64_t operation = 0;
  SequenceRequest request;
  // In a reply:
  std::string bytes;
  std::uint32_t target = 0;
};

/// Anything may get lost, come twice, or late.
class Network {
 public:
  void send(const Message& message, std::mt19937_64& random) {
    const auto luck = random() % 10;
    if (luck < 2) return;
    in_flight_.push_back(message);
    if (luck < 4) in_flight_.push_back(message);
  }
  std::optional<Message> deliver(std::mt19937_64& random) {
    if (in_flight_.empty()) return std::nullopt;
    std::swap(in_flight_[random() % in_flight_.size()], in_flight_.back());
    const Message message = in_flight_.back();
    if (random() % 8 != 0 || in_flight_.size() > 200) in_flight_.pop_back();  // sometimes a copy stays on its way
    return message;
  }

 private:
  std::vector<Message> in_flight_;
};

/// One client with a session, and a server that takes its time: what both did is remembered from outside.
class Exchange {
 public:
  Exchange(World& world, std::uint64_t seed) : world_(world), random_(seed), trims_(std::uint64_t{2} << seed % 5) {
    session_ = world.session41(who("x"), slots);
    for (std::uint32_t n = 0; n < slots; ++n) {
      slots_[n].sequence = seed % 2 == 0 ? 0 : 0xfffffffa;  // some wrap
      SessionProbe::set_sequence(*session_, n, slots_[n].sequence);
    }
  }

  void step() {
    switch (random_() % 8) {
      case 0: start(); break;
      case 1: retransmit(); break;
      case 2:
      case 3: serve(); break;
      case 4: finish(); break;
      case 5:
      case 6: receive(); break;
      case 7:
        if (random_() % trims_ != 0) break;
        session_->trim();
        session_->trim();  // the second: to what was used since the first, nothing
    }
  }

  std::size_t answered = 0, replayed = 0, in_progress = 0, delayed = 0, wrapped = 0;

 private:
  static constexpr std::uint32_t slots = 6;
  struct Slot {
    std::uint32_t sequence = 0;
    std::optional<Message> outstanding;
  };

  void start() {
    // Now and then it does not care how many slots it should use.
    const std::uint32_t most = random_() % 10 == 0 ? slots - 1 : target_;
    const auto index = static_cast<std::uint32_t>(random_() % (most + 1));
    Slot& slot = slots_[index];
    if (slot.outstanding) return;
    if (++slot.sequence == 0) ++wrapped;
    Message message{.operation = ++operations_,
                    .request = {.slot = index, .sequence = slot.sequence, .fingerprint = operations_}};
    slot.outstanding = message;
    for (std::uint32_t n = 0; n < slots; ++n) {
      if (slots_[n].outstanding) slot.outstanding->request.highest_slot = n;
    }
    to_server_.send(*slot.outstanding, random_);
  }
  void retransmit() {
    const Slot& slot = slots_[random_() % slots];
    if (slot.outstanding) to_server_.send(*slot.outstanding, random_);
  }

  void serve() {
    const auto message = to_server_.deliver(random_);
    if (!message) return;
    const bool wanted = is_outstanding(*message);
    const auto answer = session_->sequence(message->request, wire, world_.now);
    if (!answer) {
      // A late copy of what was long answered, or no memory for its slot.
      if (answer.error() == Refusal::Delay) {
        ++delayed;
      } else {
        REQUIRE(answer.error() == Refusal::SequenceMisordered);
        REQUIRE_FALSE(wanted);
      }
      return;
    }
    Message reply = *message;
    reply.target = answer->target_highest_slot;
    switch (answer->kind) {
      case Kind::Execute:
        REQUIRE(wanted);
        REQUIRE(++executed_[message->operation] == 1);
        reply.bytes = "reply " + std::to_string(random_());
        running_.push_back(reply);
        break;
      case Kind::Replay:
        ++replayed;
        reply.bytes = ditto::text_of(*answer->reply);
        REQUIRE(reply.bytes == replies_.at(message->operation));
        to_client_.send(reply, random_);
        break;
      case Kind::Unkept: REQUIRE_FALSE(wanted); break;  // given up, since the client has had it
      case Kind::InProgress: ++in_progress; break;
    }
  }

  void finish() {
    if (running_.empty()) return;
    std::swap(running_[random_() % running_.size()], running_.back());
    const Message reply = running_.back();
    running_.pop_back();
    replies_[reply.operation] = reply.bytes;
    session_->finish(reply.request.slot, ditto::bytes_of(reply.bytes));
    to_client_.send(reply, random_);
  }

  void receive() {
    const auto reply = to_client_.deliver(random_);
    if (!reply) return;
    target_ = reply->target;
    REQUIRE(reply->bytes == replies_.at(reply->operation));
    if (!is_outstanding(*reply)) return;
    slots_[reply->request.slot].outstanding.reset();
    ++answered;
  }

  bool is_outstanding(const Message& message) const {
    const auto& outstanding = slots_[message.request.slot].outstanding;
    return outstanding && outstanding->operation == message.operation;
  }

  World& world_;
  std::mt19937_64 random_;
  const std::uint64_t trims_;
  std::shared_ptr<Session> session_;
  std::array<Slot, slots> slots_;
  std::uint32_t target_ = slots - 1;
  std::uint64_t operations_ = 0;
  Network to_server_, to_client_;
  std::vector<Message> running_;
  std::map<std::uint64_t, int> executed_;
  std::map<std::uint64_t, std::string> replies_;
};

}  // namespace

TEST_CASE("whatever the network does, an operation runs once and its reply is always the same") {
  std::size_t answered = 0, replayed = 0, in_progress = 0, delayed = 0, wrapped = 0;
  ditto::test::for_each_seed(200, [&](std::uint64_t seed) {
    // Memory for some of the slots, of which another session takes its part, or for plenty.
    const std::size_t replies = seed % 3 == 0 ? 5 : 50;
    World world(ClientLimits{.cached_bytes = 256, .reply_bytes = (6 + 2) * 40 + replies * 256});
    const auto rival = world.session41(who("rival"), 2);
    Exchange exchange(world, seed);
    for (int step = 0; step < 3000; ++step) exchange.step();
    answered += exchange.answered;
    replayed += exchange.replayed;
    in_progress += exchange.in_progress;
    delayed += exchange.delayed;
    wrapped += exchange.wrapped;
    REQUIRE(world.clients->replies().used() <= world.limits.reply_bytes);
  });
  if (!ditto::test::usual_seeds()) return;
  CHECK(answered > 1000);
  CHECK(replayed > 1000);
  CHECK(in_progress > 100);
  CHECK(delayed > 100);
  CHECK(wrapped > 10);
}
