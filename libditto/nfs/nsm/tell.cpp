#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "nfs/nsm/service.hpp"
#include "nfs/nsm/types.hpp"
#include "wire/xdr.hpp"

namespace ditto::nsm {
namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t answer_within_ns = 3 * second_ns;
/// Between the attempts to reach a host.
constexpr std::array<std::uint64_t, 6> pauses_ns = {1 * second_ns,  4 * second_ns,  15 * second_ns,
                                                    30 * second_ns, 60 * second_ns, 60 * second_ns};
constexpr std::size_t at_once = 32;

/// Who is left to be told, the next one first. On the loop of Outside.
struct Round {
  struct Turn {
    Peer peer;
    std::size_t attempt = 0;
    std::uint64_t not_before_ns = 0;
  };
  std::deque<Turn> turns;
  BufferChain notice;
};

Task<bool> reach(nfs::Outside& outside, const Peer& peer, const BufferChain& notice) {
  const nfs::Outside::Where where{peer.address, peer.protocol, program_number, program_version};
  const rpc::CallResult answered = co_await outside.call(where, notify_procedure, notice, answer_within_ns);
  co_return answered.has_value();
}

Detached work(Service& service, std::shared_ptr<Round> round) {
  const nfs::Outside::Errand errand(service.outside);
  try {
    while (errand && !round->turns.empty()) {
      Round::Turn turn = std::move(round->turns.front());
      round->turns.pop_front();
      const std::uint64_t now = service.outside.now_ns();
      if (turn.not_before_ns > now && !co_await service.outside.pause(turn.not_before_ns - now)) break;
      const bool heard = co_await reach(service.outside, turn.peer, round->notice);
      if (service.outside.closed()) break;
      if (heard || turn.attempt == pauses_ns.size()) {
        service.monitored.told(turn.peer);
        continue;
      }
      turn.not_before_ns = service.outside.now_ns() + pauses_ns[turn.attempt++];
      round->turns.push_back(std::move(turn));
    }
  } catch (const std::exception&) {
    // No memory for it: those who are left are told after the next start.
  }
  round.reset();
}

}  // namespace

void tell(Service& service, std::vector<Peer> peers) {
  if (peers.empty()) return;
  auto round = std::make_shared<Round>();
  for (Peer& peer : peers) round->turns.push_back({.peer = std::move(peer)});
  const std::string& own_name = service.outside.own_name();
  round->notice = xdr::encode(stat_chge{string::lend(own_name), service.monitored.state()});
  post(service.outside.loop(), [&service, round = std::move(round)] {
    const std::size_t workers = std::min(at_once, round->turns.size());
    for (std::size_t i = 0; i < workers; ++i) work(service, round);
  });
}

}  // namespace ditto::nsm
