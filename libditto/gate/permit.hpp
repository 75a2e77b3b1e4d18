// Nodes pinned and entered, for as long as one operation takes: while a permit lives, nothing that conflicts with it is
// granted. Entering is one atomic step on the node's word; only when that says that something is held which concerns
// the operation, state/ is asked. Nodes that the operation finds by their names come later (gate/found_nodes.hpp).
// Belongs to its operation; one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include "gate/found_nodes.hpp"
#include "gate/target.hpp"
#include "gate/word.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

enum class Finds : bool { Nothing, Nodes };

template <std::size_t N, Finds finds = Finds::Nothing>
class Permit {
 public:
  explicit Permit(const std::array<Target, N>& targets) noexcept : targets_(targets) {}
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  ~Permit() { leave(); }

  /// Pins what is not pinned yet. Stale; WouldBlock.
  Result<void> pin(vfs::FileSystem& fs, vfs::Context& context) {
    for (std::size_t i = 0; i < N; ++i) {
      if (pins_[i]) continue;
      auto pin = fs.pin(context, targets_[i].id);
      if (!pin) return fail(pin.error());
      pins_[i] = std::move(*pin);
    }
    return {};
  }
  /// Enters what is not entered yet, the fast way. False: contended() is where state/ has to be asked.
  bool enter() noexcept {
    found_.begin();
    for (; entered_ < N; ++entered_) {
      if (!word::try_enter(pins_[entered_]->gate_word, targets_[entered_].writes())) return false;
    }
    return true;
  }
  /// For the call: who admits it to what it finds.
  vfs::Admission* admission() noexcept { return found_.admission(); }
  /// The call found a node that it was not admitted to, which is contended() now.
  bool turned_away() const noexcept { return found_.turned_away(); }
  Target contended() const noexcept { return turned_away() ? found_.contended() : targets_[entered_]; }
  /// state/ has counted contended() in, where somebody keeps `kept` to itself.
  void entered_slowly(const state::Kept& kept) noexcept {
    kept_ = kept;
    if (turned_away()) {
      found_.entered_slowly();
    } else {
      ++entered_;
    }
  }
  void leave() noexcept {
    found_.leave();
    while (entered_ > 0) {
      --entered_;
      word::leave(pins_[entered_]->gate_word, targets_[entered_].writes());
    }
  }
  bool changes() const noexcept {
    for (const Target& target : targets_) {
      if (state::demand_of(target.operation).modifies) return true;
    }
    return false;
  }
  /// What is to be told of a node beyond what its file system knows.
  const state::Kept& kept() const noexcept { return kept_; }
  vfs::Node& operator[](std::size_t index) const noexcept { return *pins_[index]; }

 private:
  std::array<Target, N> targets_;
  std::array<vfs::NodePin, N> pins_;
  std::size_t entered_ = 0;  // the first so many
  state::Kept kept_;
  [[no_unique_address]] std::conditional_t<finds == Finds::Nodes, FoundNodes, NothingFound> found_;
};

}  // namespace ditto::gate
