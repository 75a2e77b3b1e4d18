#include "nfs/v3/procedures.hpp"

#include <array>

#include "nfs/v3/failure.hpp"
#include "rpc/program.hpp"

namespace ditto::nfs3 {

namespace {

using rpc::procedure;
using rpc::Replay;

// In the order of RFC 1813, 3.3. What must not happen twice is answered from the cache when it is sent again. A WRITE
// may happen again: the same bytes come to the same place.
constexpr auto table = std::to_array<rpc::Procedure>({
    procedure<&null>("NULL", Replay::Idempotent),                // 0
    procedure<&getattr>("GETATTR", Replay::Idempotent),          // 1
    procedure<&setattr>("SETATTR", Replay::Cached),              // 2
    procedure<&lookup>("LOOKUP", Replay::Idempotent),            // 3
    procedure<&access>("ACCESS", Replay::Idempotent),            // 4
    procedure<&readlink>("READLINK", Replay::Idempotent),        // 5
    procedure<&read>("READ", Replay::Idempotent),                // 6
    procedure<&write>("WRITE", Replay::Idempotent),              // 7
    procedure<&create>("CREATE", Replay::Cached),                // 8
    procedure<&mkdir>("MKDIR", Replay::Cached),                  // 9
    procedure<&symlink>("SYMLINK", Replay::Cached),              // 10
    procedure<&mknod>("MKNOD", Replay::Cached),                  // 11
    procedure<&remove>("REMOVE", Replay::Cached),                // 12
    procedure<&rmdir>("RMDIR", Replay::Cached),                  // 13
    procedure<&rename>("RENAME", Replay::Cached),                // 14
    procedure<&link>("LINK", Replay::Cached),                    // 15
    procedure<&readdir>("READDIR", Replay::Idempotent),          // 16
    procedure<&readdirplus>("READDIRPLUS", Replay::Idempotent),  // 17
    procedure<&fsstat>("FSSTAT", Replay::Idempotent),            // 18
    procedure<&fsinfo>("FSINFO", Replay::Idempotent),            // 19
    procedure<&pathconf>("PATHCONF", Replay::Idempotent),        // 20
    procedure<&commit>("COMMIT", Replay::Idempotent),            // 21
});
static_assert(table.size() == 22);

}  // namespace

rpc::Program program(Service& service) { return {program_number, program_version, "NFS", table, &service}; }

}  // namespace ditto::nfs3
