#include "nfs/v4/callbacks/directory_changes.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "nfs/v4/attributes.hpp"

namespace ditto::nfs4 {

namespace {

using state::Happened;

constexpr std::array told_kinds{NOTIFY4_CHANGE_CHILD_ATTRS, NOTIFY4_CHANGE_DIR_ATTRS, NOTIFY4_REMOVE_ENTRY,
                                NOTIFY4_ADD_ENTRY,          NOTIFY4_RENAME_ENTRY,     NOTIFY4_CHANGE_COOKIE_VERIFIER};

/// What is worth telling of a node: nothing that is the whole file system's, nor what is not told when it changes, as
/// access times are not.
constexpr std::array told_attributes{
    FATTR4_TYPE,        FATTR4_CHANGE,        FATTR4_SIZE,        FATTR4_FSID,
    FATTR4_FILEHANDLE,  FATTR4_FILEID,        FATTR4_MODE,        FATTR4_NUMLINKS,
    FATTR4_OWNER,       FATTR4_OWNER_GROUP,   FATTR4_RAWDEV,      FATTR4_SPACE_USED,
    FATTR4_TIME_CREATE, FATTR4_TIME_METADATA, FATTR4_TIME_MODIFY, FATTR4_MOUNTED_ON_FILEID};

template <std::size_t N, class Number>
bitmap4 common(const bitmap4& asked, const std::array<Number, N>& known) {
  bitmap4 both;
  for (const Number number : known) {
    if (asked.has(number)) both.set(number);
  }
  return both;
}

bool is_empty(const bitmap4& set) noexcept {
  return std::ranges::all_of(set.words, [](std::uint32_t word) { return word == 0; });
}

constexpr Happened came = Happened::FileCreated | Happened::DirectoryCreated,
                   went = Happened::FileRemoved | Happened::DirectoryRemoved,
                   moved_from = Happened::FileRenamedFrom | Happened::DirectoryRenamedFrom,
                   moved_to = Happened::FileRenamedTo | Happened::DirectoryRenamedTo,
                   attributes_of = Happened::Attributes | Happened::Xattrs,
                   contents_of = Happened::Written | Happened::Resized;

}  // namespace

NoticesGiven notices_for(const GET_DIR_DELEGATION4args& asked, bool told) {
  if (!told) return {};
  NoticesGiven given{.kinds = common(asked.gdda_notification_types, told_kinds),
                     .child_attributes = common(asked.gdda_child_attributes, told_attributes),
                     .attributes = common(asked.gdda_dir_attributes, told_attributes)};
  if (is_empty(given.child_attributes)) given.kinds.clear(NOTIFY4_CHANGE_CHILD_ATTRS);
  if (is_empty(given.attributes)) given.kinds.clear(NOTIFY4_CHANGE_DIR_ATTRS);
  return given;
}

state::Notices spared_by(const NoticesGiven& given) noexcept {
  using state::Notices;
  const auto bit = [&](notify_type4 kind, Notices spares) { return given.kinds.has(kind) ? spares : Notices::None; };
  return bit(NOTIFY4_ADD_ENTRY, Notices::Added) | bit(NOTIFY4_REMOVE_ENTRY, Notices::Removed) |
         bit(NOTIFY4_RENAME_ENTRY, Notices::Renamed) | bit(NOTIFY4_CHANGE_DIR_ATTRS, Notices::Attributes);
}

state::Watch watch_for(const NoticesGiven& given, const state::FileKey& directory) {
  state::Watch watch{.node = directory, .to_itself = Happened::DirectoryRemoved};
  if (any(spared_by(given))) {
    watch.to_itself = watch.to_itself | attributes_of;
    watch.to_entries = state::happened::names;
  }
  if (given.kinds.has(NOTIFY4_CHANGE_CHILD_ATTRS)) {
    watch.to_entries = watch.to_entries | attributes_of | contents_of;
  }
  return watch;
}

bool DirectoryChanges::can_be_told(const NoticesGiven& given) const {
  if (attributes_ && !given.kinds.has(NOTIFY4_CHANGE_DIR_ATTRS)) return false;
  return std::ranges::all_of(entries_, [&](const EntryChanged& each) { return given.kinds.has(each.kind); });
}

void DirectoryChanges::add(const state::Notice& notice) {
  if (notice.name.empty()) {
    attributes_ = true;
    return;
  }
  EntryChanged change{
      .node = notice.node, .name = notice.name, .cookie = notice.entry_cookie, .old_name = {}, .lsn = notice.lsn};
  if (any(notice.what & (went | moved_from))) {
    change.kind = NOTIFY4_REMOVE_ENTRY;
    change.moved = any(notice.what & moved_from);
  } else if (any(notice.what & (came | moved_to))) {
    change.kind = NOTIFY4_ADD_ENTRY;
    if (any(notice.what & moved_to)) join_rename(change);
  } else {
    change.kind = NOTIFY4_CHANGE_CHILD_ATTRS;
    const auto same = [&](const EntryChanged& there) { return there.kind == change.kind && there.name == change.name; };
    if (std::ranges::any_of(entries_, same)) return;  // what it is like is told when it is sent
  }
  entries_.push_back(std::move(change));
}

/// What a transaction did stands together: what was replaced, whence it came, where it went.
void DirectoryChanges::join_rename(EntryChanged& change) {
  const auto is_of_it = [&] { return !entries_.empty() && entries_.back().lsn == change.lsn; };
  if (is_of_it() && entries_.back().moved) {
    change.kind = NOTIFY4_RENAME_ENTRY;
    change.old_name = std::move(entries_.back().name);
    change.old_cookie = entries_.back().cookie;
    entries_.pop_back();
  }
  if (is_of_it() && entries_.back().kind == NOTIFY4_REMOVE_ENTRY && entries_.back().name == change.name) {
    change.replaces = true;
    entries_.pop_back();
  }
}

}  // namespace ditto::nfs4
