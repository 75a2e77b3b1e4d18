#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
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
  std::unique_ptr<LmdbKv> kv;
  std::unique_ptr<LocalData> data;
};

class LocalStore final : private Parts, public Store {
 public:
  explicit LocalStore(Parts parts) : Parts(std::move(parts)), Store(*Parts::kv, *Parts::data) {}
};

/// Connections need descriptors too.
std::size_t open_objects(std::size_t wanted) {
  if (wanted == 0) wanted = default_open_objects;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::min<std::size_t>(wanted, limit.rlim_cur / 2);
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
  auto kv = LmdbKv::open(directory->metadata_path(), *space, log,
                         options.map_bytes != 0 ? options.map_bytes : lmdb_map_bytes);
  if (!kv) return damaged(std::move(kv.error()));
  if (directory->is_new()) {
    if (auto finished = directory->finish(); !finished) return std::unexpected(std::move(finished.error()));
    log.info(fmt::format("Made a new store in {}.", path));
  }
  return std::make_unique<LocalStore>(Parts{std::move(*directory), std::move(space), std::move(*kv), std::move(*data)});
}

}  // namespace ditto::store
