#include "server/clients/server_identity.hpp"

#include <array>
#include <cstdio>

#include "base/bytes.hpp"

namespace ditto::server {
namespace {

using store::Blocking;

// docs/formats/server.md.
constexpr std::array identity_key{std::byte{0x81}};
constexpr std::byte record_version{1};
constexpr std::size_t owner_at = 1 + 4 + 16, record_bytes = owner_at + 16;

struct Record {
  state::Incarnation incarnation = 0;
  std::uint64_t key[2]{}, owner[2]{};
};

Result<Record> decode(Bytes bytes) {
  if (bytes.size() != record_bytes || bytes[0] != record_version) return fail(Error::Corrupt);
  Record record{.incarnation = load_be<std::uint32_t>(bytes.data() + 1)};
  for (std::size_t i = 0; i < 2; ++i) {
    record.key[i] = load_be<std::uint64_t>(bytes.data() + 5 + 8 * i);
    record.owner[i] = load_be<std::uint64_t>(bytes.data() + owner_at + 8 * i);
  }
  return record;
}

std::array<std::byte, record_bytes> encode(const Record& record) {
  std::array<std::byte, record_bytes> bytes{record_version};
  store_be(bytes.data() + 1, record.incarnation);
  for (std::size_t i = 0; i < 2; ++i) {
    store_be(bytes.data() + 5 + 8 * i, record.key[i]);
    store_be(bytes.data() + owner_at + 8 * i, record.owner[i]);
  }
  return bytes;
}

}  // namespace

Result<ServerIdentity> open_identity(store::KvStore& kv, Random& random) {
  // Not 0: what clients of another store at the same address still hold is not to look like this one's.
  const Record fresh{.incarnation = static_cast<state::Incarnation>(random.next_u64() & 0x3fffffff),
                     .key = {random.next_u64(), random.next_u64()},
                     .owner = {random.next_u64(), random.next_u64()}};
  Record record;
  const auto written = kv.transact(
      [&](store::KvTransaction& transaction) -> Result<void> {
        const auto value = transaction.get(identity_key);
        if (!value) return fail(value.error());
        record = fresh;
        if (*value) {
          const auto decoded = decode(**value);
          if (!decoded) return fail(decoded.error());
          record = *decoded;
        }
        ++record.incarnation;
        transaction.put(identity_key, encode(record));
        return {};
      },
      Blocking::Allowed);
  if (!written) return fail(written.error());
  if (auto durable = kv.wait_durable(*written); !durable) return fail(durable.error());
  char owner[64];
  std::snprintf(owner, sizeof owner, "ditto-%016llx%016llx", static_cast<unsigned long long>(record.owner[0]),
                static_cast<unsigned long long>(record.owner[1]));
  return ServerIdentity{.incarnation = record.incarnation, .key = {record.key[0], record.key[1]}, .owner = owner};
}

}  // namespace ditto::server
