// READDIR, and READDIRPLUS in the same pass: entries in the order of their keys, which are the cookies.
#include <algorithm>
#include <array>
#include <vector>

#include "vfs/ditto/ditto_fs.hpp"
#include "vfs/streams.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint64_t dot_cookie = 1, dot_dot_cookie = 2;

struct Listed {
  std::uint64_t entry_key = 0;
  NodeId id;
  FileType type = FileType::Regular;
  std::size_t name_at = 0, name_size = 0;  // in Batch::names
};

// Some entries at a time, so that their attributes come by one get_many and a listing that is cut off early has not
// read the whole directory.
struct Batch {
  static constexpr std::size_t size = 64;
  std::vector<Listed> entries;
  std::string names;

  void clear() { entries.clear(), names.clear(); }
  bool full() const noexcept { return entries.size() == size; }
  std::string_view name(const Listed& listed) const {
    return std::string_view(names).substr(listed.name_at, listed.name_size);
  }
  void add(std::uint64_t entry_key, NodeId id, const EntryRecord& entry) {
    entries.push_back({entry_key, id, entry.type, names.size(), entry.name.size()});
    names += entry.name;
  }
};

}  // namespace

/// One READDIR under way, within one view.
class DittoFs::Listing {
 public:
  Listing(DittoFs& fs, Context& context, store::KvReader& reader, const InodeView& directory, bool with_attributes,
          FunctionRef<bool(const DirectoryEntry&)> visit)
      : fs_(fs), context_(context), reader_(reader), directory_(directory), with_(with_attributes), visit_(visit) {}

  /// True when the end was reached, false when visit had enough.
  Result<bool> run(std::uint64_t cookie);

 private:
  Result<bool> visit_dots(std::uint64_t cookie);
  Result<void> fill(std::uint64_t from);
  Result<bool> visit_batch();
  Result<void> read_attributes();
  void share_rights() noexcept;

  DittoFs& fs_;
  Context& context_;
  store::KvReader& reader_;
  const InodeView& directory_;
  const bool with_;
  FunctionRef<bool(const DirectoryEntry&)> visit_;
  Batch batch_;
  std::array<Attributes, Batch::size> attributes_;
  std::array<std::shared_ptr<const Acl>, Batch::size> lists_;
};

Result<bool> DittoFs::Listing::visit_dots(std::uint64_t cookie) {
  const InodeRecord& self = directory_.record;
  if (cookie < dot_cookie &&
      !visit_({".", self.id(), FileType::Directory, dot_cookie, with_ ? &self.attributes : nullptr})) {
    return false;
  }
  if (cookie >= dot_dot_cookie) return true;
  Attributes above = self.attributes;
  if (with_ && self.parent_id() != self.id()) {
    InodeView state;
    if (fs_.table_.peek(self.parent_id(), state)) {
      above = state.record.attributes;
      context_.depend(state.rests_on);
    } else {
      const auto record = read_inode(reader_, self.parent_id());
      if (!record) return fail(record.error());
      // A directory that is removed and only held has no parent to speak of.
      if (*record) above = (*record)->attributes;
    }
  }
  return visit_({"..", self.parent_id(), FileType::Directory, dot_dot_cookie, with_ ? &above : nullptr});
}

Result<void> DittoFs::Listing::fill(std::uint64_t from) {
  batch_.clear();
  bool corrupt = false;
  const NodeId directory = directory_.record.id();
  const auto take = [&](Bytes bytes, Bytes value) {
    NodeId in;
    std::uint64_t entry_key = 0;
    const auto entry = decode_entry(value);
    if (!entry || !key::parse_node_and(bytes, Tag::Entry, in, entry_key)) {
      corrupt = true;
      return false;
    }
    batch_.add(entry_key, {directory.subvolume, entry->inode}, *entry);
    return !batch_.full();
  };
  const auto scanned = reader_.scan(key::entry(directory, from), key::entry(directory, NameHash::key_limit), take);
  if (scanned && corrupt) return fail(Error::Corrupt);
  return scanned;
}

Result<void> DittoFs::Listing::read_attributes() {
  std::vector<Key> keys;
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < batch_.entries.size(); ++i) {
    InodeView state;
    lists_[i] = nullptr;
    // What is pending is known to the table only. A node that was removed since the view began is told as it was.
    if (fs_.table_.peek(batch_.entries[i].id, state) && !state.removed() && state.epoch == fs_.rollbacks_.epoch()) {
      attributes_[i] = state.record.attributes;
      lists_[i] = std::move(state.acl);
      context_.depend(state.rests_on);
      continue;
    }
    keys.push_back(key::inode(batch_.entries[i].id));
    missing.push_back(i);
  }
  const std::vector<Bytes> wanted(keys.begin(), keys.end());
  std::vector<std::optional<Bytes>> values(wanted.size());
  if (auto read = reader_.get_many(wanted, values); !read) return read;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!values[i]) return fail(Error::Corrupt);
    auto record = decode_inode(*values[i], batch_.entries[missing[i]].id);
    if (!record) return fail(record.error());
    fs_.counters_.raise(*record);
    attributes_[missing[i]] = record->attributes;
    if (const std::uint64_t id = record->attributes.acl; id != 0) {
      const auto list = read_list(reader_, id);
      if (!list) return fail(list.error());
      lists_[missing[i]] = fs_.lists_.share(id, *list);
    }
  }
  return {};
}

void DittoFs::Listing::share_rights() noexcept {
  for (std::size_t i = 0; i < batch_.entries.size(); ++i) {
    take_rights(attributes_[i], directory_.record.attributes);
    lists_[i] = directory_.acl;
  }
}

Result<bool> DittoFs::Listing::visit_batch() {
  if (with_) {
    if (auto read = read_attributes(); !read) return fail(read.error());
    if (!directory_.record.in_tree()) share_rights();
  }
  for (std::size_t i = 0; i < batch_.entries.size(); ++i) {
    const Listed& listed = batch_.entries[i];
    if (!visit_({batch_.name(listed), listed.id, listed.type, listed.entry_key, with_ ? &attributes_[i] : nullptr,
                 lists_[i].get()})) {
      return false;
    }
  }
  return true;
}

Result<bool> DittoFs::Listing::run(std::uint64_t cookie) {
  if (auto more = visit_dots(cookie); !more || !*more) return more;
  std::uint64_t from = std::max(cookie + 1, NameHash::first_key);
  for (;;) {
    if (auto filled = fill(from); !filled) return fail(filled.error());
    if (batch_.entries.empty()) return true;
    if (auto more = visit_batch(); !more || !*more) return more;
    if (!batch_.full()) return true;
    from = batch_.entries.back().entry_key + 1;
  }
}

Result<ReaddirResult> DittoFs::readdir(Context& context, Node& node, std::uint64_t cookie, bool with_attributes,
                                       FunctionRef<bool(const DirectoryEntry&)> visit) {
  Inode& directory = inode_of(node);
  // Taken before the view: a client that keeps the listing under this change counter will ask again if it is older.
  const auto state = usable(context, directory);
  if (!state) return fail(state.error());
  if (!state->record.is_directory()) return fail(Error::NotDirectory);
  if (auto allowed = check(context, state->guarded(), Access::ReadData); !allowed) {
    return fail(allowed.error());
  }
  if (cookie >= NameHash::key_limit || (cookie > dot_dot_cookie && cookie < NameHash::first_key)) {
    return fail(Error::BadCookie);
  }
  ReaddirResult result;
  Lsn seen = 0;
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        Listing listing(*this, context, reader, *state, with_attributes, visit);
        const auto end = listing.run(cookie);
        seen = reader.seen();
        if (!end) return fail(end.error());
        result.end = *end;
        return {};
      },
      context.blocking);
  context.depend(seen);
  if (!read) return fail(read.error());
  note_access(context, directory);
  result.directory = directory.state().record.attributes;
  return result;
}

}  // namespace ditto::vfs
