#include "state/handles/durable_handles.hpp"

#include <algorithm>
#include <string_view>

#include "base/bytes.hpp"

namespace ditto::state {
namespace {

constexpr std::uint64_t one_millisecond = 1'000'000;

std::string bytes_of_guid(const Guid& guid) {
  std::array<std::byte, 16> bytes{};
  store_be(bytes.data(), guid[0]);
  store_be(bytes.data() + 8, guid[1]);
  return std::string(text_of(bytes));
}

Guid guid_of(std::string_view text) {
  if (text.size() != 16) return {};
  const Bytes bytes = bytes_of(text);
  return {load_be<std::uint64_t>(bytes.data()), load_be<std::uint64_t>(bytes.data() + 8)};
}

Moment end_of(const DurableHandle& handle, Moment now) { return after(now, handle.timeout_ms * one_millisecond); }

}  // namespace

/// 3.3.7.1: whether it outlives its connection.
bool DurableHandles::is_kept(const DurableHandle& handle) noexcept {
  return handle.persistent || any(handle.caching & Caching::Handle);
}

ObjectRecord DurableHandles::record_of(const Entry& entry) const {
  const DurableHandle& handle = entry.handle;
  return {.kind = ObjectRecord::Kind::Handle,
          .incarnation = entry.incarnation,
          .number = entry.record,
          .file = handle.file,
          .who = {{Protocol::Smb, bytes_of_guid(handle.client)}, bytes_of_guid(handle.create)},
          .mode = handle.mode,
          .caching = handle.caching,
          .key = handle.lease.value_or(Guid{}),
          .principal = handle.owner,
          .timeout_ms = handle.timeout_ms};
}

void DurableHandles::begin(Incarnation incarnation, const std::vector<ObjectRecord>& records, Moment now) {
  const std::lock_guard lock(mutex_);
  incarnation_ = incarnation;
  entries_.clear();
  for (const ObjectRecord& record : records) {
    if (record.kind != ObjectRecord::Kind::Handle || entries_.size() >= limit_) continue;
    Entry entry{.incarnation = record.incarnation, .record = record.number};
    entry.handle = {.create = guid_of(record.who.owner),
                    .client = guid_of(record.who.client.owner),
                    .caching = record.caching,
                    .owner = record.principal,
                    .file = record.file,
                    .mode = record.mode,
                    .timeout_ms = record.timeout_ms,
                    .persistent = true};
    if (record.key != Guid{}) entry.handle.lease = record.key;
    entry.until = end_of(entry.handle, now);
    entries_.emplace(++last_, std::move(entry));
  }
}

std::expected<DurableHandles::Granted, HandleRefusal> DurableHandles::grant(DurableHandle wanted,
                                                                            HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  // 3.3.5.9.10: a create GUID is one open's.
  const bool taken = std::ranges::any_of(entries_, [&](const auto& each) {
    const DurableHandle& other = each.second.handle;
    return wanted.create != Guid{} && other.create == wanted.create && other.client == wanted.client;
  });
  if (taken) return std::unexpected(HandleRefusal::Duplicate);
  if (!is_kept(wanted) || entries_.size() >= limit_) return std::unexpected(HandleRefusal::NotDurable);
  wanted.timeout_ms = wanted.timeout_ms == 0 ? default_timeout_ms : std::min(wanted.timeout_ms, longest_timeout_ms);
  Entry entry{.handle = std::move(wanted), .incarnation = incarnation_};
  entry.record = entry.handle.open;
  if (entry.handle.persistent) {
    entry.promising = tokens_.next();
    Persist& change = effects.persist.emplace_back();
    change.what = Persist::What::PutObject;
    change.token = entry.promising;
    change.object = record_of(entry);
  }
  const Granted granted{.handle = entry.handle, .promised = entry.promising};
  entries_.emplace(++last_, std::move(entry));
  return granted;
}

std::optional<DurableHandle> DurableHandles::find(const Guid& client, const Guid& create) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, entry] : entries_) {
    if (entry.handle.client == client && entry.handle.create == create) return entry.handle;
  }
  return std::nullopt;
}

DurableHandles::Entries::iterator DurableHandles::find_by_id(std::uint64_t id) {
  return std::ranges::find_if(entries_, [&](const auto& each) { return id != 0 && each.second.handle.id == id; });
}

/// 3.3.5.9.12: a persistent one is also found by its create GUID.
DurableHandles::Entries::iterator DurableHandles::find_for(const Reconnect& wanted) {
  const auto found = find_by_id(wanted.id);
  if (found != entries_.end() || !wanted.second_form || !wanted.persistent) return found;
  return std::ranges::find_if(entries_, [&](const auto& each) { return each.second.handle.create == wanted.create; });
}

void DurableHandles::drop(Entries::iterator at, HandleEffects& effects, bool closes) {
  Entry& entry = at->second;
  if (entry.handle.persistent) {
    Persist& change = effects.persist.emplace_back();
    change.what = Persist::What::RemoveObject;
    change.token = tokens_.next();
    change.object = record_of(entry);
  }
  if (closes) effects.gone.push_back(std::move(entry.handle));
  entries_.erase(at);
}

bool DurableHandles::disconnected(std::uint64_t id, Moment now, HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found = find_by_id(id);
  if (found == entries_.end()) return false;
  if (!is_kept(found->second.handle)) {
    drop(found, effects);
    return false;
  }
  found->second.until = end_of(found->second.handle, now);
  return true;
}

/// 3.3.5.9.7 and 3.3.5.9.12, in the order that they are written in.
std::optional<HandleRefusal> DurableHandles::refusal_of(const Entry& entry, const Reconnect& wanted) noexcept {
  const DurableHandle& handle = entry.handle;
  if (handle.lease && handle.client != wanted.client) return HandleRefusal::NotFound;
  if (wanted.second_form) {
    if (handle.persistent && !wanted.persistent) return HandleRefusal::NotFound;
    if (handle.create != wanted.create) return HandleRefusal::NotFound;
  }
  if (!entry.until) return HandleRefusal::NotFound;  // it is in use
  if (handle.lease != wanted.lease) return HandleRefusal::NotFound;
  if (handle.lease && handle.lease_version != wanted.lease_version) return HandleRefusal::NotFound;
  if (!any(handle.caching & Caching::Handle) && !handle.persistent) return HandleRefusal::NotFound;
  const bool renamed = handle.lease && !handle.delete_on_close && !handle.name.empty() && handle.name != wanted.name;
  if (renamed) return HandleRefusal::Invalid;
  if (wanted.second_form && !handle.persistent && wanted.persistent) return HandleRefusal::Invalid;
  if (handle.owner != wanted.who) return HandleRefusal::AccessDenied;
  return std::nullopt;
}

std::expected<DurableHandle, HandleRefusal> DurableHandles::reconnect(const Reconnect& wanted, std::uint64_t new_id) {
  const std::lock_guard lock(mutex_);
  const auto found = find_for(wanted);
  if (found == entries_.end()) return std::unexpected(HandleRefusal::NotFound);
  Entry& entry = found->second;
  if (const auto refused = refusal_of(entry, wanted)) return std::unexpected(*refused);
  entry.until.reset();
  if (entry.handle.id == 0) entry.handle.id = new_id;
  return entry.handle;
}

bool DurableHandles::broken(OpenId open, Caching left, HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(entries_, [&](const auto& each) { return open != 0 && each.second.handle.open == open; });
  if (found == entries_.end()) return false;
  Entry& entry = found->second;
  entry.handle.caching = entry.handle.caching & left;
  if (!entry.until || is_kept(entry.handle)) return false;
  drop(found, effects);
  return true;
}

void DurableHandles::close(std::uint64_t id, HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found = find_by_id(id);
  if (found != entries_.end()) drop(found, effects, false);
}

void DurableHandles::advance(Moment now, HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto entry = at++;
    if (entry->second.until && now >= *entry->second.until) drop(entry, effects);
  }
}

Moment DurableHandles::next_deadline() const {
  const std::lock_guard lock(mutex_);
  Moment next = never;
  for (const auto& [number, entry] : entries_) next = std::min(next, entry.until.value_or(never));
  return next;
}

void DurableHandles::persisted(PersistToken token) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, entry] : entries_) {
    if (entry.promising == token) entry.promising = 0;
  }
}

void DurableHandles::failed(PersistToken token, HandleEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(entries_, [&](const auto& each) { return token != 0 && each.second.promising == token; });
  if (found != entries_.end()) drop(found, effects);
}

std::size_t DurableHandles::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace ditto::state
