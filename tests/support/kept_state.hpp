// What a change of the state store leaves in it, for stores that tests keep in memory. Pure.
#pragma once

#include <vector>

#include "state/clients/effects.hpp"

namespace ditto::test {

struct KeptState {
  std::vector<state::ClientRecord> clients;
  std::vector<state::ObjectRecord> objects;
};

inline void apply_change(KeptState& kept, const state::Persist& change) {
  using What = state::Persist::What;
  const auto remove = [&](state::ClientId id) {
    std::erase_if(kept.clients, [&](const auto& each) { return each.id == id; });
  };
  const auto remove_object = [&] {
    std::erase_if(kept.objects, [&](const auto& each) {
      return each.incarnation == change.object.incarnation && each.number == change.object.number;
    });
  };
  switch (change.what) {
    case What::Put:
      remove(change.record.id);
      kept.clients.push_back(change.record);
      return;
    case What::Remove: return remove(change.record.id);
    case What::PutObject:
      remove_object();
      kept.objects.push_back(change.object);
      return;
    case What::RemoveObject: return remove_object();
    case What::EndGrace:
      std::erase_if(kept.clients, [&](const auto& each) { return state::incarnation_of(each.id) < change.keep_from; });
      std::erase_if(kept.objects, [&](const auto& each) { return each.incarnation < change.keep_from; });
      for (const state::ClientRecord& record : change.cut_off) {
        remove(record.id);
        kept.clients.push_back(record);
      }
  }
}

}  // namespace ditto::test
