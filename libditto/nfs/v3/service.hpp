// NFS version 3 (RFC 1813) as a program to register with an rpc server: program 100003, version 3. The Service is what
// its handlers share; it holds no state of clients, since the protocol has none. It belongs to the server and outlives
// its connections. Handlers run on any loop.
#pragma once

#include <cstdint>

#include "gate/share.hpp"

namespace ditto::rpc {
class Program;
}

namespace ditto::nfs3 {

inline constexpr std::uint32_t program_number = 100003, program_version = 3;

struct Service {
  const gate::Shares& shares;
};

/// All 22 procedures over `service`, which must outlive the program.
rpc::Program program(Service& service);

}  // namespace ditto::nfs3
