// What a change of the state store leaves of the records of NFSv4 clients, for stores that tests keep in memory. Pure.
#pragma once

#include <vector>

#include "state/clients/effects.hpp"

namespace ditto::test {

inline void apply_change(std::vector<state::ClientRecord>& kept, const state::Persist& change) {
  using What = state::Persist::What;
  const auto remove = [&](state::ClientId id) { std::erase_if(kept, [&](const auto& each) { return each.id == id; }); };
  if (change.what == What::EndGrace) {
    std::erase_if(kept, [&](const auto& each) { return state::incarnation_of(each.id) < change.keep_from; });
  }
  for (const state::ClientRecord& record : change.cut_off) {
    remove(record.id);
    kept.push_back(record);
  }
  if (change.what != What::EndGrace) remove(change.record.id);
  if (change.what == What::Put) kept.push_back(change.record);
}

}  // namespace ditto::test
