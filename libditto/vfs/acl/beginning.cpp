#include "vfs/acl/beginning.hpp"

#include "vfs/acl/inherit.hpp"
#include "vfs/acl/mode.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint32_t permissions = 0777;

}  // namespace

Beginning beginning_of(const Acl* directory, FileType type, const SetAttributes& wanted, std::uint32_t default_mode) {
  if (type == FileType::Symlink) return {.mode = default_mode, .acl = nullptr};
  const std::uint32_t mode = wanted.mode.value_or(default_mode) & mode::all;
  if (wanted.acl) {
    const std::uint32_t high = wanted.mode ? mode & ~permissions : 0;
    return {.mode = high | mode_of(*wanted.acl), .acl = wanted.acl};
  }
  const std::optional<Acl> handed = directory ? inherited(*directory, type) : std::nullopt;
  if (!handed) return {.mode = mode & ~wanted.umask, .acl = nullptr};
  if (wanted.mode && wanted.umask != 0) {
    // Its maker leaves it to the list what is taken from the mode, instead of to the umask; neither gives more than the
    // other.
    auto acl = std::make_shared<const Acl>(limited_by(*handed, mode, type));
    return {.mode = (mode & ~permissions) | mode_of(*acl), .acl = std::move(acl)};
  }
  if (!wanted.mode) return {.mode = mode_of(*handed), .acl = std::make_shared<const Acl>(*handed)};
  return {.mode = mode, .acl = std::make_shared<const Acl>(with_mode(*handed, mode & permissions, type))};
}

}  // namespace ditto::vfs
