// Drives a workload against one server: several connections, a fixed number of operations in flight, and for each run
// how many were done, how long each took and what the server's processes spent on it. Owns its connections. One thread,
// one epoll.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"
#include "result.hpp"
#include "workload.hpp"

namespace bench {

struct Target {
  std::string label;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint16_t mount_port = 0;
  std::string export_path = "/export";
  std::string pseudo_path = "/export";  // where NFSv4 has it
  pid_t pid = 0;                        // whose CPU time is read, with its descendants; 0: nobody's
};

class Engine {
 public:
  /// Connects; throws Failure.
  Engine(Target target, unsigned connections, unsigned in_flight, nfs3::Caller caller);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  const Target& target() const { return target_; }
  unsigned connections() const { return static_cast<unsigned>(connections_.size()); }
  unsigned in_flight() const { return static_cast<unsigned>(slots_.size()); }

  /// Runs until the workload has nothing left, or for `seconds` after `warm_up` (0: no bound). Throws Failure.
  Result run(Workload& workload, double seconds, double warm_up);

  /// The export's root filehandle, by MOUNT. Throws Failure.
  std::string mount();
  /// Makes a directory and returns its filehandle. Throws Failure.
  std::string make_directory(const std::string& parent, const std::string& name);
  /// One COMPOUND of NFSv4 on the first connection: what follows its status, which is good. Throws Failure.
  std::string compound(const Request& request, const std::string& args);

 private:
  struct Pending {
    Slot slot;
    std::uint32_t xid = 0;  // of the request in flight; 0: none
    long long begun_ns = 0;
  };
  struct Run;

  std::string call(Connection& connection, std::uint32_t program, std::uint32_t version, std::uint32_t procedure,
                   const std::string& args);
  void send(Pending& pending, const Request& request, const std::string& args);
  bool begin_operation(Run& run, Pending& pending);
  void take_reply(Run& run, std::string_view record);
  void take_replies(Run& run, Connection& connection);
  void wait_and_serve(Run& run);
  void close_measurement(Run& run);

  Target target_;
  nfs3::Caller caller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Pending> slots_;
  std::vector<bool> waits_for_room_;  // per connection: EPOLLOUT is asked for
  std::uint32_t sequence_;
  std::string args_;
  int epoll_ = -1;
};

}  // namespace bench
