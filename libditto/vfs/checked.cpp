#include "vfs/checked.hpp"

namespace ditto::vfs {
namespace {

/// Notes what came of `context` asking for some rights. The list that a directory of streams has speaks of its file.
void note(const Context& context, const Guarded& node, Access granted, Access refused) noexcept {
  const bool of_streams = node.attributes.role == NodeRole::StreamDirectory;
  context.notes->note(node, context.who, of_streams ? access_to_file(granted) : granted,
                      of_streams ? access_to_file(refused) : refused);
}

/// `result` of `context` asking for `asked`: of a question that was refused, those rights are recorded that were
/// missing.
Result<void> noted(const Context& context, const Guarded& node, Access asked, Result<void> result) noexcept {
  if (!context.notes || !node.acl) return result;
  if (result) {
    note(context, node, asked, Access::None);
  } else {
    const Access missing = without(asked, granted(node, context.who, asked));
    // What was in the way may be something else than a right: the sticky bit, or whose a node would be.
    note(context, node, Access::None, any(missing) ? missing : asked);
  }
  return result;
}

Access asked_by(const SetAttributes& changes, IoRights rights) noexcept {
  Access asked{};
  if (changes.mode || changes.acl) asked = asked | Access::WriteAcl;
  if (changes.owner || changes.group) asked = asked | Access::WriteOwner;
  const bool times = changes.access_time || changes.modify_time || changes.birth_time;
  if (times || changes.dos_attributes) asked = asked | Access::WriteAttributes;
  if (changes.size && rights != IoRights::Opened) asked = asked | writing;
  return asked;
}

}  // namespace

Result<void> check(const Context& context, const Guarded& node, Access wanted) noexcept {
  return noted(context, node, wanted, check(node, context.who, wanted));
}

Result<void> check_io(const Context& context, const Guarded& node, Access wanted) noexcept {
  if (context.rights == IoRights::Opened) return {};
  return noted(context, node, wanted, check_io(node, context.who, wanted, context.rights));
}

Result<void> check_remove(const Context& context, const Guarded& directory, const Guarded& entry) noexcept {
  const auto allowed = check_remove(directory, entry, context.who);
  (void)noted(context, directory, Access::DeleteChild, allowed);
  return noted(context, entry, Access::Delete, allowed);
}

Result<void> check_setattr(const Context& context, const Guarded& node, SetAttributes& changes) noexcept {
  const Access asked = asked_by(changes, context.rights);
  return noted(context, node, asked, check_setattr(node, context.who, changes, context.rights));
}

Access granted(const Context& context, const Guarded& node, Access wanted) noexcept {
  const Access has = granted(node, context.who, wanted);
  if (context.notes) note(context, node, has, without(wanted, has));
  return has;
}

}  // namespace ditto::vfs
