#include "store/kv/lmdb/replay.hpp"

#include <algorithm>

#include "store/journal/record.hpp"

namespace ditto::store {

using journal::Entry;
using journal::next_entry;

Result<void> Replay::look(Lsn, Bytes entries) {
  while (const auto entry = next_entry(entries)) {
    if (entry->kind != Entry::Kind::Synced) continue;
    Lsn& up_to = synced_[entry->object];
    up_to = std::max(up_to, entry->up_to);
  }
  return entries.empty() ? Result<void>() : fail(Error::Corrupt);
}

Result<void> Replay::redo(Lsn lsn, Bytes entries) {
  writes_.clear();
  while (const auto entry = next_entry(entries)) {
    switch (entry->kind) {
      case Entry::Kind::Put: writes_.put(entry->key, entry->value); break;
      case Entry::Kind::Erase: writes_.erase(entry->key); break;
      case Entry::Kind::Synced: objects_.synced(entry->object, entry->up_to); break;
      case Entry::Kind::Data: {
        const auto synced = synced_.find(entry->object);
        if (synced != synced_.end() && lsn <= synced->second) {
          ++counts_.skipped;
          break;
        }
        const BufferChain contents(Buffer::copy_of(entry->value));
        if (auto put = data_.write(entry->object, entry->offset, contents, Blocking::Allowed); !put) return put;
        objects_.note(entry->object, lsn);
        ++counts_.contents;
        break;
      }
    }
  }
  overlay_.publish(writes_, lsn);
  ++counts_.records;
  return {};
}

}  // namespace ditto::store
