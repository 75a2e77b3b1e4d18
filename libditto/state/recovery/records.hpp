// The state store as those see it who must keep something over restarts, and the tokens that put their changes in
// order. Any thread.
#pragma once

#include <atomic>
#include <functional>

#include "state/clients/effects.hpp"

namespace ditto::state {

/// Gives each change its token: one for all who make changes to one store.
class PersistTokens {
 public:
  PersistToken next() noexcept { return last_.fetch_add(1) + 1; }

 private:
  std::atomic<PersistToken> last_{0};
};

class Records {
 public:
  using Done = std::function<void(bool durable)>;
  virtual ~Records() = default;
  /// Changes are applied in the order in which they come. `done` is called once the change is durable, or cannot be
  /// made; on any thread, also in here.
  virtual void apply(const Persist& change, Done done) = 0;
};

/// For servers that do not outlive their clients, and tests: nothing survives.
class NoRecords final : public Records {
 public:
  void apply(const Persist&, Done done) override { done(true); }
};

}  // namespace ditto::state
