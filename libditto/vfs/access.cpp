#include "vfs/access.hpp"

#include <algorithm>

#include "vfs/acl/evaluate.hpp"
#include "vfs/acl/parts.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint32_t read_bit = 4, write_bit = 2, execute_bit = 1;

constexpr Access of_read = Access::ReadData | Access::ReadNamedAttrs;
constexpr Access of_write = Access::WriteData | Access::AppendData | Access::WriteNamedAttrs;

bool owns(const Attributes& attributes, const Credential& who) noexcept {
  return attributes.owner == Principal::id(who.uid);
}

bool in_owning_group(const Attributes& attributes, const Credential& who) noexcept {
  return attributes.group.kind == Principal::Kind::Id && who.in_group(attributes.group.value);
}

// The one class that applies: being refused as owner is not mended by what others may.
std::uint32_t class_bits(const Attributes& attributes, const Credential& who) noexcept {
  if (owns(attributes, who)) return attributes.mode >> 6 & 7;
  if (in_owning_group(attributes, who)) return attributes.mode >> 3 & 7;
  return attributes.mode & 7;
}

bool may_be_run(const Guarded& node) noexcept {
  if (node.attributes.mode & 0111) return true;
  return node.acl && std::ranges::any_of(node.acl->aces, [](const Ace& ace) {
           return ace.type == Ace::Type::Allow && ace.decides() && any(ace.mask & Access::Execute);
         });
}

Access of_root(const Guarded& node) noexcept {
  Access all = of_read | of_write | access_of_owner | access_of_everyone | Access::Delete | Access::WriteOwner;
  const bool directory = node.attributes.type == FileType::Directory;
  // Root may run a file only if somebody may.
  if (directory || may_be_run(node)) all = all | Access::Execute;
  if (directory) all = all | Access::DeleteChild;
  return all;
}

Access by_mode(const Attributes& attributes, const Credential& who) noexcept {
  Access all = access_of_everyone | access_of_bits(class_bits(attributes, who), attributes.type);
  if (owns(attributes, who)) all = all | access_of_owner;
  return all;
}

Access by_list(const Acl& acl, const Attributes& attributes, const Credential& who) noexcept {
  const Decided decided = decide(acl, attributes, who);
  Access all = decided.allowed | Access::ReadAttributes;
  // Whoever adds entries removes them, unless the list says something of that.
  const bool adds = attributes.type == FileType::Directory && any(decided.allowed & Access::WriteData);
  if (adds) all = all | without(Access::DeleteChild, decided.denied);
  if (!owns(attributes, who)) return all;
  return all | Access::ReadAcl | Access::WriteAcl | without(Access::WriteAttributes, decided.denied);
}

/// In the directory of a file's streams.
constexpr Access looks_at_streams = Access::ReadData | Access::Execute;
constexpr Access changes_streams = Access::WriteData | Access::AppendData | Access::DeleteChild;

Access on_streams(const Guarded& directory, const Credential& who, Access wanted) noexcept {
  Attributes file = directory.attributes;
  file.role = NodeRole::InTree;
  const Access has = granted({file, directory.acl}, who, wanted | Access::ReadNamedAttrs | Access::WriteNamedAttrs);
  Access all = without(has, looks_at_streams | changes_streams);
  if (any(has & Access::ReadNamedAttrs)) all = all | looks_at_streams;
  if (any(has & Access::WriteNamedAttrs)) all = all | changes_streams;
  return wanted & all;
}

}  // namespace

Access access_to_file(Access to_streams) noexcept {
  Access all = without(to_streams, looks_at_streams | changes_streams);
  if (any(to_streams & looks_at_streams)) all = all | Access::ReadNamedAttrs;
  if (any(to_streams & changes_streams)) all = all | Access::WriteNamedAttrs;
  return all;
}

Access access_of_bits(std::uint32_t bits, FileType type) noexcept {
  Access all{};
  if (bits & read_bit) all = all | of_read;
  if (bits & write_bit) all = all | of_write;
  if (bits & execute_bit) all = all | Access::Execute;
  const bool directory = type == FileType::Directory;
  if (directory && (bits & write_bit) && (bits & execute_bit)) all = all | Access::DeleteChild;
  return all;
}

Access granted(const Guarded& node, const Credential& who, Access wanted) noexcept {
  if (node.attributes.role == NodeRole::StreamDirectory) return on_streams(node, who, wanted);
  if (who.is_root()) return wanted & of_root(node);
  if (node.acl) return wanted & by_list(*node.acl, node.attributes, who);
  return wanted & by_mode(node.attributes, who);
}

Result<void> check(const Guarded& node, const Credential& who, Access wanted) noexcept {
  if (granted(node, who, wanted) != wanted) return fail(Error::AccessDenied);
  return {};
}

Result<void> check_io(const Guarded& node, const Credential& who, Access wanted, IoRights rights) noexcept {
  if (rights == IoRights::Checked) return check(node, who, wanted);
  if (rights == IoRights::Opened || owns(node.attributes, who)) return {};
  return check_stateless(node.attributes, who, wanted, granted(node, who, wanted | Access::Execute));
}

Result<void> check_stateless(const Attributes& attributes, const Credential& who, Access wanted,
                             Access granted) noexcept {
  if (owns(attributes, who)) return {};
  const Access missing = without(wanted, granted);
  if (!any(missing)) return {};
  if (missing == Access::ReadData && any(granted & Access::Execute)) return {};
  return fail(Error::AccessDenied);
}

Result<void> check_remove(const Guarded& directory, const Guarded& entry, const Credential& who) noexcept {
  if (auto allowed = check(directory, who, Access::Execute); !allowed) return allowed;
  if (who.is_root()) return {};
  if (entry.acl) {
    const Decided of_entry = decide(*entry.acl, entry.attributes, who);
    if (any(of_entry.allowed & Access::Delete)) return {};
    // What was only not spoken of in the directory does not outweigh a word against it.
    const bool said =
        !directory.acl || any(decide(*directory.acl, directory.attributes, who).allowed & Access::DeleteChild);
    if (any(of_entry.denied & Access::Delete) && !said) return fail(Error::AccessDenied);
  }
  if (auto allowed = check(directory, who, Access::DeleteChild); !allowed) return allowed;
  const bool restricted = directory.attributes.mode & mode::sticky;
  if (restricted && !owns(directory.attributes, who) && !owns(entry.attributes, who)) return fail(Error::NotPermitted);
  return {};
}

namespace {

/// A list may let others take a node over, and keep its owner from giving it to another group.
Result<void> check_owner_change(const Guarded& node, const Credential& who, const SetAttributes& changes) noexcept {
  if (who.is_root() || (!changes.owner && !changes.group)) return {};
  const Attributes& a = node.attributes;
  const Decided listed = node.acl ? decide(*node.acl, a, who) : Decided{};
  const bool takes = any(listed.allowed & Access::WriteOwner);
  const bool may = takes || (owns(a, who) && !any(listed.denied & Access::WriteOwner));
  const Principal caller = Principal::id(who.uid);
  if (changes.owner && !(may && *changes.owner == a.owner) && !(takes && *changes.owner == caller)) {
    return fail(Error::NotPermitted);
  }
  if (changes.group) {
    const bool member = changes.group->kind == Principal::Kind::Id && who.in_group(changes.group->value);
    if (!may || !(member || *changes.group == a.group)) return fail(Error::NotPermitted);
  }
  return {};
}

Result<void> check_times(const Guarded& node, const Credential& who, const SetAttributes& changes) noexcept {
  const bool chosen = (changes.access_time && !changes.access_time->server_time) ||
                      (changes.modify_time && !changes.modify_time->server_time) || changes.birth_time;
  if (!chosen && !changes.access_time && !changes.modify_time) return {};
  const Access has = granted(node, who, Access::WriteAttributes | Access::WriteData);
  if (any(has & Access::WriteAttributes)) return {};
  if (chosen) return fail(Error::NotPermitted);
  // Setting times to now is what a write would do.
  return any(has) ? Result<void>() : fail(Error::AccessDenied);
}

/// `bits`, the file's or those that it gets, as a new owner or writing by `who` leaves them: without set-user-id, and
/// without set-group-id, which stays only where the group may not execute (so that it is no privilege) and `who` could
/// set it, as Linux has it.
std::uint32_t without_set_id(std::uint32_t bits, const Attributes& attributes, const Credential& who) noexcept {
  bits &= ~mode::set_uid;
  const bool could_set = who.is_root() || in_owning_group(attributes, who);
  if ((bits & 0010) || !could_set) bits &= ~mode::set_gid;
  return bits;
}

void settle_mode(const Attributes& attributes, const Credential& who, SetAttributes& changes) noexcept {
  const bool directory = attributes.type == FileType::Directory;
  if (changes.mode) {
    const std::uint32_t mask = changes.mode_mask & mode::all;
    changes.mode = (*changes.mode & mask) | (attributes.mode & ~mask);
    const Principal group = changes.group.value_or(attributes.group);
    const bool member = group.kind == Principal::Kind::Id && who.in_group(group.value);
    if (!who.is_root() && !member) changes.mode = *changes.mode & ~(mode::set_gid & mask);
  }
  // chown strips set-id bits whoever does it, as Linux has it; a new size only when root does not set it.
  const bool chown = changes.owner || changes.group;
  const bool truncated = changes.size && !who.is_root();
  if (!directory && (chown || truncated)) {
    changes.mode = without_set_id(changes.mode.value_or(attributes.mode), attributes, who);
  }
}

}  // namespace

std::uint32_t mode_after_write(const Attributes& attributes, const Credential& who) noexcept {
  return who.is_root() ? attributes.mode : without_set_id(attributes.mode, attributes, who);
}

Result<void> check_setattr(const Guarded& node, const Credential& who, SetAttributes& changes,
                           IoRights rights) noexcept {
  if (auto allowed = check_owner_change(node, who, changes); !allowed) return allowed;
  Access needed{};
  if (changes.mode || changes.acl) needed = needed | Access::WriteAcl;
  if (changes.dos_attributes) needed = needed | Access::WriteAttributes;
  if (any(needed) && granted(node, who, needed) != needed) return fail(Error::NotPermitted);
  if (auto allowed = settle_parts(node.acl, who, changes); !allowed) return allowed;
  if (auto allowed = check_times(node, who, changes); !allowed) return allowed;
  if (changes.size) {
    if (auto allowed = check_io(node, who, writing, rights); !allowed) return allowed;
  }
  settle_mode(node.attributes, who, changes);
  return {};
}

}  // namespace ditto::vfs
