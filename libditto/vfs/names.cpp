#include "vfs/names.hpp"

#include "base/limits.hpp"

namespace ditto::vfs {

Result<void> check_name(std::string_view name) noexcept {
  if (name.empty()) return fail(Error::BadName);
  if (name.size() > limits::name_bytes) return fail(Error::NameTooLong);
  for (const char c : name) {
    if (c == '/' || c == '\0') return fail(Error::BadName);
  }
  return {};
}

Result<void> check_entry_name(std::string_view name) noexcept {
  if (is_dot(name) || is_dot_dot(name)) return fail(Error::BadName);
  return check_name(name);
}

}  // namespace ditto::vfs
