#include "vfs/acl/acl.hpp"

namespace ditto::vfs {
namespace {

Result<void> check_ace(const Ace& ace, bool directory) noexcept {
  if (!ace.records() && any(ace.flags & (AceFlags::SuccessfulAccess | AceFlags::FailedAccess))) {
    return fail(Error::InvalidArgument);
  }
  if (!directory && any(ace.flags & AceFlags::DirectoryInherit)) return fail(Error::NotSupported);
  if (any(ace.flags & AceFlags::InheritOnly) && !any(ace.flags & inherits)) return fail(Error::NotSupported);
  return {};
}

}  // namespace

Result<void> check_acl(const Acl& acl, FileType type) noexcept {
  // Whoever reads a symbolic link is asked nothing.
  if (type == FileType::Symlink) return fail(Error::NotSupported);
  if (acl.aces.size() > Acl::max_aces) return fail(Error::InvalidArgument);
  for (const Ace& ace : acl.aces) {
    if (auto good = check_ace(ace, type == FileType::Directory); !good) return good;
  }
  return {};
}

}  // namespace ditto::vfs
