// What the results of all operations are made of: a status, and then what a success tells. One shape for every
// operation, so that the loop over a COMPOUND treats them alike; the names that some unions of the RFCs give to their
// discriminant and to their arm (`eir_status`, `open_stateid`) are dropped for it. A default result is a success, so
// whoever fails says so. Plain values.
#pragma once

#include "nfs/v4/nfsstat4.hpp"
#include "wire/xdr_types.hpp"

namespace ditto::nfs4 {

/// `union switch (nfsstat4 status) { case NFS4_OK: Ok resok4; default: void; }`.
template <class Ok>
struct result4 {
  nfsstat4 status{};
  Ok resok4{};
  static constexpr void visit(auto& ar, auto& m) { ar.either(m.status, nfsstat4::NFS4_OK, m.resok4); }
};

/// `struct { nfsstat4 status; }`: the result of every operation that has nothing more to tell.
struct status4res {
  nfsstat4 status{};
  static constexpr void visit(auto& ar, auto& m) { ar(m.status); }
};

// RFC 8881, 18.52: the answer to a number that is no operation, under the number OP_ILLEGAL.
using ILLEGAL4res = status4res;

}  // namespace ditto::nfs4
