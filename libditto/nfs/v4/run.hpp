// COMPOUND as a procedure of an rpc program (RFC 7530, 15.2; RFC 8881, 16.2): reads operation after operation, runs
// each through its row of the table, writes its result, and stops at the first that fails. The reply waits once, for
// all that was changed or seen; where some of that was taken back, it ends with the operation that rested on it,
// failed. Runs on the call's loop.
#pragma once

#include "base/task.hpp"
#include "rpc/call.hpp"
#include "rpc/program.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

/// `service` is a Service. GARBAGE_ARGS when not even tag, minor version and count can be read.
Task<rpc::accept_stat> compound(void* service, rpc::Call& call, xdr::Reader& arguments, xdr::Writer& results);

/// Version 0 has nothing but the reply cache of rpc against retries; sessions have their own.
rpc::Replay replay_of_compound(xdr::Reader arguments);

}  // namespace ditto::nfs4
