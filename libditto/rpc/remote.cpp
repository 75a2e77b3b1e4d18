#include "rpc/remote.hpp"

namespace ditto::rpc {

std::string_view to_string(CallFailure failure) noexcept {
  switch (failure) {
    case CallFailure::Gone: return "Gone";
    case CallFailure::TimedOut: return "TimedOut";
    case CallFailure::TooMany: return "TooMany";
    case CallFailure::NoMemory: return "NoMemory";
    case CallFailure::Malformed: return "Malformed";
    case CallFailure::ProgramUnavailable: return "ProgramUnavailable";
    case CallFailure::ProgramMismatch: return "ProgramMismatch";
    case CallFailure::ProcedureUnavailable: return "ProcedureUnavailable";
    case CallFailure::GarbageArguments: return "GarbageArguments";
    case CallFailure::SystemError: return "SystemError";
    case CallFailure::VersionMismatch: return "VersionMismatch";
    case CallFailure::AuthError: return "AuthError";
  }
  return "";
}

}  // namespace ditto::rpc
