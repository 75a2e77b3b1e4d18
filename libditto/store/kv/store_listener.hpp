// StoreListener: who is told, before all others, what becomes of a store's changes. Set on the store before its first
// transaction and until its last one is durable; belongs to whoever set it.
#pragma once

#include "base/durable.hpp"

namespace ditto::store {

class StoreListener {
 public:
  virtual ~StoreListener() = default;
  /// Every change with an Lsn above `kept`, though it was visible, could not be made durable and has been undone.
  /// Called before any waiter hears of it, while no transaction runs; must not call the store, nor wait for a lock that
  /// someone holds around transact().
  virtual void rolled_back(Lsn kept) = 0;
  /// Everything up to `lsn` is durable, and nobody has heard of it yet. May come from several threads at once, and in
  /// no order; must not call the store, nor wait for a lock that someone holds around transact().
  virtual void made_durable(Lsn) {}
};

}  // namespace ditto::store
