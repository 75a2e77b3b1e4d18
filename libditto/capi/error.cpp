#include "capi/guard.hpp"

namespace ditto::capi {
namespace {

constexpr bool same(FailureCode code, int status) { return static_cast<int>(code) == status; }
static_assert(same(FailureCode::InvalidArgument, DITTO_INVALID_ARGUMENT));
static_assert(same(FailureCode::OutOfMemory, DITTO_OUT_OF_MEMORY));
static_assert(same(FailureCode::NotFound, DITTO_NOT_FOUND));
static_assert(same(FailureCode::PermissionDenied, DITTO_PERMISSION_DENIED));
static_assert(same(FailureCode::AddressInUse, DITTO_ADDRESS_IN_USE));
static_assert(same(FailureCode::AddressNotAvailable, DITTO_ADDRESS_NOT_AVAILABLE));
static_assert(same(FailureCode::Busy, DITTO_BUSY));
static_assert(same(FailureCode::Exists, DITTO_EXISTS));
static_assert(same(FailureCode::WrongState, DITTO_WRONG_STATE));
static_assert(same(FailureCode::Unsupported, DITTO_UNSUPPORTED));
static_assert(same(FailureCode::Corrupt, DITTO_CORRUPT));
static_assert(same(FailureCode::NoSpace, DITTO_NO_SPACE));
static_assert(same(FailureCode::Io, DITTO_IO));
static_assert(same(FailureCode::Timeout, DITTO_TIMEOUT));
static_assert(same(FailureCode::Internal, DITTO_INTERNAL));

ditto_status report_as(ditto_error** error, FailureCode code, const char* message) noexcept {
  try {
    return report(error, Failure{code, message});
  } catch (...) {
    return static_cast<ditto_status>(code);  // not even memory for the message
  }
}

}  // namespace

ditto_status report(ditto_error** error, Failure&& failure) noexcept {
  const auto status = static_cast<ditto_status>(failure.code);
  if (error) *error = new (std::nothrow) ditto_error{std::move(failure)};
  return status;
}

ditto_status report_exception(ditto_error** error) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return report_as(error, FailureCode::OutOfMemory, "out of memory");
  } catch (const std::system_error& problem) {
    // What the standard library throws when the system has no thread left.
    const bool no_thread = problem.code() == std::errc::resource_unavailable_try_again;
    return report_as(error, no_thread ? FailureCode::OutOfMemory : FailureCode::Internal, problem.what());
  } catch (const std::exception& problem) {
    return report_as(error, FailureCode::Internal, problem.what());
  } catch (...) {
    return report_as(error, FailureCode::Internal, "an exception of unknown type");
  }
}

}  // namespace ditto::capi

ditto_status ditto_error_code(const ditto_error* error) {
  return error ? static_cast<ditto_status>(error->failure.code) : DITTO_OK;
}

const char* ditto_error_message(const ditto_error* error) { return error ? error->failure.message.c_str() : ""; }

void ditto_error_free(ditto_error* error) { delete error; }
