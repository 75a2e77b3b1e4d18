// CLONE: a range of a file becomes one of another file, or of another place, without a copy. What is the source's own
// becomes an object that nobody writes to any more, and both files get extents in it; from then on whoever writes
// copies first (unshare.cpp). It costs the same whatever the length, but for the extents that are there already. Small
// files, which are kept beside their attributes, are copied.
#include <algorithm>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/write.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint64_t copy_bytes = std::uint64_t{1} << 20;
// Checksums of so many groups, 32 GiB, are taken along; what is behind them is verified anew.
constexpr std::uint64_t most_groups = 4096;

bool at_block(std::uint64_t offset) noexcept { return offset % clone_block_bytes == 0; }

Result<void> check_type(const InodeRecord& record) {
  if (record.is_directory()) return fail(Error::IsDirectory);
  if (!record.is_regular()) return fail(Error::InvalidArgument);
  return {};
}

}  // namespace

/// One clone under way; both inodes are locked.
struct DittoFs::Clone {
  const CloneSource& from;
  Inode& source;
  Inode& target;
  std::uint64_t to = 0, length = 0;

  Extents frozen{};     // what was the source's own, and is shared from here on
  ObjectId object = 0;  // the source's own after that
  Lsn carried = 0;      // what transactions carried of the one before, and is durable there
  Extents extents{};    // what the target gets
  ObjectId base = 0;    // an object made for this clone
  std::uint64_t source_groups = 0, target_groups = 0;  // with checksums, after that
  Draft source_draft{}, target_draft{};

  bool within() const noexcept { return &source == &target; }
  std::uint64_t end() const noexcept { return to + length; }
  std::uint64_t from_end() const noexcept { return from.offset + length; }

  /// What the source's size makes of the length; whether that can be done.
  Result<void> fit(std::uint64_t size) {
    if (from.offset > size || length > size - from.offset) return fail(Error::InvalidArgument);
    if (length == 0) length = size - from.offset;
    if (!at_block(length) && from_end() != size) return fail(Error::InvalidArgument);
    if (within() && from.offset < end() && to < from_end()) return fail(Error::InvalidArgument);
    if (to > limits::file_size || length > limits::file_size - to) return fail(Error::FileTooBig);
    return {};
  }
};

Result<Change> DittoFs::clone_small(Context& context, Clone& clone) {
  InodeState state = clone.source.state();
  const auto contents = read_inline(context, clone.source, state);
  if (!contents) return fail(contents.error());
  const BufferChain bytes(contents->slice(clone.from.offset, clone.length));
  const Write write{.offset = clone.to, .data = bytes, .stability = Stability::FileSync};
  const auto written = fits_inline(clone.target.state().record, write.end())
                           ? write_inline(context, clone.target, write)
                           : write_object(context, clone.target, write);
  if (!written) return fail(written.error());
  return written->change;
}

// The source has more extents than one transaction takes, or the target would: an object with a copy of its own.
Result<void> DittoFs::make_base(Context& context, Clone& clone) {
  const auto id = new_id(context, object_ids_);
  if (!id) return fail(id.error());
  clone.base = *id;
  clone.frozen.clear();
  const InodeRecord record = clone.source.state().record;
  for (std::uint64_t at = clone.from.offset; at < clone.from_end();) {
    const auto data = next_content(record, at, Content::Data);
    if (!data) return fail(data.error());
    if (!*data || **data >= clone.from_end()) break;
    Buffer copy = Buffer::allocate(std::min(copy_bytes, clone.from_end() - **data));
    if (auto read = read_contents(context, record, **data, copy.writable()); !read) return read;
    at = **data + copy.size();
    const BufferChain bytes(std::move(copy));
    const std::uint64_t offset = **data - clone.from.offset;
    if (auto put = data_.write(clone.base, offset, bytes, context.blocking); !put) return put;
  }
  if (auto synced = data_.sync(clone.base); !synced) return synced;
  const std::uint64_t space = data_.space_used(clone.base).value_or(0);
  clone.extents = {{.start = clone.to, .end = clone.end(), .object = clone.base, .offset = 0, .space = space}};
  return {};
}

/// Checksums go by a file's own object. They are put where nobody looks for any yet: below the number in the inode,
/// once that is raised, there must be none but these.
Result<void> DittoFs::copy_checksums(ObjectId from, ObjectId to, std::uint64_t groups) {
  for (std::uint64_t first = 0; first < groups; first += checksum_batch) {
    const auto copied = kv_.transact(
        [&](store::KvTransaction& kv) -> Result<void> {
          for (std::uint64_t group = first; group < std::min(groups, first + checksum_batch); ++group) {
            const auto known = read_checksums(kv, from, group);
            if (!known) return fail(known.error());
            if (*known) {
              kv.put(key::checksums(to, group), encode(**known));
            } else {
              kv.erase(key::checksums(to, group));
            }
          }
          return {};
        },
        Blocking::Allowed);
    if (!copied) return fail(copied.error());
  }
  return {};
}

/// Those of the source stay its own; a target that is all of it has them, too.
Result<void> DittoFs::keep_checksums(Clone& clone) {
  const InodeRecord source = clone.source.state().record, target = clone.target.state().record;
  const std::uint64_t groups = std::min(source.checksum_groups, most_groups);
  if (!clone.frozen.empty()) {
    if (auto copied = copy_checksums(source.object, clone.object, groups); !copied) return copied;
    clone.source_groups = groups;
  }
  const bool whole = clone.from.offset == 0 && clone.to == 0 && clone.length == source.attributes.size;
  if (!whole || target.checksum_groups != 0) return {};
  clone.target_groups = groups;
  return copy_checksums(source.object, target.object, groups);
}

/// Which extents there will be, and what they stand for durable.
Result<void> DittoFs::prepare_clone(Context& context, Clone& clone) {
  for (Inode* inode : {&clone.source, &clone.target}) {
    if (auto ready = prepare_object(context, *inode); !ready) return ready;
  }
  const InodeRecord record = clone.source.state().record;
  clone.carried = kv_.contents_pending(record.object);
  if (clone.carried != 0 || clone.source.synced_writes < clone.source.writes) {
    if (auto synced = data_.sync(record.object); !synced) return synced;
  }
  const std::uint64_t size = record.attributes.size;
  const auto shared = extents_of(record, 0, size);
  if (!shared) return fail(shared.error());
  std::uint64_t own = size;
  for (const ExtentRecord& extent : *shared) own -= extent.length();
  const ExtentRecord all{.end = std::max(own, std::uint64_t{1}), .space = data_.space_used(record.object).value_or(0)};
  for_each_segment(*shared, record.object, 0, size, [&](const Segment& segment) {
    ExtentRecord part{.start = segment.start, .end = segment.end, .object = segment.object, .offset = segment.offset};
    if (!segment.shared) {
      part.space = part_of(all, 0, part.length()).space;
      clone.frozen.push_back(part);
    }
    return true;
  });
  std::uint64_t frozen = 0;
  for (const ExtentRecord& each : clone.frozen) frozen += each.end > clone.from.offset && each.start < clone.from_end();
  if (frozen == 0) clone.frozen.clear();
  Extents both = *shared;
  both.insert(both.end(), clone.frozen.begin(), clone.frozen.end());
  std::ranges::sort(both, {}, &ExtentRecord::start);
  for (const ExtentRecord& each : both) {
    if (each.end <= clone.from.offset || each.start >= clone.from_end()) continue;
    ExtentRecord part = part_of(each, clone.from.offset, clone.from_end());
    part.start = part.start - clone.from.offset + clone.to;
    part.end = part.end - clone.from.offset + clone.to;
    clone.extents.push_back(part);
  }
  const std::size_t there = clone.target.state().record.shared.extents;
  const std::size_t added = clone.extents.size() + (clone.within() ? clone.frozen.size() : 0);
  // Where the range begins and ends, an extent may become two.
  const bool fits = both.size() + 1 < max_extents && there + added + 1 < max_extents;
  if (!fits) return make_base(context, clone);
  if (!clone.frozen.empty()) {
    const auto id = new_id(context, object_ids_);
    if (!id) return fail(id.error());
    clone.object = *id;
  }
  return keep_checksums(clone);
}

/// The source's own object is nobody's from here on; what is left of its checksums goes with it.
Result<void> DittoFs::share_source(Step& step, const Clone& clone, InodeRecord& source) {
  if (clone.frozen.empty()) return {};
  (void)erase_checksums(step.kv(), source.object, 0, all_groups);
  source.checksum_groups = clone.source_groups;
  if (clone.carried != 0) step.kv().contents_synced(source.object, clone.carried);
  source.object = clone.object;
  if (auto added = add_extents(step.kv(), source, clone.frozen); !added) return added;
  source.attributes.space_used = source.space_with(0);
  list_unverified(step.kv(), clone.source);
  return {};
}

Result<void> DittoFs::clone_step(Context& context, Step& step, Clone& clone) {
  Draft& draft = clone.target_draft;
  if (!clone.within()) {
    if (auto loaded = step.load(clone.source, clone.source_draft); !loaded) return loaded;
    if (auto shared = share_source(step, clone, clone.source_draft.record); !shared) return shared;
    if (!clone.frozen.empty()) step.store(clone.source_draft);
  }
  if (auto loaded = step.load(clone.target, draft); !loaded) return loaded;
  if (clone.within()) {
    if (auto shared = share_source(step, clone, draft.record); !shared) return shared;
  }
  InodeRecord& record = draft.record;
  if (auto dropped = drop_extents(step.kv(), record, clone.to, clone.end()); !dropped) return dropped;
  if (auto added = add_extents(step.kv(), record, clone.extents); !added) return added;
  Attributes& a = record.attributes;
  a.size = std::max(a.size, clone.end());
  a.space_used = record.space_with(data_.space_used(record.object).value_or(0));
  record.checksum_groups = std::max(std::min(record.checksum_groups, group_of(clone.to)), clone.target_groups);
  a.mode = mode_after_write(a, context.who);
  step.modified(draft);
  list_unverified(step.kv(), clone.target);
  step.store(draft);
  return {};
}

void DittoFs::publish_clone(Clone& clone, Stamp stamp) {
  if (!clone.frozen.empty()) {
    Inode& source = clone.source;
    source.moved_data();
    source.fence = false;
    source.tail_clean = true;
    source.synced_writes = source.writes;
    source.unverified = {};
    ++source.object_changes;
    if (!clone.within()) publish(clone.source_draft, stamp);
    source.listed = true;
  }
  Inode& target = clone.target;
  target.moved_data();
  // Own bytes below what is shared now are the file's again if a crash takes the clone back: nobody writes there
  // before.
  target.fence = true;
  target.unverified = {};
  ++target.object_changes;
  publish(clone.target_draft, stamp);
  target.listed = true;
  enlist(target);
}

/// The clone is there for good. The target's own bytes below what it shares belong to nobody then, and give their room
/// back, unless somebody is changing the file all the time: then they keep it until it is cut or removed.
Result<void> DittoFs::settle_clone(Context& context, const Clone& clone, Lsn cloned) {
  if (auto durable = kv_.wait_durable(cloned); !durable) return durable;
  Inode& target = clone.target;
  for (int attempt = 0; attempt < name_attempts; ++attempt) {
    Lsn last = 0;
    {
      const auto locks = lock(context, {&target});
      if (!locks) return {};  // it is gone
      last = target.last().lsn;
      if (last <= kv_.durable()) {
        target.fence = !target.tail_clean;  // a shrink since then is not this clone's to follow
        punch_shared(target, clone.to, clone.end());
        return {};
      }
    }
    if (!kv_.wait_durable(last)) return {};
  }
  return {};
}

/// All that is recorded of the inode is durable, and the caller holds its mutex.
void DittoFs::punch_shared(Inode& inode, std::uint64_t from, std::uint64_t to) {
  const InodeRecord record = inode.state().record;
  const auto extents = extents_of(record, from, to);
  const auto end = data_.size(record.object);
  if (!extents || !end) return;
  for (const ExtentRecord& extent : *extents) {
    const std::uint64_t start = std::max(extent.start, from);
    if (start < *end && !data_.punch(record.object, start, std::min(extent.end, to) - start)) return;
  }
  if (const auto space = data_.space_used(record.object)) inode.measured(record.space_with(*space));
}

Result<Stamp> DittoFs::clone_extents(Context& context, Clone& clone) {
  const auto prepared = prepare_clone(context, clone);
  Result<Stamp> stamp = fail(Error::Io);
  Announcement announcement = announce(context);
  if (prepared) {
    stamp = transact(context, announcement, [&](Step& step) -> Result<void> {
      const InodeRecord before = clone.target.state().record;
      if (auto done = clone_step(context, step, clone); !done) return done;
      announcement.written(step, clone.target_draft, before.attributes.size, before.attributes.mode);
      return {};
    });
  }
  if (!prepared || !stamp) {
    // Nobody knows of it; if this fails too, a check finds it.
    if (clone.base != 0) (void)data_.remove(clone.base);
    return fail(prepared ? stamp.error() : prepared.error());
  }
  publish_clone(clone, *stamp);
  note_access(context, clone.source);
  return stamp;
}

Result<Change> DittoFs::clone(Context& context, const CloneSource& from, Node& to, std::uint64_t to_offset,
                              std::uint64_t length) {
  Inode& source = inode_of(from.node);
  Inode& target = inode_of(to);
  for (Inode* inode : {&source, &target}) {
    const auto state = usable(context, *inode);
    if (!state) return fail(state.error());
    if (auto regular = check_type(state->record); !regular) return fail(regular.error());
  }
  if (!at_block(from.offset) || !at_block(to_offset)) return fail(Error::InvalidArgument);
  if (context.blocking == Blocking::Never) return fail(Error::WouldBlock);
  for (;;) {
    // What is not durable yet becomes so while others may still write.
    if (auto synced = sync_object(context, source); !synced) return fail(synced.error());
    auto locks = lock(context, {&source, &target});
    if (!locks) return fail(locks.error());
    const InodeView read = source.view(), written = target.view();
    const InodeRecord record = read.record, old = written.record;
    const Context reader{.who = from.who, .now = context.now, .rights = from.rights, .notes = context.notes};
    if (auto allowed = check_io(reader, read.guarded(), Access::ReadData); !allowed) return fail(allowed.error());
    if (auto allowed = check_io(context, written.guarded(), writing); !allowed) return fail(allowed.error());
    if (kv_.read_only()) return fail(Error::ReadOnly);
    Clone clone{.from = from, .source = source, .target = target, .to = to_offset, .length = length};
    if (auto fits = clone.fit(record.attributes.size); !fits) return fail(fits.error());
    if (clone.length == 0) return Change{before_of(old.attributes), old.attributes};
    const bool small = record.object == 0;
    if (small) {
      const auto since = unverify(context, target, to_offset, clone.end());
      if (!since) return fail(since.error());
      if (*since > kv_.durable()) {
        locks->release();
        if (auto durable = kv_.wait_durable(*since); !durable) return fail(durable.error());
        continue;
      }
    }
    Result<Change> cloned = fail(Error::Io);
    Lsn at = 0;
    if (small) {
      cloned = clone_small(context, clone);
    } else if (const auto stamp = clone_extents(context, clone)) {
      cloned = clone.target_draft.change();
      at = stamp->lsn;
    } else {
      cloned = fail(stamp.error());
    }
    locks->release();
    if (!cloned) return cloned;
    if (!small) {
      if (auto settled = settle_clone(context, clone, at); !settled) return fail(settled.error());
    }
    // RFC 7862, 15.13.3: the rest of the last block.
    const std::uint64_t rest = (clone_block_bytes - clone.length % clone_block_bytes) % clone_block_bytes;
    const std::uint64_t size = target.state().record.attributes.size;
    if (rest != 0 && size > clone.end()) {
      Buffer zeros = Buffer::allocate(std::min(rest, size - clone.end()));
      std::ranges::fill(zeros.writable(), std::byte{0});
      const auto zeroed = write(context, to, clone.end(), BufferChain(std::move(zeros)), Stability::FileSync);
      if (!zeroed) return fail(zeroed.error());
      cloned->after = zeroed->change.after;
    }
    if (small) {
      if (auto durable = make_durable(context, target); !durable) return fail(durable.error());
    }
    return cloned;
  }
}

}  // namespace ditto::vfs
