#include "state/listing.hpp"

namespace ditto::state {
namespace {

template <class List>
void add(List& list, std::size_t most, typename decltype(List::listed)::value_type row) {
  if (++list.count <= most) list.listed.push_back(std::move(row));
}

}  // namespace

HeldList list_held(const Files& files, std::size_t most) {
  HeldList list;
  list.listed.reserve(most);  // not under a lock
  files.each([&](const FileKey& file, const FileState& state) {
    for (const Open& open : state.opens()) add(list, most, {file, state.share(), open});
    for (const ByteLock& lock : state.locks().table().all()) add(list, most, {file, state.share(), lock});
    for (const Grant& grant : state.grants().all()) add(list, most, {file, state.share(), grant});
  });
  return list;
}

WaitingList list_waiting(const Files& files, std::size_t most) {
  WaitingList list;
  list.listed.reserve(most);
  files.each([&](const FileKey& file, const FileState& state) {
    for (const Parked& parked : state.waiting()) {
      add(list, most,
          {.file = file,
           .share = state.share(),
           .client = parked.holder.client,
           .since = parked.since,
           .until = parked.deadline,
           .what = parked.demand->name});
    }
    state.locks().each_waiter([&](const LockRequest& request, bool kept) {
      add(list, most,
          {.file = file,
           .share = state.share(),
           .client = request.lock.owner.client,
           .since = request.since,
           .until = request.until,
           .what = request.lock,
           .polls = request.waiting == Waiting::Polling,
           .kept = kept});
    });
  });
  return list;
}

}  // namespace ditto::state
