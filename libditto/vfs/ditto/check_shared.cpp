// The passes over what files share: extents, how often each range of an object is in use, and ranges that nobody has.
// The extents are what counts; all else follows from them.
#include <algorithm>

#include "vfs/ditto/check.hpp"

namespace ditto::vfs {
namespace {

std::string of_object(ObjectId object) { return "object " + std::to_string(object); }

}  // namespace

InodeRecord DittoFsCheck::record_of(const Known& known) {
  InodeRecord record;
  record.attributes.id = {0, known.inode};
  record.attributes.size = known.size;
  record.object = known.object;
  record.shared = known.shared;
  return record;
}

Result<void> DittoFsCheck::walk_shared() {
  if (auto read = for_each(Tag::Extent, [this](Bytes key, Bytes value) { extent(key, value); }); !read) return read;
  for (Known& known : known_) {
    if (known.shared == known.found_shared) continue;
    const std::string text = "inode " + std::to_string(known.inode) + ": it claims " +
                             std::to_string(known.shared.extents) + " extents and has " +
                             std::to_string(known.found_shared.extents);
    const auto fix = [&](InodeRecord& record) { record.shared = known.found_shared; };
    if (fix_inode(text, {0, known.inode}, fix)) known.shared = known.found_shared;
  }
  count_references();
  if (auto read = for_each(Tag::Unreferenced, [this](Bytes key, Bytes value) { unreferenced(key, value); }); !read) {
    return read;
  }
  return compare_references();
}

void DittoFsCheck::extent(Bytes bytes, Bytes value) {
  NodeId id;
  std::uint64_t end = 0;
  if (!key::parse_node_and(bytes, Tag::Extent, id, end)) return problem("an extent's key is malformed");
  const std::string which = "inode " + std::to_string(id.inode) + ", extent that ends at " + std::to_string(end);
  const auto record = decode_extent(value, end);
  if (!record) return problem(which + ": it cannot be read");
  Known* known = find(id);
  const bool has = known && known->object != 0;
  if (!has && !unreadable(id)) {
    erase_key(which + (known ? ": the inode has no object" : ": there is no such inode"), bytes);
    return;
  }
  if (has) {
    const bool fits = record->start >= known->shared_to && end <= known->size;
    if (!fits && erase_key(which + ": it lies over another one, or beyond the inode's end", bytes)) return;
    known->shared_to = end;
    ++known->found_shared.extents;
    known->found_shared.space += record->space;
  }
  references_.emplace_back(record->object, ReferencesRecord{record->offset, record->offset_of(end), 1});
}

/// Of extents that overlap, ranges with counts.
void DittoFsCheck::count_references() {
  struct Edge {
    ObjectId object;
    std::uint64_t at;
    bool begins;
  };
  std::vector<Edge> edges;
  for (const auto& [object, range] : references_) {
    edges.push_back({object, range.start, true});
    edges.push_back({object, range.end, false});
  }
  std::ranges::sort(edges, {}, [](const Edge& edge) { return std::pair(edge.object, edge.at); });
  references_.clear();
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Edge& edge = edges[i];
    count = edge.begins ? count + 1 : count - 1;
    const bool last = i + 1 == edges.size() || edges[i + 1].object != edge.object;
    if (objects_.empty() || objects_.back() != edge.object) objects_.push_back(edge.object);
    if (last || count == 0 || edges[i + 1].at == edge.at) continue;
    const ReferencesRecord range{edge.at, edges[i + 1].at, count};
    ReferencesRecord* before =
        references_.empty() || references_.back().first != edge.object ? nullptr : &references_.back().second;
    if (before && before->end == range.start && before->count == range.count) {
      before->end = range.end;
    } else {
      references_.emplace_back(edge.object, range);
    }
  }
}

Result<void> DittoFsCheck::compare_references() {
  std::vector<std::pair<ObjectId, ReferencesRecord>> recorded;
  const auto visit = [&](Bytes bytes, Bytes value) {
    std::uint64_t object = 0, end = 0;
    if (!key::parse_numbers(bytes, Tag::References, object, end)) return problem("a key of references is malformed");
    // One that cannot be read is like no other, and is replaced.
    recorded.emplace_back(object, decode_references(value, end).value_or(ReferencesRecord{.end = end}));
  };
  if (auto read = for_each(Tag::References, visit); !read) return read;
  const auto of = [](const auto& all, ObjectId object) {
    std::vector<ReferencesRecord> ranges;
    const auto [first, end] = std::ranges::equal_range(all, object, {}, [](const auto& each) { return each.first; });
    for (auto at = first; at != end; ++at) ranges.push_back(at->second);
    return ranges;
  };
  std::vector<ObjectId> objects;
  for (const auto& each : references_) objects.push_back(each.first);
  for (const auto& each : recorded) objects.push_back(each.first);
  std::ranges::sort(objects);
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  for (const ObjectId object : objects) {
    const auto counted = of(references_, object), known = of(recorded, object);
    if (counted != known) {
      problem(of_object(object) + ": it is wrong how often its parts are in use",
              [&](store::KvTransaction& kv) -> Result<void> {
                for (const ReferencesRecord& each : known) kv.erase(key::references(object, each.end));
                for (const ReferencesRecord& each : counted) kv.put(key::references(object, each.end), encode(each));
                return {};
              });
    }
    if (!counted.empty()) find_lost(object, counted, of(unreferenced_, object));
  }
  return {};
}

void DittoFsCheck::unreferenced(Bytes bytes, Bytes value) {
  std::uint64_t object = 0, start = 0;
  const bool parsed = key::parse_numbers(bytes, Tag::Unreferenced, object, start);
  const auto end = decode_number(value);
  if (!parsed || !end) return problem("a note on a range that nobody has is malformed");
  const auto next = std::ranges::lower_bound(references_, std::pair(object, start + 1), {},
                                             [](const auto& each) { return std::pair(each.first, each.second.end); });
  const bool used = next != references_.end() && next->first == object && next->second.start < *end;
  if (used) {
    erase_key(of_object(object) + ": a note says that nobody has a part of it that a file has", bytes);
  } else {
    unreferenced_.emplace_back(object, ReferencesRecord{start, *end, 0});
  }
}

// Bytes of an object that no extent has: those of a write to it that a crash cut short, before it was shared. They are
// none where they are zeros, since a disk's blocks are larger than what was given back.
void DittoFsCheck::find_lost(ObjectId object, std::vector<ReferencesRecord> ranges,
                             const std::vector<ReferencesRecord>& noted) {
  ranges.insert(ranges.end(), noted.begin(), noted.end());
  std::ranges::sort(ranges, {}, &ReferencesRecord::start);
  std::uint64_t from = 0;
  for (const ReferencesRecord& range : ranges) {
    tell_lost(object, from, range.start);
    from = std::max(from, range.end);
  }
  if (const auto end = fs_.data_.size(object); end && *end > from) tell_lost(object, from, *end);
}

void DittoFsCheck::tell_lost(ObjectId object, std::uint64_t from, std::uint64_t to) {
  chunk_.resize(chunk_bytes);
  Context context{.who = Credential::root(), .now = {}, .blocking = Blocking::Allowed};
  for (std::uint64_t at = from; at < to;) {
    const auto data = fs_.data_.next_data(object, at);
    if (!data || *data >= to) return;
    const MutableBytes bytes = MutableBytes(chunk_).first(std::min(chunk_bytes, to - *data));
    if (!fs_.read_object(context, object, *data, bytes)) return;
    if (std::ranges::any_of(bytes, [](std::byte byte) { return byte != std::byte{0}; })) break;
    at = *data + bytes.size();
    if (at >= to) return;
  }
  if (from >= to) return;
  ++summary_.leftovers;
  const std::string text = of_object(object) + ": no file has its bytes " + std::to_string(from) + " to " +
                           std::to_string(to - 1) + ", as after a crash";
  if (!repair_ || !unreadable_.empty()) return line_(text);
  line_(text + (fs_.data_.punch(object, from, to - from) ? "; given back" : "; they could not be given back"));
}

}  // namespace ditto::vfs
