// What an operation does to a node, and to which of its bytes. Plain value.
#pragma once

#include "state/file_state.hpp"
#include "state/operation.hpp"
#include "vfs/attributes.hpp"

namespace ditto::gate {

struct Target {
  vfs::NodeId id;
  state::Operation operation{};
  state::ByteRange range{0, state::ByteRange::end_of_file};
  bool knows = false;                // it will tell what the node is like, with what somebody keeps to himself
  const state::Actor* as = nullptr;  // null: as whoever makes the call
  bool writes() const noexcept { return state::demand_of(operation).writes; }
};

}  // namespace ditto::gate
