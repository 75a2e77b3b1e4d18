// The nodes that an operation is not given, but finds by their names: what it removes, replaces or renames. The file
// system says which they are within the change (vfs::Admission), and there they are entered, pinned, as those are that
// the operation was given; so nothing is granted on them between looking and doing. One that state/ has to be asked
// about ends the attempt, without effect; the next one finds it entered, or finds another. Belongs to its permit.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "gate/target.hpp"
#include "gate/word.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

class FoundNodes final : public vfs::Admission {
 public:
  FoundNodes() = default;
  FoundNodes(const FoundNodes&) = delete;
  FoundNodes& operator=(const FoundNodes&) = delete;

  bool admit(vfs::Node& node, vfs::NameChange change) noexcept override {
    Found& found = found_[static_cast<std::size_t>(change)];
    if (found.entered && &*found.pin == &node) return true;
    leave(found);
    found.pin = vfs::NodePin(node);
    found.entered = word::try_enter(node.gate_word, writes(change));
    if (!found.entered) contended_ = change;
    return found.entered;
  }
  vfs::Admission* admission() noexcept { return this; }
  /// A new attempt: what is entered stays so.
  void begin() noexcept { contended_.reset(); }
  bool turned_away() const noexcept { return contended_.has_value(); }
  Target contended() const noexcept {
    return {.id = found_[static_cast<std::size_t>(*contended_)].pin->id(), .operation = operation_of(*contended_)};
  }
  void entered_slowly() noexcept { found_[static_cast<std::size_t>(*contended_)].entered = true; }
  void leave() noexcept {
    for (Found& found : found_) leave(found);
  }

 private:
  struct Found {
    vfs::NodePin pin;
    bool entered = false;
  };
  static constexpr state::Operation operation_of(vfs::NameChange change) noexcept {
    switch (change) {
      case vfs::NameChange::Unlink: break;
      case vfs::NameChange::Rename: return state::Operation::ChangeLinks;
      case vfs::NameChange::OfAStream: return state::Operation::SetAttributes;
    }
    return state::Operation::Unlink;
  }
  static bool writes(vfs::NameChange change) noexcept { return state::demand_of(operation_of(change)).writes; }
  void leave(Found& found) noexcept {
    const auto change = static_cast<vfs::NameChange>(&found - found_.data());
    if (std::exchange(found.entered, false)) word::leave(found.pin->gate_word, writes(change));
  }

  std::array<Found, 3> found_;  // by NameChange
  std::optional<vfs::NameChange> contended_;
};

/// In their place, for operations that find none.
struct NothingFound {
  static vfs::Admission* admission() noexcept { return nullptr; }
  static void begin() noexcept {}
  static bool turned_away() noexcept { return false; }
  static Target contended() noexcept { return {}; }
  static void entered_slowly() noexcept {}
  static void leave() noexcept {}
};

}  // namespace ditto::gate
