// Store: a KvStore and a DataStore that belong together, with whatever keeps them alive. What a file system is built on. The
// owner destroys it after everyone who uses kv or data is done. Opening and closing come from one thread; kv and data
// have their own rules.
#pragma once

#include <memory>

#include "store/data/data_store.hpp"
#include "store/kv/kv_store.hpp"

namespace ditto::store {

class Store {
 public:
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  KvStore& kv;
  DataStore& data;

 protected:
  Store(KvStore& kv_store, DataStore& data_store) noexcept : kv(kv_store), data(data_store) {}
};

/// A store that keeps everything in memory and ends with the process.
std::unique_ptr<Store> memory_store();

}  // namespace ditto::store
