#include "server/clients/client_records.hpp"

#include <array>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "server/clients/object_record_format.hpp"
#include "server/clients/record_strings.hpp"

namespace ditto::server {
namespace {

using state::ClientRecord;
using state::Persist;
using store::Blocking;

// docs/formats/server.md.
constexpr std::byte record_tag{0x82}, record_version{1};
constexpr std::size_t key_bytes = 1 + sizeof(state::ClientId), header_bytes = 3;
constexpr std::uint8_t reclaim_complete_bit = 1, revoked_bit = 2, cut_off_bit = 4;
constexpr std::array begin_key{record_tag}, end_key{std::byte{0x83}};

std::array<std::byte, key_bytes> key_of(state::ClientId id) {
  std::array<std::byte, key_bytes> key{record_tag};
  store_be(key.data() + 1, id);
  return key;
}

std::vector<std::byte> encode(const ClientRecord& record) {
  const std::uint8_t flags = (record.reclaim_complete ? reclaim_complete_bit : 0) | (record.revoked ? revoked_bit : 0) |
                             (record.cut_off ? cut_off_bit : 0);
  std::vector<std::byte> bytes{record_version, std::byte(record.key.protocol), std::byte{flags}};
  put_string(bytes, record.key.owner);
  put_string(bytes, record.principal);
  return bytes;
}

Result<ClientRecord> decode(Bytes key, Bytes value) {
  if (key.size() != key_bytes || value.size() < header_bytes || value[0] != record_version) return fail(Error::Corrupt);
  if (value[1] > std::byte(state::Protocol::Nlm)) return fail(Error::Corrupt);
  ClientRecord record{.id = load_be<std::uint64_t>(key.data() + 1)};
  record.key.protocol = state::Protocol(value[1]);
  const auto flags = static_cast<std::uint8_t>(value[2]);
  record.reclaim_complete = (flags & reclaim_complete_bit) != 0;
  record.revoked = (flags & revoked_bit) != 0;
  record.cut_off = (flags & cut_off_bit) != 0;
  Bytes rest = value.subspan(header_bytes);
  if (!take_string(rest, record.key.owner) || !take_string(rest, record.principal) || !rest.empty()) {
    return fail(Error::Corrupt);
  }
  return record;
}

template <class Record, class Decode>
Result<std::vector<Record>> load_all(store::KvStore& kv, Bytes begin, Bytes end, Decode decode) {
  std::vector<Record> records;
  const auto read = kv.view(
      [&](store::KvReader& reader) -> Result<void> {
        records.clear();
        Result<void> good;
        const auto scanned = reader.scan(begin, end, [&](Bytes key, Bytes value) {
          auto record = decode(key, value);
          if (!record) good = fail(record.error());
          if (record) records.push_back(*std::move(record));
          return good.has_value();
        });
        return scanned ? good : scanned;
      },
      Blocking::Allowed);
  if (!read) return fail(read.error());
  return records;
}

Result<void> erase(store::KvTransaction& transaction, Bytes begin, Bytes end) {
  std::vector<std::vector<std::byte>> gone;
  const auto scanned = transaction.scan(begin, end, [&](Bytes key, Bytes) {
    gone.emplace_back(key.begin(), key.end());
    return true;
  });
  if (!scanned) return scanned;
  for (const auto& key : gone) transaction.erase(key);
  return {};
}

}  // namespace

Result<std::vector<ClientRecord>> ClientRecords::load() {
  return load_all<ClientRecord>(kv_, begin_key, end_key, decode);
}

Result<std::vector<state::ObjectRecord>> ClientRecords::load_objects() {
  const ObjectRange all = every_object_record();
  return load_all<state::ObjectRecord>(kv_, all.begin, all.end, decode_object_record);
}

void ClientRecords::apply(const Persist& change, Done done) {
  bool refused = false, start = false;
  {
    const std::lock_guard lock(mutex_);
    refused = closed_;
    if (!refused) {
      queue_.push_back({change, std::move(done)});
      start = !std::exchange(writing_, true);
    }
  }
  if (refused) return done(false);
  if (start) post(pool_, [this] { write_all(); });
}

void ClientRecords::write_all() {
  for (;;) {
    Waiting next;
    {
      const std::lock_guard lock(mutex_);
      if (queue_.empty()) {
        writing_ = false;
        idle_.notify_all();
        return;
      }
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    next.done(write(next.change).has_value());
  }
}

Result<void> ClientRecords::write(const Persist& change) {
  const auto written = kv_.transact(
      [&](store::KvTransaction& transaction) -> Result<void> {
        switch (change.what) {
          case Persist::What::Put: transaction.put(key_of(change.record.id), encode(change.record)); return {};
          case Persist::What::Remove: transaction.erase(key_of(change.record.id)); return {};
          case Persist::What::PutObject:
            transaction.put(object_record_key(change.object), encode_object_record(change.object));
            return {};
          case Persist::What::RemoveObject: transaction.erase(object_record_key(change.object)); return {};
          case Persist::What::EndGrace: break;
        }
        const ObjectRange objects = object_records_before(change.keep_from);
        if (const auto erased = erase(transaction, objects.begin, objects.end); !erased) return erased;
        const auto before = key_of(std::uint64_t{change.keep_from} << 32);
        if (const auto erased = erase(transaction, begin_key, before); !erased) return erased;
        for (const ClientRecord& record : change.cut_off) transaction.put(key_of(record.id), encode(record));
        return {};
      },
      Blocking::Allowed);
  if (!written) return fail(written.error());
  return kv_.wait_durable(*written);
}

void ClientRecords::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  idle_.wait(lock, [this] { return !writing_; });
}

}  // namespace ditto::server
