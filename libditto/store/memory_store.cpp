#include "store/data/memory_data.hpp"
#include "store/kv/memory_kv.hpp"
#include "store/store.hpp"

namespace ditto::store {
namespace {

struct Memory {
  MemoryKv kv;
  MemoryData data;
};

class MemoryStore final : private Memory, public Store {
 public:
  MemoryStore() : Store(Memory::kv, Memory::data) {}
};

}  // namespace

std::unique_ptr<Store> memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace ditto::store
