// Replies to calls of ours: whatever comes, each call ends once, with results that are bytes of a reply to it or with a
// failure, and what is decoded does not depend on how it comes in slices. The first byte chooses the slices; then come
// messages, each behind its length.
#include <array>
#include <memory>
#include <vector>

#include "fuzz/decoder.hpp"
#include "rpc/outgoing.hpp"
#include "rpc/outgoing_calls.hpp"
#include "rpc/reply.hpp"
#include "support/manual_alarms.hpp"
#include "support/manual_loop.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::uint32_t first_xid = 7;
constexpr std::size_t calls = 6;
constexpr std::size_t reply_bytes = 600;

struct NoWire final : rpc::OutgoingCalls::Wire {
  void send_call(BufferChain) noexcept override {}
};

bool same(const rpc::CallResult& a, const rpc::CallResult& b) {
  if (a.has_value() != b.has_value()) return false;
  if (a) return *a == *b;
  return a.error().failure == b.error().failure && a.error().auth == b.error().auth &&
         a.error().versions.low == b.error().versions.low && a.error().versions.high == b.error().versions.high;
}

class Session {
 public:
  Session() {
    for (Answered& each : answers_) run_call(*calls_, outgoing(toy::NULL_, 1000), loop_, each);
    DITTO_ASSERT(calls_->in_flight() == calls);
  }

  void received(const Buffer& whole, std::uint8_t how) {
    const BufferChain message(whole);
    const BufferChain pieces = fuzz::cut(whole.bytes(), how);
    const rpc::CallResult read = rpc::read_reply(message);
    DITTO_ASSERT(same(read, rpc::read_reply(pieces)));
    if (read) DITTO_ASSERT(*read == message.slice(message.size() - read->size(), read->size()));

    const auto xid = rpc::reply_xid(pieces);
    DITTO_ASSERT(!read || xid);
    const std::size_t which = xid ? *xid - first_xid : calls;
    const bool ours = which < calls && !answers_[which];
    const std::size_t before = calls_->in_flight();
    const bool good = calls_->received(pieces);
    loop_.run();
    DITTO_ASSERT(calls_->in_flight() == before - (ours ? 1 : 0));
    if (!ours) {
      DITTO_ASSERT(good == xid.has_value());
      return;
    }
    DITTO_ASSERT(answers_[which]);
    const rpc::CallResult& answer = *answers_[which];
    const bool too_long = message.size() > reply_bytes;
    DITTO_ASSERT(same(answer, too_long ? rpc::call_failed(rpc::CallFailure::Malformed) : read));
    DITTO_ASSERT(good == (answer || answer.error().failure != rpc::CallFailure::Malformed));
    if (const auto data = rpc::results_of<toy::Data>(answer)) DITTO_ASSERT(data->bytes.size() <= message.size());
  }

  void end() {
    calls_->closed();
    loop_.run();
    for (const Answered& each : answers_) DITTO_ASSERT(each);
    DITTO_ASSERT(calls_->in_flight() == 0 && !alarms_.any());
  }

 private:
  ManualLoop loop_;
  ManualClock clock_;
  ManualAlarms alarms_{clock_};
  NoWire wire_;
  std::shared_ptr<rpc::OutgoingCalls> calls_ = std::make_shared<rpc::OutgoingCalls>(
      loop_, alarms_, wire_, rpc::Framing::Datagram, first_xid, rpc::OutgoingLimits{.reply_bytes = reply_bytes});
  std::array<Answered, calls> answers_;
};

BufferChain sample_reply(xdr::Sampler& draw) {
  const auto xid = static_cast<std::uint32_t>(first_xid + draw.below(calls + 1));
  xdr::Writer writer;
  switch (draw.below(5)) {
    case 0: return reply_to(xid, data_of(draw.below(700)));
    case 1: return reply_to(xid);
    case 2:
      writer(rpc::rejected_reply{.xid = xid, .rejected = rpc::reject_stat::AUTH_ERROR}, rpc::auth_stat::AUTH_BADCRED);
      break;
    case 3:
      writer(xid, rpc::msg_type::REPLY, rpc::reply_stat::MSG_ACCEPTED);
      writer(xdr::sample<rpc::opaque_auth>(draw.next()), static_cast<rpc::accept_stat>(draw.below(7)));
      writer(rpc::mismatch_info{2, 4});
      break;
    default:
      writer(rpc::rejected_reply{.xid = xid, .rejected = rpc::reject_stat::RPC_MISMATCH}, rpc::mismatch_info{2, 2});
  }
  return writer.finish();
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.empty()) return;
  const auto how = std::to_integer<std::uint8_t>(input[0]);
  input = input.subspan(1);
  Session session;
  while (input.size() >= 2) {
    const std::size_t length = std::min<std::size_t>(load_be<std::uint16_t>(input.data()), input.size() - 2);
    session.received(Buffer::copy_of(input.subspan(2, length)), how);
    input = input.subspan(2 + length);
  }
  session.end();
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input{static_cast<std::byte>(number)};
  for (std::size_t replies = 1 + draw.below(8); replies > 0; --replies) {
    const BufferChain reply = sample_reply(draw);
    std::byte length[2];
    store_be(length, static_cast<std::uint16_t>(reply.size()));
    input.insert(input.end(), std::begin(length), std::end(length));
    const Buffer whole = reply.coalesce();
    input.insert(input.end(), whole.bytes().begin(), whole.bytes().end());
  }
  return input;
}
