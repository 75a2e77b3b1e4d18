#include "store/kv/lmdb/environment.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "base/crc32c.hpp"
#include "store/kv/lmdb/admission.hpp"
#include "store/kv/lmdb/values.hpp"
#include "store/kv/write_set.hpp"

namespace ditto::store {
namespace {

/// What is in the unnamed database beside the named ones: format (4 bytes), applied and begun (8 bytes each),
/// big-endian.
constexpr std::string_view format_key = "format";
constexpr std::string_view applied_key = "applied";
constexpr std::string_view begun_key = "begun";
constexpr const char* entries_name = "entries";
constexpr std::uint32_t format_version = 1;

/// Threads that read plus the checkpointer and tools like mdb_stat.
constexpr unsigned lmdb_readers = max_reader_slots + 16;

template <class T>
int put_number(MDB_txn* txn, MDB_dbi meta, std::string_view name, T number) {
  std::byte stored[sizeof number];
  store_be(stored, number);
  MDB_val key = to_lmdb(bytes_of(name));
  MDB_val value = to_lmdb(stored);
  return mdb_put(txn, meta, &key, &value, 0);
}

template <class T>
int get_number(MDB_txn* txn, MDB_dbi meta, std::string_view name, T& number) {
  MDB_val key = to_lmdb(bytes_of(name));
  MDB_val value;
  if (const int code = mdb_get(txn, meta, &key, &value); code != 0) return code;
  if (value.mv_size != sizeof number) return MDB_CORRUPTED;
  number = load_be<T>(from_lmdb(value).data());
  return 0;
}

/// Behind each value: the checksum of key and value, so that neither a changed value nor one under another's key
/// passes.
constexpr std::size_t checksum_bytes = 4;

std::uint32_t checksum_of(Bytes key, Bytes value) noexcept { return crc32c(value, crc32c(key)); }

/// Nothing: not what was written.
std::optional<Bytes> value_of(Bytes key, Bytes stored) noexcept {
  if (stored.size() < checksum_bytes) return std::nullopt;
  const Bytes value = stored.first(stored.size() - checksum_bytes);
  if (load_be<std::uint32_t>(value.data() + value.size()) != checksum_of(key, value)) return std::nullopt;
  return value;
}

int put_value(MDB_txn* txn, MDB_dbi entries, Bytes key, Bytes value) {
  MDB_val name = to_lmdb(key);
  MDB_val stored{value.size() + checksum_bytes, nullptr};
  if (const int code = mdb_put(txn, entries, &name, &stored, MDB_RESERVE); code != 0) return code;
  auto* into = static_cast<std::byte*>(stored.mv_data);
  if (!value.empty()) std::memcpy(into, value.data(), value.size());
  store_be(into + value.size(), checksum_of(key, value));
  return 0;
}

int open_file(const std::string& path, std::size_t map_bytes, MDB_env*& opened) {
  MDB_env* raw = nullptr;
  int code = mdb_env_create(&raw);
  if (code != 0) return code;
  if (code == 0) code = mdb_env_set_maxdbs(raw, 1);
  if (code == 0) code = mdb_env_set_maxreaders(raw, lmdb_readers);
  if (code == 0) code = mdb_env_set_mapsize(raw, map_bytes);
  // Neither MDB_NOMETASYNC, which is not durable until the next commit, nor MDB_WRITEMAP, which was measured slower and
  // ends the process by SIGBUS when the disk is full.
  if (code == 0) code = mdb_env_open(raw, path.c_str(), MDB_NOTLS | MDB_NOSUBDIR, 0600);
  if (code == 0) {
    opened = raw;
  } else {
    mdb_env_close(raw);
  }
  return code;
}

}  // namespace

std::expected<std::unique_ptr<LmdbEnvironment>, std::string> LmdbEnvironment::open(const Place& place, DiskSpace& space,
                                                                                   Log& log, std::size_t map_bytes) {
  const std::string& path = place.path;
  MDB_env* raw = nullptr;
  int code = open_file(path, map_bytes, raw);
  // LMDB syncs the first pages of a file with its first transaction: a power cut before may leave half of them.
  if (code == MDB_INVALID && place.unfinished && ::unlink(path.c_str()) == 0) code = open_file(path, map_bytes, raw);
  if (code != 0) return std::unexpected(fmt::format("{} cannot be opened: {}", path, mdb_strerror(code)));
  std::unique_ptr<LmdbEnvironment> environment(new LmdbEnvironment(raw, space, log));
  if (std::string refusal = environment->prepare(); !refusal.empty()) {
    return std::unexpected(fmt::format("{}: {}", path, refusal));
  }
  return environment;
}

LmdbEnvironment::~LmdbEnvironment() {
  for (Reader& reader : readers_) {
    if (reader.cursor != nullptr) mdb_cursor_close(reader.cursor);
    if (reader.txn != nullptr) mdb_txn_abort(reader.txn);
  }
  mdb_env_close(environment_);
}

int LmdbEnvironment::open_tables(MDB_txn* txn, unsigned flags) {
  const int code = mdb_dbi_open(txn, nullptr, 0, &meta_);
  return code != 0 ? code : mdb_dbi_open(txn, entries_name, flags, &entries_);
}

int LmdbEnvironment::create_tables() {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(environment_, nullptr, 0, &txn);
  if (code != 0) return code;
  code = open_tables(txn, MDB_CREATE);
  if (code == 0) code = put_number(txn, meta_, format_key, format_version);
  if (code == 0) code = put_number(txn, meta_, applied_key, Lsn{0});
  if (code == 0) return mdb_txn_commit(txn);
  mdb_txn_abort(txn);
  return code;
}

std::string LmdbEnvironment::prepare() {
  MDB_envinfo info;
  int code = mdb_env_info(environment_, &info);
  // Transaction 0 is the empty file. A store that exists is opened without writing: its disk may be full.
  if (code == 0 && info.me_last_txnid == 0) code = create_tables();
  // What a killed process wrote last may be in the system's memory alone, and the journal's copy of it goes from here
  // on.
  if (code == 0) code = mdb_env_sync(environment_, 1);
  if (code != 0) return mdb_strerror(code);
  MDB_txn* txn = nullptr;
  code = mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &txn);
  if (code != 0) return mdb_strerror(code);
  std::uint32_t format = 0;
  Lsn applied = 0;
  code = open_tables(txn, 0);
  if (code == 0) code = get_number(txn, meta_, format_key, format);
  if (code == 0) code = get_number(txn, meta_, applied_key, applied);
  if (code == 0) code = get_number(txn, meta_, begun_key, begun_);
  if (code == MDB_NOTFOUND) code = 0;  // nothing was brought here yet
  if (code != 0) {
    mdb_txn_abort(txn);
    return fmt::format("not a store's metadata, or damaged: {}", mdb_strerror(code));
  }
  // Beyond that, what is here is hidden by what a start brings back from the journal.
  remember(txn, {.applied = applied, .newest = applied});
  applied_.store(applied, std::memory_order_release);
  code = mdb_txn_commit(txn);  // keeps the table handles
  if (code != 0) return mdb_strerror(code);
  if (format > format_version) {
    return fmt::format("metadata of format {}, and this program knows up to {}: use a newer one", format,
                       format_version);
  }
  return {};
}

Result<LmdbEnvironment::Snapshot> LmdbEnvironment::begin_read(std::size_t slot) {
  Reader& reader = readers_[slot];
  for (;;) {
    const int code = reader.txn != nullptr ? mdb_txn_renew(reader.txn)
                                           : mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader.txn);
    if (code != 0) return fail(read_error(code));
    reader.cursor_renewed = false;
    if (const auto extent = recall(reader.txn)) return Snapshot{reader.txn, *extent};
    mdb_txn_reset(reader.txn);  // so many came meanwhile that its place was used again
  }
}

void LmdbEnvironment::end_read(std::size_t slot) noexcept { mdb_txn_reset(readers_[slot].txn); }

Result<MDB_cursor*> LmdbEnvironment::slot_cursor(std::size_t slot) {
  Reader& reader = readers_[slot];
  int code = 0;
  if (reader.cursor == nullptr) {
    code = mdb_cursor_open(reader.txn, entries_, &reader.cursor);
  } else if (!reader.cursor_renewed) {
    code = mdb_cursor_renew(reader.txn, reader.cursor);
  }
  if (code != 0) return fail(read_error(code));
  reader.cursor_renewed = true;
  return reader.cursor;
}

Result<Bytes> LmdbEnvironment::checked(Bytes key, Bytes stored) const {
  if (const auto value = value_of(key, stored)) return *value;
  log_.error(fmt::format("Damaged on the disk, and not used: {}.", name_of_ != nullptr ? name_of_(key) : "a value"));
  return fail(Error::Corrupt);
}

Result<void> LmdbEnvironment::verify(FunctionRef<void(Bytes key)> damaged) const {
  MDB_txn* txn = nullptr;
  MDB_cursor* cursor = nullptr;
  int code = mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &txn);
  if (code != 0) return fail(read_error(code));
  code = mdb_cursor_open(txn, entries_, &cursor);
  MDB_val key;
  MDB_val stored;
  while (code == 0 && (code = mdb_cursor_get(cursor, &key, &stored, MDB_NEXT)) == 0) {
    if (!value_of(from_lmdb(key), from_lmdb(stored))) damaged(from_lmdb(key));
  }
  if (cursor != nullptr) mdb_cursor_close(cursor);
  mdb_txn_abort(txn);
  if (code != MDB_NOTFOUND) return fail(read_error(code));
  return {};
}

CommitOutcome LmdbEnvironment::commit(const Generation& generation) {
  const Version* next = generation.table().first();
  do {
    if (const int code = commit_part(generation, next); code != 0) return judge(code);
  } while (next != nullptr);
  if (const int code = mdb_env_sync(environment_, 1); code != 0) return judge(code);
  applied_.store(generation.last(), std::memory_order_release);
  return CommitOutcome::Durable;
}

/// The versions from `next` on, which is moved behind them; null: it was the last part.
int LmdbEnvironment::commit_part(const Generation& generation, const Version*& next) {
  MDB_txn* txn = nullptr;
  // Its pages are synced, and what points to them with the next part's.
  if (const int code = mdb_txn_begin(environment_, nullptr, MDB_NOMETASYNC, &txn); code != 0) return code;
  int code = apply(txn, generation, next);
  const Extent extent{.applied = next == nullptr ? generation.last() : applied(), .newest = generation.last()};
  if (code == 0) code = put_number(txn, meta_, applied_key, extent.applied);
  if (code == 0) code = put_number(txn, meta_, begun_key, extent.newest);
  if (code != 0) {
    mdb_txn_abort(txn);
    return code;
  }
  remember(txn, extent);
  return mdb_txn_commit(txn);
}

int LmdbEnvironment::apply(MDB_txn* txn, const Generation& generation, const Version*& next) {
  const std::size_t limit_bytes = commit_bytes_.load();
  for (std::size_t bytes = 0; next != nullptr && bytes < limit_bytes; next = generation.table().next_key(*next)) {
    MDB_val key = to_lmdb(next->key());
    int code = 0;
    if (next->erased()) {
      code = mdb_del(txn, entries_, &key, nullptr);
      if (code == MDB_NOTFOUND) code = 0;
    } else {
      code = put_value(txn, entries_, next->key(), next->value());
      bytes += next->value().size();
    }
    if (code != 0) return code;
    bytes += lmdb_page_bytes;  // as if it had no neighbours
  }
  return 0;
}

CommitOutcome LmdbEnvironment::judge(int code) {
  log_.warn(fmt::format("A commit of the store's metadata failed: {}.", mdb_strerror(code)));
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT:
    case ENOMEM: return CommitOutcome::NoSpace;
    case EIO: {
      // LMDB reports a short write, which is how most file systems say that they are full, as EIO.
      const Result<Space> space = space_.read();
      return space && space->available_bytes == 0 ? CommitOutcome::NoSpace : CommitOutcome::Failed;
    }
    default: return CommitOutcome::Failed;
  }
}

void LmdbEnvironment::remember(MDB_txn* txn, Extent extent) noexcept {
  const std::size_t id = mdb_txn_id(txn);
  Remembered& place = remembered_[id % remembered_transactions];
  place.txn_id.store(0);
  place.applied.store(extent.applied);
  place.newest.store(extent.newest);
  place.txn_id.store(id);
}

std::optional<LmdbEnvironment::Extent> LmdbEnvironment::recall(MDB_txn* txn) const noexcept {
  const std::size_t id = mdb_txn_id(txn);
  const Remembered& place = remembered_[id % remembered_transactions];
  if (place.txn_id.load() != id) return std::nullopt;
  const Extent extent{.applied = place.applied.load(), .newest = place.newest.load()};
  if (place.txn_id.load() != id) return std::nullopt;
  return extent;
}

std::uint64_t LmdbEnvironment::free_bytes(MDB_txn* txn) const noexcept {
  constexpr MDB_dbi free_pages = 0;  // LMDB's own table: transaction id -> a count and that many page numbers
  MDB_cursor* cursor = nullptr;
  MDB_stat status;
  if (mdb_env_stat(environment_, &status) != 0 || mdb_cursor_open(txn, free_pages, &cursor) != 0) return 0;
  std::uint64_t pages = 0;
  MDB_val key;
  MDB_val value;
  while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
    std::size_t count = 0;
    if (value.mv_size >= sizeof count) std::memcpy(&count, value.mv_data, sizeof count);
    pages += count;
  }
  mdb_cursor_close(cursor);
  return pages * status.ms_psize;
}

}  // namespace ditto::store
