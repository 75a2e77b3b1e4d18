// What the server enters into this machine's own portmapper (rpcbind, port 111) while it runs. Called by one thread at
// a time; the dialer and the loop of Outside outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "base/log.hpp"
#include "nfs/common/outside.hpp"
#include "rpc/dialer.hpp"
#include "rpc/portmap/types.hpp"
#include "rpc/program.hpp"

namespace ditto::server {

class Rpcbind {
 public:
  Rpcbind(rpc::Dialer& dialer, nfs::Outside& outside, Log& log) noexcept
      : dialer_(dialer), outside_(outside), log_(log) {}

  /// To be entered by start().
  void add(std::span<const rpc::Program> programs, rpc::portmap::Protocol protocol, std::uint16_t port);
  /// Enters them, as soon as the loop runs; what is refused is logged.
  void start();
  /// Takes out what was entered; waits for that while the loop runs, `timeout` at most.
  void stop(std::chrono::milliseconds timeout);

 private:
  Detached enter();

  rpc::Dialer& dialer_;
  nfs::Outside& outside_;
  Log& log_;
  std::vector<rpc::portmap::mapping> wanted_;
  std::vector<rpc::portmap::mapping> entered_;  // on the loop
};

}  // namespace ditto::server
