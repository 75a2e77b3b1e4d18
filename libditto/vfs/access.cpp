#include "vfs/access.hpp"

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

Access of_root(const Attributes& attributes) noexcept {
  Access all = of_read | of_write | access_of_owner | access_of_everyone | Access::Delete | Access::WriteOwner;
  const bool directory = attributes.type == FileType::Directory;
  // Root may run a file only if somebody may.
  if (directory || (attributes.mode & 0111)) all = all | Access::Execute;
  if (directory) all = all | Access::DeleteChild;
  return all;
}

}  // namespace

Access access_of_bits(std::uint32_t bits, FileType type) noexcept {
  Access all{};
  if (bits & read_bit) all = all | of_read;
  if (bits & write_bit) all = all | of_write;
  if (bits & execute_bit) all = all | Access::Execute;
  const bool directory = type == FileType::Directory;
  if (directory && (bits & write_bit) && (bits & execute_bit)) all = all | Access::DeleteChild;
  return all;
}

Access granted(const Attributes& attributes, const Credential& who, Access wanted) noexcept {
  if (who.is_root()) return wanted & of_root(attributes);
  Access all = access_of_everyone | access_of_bits(class_bits(attributes, who), attributes.type);
  if (owns(attributes, who)) all = all | access_of_owner;
  return wanted & all;
}

Result<void> check(const Attributes& attributes, const Credential& who, Access wanted) noexcept {
  if (granted(attributes, who, wanted) != wanted) return fail(Error::AccessDenied);
  return {};
}

Result<void> check_io(const Attributes& attributes, const Credential& who, Access wanted, IoRights rights) noexcept {
  if (rights == IoRights::Checked) return check(attributes, who, wanted);
  if (rights == IoRights::Opened || owns(attributes, who)) return {};
  const Access missing = without(wanted, granted(attributes, who, wanted));
  if (!any(missing)) return {};
  if (missing == Access::ReadData && any(granted(attributes, who, Access::Execute))) return {};
  return fail(Error::AccessDenied);
}

Result<void> check_remove(const Attributes& directory, const Attributes& entry, const Credential& who) noexcept {
  if (auto allowed = check(directory, who, Access::WriteData | Access::Execute); !allowed) return allowed;
  const bool restricted = directory.mode & mode::sticky;
  if (restricted && !who.is_root() && !owns(directory, who) && !owns(entry, who)) return fail(Error::NotPermitted);
  return {};
}

namespace {

Result<void> check_owner_change(const Attributes& attributes, const Credential& who,
                                const SetAttributes& changes) noexcept {
  if (who.is_root()) return {};
  if (changes.owner && (*changes.owner != attributes.owner || !owns(attributes, who))) {
    return fail(Error::NotPermitted);
  }
  if (changes.group) {
    const bool member = changes.group->kind == Principal::Kind::Id && who.in_group(changes.group->value);
    if (!owns(attributes, who) || !(member || *changes.group == attributes.group)) return fail(Error::NotPermitted);
  }
  return {};
}

Result<void> check_times(const Attributes& attributes, const Credential& who, const SetAttributes& changes) noexcept {
  if (who.is_root() || owns(attributes, who)) return {};
  const bool chosen = (changes.access_time && !changes.access_time->server_time) ||
                      (changes.modify_time && !changes.modify_time->server_time) || changes.birth_time;
  if (chosen) return fail(Error::NotPermitted);
  // Setting times to now is what a write would do.
  if (changes.access_time || changes.modify_time) return check(attributes, who, Access::WriteData);
  return {};
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
    changes.mode = *changes.mode & mode::all;
    const Principal group = changes.group.value_or(attributes.group);
    const bool member = group.kind == Principal::Kind::Id && who.in_group(group.value);
    if (!who.is_root() && !member) changes.mode = *changes.mode & ~mode::set_gid;
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

Result<void> check_setattr(const Attributes& attributes, const Credential& who, SetAttributes& changes,
                           IoRights rights) noexcept {
  if (auto allowed = check_owner_change(attributes, who, changes); !allowed) return allowed;
  const bool owner_only = changes.mode || changes.dos_attributes;
  if (owner_only && !who.is_root() && !owns(attributes, who)) return fail(Error::NotPermitted);
  if (auto allowed = check_times(attributes, who, changes); !allowed) return allowed;
  if (changes.size) {
    if (auto allowed = check_io(attributes, who, Access::WriteData, rights); !allowed) return allowed;
  }
  settle_mode(attributes, who, changes);
  return {};
}

}  // namespace ditto::vfs
