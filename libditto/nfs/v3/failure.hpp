// Results that tell of a failure. Pure, any thread.
#pragma once

#include <type_traits>

#include "base/result.hpp"
#include "nfs/v3/results.hpp"
#include "nfs/v3/status.hpp"

namespace ditto::nfs3 {

/// A result that says `error` and nothing of any node: all that can be said when the filehandle named none.
template <class Res>
Res failed(Error error) {
  Res result;
  result.status = status_of(error);
  return result;
}

/// What rpc sends in place of a reply whose change was taken back (disk full, failed sync).
template <class Ok, class Fail>
result3<Ok, Fail> failure_of(std::type_identity<result3<Ok, Fail>>, Error error) {
  return failed<result3<Ok, Fail>>(error);
}

}  // namespace ditto::nfs3
