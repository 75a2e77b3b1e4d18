// DataStore: sparse byte objects by 64-bit id, where the contents of files live once they are too large for the
// KvStore. It knows nothing of names, sizes that files claim, or permissions: an object simply has bytes, and reads
// zeros where nobody wrote. A host program may implement it. All calls may come from any thread; calls on one object
// that overlap in range and modify it are ordered by the caller. Object ids are never reused by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/types.hpp"

namespace ditto::store {

/// Room on the disk under a store, in bytes and files, as statvfs has it.
struct Space {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       // for root
  std::uint64_t available_bytes = 0;  // for everyone else
  std::uint64_t total_files = 0;
  std::uint64_t free_files = 0;
};

class DataStore {
 public:
  virtual ~DataStore() = default;

  /// Reads into `into` from `offset` and returns how many bytes there were: fewer than asked only at the object's end.
  /// An object that was never written is empty. Errors: WouldBlock (cold data), Io.
  virtual Result<std::size_t> read(ObjectId object, std::uint64_t offset, MutableBytes into, Blocking blocking) = 0;

  /// Writes all of `data` at `offset`, creating the object when it is absent; not durable before sync(). Nothing to
  /// write changes nothing. On an error part of the range may have been written. Errors: WouldBlock (before any
  /// effect), NoSpace, FileTooBig, Io.
  virtual Result<void> write(ObjectId object, std::uint64_t offset, const BufferChain& data, Blocking blocking) = 0;

  /// Reserves the disk's room for the range, so that no write to it lacks any; what it reads as stays, and the object
  /// ends no earlier than the range. NoSpace; NotSupported when nothing can be promised.
  virtual Result<void> allocate(ObjectId, std::uint64_t, std::uint64_t) { return fail(Error::NotSupported); }
  /// Makes the range read as zeros and gives its space back where it can; never changes the object's end.
  virtual Result<void> punch(ObjectId object, std::uint64_t offset, std::uint64_t length) = 0;
  /// Sets the object's end; bytes gained read as zeros. Truncating an absent object to 0 succeeds.
  virtual Result<void> truncate(ObjectId object, std::uint64_t size) = 0;
  /// Everything written to the object before the call, and the object's own existence, is durable when this returns; an
  /// absent one is no error.
  virtual Result<void> sync(ObjectId object) = 0;
  /// The object's end; 0 for an absent object.
  virtual Result<std::uint64_t> size(ObjectId object) = 0;
  /// Bytes of disk that the object takes.
  virtual Result<std::uint64_t> space_used(ObjectId object) = 0;

  /// The first offset >= `offset` that is data (or hole). At or behind the end: size() for a hole, NotFound for data. A
  /// store may report holes as data, never data as a hole.
  virtual Result<std::uint64_t> next_data(ObjectId object, std::uint64_t offset) = 0;
  virtual Result<std::uint64_t> next_hole(ObjectId object, std::uint64_t offset) = 0;

  /// Copies a range between (or within, when they do not overlap) objects, sharing blocks where the disk can.
  virtual Result<void> clone_range(ObjectId from, std::uint64_t from_offset, ObjectId to, std::uint64_t to_offset,
                                   std::uint64_t length) = 0;

  /// Removes the object; an absent one is no error.
  virtual Result<void> remove(ObjectId object) = 0;

  /// Visits every object once, in any order, until `visit` returns false. For checks and repair, not for requests.
  virtual Result<void> for_each(FunctionRef<bool(ObjectId object, std::uint64_t size_bytes)> visit) = 0;

  virtual Result<Space> space() = 0;
};

}  // namespace ditto::store
