// JournaledObjects: which objects have contents in the journal that may not be durable in the object itself. Whoever
// brings the durable state up to date syncs them first; whoever writes such an object in another way must know. Any
// thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/durable.hpp"
#include "store/types.hpp"

namespace ditto::store {

class JournaledObjects {
 public:
  /// The record `lsn`, the greatest so far, holds contents of `object`.
  void note(ObjectId object, Lsn lsn);
  /// Contents of records up to `up_to` are durable in the object.
  void synced(ObjectId object, Lsn up_to);
  /// The same for every object.
  void all_synced(Lsn up_to);

  /// The last record with contents of `object` that may not be durable in it; 0: there is none.
  Lsn last(ObjectId object) const;
  /// Objects with such a record up to `up_to`.
  std::vector<ObjectId> up_to(Lsn up_to) const;
  /// How often synced() found something.
  std::uint64_t settled() const;

 private:
  struct Records {
    Lsn first;
    Lsn last;
  };

  mutable std::mutex mutex_;  // a leaf
  std::unordered_map<ObjectId, Records> objects_;
  std::uint64_t settled_ = 0;
};

}  // namespace ditto::store
