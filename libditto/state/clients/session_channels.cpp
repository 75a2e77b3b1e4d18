// The connections of a session and its callback channel.
#include <algorithm>
#include <utility>

#include "state/clients/session.hpp"

namespace ditto::state {

// RFC 8881, 18.34.3: without state protection (SP4_NONE, the only kind here) a SEQUENCE is enough to bind.
void Session::note_connection(ConnectionId connection) {
  if (find_binding(connection) != nullptr) return;
  add_binding(connection).bound.fore = true;
  count_callback_path();
}

Session::Binding* Session::find_binding(ConnectionId connection) {
  const auto found = std::ranges::find(bindings_, connection, &Binding::connection);
  return found == bindings_.end() ? nullptr : &*found;
}

Session::Binding& Session::add_binding(ConnectionId connection) {
  if (bindings_.size() >= connections_limit_) {
    const auto fore_only = std::ranges::find_if(bindings_, [](const Binding& b) { return !b.bound.back; });
    bindings_.erase(fore_only == bindings_.end() ? bindings_.begin() : fore_only);
  }
  ++bindings_count_;
  return bindings_.emplace_back(Binding{.connection = connection});
}

void Session::count_callback_path() {
  const bool path = !callback_fault_ && std::ranges::any_of(bindings_, &Binding::takes_callbacks);
  if (path == callback_path_) return;
  callback_path_ = path;
  client_->callback_paths.fetch_add(path ? 1 : -1u);
}

Answer<Bound> Session::bind(ConnectionId connection, Direction direction) {
  // Both are given to whoever takes both.
  const Bound wanted{.fore = direction != Direction::Back, .back = direction != Direction::Fore};
  const std::lock_guard lock(mutex_);
  if (!alive()) return refuse(Refusal::BadSession);
  Binding* binding = find_binding(connection);
  if (binding != nullptr && binding->asked) {
    const bool fits = direction == Direction::ForeOrBoth   ? binding->bound.fore
                      : direction == Direction::BackOrBoth ? binding->bound.back
                                                           : binding->bound == wanted;
    if (!fits) return refuse(Refusal::ChannelsFixed);
    binding->failed = false;  // whoever asks again says that it is there
    count_callback_path();
    return binding->bound;
  }
  // Interop: Linux binds a new connection for callbacks after its first SEQUENCE on it has bound it already.
  if (binding == nullptr) binding = &add_binding(connection);
  binding->bound = wanted;
  binding->asked = true;
  count_callback_path();
  return wanted;
}

void Session::unbind(ConnectionId connection) {
  const std::lock_guard lock(mutex_);
  std::erase_if(bindings_, [&](const Binding& binding) { return binding.connection == connection; });
  ++bindings_count_;
  count_callback_path();
}

bool Session::is_bound(ConnectionId connection) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(bindings_, connection, &Binding::connection) != bindings_.end();
}

std::vector<ConnectionId> Session::callback_connections() const {
  const std::lock_guard lock(mutex_);
  std::vector<ConnectionId> found;
  if (callback_fault_) return found;
  for (const Binding& binding : bindings_) {
    if (binding.takes_callbacks()) found.push_back(binding.connection);
  }
  return found;
}

void Session::callbacks_failed(ConnectionId connection) {
  const std::lock_guard lock(mutex_);
  if (Binding* binding = find_binding(connection)) binding->failed = true;
  count_callback_path();
}

void Session::callback_fault() {
  const std::lock_guard lock(mutex_);
  callback_fault_ = true;
  count_callback_path();
}

bool Session::has_callback_path() const {
  const std::lock_guard lock(mutex_);
  return callback_path_;
}

void Session::set_callback_control(CallbackControl control) {
  const std::lock_guard lock(mutex_);
  control_ = std::move(control);
}

CallbackControl Session::callback_control() const {
  const std::lock_guard lock(mutex_);
  return control_;
}

std::optional<CallbackSlot> Session::take_callback_slot() {
  const std::lock_guard lock(mutex_);
  return callback_slots_.take();
}

void Session::free_callback_slot(const CallbackSlot& slot, bool executed) {
  const std::lock_guard lock(mutex_);
  callback_slots_.put_back(slot, executed);
}

void Session::lose_callback_slot(const CallbackSlot& slot) {
  const std::lock_guard lock(mutex_);
  callback_slots_.lose(slot);
}

void Session::set_callback_target(std::uint32_t highest_slot) {
  const std::lock_guard lock(mutex_);
  callback_slots_.set_target(highest_slot);
}

bool Session::may_be_unseen(std::uint32_t slot, std::uint32_t sequence) const {
  const std::lock_guard lock(mutex_);
  return slot < slots_.size() && slots_[slot].sequence == sequence;
}

bool Session::callbacks_in_flight() const {
  const std::lock_guard lock(mutex_);
  return callback_slots_.any_in_use();
}

}  // namespace ditto::state
