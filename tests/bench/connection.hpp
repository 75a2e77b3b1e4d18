// One TCP connection of the load generator to a server: a queue of requests going out (with payloads that are linked,
// not copied) and complete reply records coming in. Knows record marking, not what the records say. Non-blocking except
// connect() and exchange(). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What goes wrong with a connection ends the measurement: there is no recovery to wait for.
struct Failure {
  std::string message;
};

class Connection {
 public:
  /// Throws Failure.
  Connection(const std::string& address, std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }

  /// Requests are written here, then queued().
  std::string& out() { return chunks_.back().own; }
  /// Bytes that follow what is in out(); they must live until they are sent.
  void link(std::string_view payload);

  bool wants_to_write() const;
  /// Sends what the socket takes. Throws Failure.
  void flush();
  /// Receives what is there, at most one buffer. Throws Failure, also when the server has closed.
  void receive();
  /// The next complete record, without its mark and valid until the next receive(); empty if there is none.
  std::string_view next_record();

  /// Sends what is queued and waits for one record. Throws Failure after `timeout_ms` without one.
  std::string_view exchange(int timeout_ms);

 private:
  struct Chunk {
    std::string own;
    std::string_view linked;
  };

  int fd_ = -1;
  std::deque<Chunk> chunks_;
  std::size_t sent_ = 0;  // of the first chunk, its own bytes and then the linked ones
  std::vector<char> in_;
  std::size_t begin_ = 0, end_ = 0;  // what of in_ is received and not yet consumed
};

}  // namespace bench
