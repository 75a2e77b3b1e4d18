// LmdbView: one consistent state of an LmdbKv, as of the moment it was opened: the overlay's generations up to a
// ceiling, above an LMDB read transaction that holds nothing beyond that ceiling. Takes no lock that others hold; never
// sees later changes. Belongs to one thread and lives for one body.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "store/kv/kv_store.hpp"
#include "store/kv/lmdb/environment.hpp"
#include "store/kv/overlay.hpp"
#include "store/kv/reader_slots.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {

class LmdbView final : public KvReader {
 public:
  /// `durable`: everything that a reader can see from here on, up to that number, is.
  LmdbView(ReaderSlots& slots, Overlay& overlay, LmdbEnvironment& environment, Lsn durable) noexcept
      : slots_(slots), overlay_(overlay), environment_(environment), durable_(durable) {}
  ~LmdbView();
  LmdbView(const LmdbView&) = delete;
  LmdbView& operator=(const LmdbView&) = delete;

  /// Before anything else. Errors: WouldBlock (every slot is taken), Io.
  Result<void> open(Blocking blocking);

  Result<std::optional<Bytes>> get(Bytes key) override;
  Result<void> get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) override;
  Result<void> scan(Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit) override {
    return scan(nullptr, from, to, visit);
  }
  Lsn seen() const noexcept override { return newest_ > durable_ ? newest_ : 0; }

  /// A scan in which the writes of `own`, where given, hide what the view holds.
  Result<void> scan(const WriteSet* own, Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit);

  /// Length of the value of `key`, or nullopt, without counting it as seen.
  std::optional<std::size_t> value_bytes(Bytes key);
  /// Whether the overlay says what `key` is, so that nobody sees what the LMDB file has.
  bool overrides(Bytes key) const noexcept { return find_in_overlay(key) != nullptr; }
  /// Which state of the LMDB file it is over: each commit makes another.
  std::size_t stored_state() const noexcept { return mdb_txn_id(snapshot_.txn); }
  /// See LmdbEnvironment::free_bytes().
  std::uint64_t free_bytes() const noexcept { return environment_.free_bytes(snapshot_.txn); }

 private:
  const Version* find_in_overlay(Bytes key) const noexcept;

  ReaderSlots& slots_;
  Overlay& overlay_;
  LmdbEnvironment& environment_;
  const Lsn durable_;
  std::optional<std::size_t> slot_;  // set while the view is open
  LmdbEnvironment::Snapshot snapshot_{};
  Lsn ceiling_ = 0;
  std::array<const VersionTable*, max_generations> tables_{};  // those that hold anything that LMDB does not
  std::size_t table_count_ = 0;
  Lsn newest_ = 0;            // of the overlay's versions that were read
  bool cursor_busy_ = false;  // the slot's cursor is in a scan: a scan inside it opens its own
};

}  // namespace ditto::store
