#include "stores.hpp"

#include <catch2/catch.hpp>

#include "store/data/memory_data.hpp"
#include "store/kv/memory_kv.hpp"
#include "store/store.hpp"
#include "store/temporary_folder.hpp"

namespace ditto::test {
namespace {

class MemoryStores final : public Stores {
 public:
  store::KvStore& kv() override { return kv_; }
  store::DataStore& data() override { return data_; }

 private:
  store::MemoryKv kv_;
  store::MemoryData data_;
};

class LocalStores final : public Stores {
 public:
  LocalStores() { open(); }
  store::KvStore& kv() override { return store_->kv; }
  store::DataStore& data() override { return store_->data; }
  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    auto opened = store::open_local_store(folder_.path(), null_log());
    INFO("open: " << (opened ? "success" : opened.error().message));
    REQUIRE(opened.has_value());
    store_ = std::move(*opened);
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace

std::unique_ptr<Stores> make_stores(Engine engine) {
  if (engine == Engine::Local) return std::make_unique<LocalStores>();
  return std::make_unique<MemoryStores>();
}

}  // namespace ditto::test
