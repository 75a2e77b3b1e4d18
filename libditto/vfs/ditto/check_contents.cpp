// The passes over checksums and contents: what speaks for nothing any more, and bytes that are not what was written.
#include <algorithm>

#include "vfs/ditto/check.hpp"

namespace ditto::vfs {
namespace {

constexpr std::uint64_t progress_every_bytes = std::uint64_t{256} << 20;

}  // namespace

Result<void> DittoFsCheck::walk_unverified() {
  return for_each(Tag::Unverified, [this](Bytes key, Bytes) { unverified(key); });
}

void DittoFsCheck::unverified(Bytes bytes) {
  NodeId id;
  if (!key::parse_node(bytes, Tag::Unverified, id)) return problem("a key of the unverified files is malformed");
  Known* known = find(id);
  if (known && known->object != 0) {
    known->unverified = true;
  } else if (!unreadable(id)) {
    tell_leftover("inode " + std::to_string(id.inode) + ": a note says that its contents are unverified, it has none",
                  bytes);
  }
}

Result<void> DittoFsCheck::walk_checksums() {
  for (std::size_t i = 0; i < known_.size(); ++i) {
    if (known_[i].object != 0) owners_.push_back(i);
  }
  std::sort(owners_.begin(), owners_.end(),
            [this](std::size_t a, std::size_t b) { return known_[a].object < known_[b].object; });
  return for_each(Tag::Checksums, [this](Bytes key, Bytes value) { checksums(key, value); });
}

const DittoFsCheck::Known* DittoFsCheck::owner(ObjectId object) const noexcept {
  const auto at = std::lower_bound(owners_.begin(), owners_.end(), object,
                                   [this](std::size_t index, ObjectId of) { return known_[index].object < of; });
  return at != owners_.end() && known_[*at].object == object ? &known_[*at] : nullptr;
}

void DittoFsCheck::checksums(Bytes bytes, Bytes value) {
  std::uint64_t object = 0, group = 0;
  if (!key::parse_numbers(bytes, Tag::Checksums, object, group)) return problem("a key of checksums is malformed");
  const Known* known = owner(object);
  if (!known) {
    // Those of an orphan go with it.
    if (std::binary_search(objects_.begin(), objects_.end(), object)) return;
    return tell_leftover("object " + std::to_string(object) + ": there are checksums of it, and no file has it", bytes);
  }
  const std::string which = "inode " + std::to_string(known->inode) + ", checksums of group " + std::to_string(group);
  if (group >= known->checksum_groups) {
    if (!known->unverified && known->link_count != 0) tell_leftover(which + ": they do not count any more", bytes);
    return;
  }
  const auto record = decode_checksums(value);
  if (!record) {
    erase_key(which + ": they cannot be read", bytes);
  } else if (group * group_bytes + record->covered > known->size) {
    erase_key(which + ": they reach beyond its end", bytes);
  }
}

Result<void> DittoFsCheck::compare_contents() {
  if (!contents_) return {};
  chunk_.resize(chunk_bytes);
  for (const std::size_t index : owners_) {
    if (known_[index].link_count != 0) compare_file(known_[index]);
  }
  return {};
}

// The contents of a file while they are compared: damaged chunks are told together where they lie together.
struct DittoFsCheck::Comparison {
  const Known& known;
  std::uint64_t looked_to = 0;  // up to here it is counted which bytes have checksums
  std::uint64_t bad_from = 0, bad_to = 0;
};

void DittoFsCheck::compare_file(const Known& known) {
  Comparison file{.known = known};
  const auto visit = [&](Bytes bytes, Bytes value) {
    std::uint64_t object = 0, group = 0;
    const auto record = decode_checksums(value);
    if (record && key::parse_numbers(bytes, Tag::Checksums, object, group)) compare_group(file, group, *record);
  };
  const Key from = key::checksums(known.object, 0), to = key::checksums(known.object, known.checksum_groups);
  if (auto read = for_each(from, to, visit); !read) {
    problem("inode " + std::to_string(known.inode) + ": its checksums cannot be read");
  }
  tell_damage(file);
  count_unverified(file, known.size);
}

void DittoFsCheck::compare_group(Comparison& file, std::uint64_t group, const GroupChecksums& checksums) {
  const std::uint64_t start = group * group_bytes;
  count_unverified(file, start);
  file.looked_to = start + checksums.covered;
  Context context{.who = Credential::root(), .now = {}, .blocking = Blocking::Allowed};
  for (std::size_t chunk = 0; chunk < checksums.count(); ++chunk) {
    const std::uint64_t from = start + chunk * chunk_bytes, to = from + checksums.covered_of(chunk);
    const MutableBytes bytes = MutableBytes(chunk_).first(to - from);
    if (!fs_.read_contents(context, record_of(file.known), from, bytes)) {
      problem("inode " + std::to_string(file.known.inode) + ": bytes " + std::to_string(from) + " to " +
              std::to_string(to - 1) + " cannot be read");
    } else if (checksums.match(chunk, bytes)) {
      const std::uint64_t before = summary_.verified_bytes;
      summary_.verified_bytes += bytes.size();
      if (before / progress_every_bytes != summary_.verified_bytes / progress_every_bytes) progress_(summary_);
    } else {
      if (file.bad_to != from) tell_damage(file);
      if (file.bad_to == 0) file.bad_from = from;
      file.bad_to = to;
    }
  }
}

void DittoFsCheck::tell_damage(Comparison& file) {
  if (file.bad_to != 0) problem(damage_of(file.known.inode, file.bad_from, file.bad_to));
  file.bad_to = 0;
}

// Holes do not rot.
void DittoFsCheck::count_unverified(Comparison& file, std::uint64_t to) {
  for (std::uint64_t at = file.looked_to; at < to;) {
    const InodeRecord record = record_of(file.known);
    const auto data = fs_.next_content(record, at, Content::Data);
    if (!data || !*data || **data >= to) return;
    const auto hole = fs_.next_content(record, **data, Content::Hole);
    if (!hole) return;
    const std::uint64_t end = std::min(hole->value_or(to), to);
    if (end <= **data) return;
    summary_.unverified_bytes += end - **data;
    at = end;
  }
}

}  // namespace ditto::vfs
