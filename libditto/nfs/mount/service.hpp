// MOUNT version 3 (RFC 1813, appendix I) as a program to register with an rpc server: program 100005, version 3. It
// gives out the filehandles of shares and of directories below them, lists the shares, and remembers who mounted, as a
// courtesy to administrators only: nothing rests on that list, and it is bounded and lost at restart. The Service
// belongs to the server and outlives its connections. Handlers run on any loop.
#pragma once

#include <cstdint>

#include "gate/share.hpp"
#include "nfs/mount/mount_table.hpp"

namespace ditto::rpc {
class Program;
}

namespace ditto::mount {

inline constexpr std::uint32_t program_number = 100005, program_version = 3;

struct Service {
  const gate::Shares& shares;
  /// Whether DUMP tells anybody who mounted; by default only callers on this machine, others see an empty list.
  bool dump_to_everybody = false;
  MountTable mounts{};
};

/// All 6 procedures over `service`, which must outlive the program.
rpc::Program program(Service& service);

}  // namespace ditto::mount
