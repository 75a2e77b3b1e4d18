#include <array>

#include "nfs/v4/opnum.hpp"
#include "nfs/v4/run.hpp"
#include "nfs/v4/service.hpp"
#include "rpc/program.hpp"

namespace ditto::nfs4 {

namespace {

Task<void> null(Service&, rpc::Call&) { co_return; }

// RFC 7530, 16.1; RFC 8881, 16.1 and 16.2.
constexpr auto table = std::to_array<rpc::Procedure>({
    rpc::procedure<&null>("NULL", rpc::Replay::Idempotent),                       // 0
    {.name = "COMPOUND", .invoke = &compound, .replay_of = &replay_of_compound},  // 1
});
static_assert(table.size() == NFSPROC4_COMPOUND + 1);

}  // namespace

rpc::Program program(Service& service) { return {NFS4_PROGRAM, NFS_V4, "NFS", table, &service}; }

}  // namespace ditto::nfs4
