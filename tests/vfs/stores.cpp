#include "stores.hpp"

#include "store/data/memory_data.hpp"
#include "store/kv/memory_kv.hpp"

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

}  // namespace

std::unique_ptr<Stores> make_stores(Engine) { return std::make_unique<MemoryStores>(); }

}  // namespace ditto::test
