// Calls of the status monitor and of the lock manager, which share their clients, as they come from hosts that may be
// this machine's own. The first byte chooses the slices; then come calls, each a byte that says from where and of which
// program, one for the procedure, a length, and that many bytes of arguments. Whatever comes: each call gets one reply,
// and who is told of something, or held something, is forgotten in the end.
#include <memory>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "fuzz/decoder.hpp"
#include "nfs/nlm/service.hpp"
#include "nfs/nlm/types.hpp"
#include "nfs/nsm/names.hpp"
#include "nfs/nsm/service.hpp"
#include "nfs/nsm/types.hpp"
#include "rpc/answer.hpp"
#include "rpc/memory_connection.hpp"
#include "rpc/memory_dialer.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::size_t call_header = 4;

class Server {
 public:
  Server() : nlm_(shares_, outside_, monitored_), nsm_{outside_, monitored_, {}, {}} {
    nsm_.rebooted = [this](std::string_view name, const auto& address, std::int32_t state) {
      nlm::drop_hosts(
          nlm_, [&](const nlm::HostName& host) { return host.address == address && nsm::same_host(host.name, name); },
          state);
    };
    nsm_.crashed = [this] { nlm::drop_hosts(nlm_, [](const nlm::HostName&) { return true; }, 0); };
    DITTO_ASSERT(monitored_.start());
    DITTO_ASSERT(nlm::add_programs(programs_, nlm_));
    DITTO_ASSERT(programs_.add(nsm::program(nsm_)));
  }

  void answer(bool local, std::uint32_t program, std::uint32_t procedure, const BufferChain& arguments) {
    xdr::Writer writer;
    const std::uint32_t version = program == nsm::program_number ? nsm::program_version : 4;
    writer(rpc::call_header{.xid = ++xid_, .prog = program, .vers = version, .proc = procedure});
    writer(rpc::opaque_auth{}, rpc::opaque_auth{});
    writer.link(arguments);
    const BufferChain message = writer.finish();
    rpc::Peer peer = peer_at(1);
    if (local) peer.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
    rpc::Call call = rpc::new_call(host_, loop_, peer);
    std::optional<BufferChain> reply;
    drive(host_, call, message, reply);
    for (int second = 0; second < 3; ++second) {
      settle();
      clock_.advance_seconds(1);
    }
    DITTO_ASSERT(reply && reply->size() >= 24 && word_at(*reply, 0) == xid_ && word_at(*reply, 4) == 1);
  }
  void end() {
    nlm::drop_hosts(nlm_, [](const nlm::HostName&) { return true; }, 0);
    outside_.close();
    settle();
    DITTO_ASSERT(outside_.wait_gone(std::chrono::milliseconds(0)));
    DITTO_ASSERT(nlm_.hosts.hosts() == 0 && nlm_.blocks.size() == 0);
  }

 private:
  static Detached drive(const rpc::Host& host, rpc::Call& call, const BufferChain& message,
                        std::optional<BufferChain>& reply) {
    reply = co_await rpc::answer(host, call, message, rpc::Framing::Datagram);
  }
  void settle() {
    while (loop_.run() + pool_.run() + alarms_.run() > 0) {
    }
  }

  ManualClock clock_;
  ManualLoop loop_, pool_;
  ManualAlarms alarms_{clock_};
  SeededRandom random_{3};
  MemoryDialer dialer_;
  nfs::Outside outside_{dialer_, loop_, alarms_, "server"};
  nsm::MemoryKeeper keeper_;
  nsm::Monitored monitored_{keeper_};
  gate::Shares shares_;
  nlm::Service nlm_;
  nsm::Service nsm_;
  rpc::Programs programs_;
  rpc::ReplyCache replies_{{}, random_};
  rpc::InFlightPool in_flight_{std::size_t{1} << 24};
  rpc::Host host_{.programs = programs_,
                  .replies = replies_,
                  .in_flight = in_flight_,
                  .pool = pool_,
                  .clock = clock_,
                  .log = null_log()};
  std::uint32_t xid_ = 0;
};

template <class Args>
Buffer sampled(xdr::Sampler& draw) {
  return xdr::encode(xdr::sample<Args>(draw.next())).coalesce();
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.empty()) return;
  const auto how = std::to_integer<std::uint8_t>(input[0]);
  input = input.subspan(1);
  Server server;
  for (int calls = 0; calls < 64 && input.size() >= call_header; ++calls) {
    const auto who = std::to_integer<std::uint8_t>(input[0]);
    const std::uint32_t program = (who & 2) != 0 ? nlm::program_number : nsm::program_number;
    const std::size_t length =
        std::min<std::size_t>(load_be<std::uint16_t>(input.data() + 2), input.size() - call_header);
    server.answer((who & 1) != 0, program, std::to_integer<std::uint8_t>(input[1]) % 26,
                  cut(input.subspan(call_header, length), how));
    input = input.subspan(call_header + length);
  }
  server.end();
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input{static_cast<std::byte>(number)};
  for (std::size_t calls = 1 + draw.below(10); calls > 0; --calls) {
    const std::size_t procedure = draw.below(9);
    Buffer arguments;
    std::uint8_t who = draw.coin() ? 1 : 0;
    switch (procedure) {
      case 1: arguments = sampled<nsm::sm_name>(draw); break;
      case 2: arguments = sampled<nsm::mon>(draw); break;
      case 3: arguments = sampled<nsm::mon_id>(draw); break;
      case 4: arguments = sampled<nsm::my_id>(draw); break;
      case 6: arguments = sampled<nsm::stat_chge>(draw); break;
      case 7:
        who |= 2;
        arguments = sampled<nlm::nlm4_unlockargs>(draw);
        break;
      case 8:
        who |= 2;
        arguments = sampled<nlm::nlm4_lockargs>(draw);
        break;
      default: break;
    }
    const std::size_t at = procedure == 8 ? 2 : procedure == 7 ? 4 : procedure;
    std::byte length[2];
    store_be(length, static_cast<std::uint16_t>(arguments.size()));
    input.insert(input.end(), {static_cast<std::byte>(who), static_cast<std::byte>(at), length[0], length[1]});
    input.insert(input.end(), arguments.bytes().begin(), arguments.bytes().end());
  }
  return input;
}
