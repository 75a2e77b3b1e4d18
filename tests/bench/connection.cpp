#include "connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "xdr.hpp"

namespace bench {

namespace {

constexpr std::size_t receive_bytes = 1 << 18;  // the least room for one receive()
constexpr std::size_t record_bytes = 1 << 21;   // no reply that was asked for is longer
constexpr std::size_t iovec_count = 64;

[[noreturn]] void fail(const std::string& what) {
  throw Failure{what + (errno != 0 ? std::string(": ") + std::strerror(errno) : "")};
}

}  // namespace

Connection::Connection(const std::string& address, std::uint16_t port) : in_(2 * record_bytes) {
  chunks_.emplace_back();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  errno = 0;
  if (inet_pton(AF_INET, address.c_str(), &to.sin_addr) != 1) fail("not an IPv4 address: " + address);
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    fail("connect to " + address + ":" + std::to_string(port));
  }
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  if (fd_ >= 0) ::close(fd_);
}

void Connection::link(std::string_view payload) {
  chunks_.back().linked = payload;
  chunks_.emplace_back();
}

bool Connection::wants_to_write() const { return chunks_.size() > 1 || chunks_.front().own.size() > sent_; }

void Connection::flush() {
  while (wants_to_write()) {
    iovec parts[iovec_count];
    std::size_t count = 0, skip = sent_;
    for (const Chunk& chunk : chunks_) {
      for (std::string_view bytes : {std::string_view(chunk.own), chunk.linked}) {
        if (count == iovec_count) break;
        std::size_t skipped = std::min(skip, bytes.size());
        skip -= skipped;
        bytes.remove_prefix(skipped);
        if (!bytes.empty()) parts[count++] = {const_cast<char*>(bytes.data()), bytes.size()};
      }
    }
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    ssize_t written = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("send");
    sent_ += static_cast<std::size_t>(written);
    while (sent_ >= chunks_.front().own.size() + chunks_.front().linked.size()) {
      sent_ -= chunks_.front().own.size() + chunks_.front().linked.size();
      if (chunks_.size() == 1) {
        chunks_.front().own.clear();
        break;
      }
      chunks_.pop_front();
    }
  }
}

void Connection::receive() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (in_.size() - end_ < receive_bytes) {
    std::memmove(in_.data(), in_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  ssize_t got = ::recv(fd_, in_.data() + end_, in_.size() - end_, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got < 0) fail("receive");
  errno = 0;
  if (got == 0) fail("the server closed the connection");
  end_ += static_cast<std::size_t>(got);
}

std::string_view Connection::next_record() {
  for (;;) {
    if (end_ - begin_ < 4) return {};
    std::uint32_t mark = get_be32(in_.data() + begin_);
    std::size_t size = mark & 0x7fffffff, begin = begin_ + 4;
    errno = 0;
    if (size > record_bytes) fail("a record of " + std::to_string(size) + " bytes");
    if (end_ - begin < size) return {};
    if (mark >> 31 != 0) {
      begin_ = begin + size;
      return {in_.data() + begin, size};
    }
    // More fragments follow: [mark][a][mark][b] becomes [mark of both][a][b].
    if (end_ - begin < size + 4) return {};
    char* gap = in_.data() + begin + size;
    std::uint32_t next = get_be32(gap);
    std::memmove(gap, gap + 4, end_ - begin - size - 4);
    end_ -= 4;
    put_be32(in_.data() + begin_, (next & 0x80000000) | static_cast<std::uint32_t>(size + (next & 0x7fffffff)));
  }
}

std::string_view Connection::exchange(int timeout_ms) {
  for (;;) {
    flush();
    if (std::string_view record = next_record(); !record.empty()) return record;
    pollfd wait{fd_, static_cast<short>(POLLIN | (wants_to_write() ? POLLOUT : 0)), 0};
    int ready = ::poll(&wait, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    errno = 0;
    if (ready <= 0) fail("no reply within " + std::to_string(timeout_ms) + " ms");
    if ((wait.revents & ~POLLOUT) != 0) receive();
  }
}

}  // namespace bench
