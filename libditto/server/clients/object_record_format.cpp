#include "server/clients/object_record_format.hpp"

#include "base/crc32c.hpp"
#include "server/clients/record_strings.hpp"

namespace ditto::server {
namespace {

using state::ObjectRecord;

// docs/formats/server.md.
constexpr std::byte tag{0x83}, next_tag{0x84}, version{1};
constexpr std::size_t number_at = 1 + sizeof(state::Incarnation);
constexpr std::size_t file_at = 8, range_at = file_at + 28, lease_key_at = range_at + 17,
                      timeout_at = lease_key_at + 16, fixed_bytes = timeout_at + 4, checksum_bytes = 4;

std::uint32_t checksum(Bytes key, Bytes value) { return crc32c(value, crc32c(key)); }

ObjectKey key_of(std::byte first, state::Incarnation incarnation, std::uint64_t number) {
  ObjectKey key{first};
  store_be(key.data() + 1, incarnation);
  store_be(key.data() + number_at, number);
  return key;
}

/// Nothing in the fields of one byte that there is not.
bool is_valid(Bytes value) {
  const auto at_most = [&](std::size_t at, auto last) { return value[at] <= static_cast<std::byte>(last); };
  return at_most(1, ObjectRecord::Kind::Handle) && at_most(2, state::Protocol::Smb) && at_most(3, state::Share::All) &&
         at_most(4, state::Share::All) && at_most(5, state::caching::rwh) && at_most(6, state::LockKind::Exclusive) &&
         value[7] == std::byte{0} && at_most(range_at + 16, 1);
}

}  // namespace

ObjectKey object_record_key(const ObjectRecord& record) { return key_of(tag, record.incarnation, record.number); }

ObjectRange every_object_record() { return {key_of(tag, 0, 0), key_of(next_tag, 0, 0)}; }

ObjectRange object_records_before(state::Incarnation incarnation) {
  return {key_of(tag, 0, 0), key_of(tag, incarnation, 0)};
}

std::vector<std::byte> encode_object_record(const ObjectRecord& record) {
  std::vector<std::byte> bytes(fixed_bytes);
  std::byte* const at = bytes.data();
  at[0] = version;
  at[1] = std::byte(record.kind);
  at[2] = std::byte(record.who.client.protocol);
  at[3] = std::byte(record.mode.access);
  at[4] = std::byte(record.mode.deny);
  at[5] = std::byte(record.caching);
  at[6] = std::byte(record.lock);
  store_be(at + file_at, record.file.store);
  store_be(at + file_at + 8, record.file.inode);
  store_be(at + file_at + 16, record.file.subvolume);
  store_be(at + file_at + 20, record.file.stream);
  store_be(at + range_at, record.range.first);
  store_be(at + range_at + 8, record.range.last);
  at[range_at + 16] = std::byte(record.range.empty);
  store_be(at + lease_key_at, record.key[0]);
  store_be(at + lease_key_at + 8, record.key[1]);
  store_be(at + timeout_at, record.timeout_ms);
  put_string(bytes, record.who.client.owner);
  put_string(bytes, record.who.owner);
  put_string(bytes, record.principal);
  const std::uint32_t sum = checksum(object_record_key(record), bytes);
  bytes.resize(bytes.size() + checksum_bytes);
  store_be(bytes.data() + bytes.size() - checksum_bytes, sum);
  return bytes;
}

Result<ObjectRecord> decode_object_record(Bytes key, Bytes value) {
  if (key.size() != sizeof(ObjectKey) || value.size() < fixed_bytes + checksum_bytes || value[0] != version) {
    return fail(Error::Corrupt);
  }
  const Bytes summed = value.first(value.size() - checksum_bytes);
  if (load_be<std::uint32_t>(value.data() + summed.size()) != checksum(key, summed) || !is_valid(value)) {
    return fail(Error::Corrupt);
  }
  const std::byte* const at = value.data();
  ObjectRecord record{.kind = ObjectRecord::Kind(at[1]),
                      .incarnation = load_be<std::uint32_t>(key.data() + 1),
                      .number = load_be<std::uint64_t>(key.data() + number_at),
                      .file = {.store = load_be<std::uint64_t>(at + file_at),
                               .inode = load_be<std::uint64_t>(at + file_at + 8),
                               .subvolume = load_be<std::uint32_t>(at + file_at + 16),
                               .stream = load_be<std::uint64_t>(at + file_at + 20)},
                      .mode = {state::Share(at[3]), state::Share(at[4])},
                      .range = {.first = load_be<std::uint64_t>(at + range_at),
                                .last = load_be<std::uint64_t>(at + range_at + 8),
                                .empty = at[range_at + 16] != std::byte{0}},
                      .lock = state::LockKind(at[6]),
                      .caching = state::Caching(at[5]),
                      .key = {load_be<std::uint64_t>(at + lease_key_at), load_be<std::uint64_t>(at + lease_key_at + 8)},
                      .timeout_ms = load_be<std::uint32_t>(at + timeout_at)};
  record.who.client.protocol = state::Protocol(at[2]);
  Bytes rest = summed.subspan(fixed_bytes);
  if (!take_string(rest, record.who.client.owner) || !take_string(rest, record.who.owner) ||
      !take_string(rest, record.principal) || !rest.empty()) {
    return fail(Error::Corrupt);
  }
  return record;
}

}  // namespace ditto::server
