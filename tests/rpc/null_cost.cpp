// What a call costs the server before any handler does something: CPU time of the loop's thread for each NULL, over
// loopback, for some numbers of connections and of calls in flight on each. Not a test: it prints a table.
//   null-cost [SECONDS]
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "rpc/tcp_world.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

double cpu_seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Peer {
  TcpClient client;
  std::size_t received = 0;  // bytes
};

constexpr std::size_t reply_bytes = 28;

/// Keeps `depth` calls in flight on each connection; sends as many as were answered, in one piece.
std::size_t drive(std::vector<Peer>& peers, std::size_t depth, double seconds) {
  const int epoll = ::epoll_create1(0);
  std::vector<std::byte> calls;
  for (std::size_t i = 0; i < depth; ++i) {
    const Buffer one = call(static_cast<std::uint32_t>(i), toy::NULL_);
    calls.insert(calls.end(), one.bytes().begin(), one.bytes().end());
  }
  const std::size_t call_bytes = calls.size() / depth;
  for (Peer& peer : peers) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &peer}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, peer.client.fd(), &event);
    (void)::send(peer.client.fd(), calls.data(), calls.size(), 0);
  }
  std::size_t answered = 0;
  std::vector<std::byte> input(65536);
  std::vector<epoll_event> events(peers.size());
  const double end = cpu_seconds(CLOCK_MONOTONIC) + seconds;
  while (cpu_seconds(CLOCK_MONOTONIC) < end) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      Peer& peer = *static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
      const ssize_t size = ::recv(peer.client.fd(), input.data(), input.size(), 0);
      if (size <= 0) std::abort();
      const std::size_t before = peer.received / reply_bytes;
      peer.received += static_cast<std::size_t>(size);
      const std::size_t whole = peer.received / reply_bytes - before;
      answered += whole;
      if (whole > 0) (void)::send(peer.client.fd(), calls.data(), whole * call_bytes, 0);
    }
  }
  ::close(epoll);
  return answered;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  std::printf("%12s %8s %12s %14s\n", "connections", "depth", "calls/s", "us CPU/call");
  for (const std::size_t connections : {1, 16, 64}) {
    for (const std::size_t depth : {1, 4, 16}) {
      TcpWorld world;
      std::vector<Peer> peers;
      for (std::size_t i = 0; i < connections; ++i) peers.push_back({world.client()});
      clockid_t clock{};
      ::pthread_getcpuclockid(world.threads[0].native_handle(), &clock);
      const double before = cpu_seconds(clock);
      const std::size_t answered = drive(peers, depth, seconds);
      const double used = cpu_seconds(clock) - before;
      std::printf("%12zu %8zu %12.0f %14.3f\n", connections, depth, static_cast<double>(answered) / seconds,
                  used * 1e6 / static_cast<double>(answered));
    }
  }
}
