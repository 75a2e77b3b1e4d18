#include "nfs/mount/procedures.hpp"

#include <array>

#include "nfs/mount/status.hpp"
#include "rpc/program.hpp"

namespace ditto::mount {

namespace {

using rpc::procedure;
using rpc::Replay;

// In the order of RFC 1813, appendix I, 5.2. All may happen twice: the table of mounts holds each once.
constexpr auto table = std::to_array<rpc::Procedure>({
    procedure<&null>("NULL", Replay::Idempotent),        // 0
    procedure<&mnt>("MNT", Replay::Idempotent),          // 1
    procedure<&dump>("DUMP", Replay::Idempotent),        // 2
    procedure<&umnt>("UMNT", Replay::Idempotent),        // 3
    procedure<&umntall>("UMNTALL", Replay::Idempotent),  // 4
    procedure<&export_>("EXPORT", Replay::Idempotent),   // 5
});
static_assert(table.size() == 6);

}  // namespace

rpc::Program program(Service& service) { return {program_number, program_version, "MOUNT", table, &service}; }

}  // namespace ditto::mount
