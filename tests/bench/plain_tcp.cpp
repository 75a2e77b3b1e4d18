#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "connection.hpp"
#include "process_cpu.hpp"
#include "xdr.hpp"
#include "yardsticks.hpp"

namespace bench {

namespace {

constexpr std::size_t record_bytes = 1 << 20;
constexpr std::uint32_t last_fragment = 0x80000000;
constexpr int silence_ms = 10'000;

[[noreturn]] void fail(const char* what) {
  throw Failure{std::string("the plain TCP sender: ") + what + ": " + std::strerror(errno)};
}

/// What the child does until its peer is gone or it is killed.
[[noreturn]] void send_for_ever(int listener, unsigned connections) {
  std::string record(4 + record_bytes, 'x');
  put_be32(record.data(), last_fragment | record_bytes);
  std::vector<pollfd> sockets;
  std::vector<std::size_t> sent(connections);
  for (unsigned i = 0; i < connections; ++i) {
    sockets.push_back({::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), POLLOUT, 0});
  }
  while (::poll(sockets.data(), sockets.size(), -1) > 0) {
    for (unsigned i = 0; i < connections; ++i) {
      if (sockets[i].revents == 0) continue;
      ssize_t written = ::send(sockets[i].fd, record.data() + sent[i], record.size() - sent[i], MSG_NOSIGNAL);
      if (written < 0 && errno != EAGAIN && errno != EINTR) ::_exit(0);
      if (written > 0) sent[i] = (sent[i] + static_cast<std::size_t>(written)) % record.size();
    }
  }
  ::_exit(1);
}

/// The child, and the port that it listens on.
class Sender {
 public:
  Sender(unsigned connections, int core) {
    int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (listener < 0 || ::bind(listener, generic, size) != 0 || ::listen(listener, 64) != 0 ||
        ::getsockname(listener, generic, &size) != 0) {
      fail("listen");
    }
    port = ntohs(address.sin_port);
    pid = ::fork();
    if (pid < 0) fail("fork");
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      cpu_set_t cores;
      CPU_ZERO(&cores);
      if (core >= 0) CPU_SET(static_cast<unsigned>(core), &cores);
      if (core >= 0 && ::sched_setaffinity(0, sizeof cores, &cores) != 0) ::_exit(1);
      send_for_ever(listener, connections);
    }
    ::close(listener);
  }
  ~Sender() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  std::uint16_t port = 0;
  pid_t pid = -1;
};

}  // namespace

Result measure_plain_tcp(unsigned connections, int sender_core, double seconds, double warm_up) {
  Sender sender(connections, sender_core);
  std::vector<std::unique_ptr<Connection>> receivers;
  std::vector<pollfd> sockets;
  for (unsigned i = 0; i < connections; ++i) {
    receivers.push_back(std::make_unique<Connection>("127.0.0.1", sender.port));
    sockets.push_back({receivers[i]->fd(), POLLIN, 0});
  }
  Result result;
  double cpu_before = 0;
  bool measuring = false;
  long long since_ns = now_ns();
  for (;;) {
    auto elapsed = static_cast<double>(now_ns() - since_ns) / 1e9;
    if (!measuring && elapsed >= warm_up) {
      measuring = true;
      result = Result{};
      cpu_before = process_cpu_seconds(sender.pid);
      since_ns = now_ns();
    } else if (measuring && elapsed >= seconds) {
      break;
    }
    if (::poll(sockets.data(), sockets.size(), silence_ms) <= 0) fail("nothing comes");
    for (unsigned i = 0; i < connections; ++i) {
      if (sockets[i].revents == 0) continue;
      receivers[i]->receive();
      while (!receivers[i]->next_record().empty()) ++result.operations;
    }
  }
  result.seconds = static_cast<double>(now_ns() - since_ns) / 1e9;
  result.cpu_seconds = process_cpu_seconds(sender.pid) - cpu_before;
  result.units = result.operations;
  result.bytes = result.operations * record_bytes;
  return result;
}

}  // namespace bench
