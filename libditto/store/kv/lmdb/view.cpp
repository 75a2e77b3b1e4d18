#include "store/kv/lmdb/view.hpp"

#include <algorithm>

#include "store/kv/lmdb/merged_scan.hpp"
#include "store/kv/lmdb/values.hpp"

namespace ditto::store {

Result<void> LmdbView::open(Blocking blocking) {
  std::optional<std::size_t> slot = slots_.try_take();
  if (!slot) {
    if (blocking == Blocking::Never) return fail(Error::WouldBlock);
    slot = slots_.take();
  }
  for (;;) {
    // The overlay first: what leaves it afterwards is in LMDB by the time the transaction begins.
    const Overlay::Pinned pinned = overlay_.pin(*slot);
    const auto snapshot = environment_.begin_read(*slot);
    if (!snapshot) {
      overlay_.unpin(*slot);
      slots_.give_back(*slot);
      return fail(snapshot.error());
    }
    if (snapshot->extent.newest <= pinned.ceiling) {
      slot_ = slot;
      snapshot_ = *snapshot;
      ceiling_ = pinned.ceiling;
      for (const auto& generation : pinned.generations) {
        if (generation->last() > snapshot_.extent.applied) tables_[table_count_++] = &generation->table();
      }
      return {};
    }
    // LMDB is ahead of the list: a commit came in between.
    environment_.end_read(*slot);
    overlay_.unpin(*slot);
  }
}

LmdbView::~LmdbView() {
  if (!slot_) return;
  environment_.end_read(*slot_);
  overlay_.unpin(*slot_);
  slots_.give_back(*slot_);
}

Result<std::optional<Bytes>> LmdbView::get(Bytes key) {
  if (const Version* version = find_in_overlay(key)) {
    newest_ = std::max(newest_, version->lsn());
    return version->read();
  }
  if (key.empty() || key.size() > max_key_bytes) return std::nullopt;
  MDB_val name = to_lmdb(key);
  MDB_val value;
  const int code = mdb_get(snapshot_.txn, environment_.entries(), &name, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return fail(read_error(code));
  const auto checked = environment_.checked(key, from_lmdb(value));
  if (!checked) return fail(checked.error());
  return *checked;
}

Result<void> LmdbView::get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto value = get(keys[i]);
    if (!value) return fail(value.error());
    values[i] = *value;
  }
  return {};
}

Result<void> LmdbView::scan(const WriteSet* own, Bytes from, Bytes to, FunctionRef<bool(Bytes, Bytes)> visit) {
  const bool nested = cursor_busy_;
  MDB_cursor* cursor = nullptr;
  if (nested) {
    if (const int code = mdb_cursor_open(snapshot_.txn, environment_.entries(), &cursor); code != 0) {
      return fail(read_error(code));
    }
  } else {
    const auto own_cursor = environment_.slot_cursor(*slot_);
    if (!own_cursor) return fail(own_cursor.error());
    cursor = *own_cursor;
    cursor_busy_ = true;
  }
  struct GiveBack {
    ~GiveBack() {
      if (nested) {
        mdb_cursor_close(cursor);
      } else {
        busy = false;
      }
    }
    bool nested;
    MDB_cursor* cursor;
    bool& busy;
  } give_back{nested, cursor, cursor_busy_};
  const ScanSources sources{own, std::span(tables_).first(table_count_), ceiling_, cursor, environment_};
  return merged_scan(sources, from, to, visit, newest_);
}

std::optional<std::size_t> LmdbView::value_bytes(Bytes key) {
  const Lsn newest = newest_;
  const auto value = get(key);
  newest_ = newest;
  if (!value || !*value) return std::nullopt;
  return (*value)->size();
}

const Version* LmdbView::find_in_overlay(Bytes key) const noexcept {
  for (std::size_t i = 0; i < table_count_; ++i) {
    if (const Version* version = tables_[i]->find(key, ceiling_)) return version;
  }
  return nullptr;
}

}  // namespace ditto::store
