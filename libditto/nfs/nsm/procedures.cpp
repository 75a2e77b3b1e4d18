#include "nfs/nsm/procedures.hpp"

#include <array>

#include "rpc/program.hpp"

namespace ditto::nsm {

namespace {

using rpc::procedure;
using rpc::Replay;

// In the order of XNFS, chapter 11.
constexpr auto table = std::to_array<rpc::Procedure>({
    procedure<&null>("NULL", Replay::Idempotent),            // 0
    procedure<&stat>("STAT", Replay::Idempotent),            // 1
    procedure<&mon>("MON", Replay::Idempotent),              // 2
    procedure<&unmon>("UNMON", Replay::Idempotent),          // 3
    procedure<&unmon_all>("UNMON_ALL", Replay::Idempotent),  // 4
    procedure<&simu_crash>("SIMU_CRASH", Replay::Cached),    // 5
    procedure<&notify>("NOTIFY", Replay::Cached),            // 6
});
static_assert(table.size() == 7);

}  // namespace

rpc::Program program(Service& service) { return {program_number, program_version, "NSM", table, &service}; }

}  // namespace ditto::nsm
