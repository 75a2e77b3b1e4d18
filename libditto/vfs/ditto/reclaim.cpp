// What nobody can reach any more gives its space back: inodes whose last name and last hold are gone, and objects that
// files were cut loose from. Only once the change that orphaned them is durable, since a crash would bring them back.
#include <utility>
#include <vector>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

constexpr std::size_t reclaim_batch = 64;
// An object that is gone is not written again, whatever the journal holds of it.
constexpr Lsn all_changes = ~Lsn{0};
// Batches in one call of maintain(), so that it ends while somebody else removes ever more.
constexpr int reclaim_batches = 256;
// Files give their space back in steps, since a disk may be busy for long with one that is huge.
constexpr std::uint64_t shrink_step = std::uint64_t{1} << 30;

/// All of a node's records whose keys, made by `key_of`, end in the key of a name.
Result<void> erase_named(store::KvTransaction& kv, NodeId id, Tag tag, Key (*key_of)(NodeId, std::uint64_t) noexcept) {
  std::vector<std::uint64_t> keys;
  const auto visit = [&](Bytes bytes, Bytes) {
    NodeId of;
    std::uint64_t name_key = 0;
    if (key::parse_node_and(bytes, tag, of, name_key)) keys.push_back(name_key);
    return true;
  };
  if (auto scanned = kv.scan(key_of(id, 0), key_of(id, NameHash::key_limit), visit); !scanned) return scanned;
  for (const std::uint64_t name_key : keys) kv.erase(key_of(id, name_key));
  return {};
}

}  // namespace

struct DittoFs::Orphan {
  NodeId id;
  ObjectId object = 0;
  NodeId streams;          // the directory of its streams, if it has one
  bool with_file = false;  // beside the tree: it goes with its file
};

/// The next orphans behind `after`, all of them durable; empty at the end, or when the store takes changes back.
Result<std::vector<DittoFs::Orphan>> DittoFs::next_orphans(NodeId after) {
  std::vector<Orphan> orphans;
  Lsn seen = 0;
  const std::uint64_t epoch = rollbacks_.epoch();
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto visit = [&](Bytes bytes, Bytes) {
          Orphan orphan;
          if (key::parse_node(bytes, Tag::OrphanInode, orphan.id)) orphans.push_back(orphan);
          return orphans.size() < reclaim_batch;
        };
        const Key from = key::orphan_inode({after.subvolume, after.inode + 1});
        if (auto scanned = reader.scan(from, key::end_of(Tag::OrphanInode), visit); !scanned) return scanned;
        for (Orphan& orphan : orphans) {
          const auto record = read_inode(reader, orphan.id);
          if (!record) return fail(record.error());
          if (!*record) continue;
          orphan.object = (*record)->object;
          if ((*record)->may_have_streams() && (*record)->streams != 0) orphan.streams = (*record)->streams_id();
        }
        seen = reader.seen();
        return {};
      },
      Blocking::Allowed);
  if (!read) return fail(read.error());
  if (auto durable = kv_.wait_durable(seen); !durable) return fail(durable.error());
  if (rollbacks_.epoch() != epoch) orphans.clear();
  return orphans;
}

// All but those of the first groups, which go with the note of the orphan: small files need no transaction of their
// own.
void DittoFs::drop_checksums(ObjectId object) {
  for (bool done = false; !done;) {
    const auto erased = kv_.transact(
        [&](store::KvTransaction& kv) -> Result<void> {
          const auto all = erase_checksums(kv, object, checksum_batch, all_groups);
          if (!all) return fail(all.error());
          done = *all;
          return {};
        },
        Blocking::Allowed);
    // What cannot be erased vouches for nothing: a check finds it.
    if (!erased) return;
  }
}

Result<void> DittoFs::shrink_away(ObjectId object) {
  drop_checksums(object);
  auto size = data_.size(object);
  if (!size) return fail(size.error());
  while (*size > shrink_step) {
    *size -= shrink_step;
    if (auto cut = data_.truncate(object, *size); !cut) return cut;
  }
  return data_.remove(object);
}

/// The directory of an orphan's streams, and what is in it. Nobody makes any more of them: both are out of memory.
Result<std::vector<DittoFs::Orphan>> DittoFs::streams_of(const Orphan& orphan) {
  std::vector<Orphan> streams{{.id = orphan.streams, .streams = {}, .with_file = true}};
  const auto read = kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const auto visit = [&](Bytes, Bytes value) {
          const auto entry = decode_entry(value);
          if (entry) streams.push_back({.id = {orphan.id.subvolume, entry->inode}, .streams = {}, .with_file = true});
          return entry.has_value();
        };
        const Key from = key::entry(orphan.streams, 0), to = key::entry(orphan.streams, NameHash::key_limit);
        if (auto scanned = reader.scan(from, to, visit); !scanned) return scanned;
        for (Orphan& stream : streams) {
          const auto record = read_inode(reader, stream.id);
          if (!record) return fail(record.error());
          if (*record) stream.object = (*record)->object;
        }
        return {};
      },
      Blocking::Allowed);
  if (!read) return fail(read.error());
  return streams;
}

/// What the orphan and its streams took of the data store; nothing while somebody is at work on one of them.
void DittoFs::give_back(const Orphan& orphan, std::vector<Orphan>& gone) {
  // From here on nobody gets at it: pinning it again finds it removed.
  if (!table_.forget(orphan.id)) return;
  std::vector<Orphan> all{orphan};
  if (orphan.streams.inode != 0) {
    if (!table_.forget(orphan.streams)) return;
    const auto streams = streams_of(orphan);
    if (!streams) return;
    for (const Orphan& stream : *streams) {
      if (!table_.forget(stream.id)) return;
    }
    all.insert(all.end(), streams->begin(), streams->end());
  }
  for (const Orphan& each : all) {
    if (each.object != 0 && !shrink_away(each.object)) return;
  }
  gone.insert(gone.end(), all.begin(), all.end());
}

void DittoFs::reclaim_inodes() {
  NodeId after{0, 0};
  for (int batch = 0; batch < reclaim_batches; ++batch) {
    const auto orphans = next_orphans(after);
    if (!orphans || orphans->empty()) return;
    after = orphans->back().id;
    std::vector<Orphan> gone;
    for (const Orphan& orphan : *orphans) {
      give_back(orphan, gone);
      if (gone.size() >= reclaim_batch) erase_orphans(std::exchange(gone, {}));
    }
    if (!gone.empty()) erase_orphans(gone);
  }
}

Result<void> DittoFs::erase_orphan(Step& step, const Orphan& orphan) {
  store::KvTransaction& kv = step.kv();
  kv.erase(key::orphan_inode(orphan.id));
  const auto record = read_inode(kv, orphan.id);
  if (!record) return fail(record.error());
  if (!*record || (!orphan.with_file && (*record)->attributes.link_count != 0)) return {};
  Draft draft{.record = **record, .counted = (*record)->counted_bytes()};
  if (draft.record.has_xattrs) {
    if (auto cleared = erase_named(kv, orphan.id, Tag::Xattr, &key::xattr); !cleared) return cleared;
  }
  if (!draft.record.in_tree() && draft.record.is_directory()) {
    if (auto cleared = erase_named(kv, orphan.id, Tag::Entry, &key::entry); !cleared) return cleared;
  }
  if (draft.record.object != 0) {
    kv.contents_synced(draft.record.object, all_changes);
    (void)erase_checksums(kv, draft.record.object, 0, all_groups);
  }
  step.erase(draft);
  return {};
}

void DittoFs::erase_orphans(std::span<const Orphan> gone) {
  const auto erased = kv_.transact(
      [&](store::KvTransaction& kv) -> Result<void> {
        Step step(kv, hash_, counters_, lists_, {});
        for (const Orphan& orphan : gone) {
          if (auto done = erase_orphan(step, orphan); !done) return done;
        }
        return step.finish();
      },
      Blocking::Allowed);
  if (!erased) log_.warn("Removed files could not be reclaimed: " + std::string(to_string(erased.error())));
}

void DittoFs::reclaim_objects() {
  for (int batch = 0; batch < reclaim_batches; ++batch) {
    std::vector<ObjectId> objects;
    Lsn seen = 0;
    const std::uint64_t epoch = rollbacks_.epoch();
    const auto read = kv_.view(
        [&](store::KvReader& reader) -> Result<void> {
          const auto visit = [&](Bytes bytes, Bytes) {
            std::uint64_t object = 0;
            if (key::parse_number(bytes, Tag::OrphanObject, object)) objects.push_back(object);
            return objects.size() < reclaim_batch;
          };
          const auto scanned = reader.scan(key::orphan_object(0), key::end_of(Tag::OrphanObject), visit);
          seen = reader.seen();
          return scanned;
        },
        Blocking::Allowed);
    if (!read || objects.empty() || !kv_.wait_durable(seen) || rollbacks_.epoch() != epoch) return;
    std::erase_if(objects, [&](ObjectId object) { return !shrink_away(object); });
    if (objects.empty()) return;
    const auto erased = kv_.transact(
        [&](store::KvTransaction& kv) -> Result<void> {
          for (const ObjectId object : objects) {
            kv.erase(key::orphan_object(object));
            kv.contents_synced(object, all_changes);
            (void)erase_checksums(kv, object, 0, all_groups);
          }
          return {};
        },
        Blocking::Allowed);
    if (!erased) return;
  }
}

}  // namespace ditto::vfs
