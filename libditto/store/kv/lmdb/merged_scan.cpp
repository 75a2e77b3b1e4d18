#include "store/kv/lmdb/merged_scan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "store/kv/kv_store.hpp"
#include "store/kv/lmdb/values.hpp"
#include "store/kv/overlay.hpp"

namespace ditto::store {
namespace {

/// Walks one table, stopping at the newest version of each key that its ceiling lets through.
class TableCursor {
 public:
  TableCursor() noexcept = default;
  TableCursor(const VersionTable& table, Lsn ceiling) noexcept : table_(&table), ceiling_(ceiling) {}

  void seek(Bytes from) noexcept { settle(table_->lower_bound(from, WriteSet::latest)); }
  /// To the first key behind `key`: see VersionTable::next_key().
  void seek_behind(Bytes key) noexcept { settle(table_->lower_bound(key, 0)); }
  void advance() noexcept { settle(table_->next_key(*at_)); }
  const Version* at() const noexcept { return at_; }

 private:
  /// At the newest version of the first key at or behind `at` that has one up to the ceiling.
  void settle(const Version* at) noexcept {
    while (at != nullptr && at->lsn() > ceiling_) at = table_->lower_bound(at->key(), ceiling_);
    at_ = at;
  }

  const VersionTable* table_ = nullptr;
  Lsn ceiling_ = 0;
  const Version* at_ = nullptr;
};

class StoredCursor {
 public:
  explicit StoredCursor(MDB_cursor* cursor) noexcept : cursor_(cursor) {}

  void seek(Bytes from) noexcept {
    // LMDB takes no key that it could not store, but a scan may resume behind the longest key by appending a byte to
    // it.
    const Bytes start = from.first(std::min(from.size(), max_key_bytes));
    key_ = to_lmdb(start);
    move(start.empty() ? MDB_FIRST : MDB_SET_RANGE);
    while (valid() && compare_keys(key(), from) < 0) move(MDB_NEXT);
  }
  void advance() noexcept { move(MDB_NEXT); }
  bool valid() const noexcept { return code_ == 0; }
  Bytes key() const noexcept { return from_lmdb(key_); }
  Bytes value() const noexcept { return from_lmdb(value_); }
  Result<void> status() const noexcept {
    if (code_ == 0 || code_ == MDB_NOTFOUND) return {};
    return fail(read_error(code_));
  }

 private:
  void move(MDB_cursor_op how) noexcept { code_ = mdb_cursor_get(cursor_, &key_, &value_, how); }

  MDB_cursor* cursor_;
  MDB_val key_{};
  MDB_val value_{};
  int code_ = 0;
};

class Merge {
 public:
  Merge(const ScanSources& sources, Bytes from) noexcept
      : own_(sources.own), stored_(sources.stored), environment_(sources.environment) {
    if (own_ != nullptr) tables_[count_++] = TableCursor(own_->table(), WriteSet::latest);
    for (const VersionTable* table : sources.overlay) tables_[count_++] = TableCursor(*table, sources.ceiling);
    for (TableCursor& table : tables()) table.seek(from);
    stored_.seek(from);
  }

  Result<void> run(Bytes to, FunctionRef<bool(Bytes, Bytes)> visit, Lsn& newest) {
    for (;;) {
      const TableCursor* winner = nullptr;  // null: the stored entry
      bool any = stored_.valid();
      Bytes key = any ? stored_.key() : Bytes{};
      // The youngest comes first and wins a tie.
      for (const TableCursor& table : tables()) {
        if (table.at() == nullptr) continue;
        const int order = any ? compare_keys(table.at()->key(), key) : -1;
        if (order > 0 || (order == 0 && winner != nullptr)) continue;
        winner = &table;
        key = table.at()->key();
        any = true;
      }
      if (!any) return stored_.status();
      if (!to.empty() && compare_keys(key, to) >= 0) return {};
      if (winner != nullptr && !is_own(*winner)) newest = std::max(newest, winner->at()->lsn());
      const auto more = visit_entry(winner, key, visit);
      if (!more) return fail(more.error());
      if (!*more) return {};
      step_behind(key);
    }
  }

 private:
  std::span<TableCursor> tables() noexcept { return std::span(tables_).first(count_); }
  bool is_own(const TableCursor& table) const noexcept { return own_ != nullptr && &table == tables_.data(); }

  Result<bool> visit_entry(const TableCursor* winner, Bytes key, FunctionRef<bool(Bytes, Bytes)> visit) {
    if (winner != nullptr && winner->at()->erased()) return true;
    const Result<Bytes> value = winner != nullptr ? winner->at()->value() : environment_.checked(key, stored_.value());
    if (!value) return fail(value.error());
    const std::uint64_t writes = own_ != nullptr ? own_->writes() : 0;
    if (!visit(key, *value)) return false;
    if (own_ != nullptr && own_->writes() != writes) tables_[0].seek_behind(key);
    return true;
  }

  void step_behind(Bytes key) noexcept {
    for (TableCursor& table : tables()) {
      if (table.at() != nullptr && compare_keys(table.at()->key(), key) == 0) table.advance();
    }
    if (stored_.valid() && compare_keys(stored_.key(), key) == 0) stored_.advance();
  }

  const WriteSet* own_;
  StoredCursor stored_;
  const LmdbEnvironment& environment_;
  std::array<TableCursor, 1 + max_generations> tables_;
  std::size_t count_ = 0;
};

}  // namespace

Result<void> merged_scan(const ScanSources& sources, Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit,
                         Lsn& newest) {
  return Merge(sources, from).run(to, visit, newest);
}

}  // namespace ditto::store
