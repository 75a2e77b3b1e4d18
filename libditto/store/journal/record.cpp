#include "store/journal/record.hpp"

#include <algorithm>
#include <cstring>

namespace ditto::store::journal {
namespace {

// A record: the length of what follows (4 bytes), flags (1), three bytes of 0, then, with the flag, the origin with its
// length (4) before it, then entries.
constexpr std::size_t length_bytes = 4;
constexpr std::uint8_t has_origin = 1;

using Kind = Entry::Kind;

std::byte* copy_to(std::byte* to, Bytes from) noexcept {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
  return to + from.size();
}

/// Takes fixed-size fields and bytes off the front; once something is missing, everything is.
class Taker {
 public:
  explicit Taker(Bytes& rest) noexcept : rest_(rest) {}

  template <class T>
  T number() noexcept {
    const Bytes field = bytes(sizeof(T));
    return ok_ ? load_be<T>(field.data()) : T{};
  }
  Bytes bytes(std::size_t size) noexcept {
    ok_ = ok_ && size <= rest_.size();
    if (!ok_) return {};
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  bool ok() const noexcept { return ok_; }

 private:
  Bytes& rest_;
  bool ok_ = true;
};

}  // namespace

RecordWriter::RecordWriter(std::vector<std::byte>& into) : into_(into), start_(into.size()) {
  std::fill_n(grow(record_overhead_bytes), record_overhead_bytes, std::byte{0});
}

std::byte* RecordWriter::grow(std::size_t size_bytes) {
  const std::size_t at = into_.size();
  into_.resize(at + size_bytes);
  return into_.data() + at;
}

void RecordWriter::put(Bytes key, Bytes value) {
  std::byte* at = grow(1 + 2 + 4 + key.size() + value.size());
  *at = static_cast<std::byte>(Kind::Put);
  store_be(at + 1, static_cast<std::uint16_t>(key.size()));
  store_be(at + 3, static_cast<std::uint32_t>(value.size()));
  copy_to(copy_to(at + 7, key), value);
}

void RecordWriter::erase(Bytes key) {
  std::byte* at = grow(1 + 2 + key.size());
  *at = static_cast<std::byte>(Kind::Erase);
  store_be(at + 1, static_cast<std::uint16_t>(key.size()));
  copy_to(at + 3, key);
}

void RecordWriter::data(ObjectId object, std::uint64_t offset, const BufferChain& contents) {
  std::byte* at = grow(1 + 8 + 8 + 4 + contents.size());
  *at = static_cast<std::byte>(Kind::Data);
  store_be(at + 1, object);
  store_be(at + 9, offset);
  store_be(at + 17, static_cast<std::uint32_t>(contents.size()));
  contents.copy_to(0, {at + 21, contents.size()});
}

void RecordWriter::synced(ObjectId object, Lsn up_to) {
  std::byte* at = grow(1 + 8 + 8);
  *at = static_cast<std::byte>(Kind::Synced);
  store_be(at + 1, object);
  store_be(at + 9, up_to);
}

void RecordWriter::finish() noexcept {
  store_be(into_.data() + start_, static_cast<std::uint32_t>(into_.size() - start_ - length_bytes));
}

std::optional<Bytes> RecordReader::next() noexcept {
  if (rest_.empty() || !ok_) return std::nullopt;
  Taker batch(rest_);
  Bytes record = batch.bytes(batch.number<std::uint32_t>());
  Taker head(record);
  const auto flags = head.number<std::uint8_t>();
  head.bytes(record_overhead_bytes - length_bytes - 1);
  if ((flags & has_origin) != 0) head.bytes(head.number<std::uint32_t>());
  ok_ = batch.ok() && head.ok();
  return ok_ ? std::optional(record) : std::nullopt;
}

std::optional<Entry> next_entry(Bytes& entries) noexcept {
  if (entries.empty()) return std::nullopt;
  Bytes rest = entries;
  Taker take(rest);
  Entry entry{.kind = static_cast<Kind>(take.number<std::uint8_t>())};
  switch (entry.kind) {
    case Kind::Put: {
      const auto key_bytes = take.number<std::uint16_t>();
      const auto value_bytes = take.number<std::uint32_t>();
      entry.key = take.bytes(key_bytes);
      entry.value = take.bytes(value_bytes);
      break;
    }
    case Kind::Erase: entry.key = take.bytes(take.number<std::uint16_t>()); break;
    case Kind::Data:
      entry.object = take.number<std::uint64_t>();
      entry.offset = take.number<std::uint64_t>();
      entry.value = take.bytes(take.number<std::uint32_t>());
      break;
    case Kind::Synced:
      entry.object = take.number<std::uint64_t>();
      entry.up_to = take.number<Lsn>();
      break;
    default: return std::nullopt;
  }
  if (!take.ok()) return std::nullopt;
  entries = rest;
  return entry;
}

}  // namespace ditto::store::journal
