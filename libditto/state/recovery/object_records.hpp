// The records of promises that are in force (state/recovery/object_record.hpp): what is to be written to the state
// store when one is made, becomes less, or is over. Whoever makes a promise waits for its Persist, and takes it back if
// that fails. An open can go, with its client, before its record was begun: then none is. Pure; any thread, its mutex
// is a leaf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "state/clients/effects.hpp"
#include "state/recovery/records.hpp"
#include "state/refusal.hpp"

namespace ditto::state {

class ObjectRecords {
 public:
  static constexpr std::size_t max_records = 65536;

  explicit ObjectRecords(PersistTokens& tokens) noexcept : tokens_(tokens) {}

  /// The server starts as `incarnation`, and has promised nothing yet.
  void begin(Incarnation incarnation);

  /// A promise is made, or becomes more; its incarnation is this one. It is kept once the Persist is durable.
  /// LimitReached; Cancelled: it is over already.
  Answer<PersistToken> put(ObjectRecord record, std::vector<Persist>& changes);
  /// The promise with that number denies less now; when it denies nothing, it is over.
  void lessen(std::uint64_t number, const ShareMode& mode, std::vector<Persist>& changes);
  /// Of an earlier incarnation: it was claimed, and another one is in its place.
  void replaced(const ObjectRecord& old, std::vector<Persist>& changes);

  std::size_t size() const;

 private:
  struct Kept {
    ObjectRecord record;
    enum class As : std::uint8_t {
      InForce,
      Over,     // before it was put
      Refused,  // until whoever asked has taken back what it had got
    };
    As as = As::InForce;
  };
  void add(Persist::What what, ObjectRecord record, std::vector<Persist>& changes);

  PersistTokens& tokens_;
  mutable std::mutex mutex_;  // guards the rest
  Incarnation incarnation_ = 0;
  std::unordered_map<std::uint64_t, Kept> kept_;
};

}  // namespace ditto::state
