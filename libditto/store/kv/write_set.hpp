// WriteSet: what one transaction has written so far, ordered, its latest word on each key. It is neither visible to
// anyone else nor durable. Belongs to the thread that runs the transaction; may be written while it is being read or
// scanned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/function_ref.hpp"
#include "store/kv/version_table.hpp"

namespace ditto::store {

class WriteSet {
 public:
  void put(Bytes key, Bytes value) { write(key, value); }
  void erase(Bytes key) { write(key, std::nullopt); }
  void clear() noexcept;

  bool empty() const noexcept { return writes_ == 0; }
  /// How many writes there were: also tells whether something was written since.
  std::uint64_t writes() const noexcept { return writes_; }
  /// A key was empty or too long; the transaction must not succeed.
  bool bad_key() const noexcept { return bad_key_; }
  /// Keys and values that were given, in bytes.
  std::size_t size_bytes() const noexcept { return size_bytes_; }

  /// The latest write of `key`, or null.
  const Version* find(Bytes key) const noexcept { return table_.find(key, latest); }
  /// All writes, the latest of a key first; numbered by their order.
  const VersionTable& table() const noexcept { return table_; }
  /// Visits the latest write of every key in key order.
  void for_each(FunctionRef<void(const Version& write)> visit) const;

  /// A ceiling for table() that hides nothing.
  static constexpr Lsn latest = ~Lsn{0};

 private:
  void write(Bytes key, std::optional<Bytes> value);

  VersionTable table_;
  std::uint64_t writes_ = 0;
  std::size_t size_bytes_ = 0;
  bool bad_key_ = false;
};

}  // namespace ditto::store
