#include "vfs/ditto/verifier.hpp"

#include <algorithm>
#include <chrono>

#include "vfs/ditto/checksum_records.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::vfs {
namespace {

// What one run may take: other maintenance waits behind it, and so does the end of the server.
constexpr std::uint64_t run_bytes = std::uint64_t{256} << 20;
constexpr std::uint64_t run_ns = 500'000'000;
// Entries of the list that one run looks at, and how many in one view.
constexpr std::size_t slice_entries = 64;
constexpr int run_slices = 64;

Context context_of_nobody() noexcept {
  static const Credential root = Credential::root();
  return {.who = root, .now = {}, .blocking = Blocking::Allowed};
}

}  // namespace

/// Bytes and time of one run.
class Verifier::Budget {
 public:
  explicit Budget(const Clock& clock) noexcept : clock_(clock), start_ns_(clock.monotonic_ns()) {}
  void spend(std::uint64_t bytes) noexcept { bytes_ += bytes; }
  bool spent() const noexcept { return bytes_ >= run_bytes || clock_.monotonic_ns() - start_ns_ >= run_ns; }

 private:
  const Clock& clock_;
  const std::uint64_t start_ns_;
  std::uint64_t bytes_ = 0;
};

bool Verifier::Pass::holds() const noexcept {
  const InodeRecord record = inode->state().record;
  return record.object == object && record.attributes.size == size && record.attributes.link_count != 0 &&
         inode->object_changes == changes;
}

void Verifier::run(Timestamp now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  forget_visitors();
  Budget budget(fs_.clock_);
  int slices = 0;
  for (bool more = true; !budget.spent();) {
    if (pass_) {
      go_on(budget);
    } else if (!quiet_.empty()) {
      const NodeId id = quiet_.back();
      quiet_.pop_back();
      begin(id, now);
    } else if (more && slices++ < run_slices) {
      more = look_for_quiet(now);
    } else {
      return;
    }
  }
}

// Every write moves the change time, which clients cannot set. One that lies ahead is from before the clock was put
// back.
bool Verifier::is_quiet(const Attributes& attributes, Timestamp now) const noexcept {
  const std::int64_t since = now.seconds - attributes.change_time.seconds;
  return since < 0 || since >= fs_.options_.quiet_time.count();
}

/// Looks at the next entries of the list; false at its end.
bool Verifier::look_for_quiet(Timestamp now) {
  std::vector<NodeId> ids;
  const auto visit = [&](Bytes bytes, Bytes) {
    NodeId id;
    if (key::parse_node(bytes, Tag::Unverified, id)) ids.push_back(id);
    return ids.size() < slice_entries;
  };
  const auto looked = fs_.kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        const Key from = key::unverified({cursor_.subvolume, cursor_.inode + 1});
        if (auto scanned = reader.scan(from, key::end_of(Tag::Unverified), visit); !scanned) return scanned;
        for (const NodeId id : ids) {
          const auto record = read_inode(reader, id);
          if (record && *record && is_quiet((*record)->attributes, now)) quiet_.push_back(id);
        }
        return {};
      },
      Blocking::Allowed);
  // In the order of the list, which is that of age.
  std::reverse(quiet_.begin(), quiet_.end());
  const bool more = looked && ids.size() == slice_entries;
  cursor_ = more ? ids.back() : NodeId{};
  return more;
}

void Verifier::begin(NodeId id, Timestamp now) {
  InodeView state;
  const bool visitor = !fs_.table_.peek(id, state);
  Context context = context_of_nobody();
  auto inode = fs_.pin_inode(context, id);
  if (!inode) return;
  if (visitor) {
    (*inode)->referenced.store(false, std::memory_order_relaxed);
    visitors_.push_back(id);
  }
  Pass pass;
  {
    const auto locks = fs_.lock(context, {&**inode});
    if (!locks) return;
    const InodeRecord record = (*inode)->state().record;
    if (record.object == 0 || record.attributes.link_count == 0 || !is_quiet(record.attributes, now)) return;
    pass.object = record.object;
    pass.size = record.attributes.size;
    pass.changes = (*inode)->object_changes;
  }
  // What a record speaks for is durable before the record may be. Who wrote it may have been a process that was killed
  // before it synced anything.
  if (!fs_.sync_object(context, **inode, DittoFs::SyncWhen::Always)) return;
  pass.inode = std::move(*inode);
  const auto first = next_group(pass, 0);
  if (!first) return;
  pass.group = *first;
  pass_ = std::move(pass);
}

/// The first group from `from` on that has data; behind the last one: there is none.
Result<std::uint64_t> Verifier::next_group(const Pass& pass, std::uint64_t from) {
  const std::uint64_t end = groups_in(pass.size);
  if (from >= end) return end;
  const auto data = fs_.next_content(pass.inode->state().record, from * group_bytes, Content::Data);
  if (!data) return fail(data.error());
  return *data ? std::min(end, group_of(**data)) : end;
}

/// One group.
void Verifier::go_on(Budget& budget) {
  Pass& pass = *pass_;
  const std::uint64_t end = groups_in(pass.size);
  std::optional<GroupChecksums> made;
  std::uint64_t next = end;
  if (pass.group < end) {
    const auto checksums = checksums_of(pass, budget);
    const auto found = next_group(pass, pass.group + 1);
    if (!checksums || !found) return pass_.reset();
    made = *checksums;
    next = *found;
  }
  const bool last = next == end;
  if ((made || last) && !record(pass, made, last)) return pass_.reset();
  pass.group = next;
  if (last) pass_.reset();
}

/// The pass's group as it is to be recorded; nothing: it stays as it is, because its record says all already, or
/// because the disk does not give what was written.
Result<std::optional<GroupChecksums>> Verifier::checksums_of(Pass& pass, Budget& budget) {
  budget.spend(chunk_bytes);
  std::optional<GroupChecksums> known;
  const auto looked = fs_.kv_.view(
      [&](store::KvReader& reader) -> Result<void> {
        if (pass.group >= pass.inode->state().record.checksum_groups) return {};
        auto found = read_checksums(reader, pass.object, pass.group);
        if (!found) return fail(found.error());
        known = *found;
        return {};
      },
      Blocking::Allowed);
  if (!looked) return fail(looked.error());
  GroupChecksums made = known.value_or(GroupChecksums{});
  const std::uint64_t start = pass.group * group_bytes;
  const std::uint64_t size = std::min(group_bytes, pass.size - start);
  if (made.covered >= size) return std::nullopt;
  for (std::size_t chunk = made.covered / chunk_bytes; chunk * chunk_bytes < size; ++chunk) {
    const std::uint64_t offset = start + chunk * chunk_bytes;
    const auto bytes = read_chunk(pass, offset);
    if (!bytes) {
      fs_.log_.warn("The contents of inode " + std::to_string(pass.inode->id().inode) + " cannot be read at " +
                    std::to_string(offset) + ": " + std::string(to_string(bytes.error())) + ".");
      return std::nullopt;
    }
    budget.spend(bytes->size());
    // What was appended to is not what a new checksum may speak for, unless the old one still does.
    if (known && !known->match(chunk, *bytes)) {
      tell_damage(pass, offset, offset + bytes->size());
      return std::nullopt;
    }
    made.cover(chunk, *bytes);
  }
  return made;
}

Result<Bytes> Verifier::read_chunk(const Pass& pass, std::uint64_t offset) {
  Context context = context_of_nobody();
  const MutableBytes into = MutableBytes(chunk_).first(std::min(chunk_bytes, pass.size - offset));
  if (auto read = fs_.read_contents(context, pass.inode->state().record, offset, into); !read) {
    return fail(read.error());
  }
  return Bytes(into);
}

void Verifier::tell_damage(Pass& pass, std::uint64_t offset, std::uint64_t end) {
  Context context = context_of_nobody();
  const auto locks = fs_.lock(context, {&*pass.inode});
  // Otherwise somebody wrote there, and took the record away before.
  if (locks && pass.holds()) fs_.log_.error("The disk fails: " + damage_of(pass.inode->id().inode, offset, end) + ".");
}

/// Makes `made` of the pass's group durable with time and, with the `last` one, takes the file off the list. False: the
/// file has changed, or the store takes nothing.
bool Verifier::record(Pass& pass, const std::optional<GroupChecksums>& made, bool last) {
  Inode& inode = *pass.inode;
  for (bool done = false; !done;) {
    Context context = context_of_nobody();
    const auto locks = fs_.lock(context, {&inode});
    if (!locks || !pass.holds()) return false;
    Draft draft;
    const auto stamp = fs_.transact(
        context,
        [&](Step& step) -> Result<void> {
          if (auto loaded = step.load(inode, draft); !loaded) return loaded;
          const auto all = put(step, draft, pass, made, last);
          if (!all) return fail(all.error());
          done = *all;
          step.store(draft);
          return {};
        },
        Publish::Unstable);
    if (!stamp) return false;
    DittoFs::publish(draft, *stamp, Publish::Unstable);
    inode.unverified = {};
    if (done && last) inode.listed = false;
  }
  return true;
}

/// False: records that do not count are in the way, more than one transaction erases.
Result<bool> Verifier::put(Step& step, Draft& draft, const Pass& pass, const std::optional<GroupChecksums>& made,
                           bool last) {
  std::uint64_t& groups = draft.record.checksum_groups;
  if (made && pass.group >= groups) {
    const auto cleared = erase_checksums(step.kv(), pass.object, groups, pass.group);
    if (!cleared || !*cleared) return cleared;
    groups = pass.group + 1;
  }
  if (made) {
    GroupChecksums checksums = *made;
    checksums.change = draft.record.attributes.change;
    step.kv().put(key::checksums(pass.object, pass.group), encode(checksums));
  }
  if (!last) return true;
  const auto cleared = erase_checksums(step.kv(), pass.object, groups, all_groups);
  if (!cleared || !*cleared) return cleared;
  step.kv().erase(key::unverified(draft.record.id()));
  return true;
}

void Verifier::forget_visitors() {
  std::erase_if(visitors_, [&](NodeId id) { return fs_.table_.drop(id, fs_.kv_.durable()); });
}

}  // namespace ditto::vfs
