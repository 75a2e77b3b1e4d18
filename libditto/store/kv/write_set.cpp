#include "store/kv/write_set.hpp"

#include "store/kv/kv_store.hpp"

namespace ditto::store {

void WriteSet::clear() noexcept {
  table_.clear();
  writes_ = 0;
  size_bytes_ = 0;
  bad_key_ = false;
}

void WriteSet::for_each(FunctionRef<void(const Version&)> visit) const {
  for (const Version* at = table_.first(); at != nullptr; at = table_.next_key(*at)) visit(*at);
}

void WriteSet::write(Bytes key, std::optional<Bytes> value) {
  if (key.empty() || key.size() > max_key_bytes) {
    bad_key_ = true;
    return;
  }
  table_.insert(key, ++writes_, value);
  size_bytes_ += key.size() + (value ? value->size() : 0);
}

}  // namespace ditto::store
