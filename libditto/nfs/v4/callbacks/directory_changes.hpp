// What CB_NOTIFY tells of a directory (RFC 8881, 20.4): which kinds of notices and which attributes there are of those
// that GET_DIR_DELEGATION asks for, and what has happened, gathered from the stream of changes until it is told: the
// two ends of a rename are one change here, and what it replaced is a part of it. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "nfs/v4/messages/delegation.hpp"
#include "nfs/v4/messages/notify.hpp"
#include "state/changes/change_stream.hpp"
#include "state/notices.hpp"

namespace ditto::nfs4 {

/// What the holder of a delegation of a directory is told.
struct NoticesGiven {
  bitmap4 kinds, child_attributes, attributes;
};
/// Of what is asked for, what there is; `told`: whether the file system tells of its changes at all.
NoticesGiven notices_for(const GET_DIR_DELEGATION4args& asked, bool told);
/// For which changes the delegation need not be recalled.
state::Notices spared_by(const NoticesGiven& given) noexcept;
/// What its watch is to be told of.
state::Watch watch_for(const NoticesGiven& given, const state::FileKey& directory);

/// A change of an entry, or of its attributes.
struct EntryChanged {
  notify_type4 kind{};
  state::FileKey node;
  std::string name;
  nfs_cookie4 cookie = 0;  // 0: it is not known
  std::string old_name;    // Rename
  nfs_cookie4 old_cookie = 0;
  bool replaces = false;  // another entry of that name, by the same cookie
  Lsn lsn = 0;
  bool moved = false;  // the one end of a rename
};

class DirectoryChanges {
 public:
  void add(const state::Notice& notice);
  /// False: something has happened that its holder is not told of.
  bool can_be_told(const NoticesGiven& given) const;
  bool empty() const noexcept { return entries_.empty() && !attributes_; }
  std::size_t size() const noexcept { return entries_.size(); }

  std::deque<EntryChanged>& entries() noexcept { return entries_; }
  /// Those of the directory itself have been set: whoever is told may not be allowed to look into it any more.
  bool attributes_set() const noexcept { return attributes_; }
  void attributes_told() noexcept { attributes_ = false; }

 private:
  void join_rename(EntryChanged& change);

  std::deque<EntryChanged> entries_;
  bool attributes_ = false;
};

}  // namespace ditto::nfs4
