// KvStore: an ordered, transactional map from byte strings to byte strings, the ground that DittoFs, and later recovery
// and identity, keep their records on. A host program may implement it. It knows nothing of files. All calls may come
// from any thread; bodies given to view() and transact() run on the calling thread before the call returns and must not
// call the store again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/durable.hpp"
#include "base/function_ref.hpp"
#include "base/result.hpp"
#include "store/kv/store_listener.hpp"
#include "store/types.hpp"

namespace ditto::store {

/// Longest key of every engine (LMDB's own limit).
inline constexpr std::size_t max_key_bytes = 511;

/// One consistent state. Bytes handed out stay valid until the body returns, or until the transaction writes that key.
class KvReader {
 public:
  /// The value of `key`, or nullopt when there is none. Corrupt: it is not what was written.
  virtual Result<std::optional<Bytes>> get(Bytes key) = 0;
  /// get() of each of `keys` into `values`, which has the same length; an engine may fetch them in one round trip.
  virtual Result<void> get_many(std::span<const Bytes> keys, std::span<std::optional<Bytes>> values) = 0;
  /// Visits entries with from <= key < to in key order (bytewise) until `visit` returns false. An empty `to` means no
  /// end.
  virtual Result<void> scan(Bytes from, Bytes to, FunctionRef<bool(Bytes key, Bytes value)> visit) = 0;
  /// The greatest Lsn of all that was read so far, absences included: an answer that rests on it waits for that number.
  virtual Lsn seen() const noexcept = 0;

 protected:
  ~KvReader() = default;
};

class KvTransaction : public KvReader {
 public:
  /// Keys are 1 to max_key_bytes long; the bytes are copied.
  virtual void put(Bytes key, Bytes value) = 0;
  virtual void erase(Bytes key) = 0;

  /// Contents of an object become durable with this transaction, so that the object need not be synced. The caller has
  /// written them to the object already. No more than KvStore::contents_limit() bytes; nothing where that is 0.
  virtual void put_contents(ObjectId object, std::uint64_t offset, const BufferChain& contents);
  /// The object was synced, or is gone: what put_contents() made durable of it, up to the change `up_to`, is not to be
  /// written to it again after a crash.
  virtual void contents_synced(ObjectId object, Lsn up_to);

  /// `told` is called with the transaction's number as it is given out, so in the order of all numbers, before its
  /// writes are visible and before anybody can hear that it is durable; not at all when the transaction fails or has
  /// written nothing. It outlives transact(), must not call the store, and waits for no lock that is held around
  /// transact().
  virtual void on_commit(FunctionRef<void(Lsn)> told) = 0;

 protected:
  ~KvTransaction() = default;
};

class KvStore : public DurableSource {
 public:
  virtual ~KvStore() = default;

  /// Runs `body` in a serializable transaction. When it returns success its writes are visible at once to every later
  /// view and transaction, and the Lsn that makes them durable is returned; a body that wrote nothing gets the Lsn of
  /// what it read. When body fails, nothing happens and its error is returned. An engine may run body again after a
  /// conflict: so body has no side effects but its writes, reads every persistent fact through the transaction, and
  /// takes ids reserved outside. `seen`, where given, receives the greatest Lsn read even when body fails: errors rest
  /// on what was seen too. Errors: body's; WouldBlock; NoSpace; ReadOnly (after a disk failed); InvalidArgument (a key
  /// of a wrong length, or more than the engine takes in one transaction); Io.
  virtual Result<Lsn> transact(FunctionRef<Result<void>(KvTransaction&)> body, Blocking blocking,
                               Lsn* seen = nullptr) = 0;

  /// Runs `body` over one consistent state, which includes every transaction that returned before the call. Views are
  /// short: long scans resume by key.
  virtual Result<void> view(FunctionRef<Result<void>(KvReader&)> body, Blocking blocking) = 0;

  /// Blocks until `lsn` is durable or taken back; for the blocking pool, start-up and tests.
  virtual Result<void> wait_durable(Lsn lsn) = 0;

  /// Returns when changes up to `lsn` would survive the end of this process, though not a power cut. Never waits for a
  /// disk. NoSpace, Io: they are about to be taken back.
  virtual Result<void> write_out(Lsn) { return {}; }

  /// Whether every change is refused from now on, until the store is opened again: its disk failed. Any thread.
  virtual bool read_only() const noexcept { return false; }

  /// The most that put_contents() takes in one transaction; 0: contents never travel with transactions.
  virtual std::size_t contents_limit() const noexcept { return 0; }
  /// The last change that put contents of `object` which may not be durable in the object itself: as long as there is
  /// one, a crash would write them again. 0: there is none.
  virtual Lsn contents_pending(ObjectId) const { return 0; }

  /// Reads everything that is kept durably and hands out the keys of values that are not what was written; to others
  /// such a value is Corrupt. Blocks for long; while nobody writes.
  virtual Result<void> verify(FunctionRef<void(Bytes key)>) { return {}; }
  /// What a key stands for, in words: "the attributes of inode 7".
  using KeyName = std::string (*)(Bytes key);
  /// For lines of the log about damaged values. Set before the first transaction.
  virtual void set_key_names(KeyName) {}

  /// At most one listener, set before the first transaction.
  virtual void set_listener(StoreListener* listener) = 0;
};

inline void KvTransaction::put_contents(ObjectId, std::uint64_t, const BufferChain&) {}
inline void KvTransaction::contents_synced(ObjectId, Lsn) {}

}  // namespace ditto::store
