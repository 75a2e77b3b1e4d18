#include "vfs/ditto/references.hpp"

#include <algorithm>

namespace ditto::vfs {
namespace {

using Counts = std::vector<ReferencesRecord>;

/// The records that overlap or touch [from, to), in order.
Result<Counts> read_counts(store::KvReader& reader, ObjectId object, std::uint64_t from, std::uint64_t to) {
  Counts counts;
  bool corrupt = false;
  const auto visit = [&](Bytes bytes, Bytes value) {
    std::uint64_t of = 0, end = 0;
    if (!key::parse_numbers(bytes, Tag::References, of, end)) return !(corrupt = true);
    const auto record = decode_references(value, end);
    if (!record) return !(corrupt = true);
    if (record->start > to) return false;
    counts.push_back(*record);
    return end < to;
  };
  const Key first = key::references(object, from), last = key::references(object + 1, 0);
  if (auto scanned = reader.scan(first, last, visit); !scanned) return fail(scanned.error());
  // What begins where the range ends is behind the one that ends there.
  if (!corrupt && !counts.empty() && counts.back().end == to) {
    const auto next = [&](Bytes bytes, Bytes value) {
      std::uint64_t of = 0, end = 0;
      if (!key::parse_numbers(bytes, Tag::References, of, end)) return false;
      if (const auto record = decode_references(value, end); record && record->start == to) counts.push_back(*record);
      return false;
    };
    if (auto scanned = reader.scan(key::references(object, to + 1), last, next); !scanned) {
      return fail(scanned.error());
    }
  }
  if (corrupt) return fail(Error::Corrupt);
  return counts;
}

/// Puts a range behind those that are there; of two with one count it makes one.
void append(Counts& counts, const ReferencesRecord& more) {
  if (more.start >= more.end) return;
  if (!counts.empty() && counts.back().end == more.start && counts.back().count == more.count) {
    counts.back().end = more.end;
  } else {
    counts.push_back(more);
  }
}

/// Both are in order.
void replace(store::KvTransaction& kv, ObjectId object, const Counts& before, const Counts& after) {
  auto old = before.begin();
  for (const ReferencesRecord& now : after) {
    for (; old != before.end() && old->end < now.end; ++old) kv.erase(key::references(object, old->end));
    const bool same = old != before.end() && *old == now;
    if (old != before.end() && old->end == now.end) ++old;
    if (!same) kv.put(key::references(object, now.end), encode(now));
  }
  for (; old != before.end(); ++old) kv.erase(key::references(object, old->end));
}

Result<bool> is_referenced(store::KvReader& reader, ObjectId object) {
  bool found = false;
  const auto visit = [&](Bytes, Bytes) { return !(found = true); };
  const auto scanned = reader.scan(key::references(object, 0), key::references(object + 1, 0), visit);
  if (!scanned) return fail(scanned.error());
  return found;
}

/// The whole object goes: notes on parts of it have nothing more to say.
Result<void> orphan(store::KvTransaction& kv, ObjectId object) {
  std::vector<std::uint64_t> starts;
  const auto visit = [&](Bytes bytes, Bytes) {
    std::uint64_t of = 0, start = 0;
    if (key::parse_numbers(bytes, Tag::Unreferenced, of, start)) starts.push_back(start);
    return true;
  };
  const Key first = key::unreferenced(object, 0), last = key::unreferenced(object + 1, 0);
  if (auto scanned = kv.scan(first, last, visit); !scanned) return scanned;
  for (const std::uint64_t start : starts) kv.erase(key::unreferenced(object, start));
  kv.put(key::orphan_object(object), encode_number(0));
  return {};
}

}  // namespace

Result<void> add_reference(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to) {
  const auto before = read_counts(kv, object, from, to);
  if (!before) return fail(before.error());
  Counts after;
  std::uint64_t at = from;
  for (const ReferencesRecord& old : *before) {
    const std::uint64_t start = std::clamp(old.start, from, to), end = std::clamp(old.end, from, to);
    append(after, {.start = at, .end = start, .count = 1});
    append(after, {.start = old.start, .end = std::min(old.end, start), .count = old.count});
    append(after, {.start = start, .end = end, .count = old.count + 1});
    append(after, {.start = std::max(old.start, end), .end = old.end, .count = old.count});
    at = std::max(at, end);
  }
  append(after, {.start = at, .end = to, .count = 1});
  replace(kv, object, *before, after);
  return {};
}

Result<void> drop_reference(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to) {
  const auto before = read_counts(kv, object, from, to);
  if (!before) return fail(before.error());
  Counts after;
  std::uint64_t at = from;
  for (const ReferencesRecord& old : *before) {
    const std::uint64_t start = std::clamp(old.start, from, to), end = std::clamp(old.end, from, to);
    if (start > at) return fail(Error::Corrupt);
    append(after, {.start = old.start, .end = std::min(old.end, start), .count = old.count});
    if (old.count > 1) append(after, {.start = start, .end = end, .count = old.count - 1});
    if (old.count == 1 && start < end) kv.put(key::unreferenced(object, start), encode_number(end));
    append(after, {.start = std::max(old.start, end), .end = old.end, .count = old.count});
    at = std::max(at, end);
  }
  if (at < to) return fail(Error::Corrupt);
  replace(kv, object, *before, after);
  if (!after.empty()) return {};
  const auto more = is_referenced(kv, object);
  if (!more) return fail(more.error());
  return *more ? Result<void>() : orphan(kv, object);
}

}  // namespace ditto::vfs
