// A whole connection of a toy program: the stream comes in pieces, and between them calls end, replies leave, changes
// become durable or are taken back, in an order that the first three bytes choose. Whatever happens: each reply is a
// record, what is in flight comes to nothing in the end, and idle() is told once.
#include <vector>

#include "fuzz/decoder.hpp"
#include "rpc/memory_connection.hpp"
#include "support/manual_durable.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::size_t choices = 3;  // bytes in front of the stream

class Session {
 public:
  Session(std::uint8_t order, std::uint8_t flags) : draw_(order), flags_(flags) {
    host_.toy.source = &store_;
    host_.toy.lsn = 1;
    host_.toy.make_waits = flag(0);
    client_.transport.takes_at_once = flag(1);
  }

  void received(Buffer piece) {
    if (!client_.transport.paused && client_.transport.closes == 0) client_.received(std::move(piece));
    switch (draw_.below(8)) {
      case 0: end_one_call(); break;
      case 1: host_.loop.run_one(); break;
      case 2: take_some(); break;
      case 3: store_.advance(++host_.toy.lsn - 1); break;
      case 4: store_.take_back(host_.toy.lsn++, Error::Io); break;
      default: break;
    }
  }

  void end() {
    const bool gone = flag(2) && flag(3);
    if (gone) {
      client_.destroy();
    } else if (flag(2)) {
      client_.connection->drain();
    } else if (flag(3)) {
      client_.connection->closed();
    } else {
      client_.connection->ended();
    }
    for (int rounds = 0; rounds < 1000 && settle(); ++rounds) {
    }
    DITTO_ASSERT(host_.toy.held.count() == 0 && store_.waiting() == 0);
    for (const BufferChain& reply : client_.replies()) check(reply);
    DITTO_ASSERT(client_.transport.closes <= 1);
    if (gone) return;
    DITTO_ASSERT(client_.connection->calls_in_flight() == 0);
    DITTO_ASSERT(client_.transport.idles == 1);
    if (client_.transport.closes == 0 && !flag(3)) DITTO_ASSERT(client_.connection->bytes_in_flight() == 0);
  }

 private:
  bool flag(unsigned bit) const noexcept { return (flags_ >> bit & 1) != 0; }

  void end_one_call() {
    if (const std::size_t count = host_.toy.held.count(); count > 0) host_.toy.held.release(draw_.below(count));
  }
  void take_some() {
    if (client_.connection && client_.transport.untaken > 0) {
      client_.transport.take(1 + draw_.below(client_.transport.untaken));
    }
  }
  /// True: something was left to do.
  bool settle() {
    const bool held = host_.toy.held.count() > 0;
    host_.toy.held.release_all();
    store_.advance(host_.toy.lsn);
    const bool untaken = client_.connection && client_.transport.untaken > 0;
    if (untaken) client_.transport.take(client_.transport.untaken);
    return host_.loop.run() + host_.pool.run() > 0 || held || untaken;
  }

  static void check(const BufferChain& reply) {
    DITTO_ASSERT(reply.size() >= 24);
    DITTO_ASSERT(word_at(reply, 0) == (0x80000000 | (reply.size() - 4)));
    DITTO_ASSERT(word_at(reply, 8) == 1);   // REPLY
    DITTO_ASSERT(word_at(reply, 12) <= 1);  // accepted or denied
  }

  xdr::Sampler draw_;
  std::uint8_t flags_;
  ManualDurable store_;
  MemoryHost host_{{.entries = 32, .bytes = 65536}};
  MemoryConnection client_{host_, peer_at(1), {.bytes_in_flight = 100000, .calls_in_flight = 6}};
};

void append_call(std::vector<std::byte>& input, xdr::Sampler& draw, std::uint32_t procedure) {
  xdr::Writer writer;
  writer(rpc::call_header{.xid = static_cast<std::uint32_t>(draw.below(4)),
                          .prog = toy::program_number,
                          .vers = draw.coin() ? 2U : 4U,
                          .proc = procedure});
  if (draw.coin()) {
    const BufferChain claimed = xdr::encode(xdr::sample<rpc::authsys_parms>(draw.next()));
    const Buffer body = claimed.coalesce();
    writer(rpc::opaque_auth{rpc::AuthFlavor::Sys, xdr::opaque<400>::lend(body.bytes())}, rpc::opaque_auth{});
  } else {
    writer(rpc::opaque_auth{}, rpc::opaque_auth{});
  }
  if (procedure == toy::ECHO) writer(data_of(draw.below(100)));
  if (procedure >= toy::HOLD && procedure <= toy::THROW) writer(toy::Number{static_cast<std::uint32_t>(draw.below(3))});
  if (procedure == toy::FILL) writer(toy::Number{static_cast<std::uint32_t>(draw.below(50000))});
  const Buffer call = record(writer.finish());
  input.insert(input.end(), call.bytes().begin(), call.bytes().end());
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.size() < choices) return;
  const auto choice = [&](std::size_t i) { return std::to_integer<std::uint8_t>(input[i]); };
  Session session(choice(0), choice(1));
  const BufferChain pieces = cut(input.subspan(choices), choice(2));
  for (const Buffer& piece : pieces.buffers()) session.received(piece);
  session.end();
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input;
  for (std::size_t i = 0; i < choices; ++i) input.push_back(static_cast<std::byte>(draw.next()));
  for (std::size_t calls = 1 + draw.below(12); calls > 0; --calls) {
    append_call(input, draw, static_cast<std::uint32_t>(draw.below(toy::FILL + 1)));
  }
  return input;
}
