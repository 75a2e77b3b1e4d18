#include "nfs/v4/callbacks/directory_notice.hpp"

#include <string>
#include <utility>

#include "gate/gate.hpp"
#include "nfs/v4/attribute_table.hpp"
#include "rpc/durability.hpp"
#include "wire/xdr.hpp"

namespace ditto::nfs4 {

namespace {

/// Below it are "." and "..", and what is reserved (RFC 8881, 18.23.3).
constexpr nfs_cookie4 first_cookie = 3;
/// What comes before an entry is looked for from so far in front of it, and farther each time; cookies are far apart
/// in small directories. Where more than so many entries are in between it is not told.
constexpr nfs_cookie4 first_distance = nfs_cookie4{1} << 24U;
constexpr unsigned farther_by_bits = 6;
constexpr std::size_t most_looked_at = 1024;

struct Neighbour {
  std::string name;
  nfs_cookie4 cookie = 0;
  vfs::NodeId node;
};

/// Reads a directory as the server, as nobody whose delegation it is in the way of.
class Reading {
 public:
  Reading(const DirectoryWatches::Directory& directory, Executor& home, const gate::Share& share)
      : directory_(directory),
        share_(share),
        actor_{.who = vfs::Credential::root(),
               .home = home,
               .pool = directory.pool,
               .clock = directory.clock,
               .rests_on = rests_on_,
               .as = {.holder = {directory.delegated.client, {}}, .open = 0, .locks = {}}},
        gate_(actor_, share) {}

  const CommitTokens& rests_on() const noexcept { return rests_on_; }

  Task<bool> holder_may_look() {
    gate::Actor holder{.who = directory_.who,
                       .home = actor_.home,
                       .pool = actor_.pool,
                       .clock = actor_.clock,
                       .rests_on = rests_on_,
                       .as = actor_.as};
    const auto has = co_await gate::Gate(holder, share_).may(directory_.node, vfs::Access::ReadData);
    co_return has && *has == vfs::Access::ReadData;
  }

  /// None of them where the node is gone.
  Task<fattr4> attributes(vfs::NodeId node, const bitmap4& wanted) {
    const auto attributes = co_await gate_.stored_attributes(node);
    if (!attributes) co_return fattr4{};
    co_return values_of(wanted, {.service = directory_.service,
                                 .minor = directory_.minor,
                                 .place = {&share_, node},
                                 .attributes = *attributes});
  }

  Task<notify4> notify(const EntryChanged& change) {
    switch (change.kind) {
      case NOTIFY4_REMOVE_ENTRY: co_return encoded(change.kind, removed(change.name, change.cookie));
      case NOTIFY4_ADD_ENTRY: co_return encoded(change.kind, co_await added(change));
      case NOTIFY4_RENAME_ENTRY: {
        notify_rename4 renamed{.nrn_old_entry = removed(change.old_name, change.old_cookie),
                               .nrn_new_entry = co_await added(change)};
        co_return encoded(change.kind, renamed);
      }
      default: break;
    }
    co_return encoded(change.kind, notify_attr4{co_await entry(change.name, node_of(change.node))});
  }

  /// The directory itself has no name here.
  Task<notify4> notify_directory() {
    notify_attr4 changed;
    changed.na_changed_entry.ne_attrs = co_await attributes(directory_.node, directory_.given.attributes);
    co_return encoded(NOTIFY4_CHANGE_DIR_ATTRS, changed);
  }

 private:
  template <class T>
  static notify4 encoded(notify_type4 kind, const T& value) {
    xdr::Writer writer;
    writer(value);
    notify4 notify;
    notify.notify_mask.set(kind);
    const Buffer bytes = writer.finish().coalesce();
    notify.notify_vals = decltype(notify.notify_vals)::copy_of(bytes.bytes());
    return notify;
  }

  static vfs::NodeId node_of(const state::FileKey& file) noexcept {
    return {.subvolume = file.subvolume, .inode = file.inode};
  }

  Task<notify_entry4> entry(const std::string& name, vfs::NodeId node) {
    notify_entry4 made{.ne_file = component4::copy_of(name), .ne_attrs = {}};
    made.ne_attrs = co_await attributes(node, directory_.given.child_attributes);
    co_return made;
  }

  /// What it was like nobody knows any more.
  static notify_remove4 removed(const std::string& name, nfs_cookie4 cookie) {
    return {.nrm_old_entry = {.ne_file = component4::copy_of(name), .ne_attrs = {}}, .nrm_old_entry_cookie = cookie};
  }

  Task<notify_add4> added(const EntryChanged& change) {
    notify_add4 made;
    if (change.replaces) made.nad_old_entry.push_back(removed(change.name, change.cookie));
    made.nad_new_entry = co_await entry(change.name, node_of(change.node));
    if (change.cookie == 0) co_return made;
    made.nad_new_entry_cookie.push_back(change.cookie);
    made.nad_last_entry = co_await is_last(change.cookie);
    if (const auto before = co_await previous(change.cookie)) {
      made.nad_prev_entry.push_back(
          {.pe_prev_entry = co_await entry(before->name, before->node), .pe_prev_entry_cookie = before->cookie});
    }
    co_return made;
  }

  Task<bool> is_last(nfs_cookie4 cookie) {
    bool another = false;
    const auto restart = [&] { another = false; };
    const auto visit = [&](const vfs::DirectoryEntry&) {
      another = true;
      return false;
    };
    const auto read = co_await gate_.readdir(directory_.node, cookie, false, restart, visit);
    co_return read && !another;
  }

  Task<std::optional<Neighbour>> previous(nfs_cookie4 cookie) {
    for (nfs_cookie4 distance = first_distance;; distance <<= farther_by_bits) {
      const nfs_cookie4 from = distance != 0 && cookie > distance ? cookie - distance : 0;
      std::optional<Neighbour> nearest;
      std::size_t seen = 0;
      bool reached = false;
      const auto restart = [&] {
        nearest.reset();
        seen = 0;
      };
      const auto visit = [&](const vfs::DirectoryEntry& entry) {
        reached = entry.cookie >= cookie;
        if (reached || ++seen > most_looked_at) return false;
        if (entry.cookie >= first_cookie) nearest = Neighbour{std::string(entry.name), entry.cookie, entry.id};
        return true;
      };
      const auto read = co_await gate_.readdir(directory_.node, from, false, restart, visit);
      if (!read || (!reached && !read->end)) co_return std::nullopt;
      if (nearest || from == 0) co_return nearest;
    }
  }

  const DirectoryWatches::Directory& directory_;
  const gate::Share& share_;
  CommitTokens rests_on_;
  gate::Actor actor_;
  gate::Gate gate_;
};

std::size_t size_of(const notify4& notify) {
  xdr::Writer writer;
  writer(notify);
  return writer.finish().size();
}

/// Some of `changes` into `notice`; there is room for the directory itself behind them.
Task<void> tell_entries(Reading& reading, DirectoryChanges& changes, std::size_t room, DirectoryNotice& notice) {
  auto& entries = changes.entries();
  std::size_t bytes = 0;
  while (!entries.empty()) {
    notice.whole = notice.args.cna_changes.size() + 1 < max_notify_changes;
    if (!notice.whole) break;
    const EntryChanged next = entries.front();
    notify4 notify = co_await reading.notify(next);
    bytes += size_of(notify);
    notice.whole = bytes <= room;
    // One that is too long by itself is found to be when it is sent.
    if (!notice.whole && !notice.args.cna_changes.empty()) break;
    notice.args.cna_changes.push_back(std::move(notify));
    entries.pop_front();
  }
}

}  // namespace

Task<std::optional<DirectoryNotice>> directory_notice(const DirectoryWatches::Directory& directory, Executor& home,
                                                      DirectoryChanges& changes, std::size_t room) {
  const gate::Shares& shares = directory.service.shares;
  const Epochs::Reader epoch(&shares.epochs(), &home);
  const gate::Share* const share = shares.find(directory.share);
  if (!share) co_return std::nullopt;
  Reading reading(directory, home, *share);
  if (changes.attributes_set() && !co_await reading.holder_may_look()) co_return std::nullopt;
  changes.attributes_told();
  DirectoryNotice notice;
  notice.args.cna_stateid = directory.delegated.stateid;
  notice.args.cna_fh = directory.delegated.handle;
  std::optional<notify4> itself;
  if (directory.given.kinds.has(NOTIFY4_CHANGE_DIR_ATTRS)) itself = co_await reading.notify_directory();
  const std::size_t reserved = itself ? size_of(*itself) : 0;
  co_await tell_entries(reading, changes, room > reserved ? room - reserved : 0, notice);
  if (itself) notice.args.cna_changes.push_back(*std::move(itself));
  if (const auto durable = co_await rpc::UntilDurable(reading.rests_on(), home); !durable) co_return std::nullopt;
  co_return notice;
}

}  // namespace ditto::nfs4
