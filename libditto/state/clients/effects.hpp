// What the state of clients wants done in the world: records persisted, and the state of clients that are gone dropped
// file by file. Collected under a lock by whoever calls state, delivered by the caller after it. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "state/clients/identity.hpp"
#include "state/recovery/object_record.hpp"

namespace ditto::state {

class OwnerSequence;

/// Names one Persist; 0 is none. They grow, and the store must apply changes in their order.
using PersistToken = std::uint64_t;

/// A change of the state store. When it is durable, Clients::persisted(token) is called, and failed(token) if it cannot
/// be.
struct Persist {
  enum class What : std::uint8_t {
    Put,           // record, in place of one with its id
    Remove,        // the record with record.id
    EndGrace,      // all in one: remove the records, also of objects, of incarnations before `keep_from`, put `cut_off`
    PutObject,     // object, in place of one with its key
    RemoveObject,  // the one with the key of object
  };
  What what = What::Put;
  PersistToken token = 0;
  ClientRecord record;
  Incarnation keep_from = 0;
  std::vector<ClientRecord> cut_off;
  ObjectRecord object;
};

/// This client is no more: its opens, locks and grants are to be dropped, file by file. Nobody finds it any more.
struct ClientGone {
  ClientId client = 0;
  friend bool operator==(const ClientGone&, const ClientGone&) = default;
};

/// What this open owner of a 4.0 client has open was never confirmed in a lease, and is to be dropped. RFC
/// 7530, 16.18.5.
struct OwnerLapsed {
  ClientId client = 0;
  std::shared_ptr<OwnerSequence> owner;
};

struct ClientEffects {
  std::vector<Persist> persist;
  std::vector<ClientGone> gone;
  std::vector<OwnerLapsed> unconfirmed;
  /// Whoever waited for what was not reclaimed need not wait any longer.
  bool grace_over = false;

  bool empty() const noexcept { return persist.empty() && gone.empty() && unconfirmed.empty() && !grace_over; }
};

}  // namespace ditto::state
