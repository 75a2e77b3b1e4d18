#pragma once

// The engines that the KvStore contract is run on, each with a store of its own, and short words for what its tests do.
// One thread owns an engine; its store has KvStore's rules.

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/data/memory_data.hpp"
#include "store/disk_space.hpp"
#include "store/kv/kv_store.hpp"
#include "store/kv/lmdb/lmdb_kv.hpp"
#include "store/kv/memory_kv.hpp"
#include "store/temporary_folder.hpp"

namespace ditto::test {

using store::Blocking;
using store::KvReader;
using store::KvStore;
using store::KvTransaction;

class MemoryEngine {
 public:
  static constexpr bool survives_close = false;
  KvStore& kv() { return kv_; }

 private:
  store::MemoryKv kv_;
};

class LmdbEngine {
 public:
  static constexpr bool survives_close = true;
  explicit LmdbEngine(const store::LmdbKvOptions& options = {}) : options_(options) { open(); }
  KvStore& kv() { return *kv_; }
  void reopen() {
    kv_.reset();
    open();
  }
  const std::string& folder() const { return folder_.path(); }

 private:
  void open() {
    auto opened = store::LmdbKv::open({.metadata_path = folder_ / "metadata.mdb",
                                       .journal_path = folder_ / "journal",
                                       .space = space_,
                                       .data = data_,
                                       .log = null_log()},
                                      options_);
    if (!opened) FAIL(opened.error());
    kv_ = std::move(*opened);
  }

  const store::LmdbKvOptions options_;
  TemporaryFolder folder_;
  store::DiskSpace space_{folder_.path(), system_clock()};
  store::MemoryData data_;
  std::unique_ptr<store::LmdbKv> kv_;
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline std::string owned(Bytes bytes) { return std::string(text_of(bytes)); }

inline void put(KvTransaction& transaction, std::string_view key, std::string_view value) {
  transaction.put(bytes_of(key), bytes_of(value));
}
inline void erase(KvTransaction& transaction, std::string_view key) { transaction.erase(bytes_of(key)); }

inline std::optional<std::string> get(KvReader& reader, std::string_view key) {
  const auto value = reader.get(bytes_of(key));
  if (!value) throw std::runtime_error("get failed");
  return *value ? std::optional(owned(**value)) : std::nullopt;
}

/// Everything with from <= key < to, at most `limit`.
inline Pairs scan(KvReader& reader, std::string_view from = {}, std::string_view to = {}, std::size_t limit = 1 << 30) {
  Pairs found;
  const auto done = reader.scan(bytes_of(from), bytes_of(to), [&](Bytes key, Bytes value) {
    found.emplace_back(owned(key), owned(value));
    return found.size() < limit;
  });
  if (!done) throw std::runtime_error("scan failed");
  return found;
}

/// Runs `body`, which returns nothing, in a transaction that must succeed.
template <class Body>
Lsn write(KvStore& kv, Body body) {
  const auto lsn = kv.transact(
      [&](KvTransaction& transaction) -> Result<void> {
        body(transaction);
        return {};
      },
      Blocking::Allowed);
  if (!lsn) throw std::runtime_error("transact failed: " + std::string(to_string(lsn.error())));
  return *lsn;
}

inline Lsn write_one(KvStore& kv, std::string_view key, std::string_view value) {
  return write(kv, [&](KvTransaction& transaction) { put(transaction, key, value); });
}

/// Runs `body`, which may return something, in a view that must succeed.
template <class Body>
auto read(KvStore& kv, Body body) {
  using Value = decltype(body(std::declval<KvReader&>()));
  std::optional<Value> value;
  const auto done = kv.view(
      [&](KvReader& reader) -> Result<void> {
        value.emplace(body(reader));
        return {};
      },
      Blocking::Allowed);
  if (!done) throw std::runtime_error("view failed");
  return std::move(*value);
}

inline std::optional<std::string> read_one(KvStore& kv, std::string_view key) {
  return read(kv, [&](KvReader& reader) { return get(reader, key); });
}

/// A fixed number as a key that sorts like it.
inline std::string numbered(std::string_view prefix, unsigned number) {
  std::string digits = std::to_string(number);
  return std::string(prefix) + std::string(8 - digits.size(), '0') + digits;
}

}  // namespace ditto::test
