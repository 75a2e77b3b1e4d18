#include "nfs/common/names.hpp"

#include "base/limits.hpp"

namespace ditto::nfs {

Result<void> check_name(std::string_view name) noexcept {
  using namespace std::string_view_literals;
  if (name.empty() || name.find_first_of("/\0"sv) != name.npos) return fail(Error::BadName);
  if (name.size() > limits::name_bytes) return fail(Error::NameTooLong);
  return {};
}

Result<void> check_entry_name(std::string_view name, Error dots) noexcept {
  if (is_dot(name) || is_dot_dot(name)) return fail(dots);
  return check_name(name);
}

}  // namespace ditto::nfs
