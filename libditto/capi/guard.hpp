// The wall between C and C++: every function of ditto.h that can fail runs its body in guarded(), which lets no
// exception out and turns failures into a status and, where the caller wants one, an error object. Any thread.
#pragma once

#include <exception>
#include <new>
#include <system_error>
#include <type_traits>

#include "ditto/ditto.h"
#include "ditto/failure.hpp"

struct ditto_error {
  ditto::server::Failure failure;
};

namespace ditto::capi {

using server::Failure;
using server::failure;
using server::FailureCode;
using server::Outcome;

/// Hands `failure` out through `error`, if that is not NULL and there is memory for it; its code in any case.
ditto_status report(ditto_error** error, Failure&& failure) noexcept;

/// The failure that the exception being handled stands for.
ditto_status report_exception(ditto_error** error) noexcept;

/// `body` gives an Outcome<void>.
template <class Body>
ditto_status guarded(ditto_error** error, Body&& body) noexcept {
  static_assert(std::is_same_v<std::invoke_result_t<Body&>, Outcome<void>>);
  if (error) *error = nullptr;
  try {
    Outcome<void> done = body();
    return done ? ditto_status{DITTO_OK} : report(error, std::move(done.error()));
  } catch (...) {
    return report_exception(error);
  }
}

/// For arguments that must not be NULL: the failure that names the one that is.
inline std::unexpected<Failure> is_null(const char* what) {
  return failure(FailureCode::InvalidArgument, std::string(what) + " is NULL");
}

}  // namespace ditto::capi
