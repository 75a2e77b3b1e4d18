#include "vfs/ditto/checksum_records.hpp"

#include <vector>

namespace ditto::vfs {

Result<std::optional<GroupChecksums>> read_checksums(store::KvReader& reader, ObjectId object, std::uint64_t group) {
  const auto value = reader.get(key::checksums(object, group));
  if (!value && value.error() == Error::Corrupt) return std::nullopt;
  if (!value) return fail(value.error());
  if (!*value) return std::nullopt;
  const auto record = decode_checksums(**value);
  return record ? std::optional(*record) : std::nullopt;
}

Result<bool> erase_checksums(store::KvTransaction& kv, ObjectId object, std::uint64_t from, std::uint64_t to) {
  std::vector<std::uint64_t> groups;
  const auto visit = [&](Bytes bytes, Bytes) {
    std::uint64_t of = 0, group = 0;
    if (key::parse_numbers(bytes, Tag::Checksums, of, group)) groups.push_back(group);
    return groups.size() < checksum_batch;
  };
  const auto scanned = kv.scan(key::checksums(object, from), key::checksums(object, to), visit);
  for (const std::uint64_t group : groups) kv.erase(key::checksums(object, group));
  if (!scanned) return fail(scanned.error());
  return groups.size() < checksum_batch;
}

}  // namespace ditto::vfs
