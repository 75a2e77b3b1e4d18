// What the embedding API answers when something does not work: a code for the program and a sentence for its user, with
// a hint where there is one. Not the file-system errors that clients get. Plain values, any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace ditto::server {

/// Numbered as the DITTO_... codes of ditto.h.
enum class FailureCode : std::int32_t {
  InvalidArgument = 1,      // a value that cannot be right: a name, a number, an address, a configuration
  OutOfMemory = 2,          //
  NotFound = 3,             // a file or directory that should be there is not
  PermissionDenied = 4,     // the system refuses access
  AddressInUse = 5,         // somebody else listens on the port
  AddressNotAvailable = 6,  // not an address of this machine
  Busy = 7,                 // another process or server owns the store
  Exists = 8,               // the share's name is taken
  WrongState = 9,           // the calls came in an order that makes no sense, such as a second start
  Unsupported = 10,         // the store was written by a newer version
  Corrupt = 11,             // the store is damaged
  NoSpace = 12,             // the disk is full
  Io = 13,                  // the disk or the network failed
  Timeout = 14,             // not done by the deadline
  Internal = 15,            // a mistake in Ditto
};

struct Failure {
  FailureCode code = FailureCode::Internal;
  std::string message;  // one line without a full stop at its end, UTF-8
};

template <class T>
using Outcome = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> failure(FailureCode code, std::string message) {
  return std::unexpected(Failure{code, std::move(message)});
}

}  // namespace ditto::server
