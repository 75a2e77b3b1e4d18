// The slots of a session's callback channel, seen from the sender: which are free, and the sequence number that each
// uses next. A callback whose answer is not known keeps its slot and number until it is answered, or is given up: then
// the slot is lost, since nobody knows which number the client expects. Its session's mutex guards it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/assert.hpp"

namespace ditto::state {

/// csa_slotid, csa_sequenceid and csa_highest_slotid of a CB_SEQUENCE.
struct CallbackSlot {
  std::uint32_t slot = 0;
  std::uint32_t sequence = 0;
  std::uint32_t highest_slot = 0;
  friend bool operator==(const CallbackSlot&, const CallbackSlot&) = default;
};

class CallbackSlots {
 public:
  /// More than this are not used, however many the client offers.
  static constexpr std::uint32_t most = 16;

  explicit CallbackSlots(std::uint32_t offered) : slots_(std::min(offered, most)) {}

  /// The lowest free one, no higher than the client likes.
  std::optional<CallbackSlot> take() {
    const auto free = std::ranges::find(slots_, Use::Free, &Slot::use);
    if (free == slots_.end() || free - slots_.begin() > std::ptrdiff_t{target_}) return std::nullopt;
    free->use = Use::Taken;
    const auto index = static_cast<std::uint32_t>(free - slots_.begin());
    highest_ = std::max(highest_, index);
    return CallbackSlot{.slot = index, .sequence = free->sequence, .highest_slot = highest_};
  }

  /// The client answered. `executed`: CB_SEQUENCE succeeded, so that the number is used up (RFC 8881, 2.10.6.1.2).
  void put_back(const CallbackSlot& slot, bool executed) {
    Slot& used = slots_.at(slot.slot);
    end(used, slot, Use::Free);
    if (executed) ++used.sequence;
  }
  /// Nobody will ever know whether it was executed.
  void lose(const CallbackSlot& slot) { end(slots_.at(slot.slot), slot, Use::Lost); }

  /// csr_target_highest_slotid: no higher ones from now on.
  void set_target(std::uint32_t highest) noexcept { target_ = highest; }

  bool any_in_use() const noexcept { return std::ranges::find(slots_, Use::Taken, &Slot::use) != slots_.end(); }

 private:
  enum class Use : std::uint8_t { Free, Taken, Lost };
  struct Slot {
    std::uint32_t sequence = 1;  // RFC 8881, 18.36.4: the first one is 1
    Use use = Use::Free;
  };

  void end(Slot& slot, const CallbackSlot& taken, Use after) {
    DITTO_ASSERT(slot.use == Use::Taken && slot.sequence == taken.sequence);
    slot.use = after;
    while (highest_ > 0 && slots_[highest_].use != Use::Taken) --highest_;
  }

  std::vector<Slot> slots_;
  std::uint32_t highest_ = 0;
  std::uint32_t target_ = most;
};

}  // namespace ditto::state
