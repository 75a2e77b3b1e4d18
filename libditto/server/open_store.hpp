// What a Store of the embedding API stands for: the storage, the file system over it, and who uses it. Owned by every
// copy of the handle and by every share over it; closing happens when the last of them goes, on that thread, and
// blocks. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "ditto/server.hpp"
#include "server/logs.hpp"
#include "store/store.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::server {

// The order of the members is the order of closing, backwards.
struct OpenStore {
  /// A share of it asks for this; the shortest of all holds. By the server that has it.
  void flush_within(std::chrono::milliseconds interval);

  std::string place;  // for people: the absolute path of its directory, or ":memory:"
  RelayLog log;
  std::unique_ptr<ditto::store::Store> store;
  std::unique_ptr<vfs::DittoFs> file_system;
  /// Whether a server has it: the state of clients is one server's.
  std::atomic<bool> claimed{false};
  std::chrono::milliseconds flush_interval = std::chrono::milliseconds::max();  // none was asked for
};

/// An empty store that ends with the process. `log` may be null.
Outcome<std::shared_ptr<OpenStore>> open_memory_store(std::shared_ptr<ditto::Log> log);

/// The store in a directory, which is created when absent. `log` may be null.
Outcome<std::shared_ptr<OpenStore>> open_store(const std::string& directory, std::shared_ptr<ditto::Log> log);

/// The store in a directory; NotFound when there is none.
Outcome<std::shared_ptr<OpenStore>> open_existing_store(const std::string& directory, std::shared_ptr<ditto::Log> log);

}  // namespace ditto::server
