// Stores in memory whose disk a test holds in its hands: it decides what becomes durable and when, lets calls fail or
// find nothing cached, and cuts the power. One thread, unless a test says otherwise.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "store/data/memory_data.hpp"
#include "store/kv/memory_kv.hpp"
#include "stores.hpp"
#include "support/seeded_random.hpp"

namespace ditto::test {

/// Durable only when it is told, or waited for.
class PowerKv final : public store::KvStore {
 public:
  /// Changes become durable at once until this is set.
  bool holding = false;
  /// What transact() answers, when set: nothing is changed then. Counted down by `failures`, where that is not 0.
  std::optional<Error> failing;
  int failures = 0;
  /// transact() and view() on a loop answer WouldBlock.
  bool contended = false;
  /// Changes that were waited for by wait_durable(), the highest.
  Lsn waited = 0;
  /// What wait_durable() answers, when set: nothing becomes durable then.
  std::optional<Error> failing_wait;
  /// What happens while somebody waits; not while that waits itself.
  std::function<void()> during_wait;

  void sync() { kv_.make_durable(kv_.last()); }
  void sync_to(Lsn lsn) { kv_.make_durable(lsn); }
  /// The disk took nothing of what is not durable.
  void take_back(Error why) { kv_.take_back(why); }
  Lsn last() const { return kv_.last(); }

  Result<Lsn> transact(FunctionRef<Result<void>(store::KvTransaction&)> body, store::Blocking blocking,
                       Lsn* seen) override;
  Result<void> view(FunctionRef<Result<void>(store::KvReader&)> body, store::Blocking blocking) override;
  Lsn durable() const noexcept override { return kv_.durable(); }
  void when_durable(DurableWait& wait) override { kv_.when_durable(wait); }
  Result<void> wait_durable(Lsn lsn) override;
  void set_listener(store::StoreListener* listener) override { kv_.set_listener(listener); }

 private:
  store::MemoryKv kv_{store::MemoryKv::Durability::Manual};
};

/// Forgets, when the power goes, what was not synced, or part of it.
class PowerData final : public store::DataStore {
 public:
  bool cold = false;  // read() and write() on a loop answer WouldBlock
  std::optional<Error> failing_write, failing_sync;
  int syncs = 0;
  std::function<void()> before_punch;
  /// Objects that were shrunk, punched or removed, in order: what must not come before its change is durable.
  std::vector<store::ObjectId> destroyed;

  /// Every object is as it was synced, or as it was last, or partly so.
  void cut_power(SeededRandom& random);

  Result<std::size_t> read(store::ObjectId object, std::uint64_t offset, MutableBytes into,
                           store::Blocking blocking) override;
  Result<void> write(store::ObjectId object, std::uint64_t offset, const BufferChain& data,
                     store::Blocking blocking) override;
  Result<void> allocate(store::ObjectId object, std::uint64_t offset, std::uint64_t length) override {
    if (failing_write) return fail(*failing_write);
    return data_.allocate(object, offset, length);
  }
  Result<void> punch(store::ObjectId object, std::uint64_t offset, std::uint64_t length) override;
  Result<void> truncate(store::ObjectId object, std::uint64_t size) override;
  Result<void> sync(store::ObjectId object) override;
  Result<std::uint64_t> size(store::ObjectId object) override { return data_.size(object); }
  Result<std::uint64_t> space_used(store::ObjectId object) override { return data_.space_used(object); }
  Result<std::uint64_t> next_data(store::ObjectId o, std::uint64_t at) override { return data_.next_data(o, at); }
  Result<std::uint64_t> next_hole(store::ObjectId o, std::uint64_t at) override { return data_.next_hole(o, at); }
  Result<void> clone_range(store::ObjectId from, std::uint64_t from_offset, store::ObjectId to, std::uint64_t to_offset,
                           std::uint64_t length) override {
    return data_.clone_range(from, from_offset, to, to_offset, length);
  }
  Result<void> remove(store::ObjectId object) override;
  Result<void> for_each(FunctionRef<bool(store::ObjectId, std::uint64_t)> visit) override {
    return data_.for_each(visit);
  }
  Result<store::Space> space() override {
    auto space = data_.space();
    if (space) space->total_files = space->free_files = 0;  // as on a disk that does not count them
    return space;
  }

 private:
  std::string contents(store::ObjectId object);
  void put(store::ObjectId object, const std::string& contents);

  store::MemoryData data_;
  std::map<store::ObjectId, std::string> synced_;
};

class PowerStores final : public Stores {
 public:
  PowerKv power_kv;
  PowerData power_data;
  store::KvStore& kv() override { return power_kv; }
  store::DataStore& data() override { return power_data; }
};

}  // namespace ditto::test
