#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "store/data/local/local_data.hpp"
#include "store/disk_space.hpp"
#include "store/kv/lmdb/lmdb_kv.hpp"
#include "store/store.hpp"

namespace ditto::store {
namespace {

struct Parts {
  StoreDirectory directory;
  std::unique_ptr<DiskSpace> space;
  std::unique_ptr<LocalData> data;
  std::unique_ptr<LmdbKv> kv;
};

class LocalStore final : private Parts, public Store {
 public:
  explicit LocalStore(Parts parts) : Parts(std::move(parts)), Store(*Parts::kv, *Parts::data) {}
  void set_memory_bytes(std::size_t bytes) noexcept override { Parts::kv->set_memory_bytes(bytes); }
  void set_flush_interval(std::chrono::milliseconds interval) override { Parts::kv->set_flush_interval(interval); }
  std::optional<StoreStatus> status() const override { return Parts::kv->status(); }
};

/// Connections need descriptors too.
std::size_t open_objects(std::size_t wanted) {
  if (wanted == 0) wanted = default_open_objects;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::min<std::size_t>(wanted, limit.rlim_cur / 2);
}

/// The journal's segments, of one size.
constexpr std::size_t journal_segments = 32;

/// A few of a small disk's megabytes, and no more than the default of a large one's.
std::size_t segment_bytes(const DiskSpace& space) {
  constexpr std::size_t least = std::size_t{1} << 20, most = journal::JournalOptions{}.segment_bytes;
  const auto room = space.read();
  return room ? std::clamp<std::size_t>(std::bit_floor(room->total_bytes / 256), least, most) : most;
}

LmdbKvOptions kv_options(const LocalStoreOptions& given, const DiskSpace& space) {
  LmdbKvOptions options;
  options.journal.segment_bytes = segment_bytes(space);
  if (given.map_bytes != 0) options.map_bytes = given.map_bytes;
  options.journal.max_segments = journal_segments;
  if (given.journal_bytes != 0) options.journal.segment_bytes = given.journal_bytes / journal_segments;
  if (given.memory_bytes != 0) options.memory_bytes = given.memory_bytes;
  if (given.flush_interval.count() != 0) options.flush_interval = given.flush_interval;
  if (given.checkpoint_interval.count() != 0) options.checkpoint_interval = given.checkpoint_interval;
  return options;
}

}  // namespace

std::expected<std::unique_ptr<Store>, OpenError> open_local_store(const std::string& path, Log& log,
                                                                  const LocalStoreOptions& options,
                                                                  const Clock& clock) {
  const auto damaged = [](std::string message) {
    return std::unexpected(OpenError{OpenError::Reason::Damaged, std::move(message) + "."});
  };
  auto directory = StoreDirectory::open(path, options.program);
  if (!directory) return std::unexpected(std::move(directory.error()));
  auto space = std::make_unique<DiskSpace>(path, clock,
                                           options.reserve_bytes != 0 ? options.reserve_bytes : default_reserve_bytes);
  auto data = LocalData::open(directory->objects_path(), *space, open_objects(options.open_objects));
  if (!data) return damaged(std::move(data.error()));
  const LmdbKv::Place place{.metadata_path = directory->metadata_path(),
                            .journal_path = directory->journal_path(),
                            .space = *space,
                            .data = **data,
                            .log = log,
                            .clock = clock,
                            .unfinished = directory->is_new()};
  auto kv = LmdbKv::open(place, kv_options(options, *space));
  if (!kv) return damaged(std::move(kv.error()));
  if (directory->is_new()) {
    if (auto finished = directory->finish(); !finished) return std::unexpected(std::move(finished.error()));
    log.info(fmt::format("Made a new store in {}.", path));
  }
  return std::make_unique<LocalStore>(Parts{std::move(*directory), std::move(space), std::move(*data), std::move(*kv)});
}

}  // namespace ditto::store
