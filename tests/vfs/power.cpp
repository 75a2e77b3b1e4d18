#include "power.hpp"

#include <algorithm>

namespace ditto::test {

using store::Blocking;
using store::ObjectId;

Result<Lsn> PowerKv::transact(FunctionRef<Result<void>(store::KvTransaction&)> body, Blocking blocking, Lsn* seen) {
  if (contended && blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (failing) {
    const Error error = *failing;
    if (failures > 0 && --failures == 0) failing.reset();
    return fail(error);
  }
  auto lsn = kv_.transact(body, blocking, seen);
  if (!holding) sync();
  return lsn;
}

Result<void> PowerKv::view(FunctionRef<Result<void>(store::KvReader&)> body, Blocking blocking) {
  if (contended && blocking == Blocking::Never) return fail(Error::WouldBlock);
  return kv_.view(body, blocking);
}

Result<void> PowerKv::wait_durable(Lsn lsn) {
  if (const auto happens = std::exchange(during_wait, nullptr)) {
    happens();
    during_wait = happens;
  }
  if (failing_wait) return fail(*failing_wait);
  waited = std::max(waited, lsn);
  if (lsn > kv_.durable() && failing) return fail(*failing);
  if (lsn > kv_.durable()) kv_.make_durable(lsn);
  return kv_.wait_durable(lsn);
}

std::string PowerData::contents(ObjectId object) {
  std::string text(data_.size(object).value(), '\0');
  (void)data_.read(object, 0, std::as_writable_bytes(std::span(text.data(), text.size())), Blocking::Allowed);
  return text;
}

void PowerData::put(ObjectId object, const std::string& contents) {
  (void)data_.remove(object);
  if (!contents.empty()) {
    (void)data_.write(object, 0, BufferChain(Buffer::copy_of(bytes_of(contents))), Blocking::Allowed);
  }
}

void PowerData::cut_power(SeededRandom& random) {
  std::vector<ObjectId> objects;
  (void)data_.for_each([&](ObjectId object, std::uint64_t) { return objects.push_back(object), true; });
  for (const auto& [object, text] : synced_) objects.push_back(object);
  std::sort(objects.begin(), objects.end());
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  for (const ObjectId object : objects) {
    const std::string last = contents(object), synced = synced_.contains(object) ? synced_[object] : std::string();
    std::string left = random.below(2) ? last : synced;
    if (random.below(3) == 0) {
      // Some blocks reached the disk, others did not.
      left.resize(std::max(last.size(), synced.size()));
      for (std::size_t at = 0; at < left.size(); at += 512) {
        const std::string& from = random.below(2) ? last : synced;
        for (std::size_t i = at; i < std::min(at + 512, left.size()); ++i) left[i] = i < from.size() ? from[i] : '\0';
      }
    }
    put(object, left);
    synced_[object] = left;
  }
}

Result<std::size_t> PowerData::read(ObjectId object, std::uint64_t offset, MutableBytes into, Blocking blocking) {
  if (cold && blocking == Blocking::Never) return fail(Error::WouldBlock);
  return data_.read(object, offset, into, blocking);
}

Result<void> PowerData::write(ObjectId object, std::uint64_t offset, const BufferChain& data, Blocking blocking) {
  if (cold && blocking == Blocking::Never) return fail(Error::WouldBlock);
  if (failing_write) {
    // The first half is there all the same.
    (void)data_.write(object, offset, data.slice(0, data.size() / 2), blocking);
    return fail(*failing_write);
  }
  return data_.write(object, offset, data, blocking);
}

Result<void> PowerData::punch(ObjectId object, std::uint64_t offset, std::uint64_t length) {
  if (before_punch) before_punch();
  destroyed.push_back(object);
  return data_.punch(object, offset, length);
}

Result<void> PowerData::truncate(ObjectId object, std::uint64_t size) {
  if (size < data_.size(object).value()) destroyed.push_back(object);
  return data_.truncate(object, size);
}

Result<void> PowerData::sync(ObjectId object) {
  ++syncs;
  if (failing_sync) return fail(*failing_sync);
  synced_[object] = contents(object);
  return {};
}

Result<void> PowerData::remove(ObjectId object) {
  destroyed.push_back(object);
  synced_.erase(object);
  return data_.remove(object);
}

}  // namespace ditto::test
