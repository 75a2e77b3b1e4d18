#include "vfs/ditto/list_records.hpp"

#include <algorithm>
#include <optional>

#include "vfs/records.hpp"

namespace ditto::vfs {

Result<Acl> read_list(store::KvReader& reader, std::uint64_t id) {
  const auto value = reader.get(key::list(id));
  if (!value) return fail(value.error());
  if (!*value) return fail(Error::Corrupt);
  return decode_list(**value);
}

Result<std::uint64_t> ListReferences::find_or_put(store::KvTransaction& kv, const NameHash& hash, const Acl& acl) {
  const std::vector<std::byte> bytes = encode(acl);
  const std::uint64_t chain = hash.list_chain(bytes);
  std::optional<std::uint64_t> found;
  std::uint64_t lowest_free = chain;
  const auto visit = [&](Bytes key, Bytes value) {
    std::uint64_t id = 0;
    if (!key::parse_number(key, Tag::List, id)) return true;
    if (id == lowest_free) ++lowest_free;
    if (std::ranges::equal(value, bytes)) found = id;
    return !found;
  };
  const auto scanned = kv.scan(key::list(chain), key::list(chain + NameHash::first_key), visit);
  if (!scanned) return fail(scanned.error());
  if (found) return *found;
  if (NameHash::discriminator_of(lowest_free) >= NameHash::max_chain) return fail(Error::NoSpace);
  kv.put(key::list(lowest_free), bytes);
  return lowest_free;
}

void ListReferences::add(std::uint64_t id, std::int64_t inodes) {
  const auto known = std::ranges::find(changes_, id, &Change::id);
  if (known != changes_.end()) {
    known->inodes += inodes;
  } else {
    changes_.push_back({id, inodes});
  }
}

Result<void> ListReferences::write(store::KvTransaction& kv) const {
  for (const auto& [id, inodes] : changes_) {
    const auto value = kv.get(key::list_count(id));
    if (!value) return fail(value.error());
    std::uint64_t count = 0;
    if (*value) {
      const auto decoded = decode_number(**value);
      if (!decoded) return fail(decoded.error());
      count = *decoded;
    }
    // A count that is too low is for a check to mend: nobody else loses the list by it.
    if (inodes < 0 && count < static_cast<std::uint64_t>(-inodes)) continue;
    count += static_cast<std::uint64_t>(inodes);
    if (count == 0) {
      kv.erase(key::list(id));
      kv.erase(key::list_count(id));
    } else if (inodes != 0) {
      kv.put(key::list_count(id), encode_number(count));
    }
  }
  return {};
}

}  // namespace ditto::vfs
