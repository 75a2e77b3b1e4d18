#include "vfs/acl/beginning.hpp"

#include <optional>

#include "vfs/acl/inherit.hpp"
#include "vfs/acl/mode.hpp"
#include "vfs/acl/parts.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint32_t permissions = 0777;

struct Decides {
  std::uint32_t mode = 0;
  std::optional<Acl> acl;
};

/// The mode, and the half of the list that decides. `handed` is that half of what the directory hands on.
Decides decides(const std::optional<Acl>& handed, FileType type, const SetAttributes& wanted, std::uint32_t mode) {
  if (wanted.acl && wanted.acl_parts != AclParts::Sacl) {
    const std::uint32_t high = wanted.mode ? mode & ~permissions : 0;
    return {.mode = high | mode_of(*wanted.acl), .acl = part_of(*wanted.acl, AclParts::Dacl)};
  }
  if (!handed) return {.mode = mode & ~wanted.umask, .acl = std::nullopt};
  if (wanted.mode && wanted.umask != 0) {
    // Its maker leaves it to the list what is taken from the mode, instead of to the umask; neither gives more than the
    // other.
    Acl acl = limited_by(*handed, mode, type);
    return {.mode = (mode & ~permissions) | mode_of(acl), .acl = std::move(acl)};
  }
  if (!wanted.mode) return {.mode = mode_of(*handed), .acl = handed};
  return {.mode = mode, .acl = with_mode(*handed, mode & permissions, type)};
}

}  // namespace

Beginning beginning_of(const Acl* directory, HandedOn handed_on, FileType type, const SetAttributes& wanted,
                       std::uint32_t default_mode) {
  if (type == FileType::Symlink) return {.mode = default_mode, .acl = nullptr};
  const std::uint32_t mode = wanted.mode.value_or(default_mode) & mode::all;
  if (wanted.acl && wanted.acl_parts == AclParts::Both) {
    return {.mode = decides(std::nullopt, type, wanted, mode).mode, .acl = wanted.acl};
  }
  const std::optional<Acl> handed = directory ? inherited(*directory, type) : std::nullopt;
  std::optional<Acl> handed_decisions;
  if (handed && handed_on == HandedOn::All) handed_decisions = part_of(*handed, AclParts::Dacl);
  if (handed_decisions && handed_decisions->aces.empty()) handed_decisions.reset();
  Decides begins = decides(handed_decisions, type, wanted, mode);
  const Acl* records = wanted.acl && wanted.acl_parts == AclParts::Sacl ? wanted.acl.get()
                       : handed                                         ? &*handed
                                                                        : nullptr;
  if (records && !part_of(*records, AclParts::Sacl).aces.empty()) {
    if (!begins.acl) begins.acl = acl_of(begins.mode & permissions, type);
    begins.acl = with_part(*begins.acl, *records, AclParts::Sacl);
  }
  return {.mode = begins.mode, .acl = begins.acl ? std::make_shared<const Acl>(*std::move(begins.acl)) : nullptr};
}

}  // namespace ditto::vfs
