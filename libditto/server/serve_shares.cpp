// The shares and stores of a server: how they come, also while it runs, and how they go.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ditto/configuration.hpp"
#include "server/impl.hpp"
#include "server/options/names.hpp"
#include "server/shares/open_share.hpp"

namespace ditto::server {
namespace {

/// How often whoever waits for a change of the server looks whether it has been told to stop.
constexpr std::chrono::milliseconds look_every{50};

std::unexpected<Failure> exists_already(std::string_view name) {
  return failure(FailureCode::Exists, fmt::format("there is a share \"{}\" already", name));
}

std::string names_of(std::string_view what, const std::vector<std::string>& names, std::string_view before) {
  std::string text;
  for (const std::string& name : names) text += fmt::format("{}{}{}", text.empty() ? "" : ", ", before, name);
  return names.empty() ? text : fmt::format("{} {}", what, text);
}

Reloaded told(const ShareChanges& changes, std::vector<std::string> ignored) {
  Reloaded told{.added = changes.added, .changed = changes.changed, .removed = changes.removed};
  told.ignored = std::move(ignored);
  for (const std::string& part :
       {names_of("added", told.added, "/"), names_of("changed", told.changed, "/"),
        names_of("removed", told.removed, "/"), names_of("only a start changes:", told.ignored, "")}) {
    if (!part.empty()) told.text += (told.text.empty() ? "" : "; ") + part;
  }
  if (told.text.empty()) told.text = "nothing has changed";
  return told;
}

}  // namespace

std::unexpected<Failure> no_share() { return failure(FailureCode::WrongState, "the server has no share to serve"); }

Outcome<void> Server::Impl::open_own_store() {
  if (options_.shares.empty()) return {};
  if (!own_store_) {
    auto store = options_.data == memory_data ? open_memory_store(log_) : open_store(options_.data, log_);
    if (!store) return std::unexpected(std::move(store.error()));
    own_store_ = *std::move(store);
  }
  for (; own_shares_ < wanted_.size(); ++own_shares_) {
    if (auto added = add_share_locked(own_store_, wanted_[own_shares_]); !added) return added;
  }
  return {};
}

Outcome<void> Server::Impl::claim(const std::shared_ptr<OpenStore>& store) {
  if (stores_.has(store)) return {};
  if (store->claimed.exchange(true)) return failure(FailureCode::Busy, "the store belongs to another server");
  store->log.attach(log_);
  store->flush_interval = std::chrono::milliseconds::max();  // what an earlier server's shares asked for
  stores_.add(store);
  if (state_ == State::Running) come(*store);
  return {};
}

/// A store that clients are about to use.
void Server::Impl::come(OpenStore& store) {
  store.file_system->set_verify_reads(options_.verify_reads);
  share_memory();
  running_->maintenance->add(*store.file_system);
}

Outcome<void> Server::Impl::add_share(const std::shared_ptr<OpenStore>& store, const ShareOptions& options) {
  if (auto valid = validate(options); !valid) return valid;
  const std::lock_guard lock(mutex_);
  if (state_ == State::Stopped) return failure(FailureCode::WrongState, "the server has stopped");
  for (const ShareOptions& own : wanted_) {
    if (same_share_name(own.name, options.name)) return exists_already(own.name);
  }
  return add_share_locked(store, options);
}

Outcome<void> Server::Impl::add_share_locked(const std::shared_ptr<OpenStore>& store, const ShareOptions& options) {
  for (const auto& share : shares_.all()) {
    if (same_share_name(share->name(), options.name)) return exists_already(share->name());
  }
  if (auto claimed = claim(store); !claimed) return claimed;
  // The share keeps the whole store open, not just the file system in it.
  const std::shared_ptr<vfs::FileSystem> file_system(store, store->file_system.get());
  auto share = open_share(file_system, store->store->kv, options, system_clock(), system_random());
  if (!share) return std::unexpected(std::move(share.error()));
  if (!shares_.add(*std::move(share))) {
    return failure(FailureCode::Exists, fmt::format("the share \"{}\" has the id of another one", options.name));
  }
  store->flush_within(std::chrono::milliseconds(options.flush_interval));
  return {};
}

void Server::Impl::share_memory() {
  const StoreList::All stores = stores_.all();
  const StoreMemory each = memory_.for_each_of(stores.size());
  for (const auto& store : stores) {
    store->store->set_memory_bytes(each.changes_bytes);
    store->file_system->set_nodes_in_memory(each.nodes_in_memory);
  }
}

Outcome<void> Server::Impl::remove_share(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::Stopped) return failure(FailureCode::WrongState, "the server has stopped");
  const gate::Shares::List before = shares_.all();
  const auto found = std::ranges::find(before, name, [](const auto& share) { return std::string_view(share->name()); });
  if (found == before.end()) return failure(FailureCode::NotFound, fmt::format("there is no share \"{}\"", name));
  const std::shared_ptr<const gate::Share> share = *found;
  gate::Shares::List rest = before;
  std::erase(rest, share);
  shares_.replace(rest);
  own_shares_ -= std::erase_if(wanted_, [&](const ShareOptions& wanted) { return wanted.name == name; });
  if (state_ == State::Running) running_->nfs->drop_share(share->id());
  const StoreList::All stores = stores_.all();
  for (const auto& store : stores) {
    const auto uses = [&](const auto& each) { return &each->file_system() == store->file_system.get(); };
    // The first has the records of clients.
    if (store == stores.front() || std::ranges::any_of(rest, uses)) continue;
    if (state_ == State::Running) running_->maintenance->remove(*store->file_system);
    stores_.remove(store);
    leaving_.push_back(store);
    share_memory();
  }
  return {};
}

/// About once a second: what nobody looks at any more goes. What calls that had begun before have added to a share that
/// is gone is dropped with it.
void Server::Impl::collect() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || state_ != State::Running) return;
  for (const gate::Shares::List& gone : shares_.collect()) {
    for (const auto& share : gone) {
      if (!shares_.find(share->id())) running_->nfs->drop_share(share->id());
    }
  }
  if (!shares_.settled()) return;
  for (const auto& store : std::exchange(leaving_, {})) {
    // It may have got another share since.
    if (!stores_.has(store)) let_go(store);
  }
}

Outcome<gate::Shares::List> Server::Impl::shares_of(const Options& fresh, const ShareChanges& changes) {
  const std::shared_ptr<vfs::FileSystem> file_system(own_store_, own_store_->file_system.get());
  gate::Shares::List list;
  for (const ShareOptions& options : fresh.shares) {
    const auto* known = shares_.find(options.name);
    const bool comes = std::ranges::find(changes.added, options.name) != changes.added.end();
    if (!comes) {
      list.push_back(known->with_rules(rules_of(options)));
      continue;
    }
    if (known) return exists_already(options.name);
    auto share = open_share(file_system, own_store_->store->kv, options, system_clock(), system_random());
    if (!share) return std::unexpected(std::move(share.error()));
    list.push_back(shares_.admit(*std::move(share)));
  }
  // Those that were added otherwise stay.
  for (const auto& share : shares_.all()) {
    const auto own = std::ranges::find(wanted_, share->name(), &ShareOptions::name);
    if (own != wanted_.end()) continue;
    for (const auto& each : list) {
      if (same_share_name(each->name(), share->name())) return exists_already(share->name());
    }
    list.push_back(share);
  }
  return list;
}

Outcome<Reloaded> Server::Impl::reload_locked(const Options& fresh) {
  if (state_ != State::Running) return failure(FailureCode::WrongState, "the server does not run");
  if (!own_store_) return failure(FailureCode::WrongState, "the server has no data directory of its own");
  if (auto valid = validate(fresh); !valid) return std::unexpected(std::move(valid.error()));
  if (fresh.shares.empty()) return no_share();
  const ShareChanges changes = compare(wanted_, fresh.shares);
  auto list = shares_of(fresh, changes);
  if (!list) return std::unexpected(std::move(list.error()));

  std::vector<std::uint64_t> removed;
  for (const std::string& name : changes.removed) removed.push_back(shares_.find(name)->id());
  shares_.replace(*std::move(list));
  for (const std::uint64_t id : removed) running_->nfs->drop_share(id);
  wanted_ = fresh.shares;
  own_shares_ = wanted_.size();
  own_store_->flush_interval = std::chrono::milliseconds::max();
  for (const ShareOptions& share : wanted_) own_store_->flush_within(std::chrono::milliseconds(share.flush_interval));
  return told(changes, compare(options_, fresh));
}

Outcome<Reloaded> Server::Impl::reload(const Options& fresh) {
  const std::lock_guard lock(mutex_);
  return reload_locked(fresh);
}

Outcome<Reloaded> Server::Impl::reload_anew(bool by_control) {
  if (!read_again_) {
    return failure(FailureCode::WrongState, "the program that runs this server does not read its configuration again");
  }
  const auto fresh = read_again_();
  Outcome<Reloaded> done = fresh ? Outcome<Reloaded>() : std::unexpected(fresh.error());
  if (fresh) {
    std::unique_lock lock(mutex_, std::defer_lock);
    while (!lock.try_lock_for(look_every)) {
      // stop() waits for the control socket's thread with the lock held.
      if (by_control && stopping_) return failure(FailureCode::Busy, "the server is stopping");
    }
    done = reload_locked(*fresh);
  }
  if (done) {
    log_->info("the configuration was read again: " + done->text);
  } else {
    log_->error("the configuration is not used, and nothing has changed: " + done.error().message);
  }
  return done;
}

HttpAnswer Server::Impl::reload_asked() {
  const auto done = reload_anew(true);
  if (done) return server::done(done->text);
  const FailureCode code = done.error().code;
  return refusal(code == FailureCode::Busy ? 503 : code == FailureCode::WrongState ? 409 : 422, done.error().message);
}

}  // namespace ditto::server
