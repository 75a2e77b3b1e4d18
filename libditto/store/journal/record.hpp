// A record of the journal: what one transaction did. It holds entries (keys written and erased, contents of objects,
// objects found synced) and, where somebody asked for it, the origin: who asked and what was answered, so that a reply
// cache can be filled again. Records lie behind each other in a batch. Nothing here touches a file; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/durable.hpp"
#include "store/types.hpp"

namespace ditto::store::journal {

struct Entry {
  enum class Kind : std::uint8_t {
    Put = 1,     // key, value
    Erase = 2,   // key
    Data = 3,    // object, offset, value: contents that were written to the object as well
    Synced = 4,  // object, up_to: its contents of records up to that number are in the object, durably
  };
  Kind kind = Kind::Put;
  Bytes key;
  Bytes value;
  ObjectId object = 0;
  std::uint64_t offset = 0;
  Lsn up_to = 0;
};

/// Bytes that an entry adds to its record beyond key and value, at most.
inline constexpr std::size_t entry_overhead_bytes = 21;
/// Bytes that a record takes beyond its entries.
inline constexpr std::size_t record_overhead_bytes = 8;

/// Appends one record to a buffer that batches are made of.
class RecordWriter {
 public:
  explicit RecordWriter(std::vector<std::byte>& into);
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  void put(Bytes key, Bytes value);
  void erase(Bytes key);
  void data(ObjectId object, std::uint64_t offset, const BufferChain& contents);
  void synced(ObjectId object, Lsn up_to);
  /// The record is complete.
  void finish() noexcept;

 private:
  std::byte* grow(std::size_t size_bytes);

  std::vector<std::byte>& into_;
  const std::size_t start_;
};

/// Walks the records of one batch's payload.
class RecordReader {
 public:
  explicit RecordReader(Bytes payload) noexcept : rest_(payload) {}

  /// The entries of the next record, as bytes; nothing behind the last one, or when they do not add up: ok() tells.
  std::optional<Bytes> next() noexcept;
  bool ok() const noexcept { return ok_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

/// Takes the next entry off `entries`; nothing at their end, or when they are malformed: then `entries` is not empty.
std::optional<Entry> next_entry(Bytes& entries) noexcept;

}  // namespace ditto::store::journal
