#include "server/open_store.hpp"

#include <errno.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "server/failures.hpp"
#include "server/options/names.hpp"
#include "store/directory.hpp"

namespace ditto::server {
namespace {

/// Rooms below write whole sentences; a Failure's message has no full stop at its end.
std::string without_stop(std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

FailureCode code_of(store::OpenError::Reason reason) {
  using Reason = store::OpenError::Reason;
  switch (reason) {
    case Reason::InUse: return FailureCode::Busy;
    case Reason::NotPermitted: return FailureCode::PermissionDenied;
    case Reason::NotAStore: return FailureCode::InvalidArgument;
    case Reason::NewerFormat: return FailureCode::Unsupported;
    case Reason::Damaged: return FailureCode::Corrupt;
    case Reason::System: break;
  }
  return FailureCode::Io;
}

/// Whether the system refused because there is nothing at `path`'s parent, which is the user's to mend.
bool parent_is_missing(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::absolute(path, error).lexically_normal().parent_path();
  return !error && !std::filesystem::exists(parent, error) && !error;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

/// For people who find the directory taken.
std::string program_name() {
#ifdef __GLIBC__
  return program_invocation_short_name;
#else
  return "";
#endif
}

Outcome<std::shared_ptr<OpenStore>> with_file_system(std::shared_ptr<OpenStore> open, const std::string& where) {
  auto file_system = vfs::DittoFs::open(open->store->kv, open->store->data, system_clock(), system_random(), open->log);
  if (!file_system) return failure(FailureCode::Corrupt, where + ": " + without_stop(file_system.error()));
  open->file_system = *std::move(file_system);
  return open;
}

}  // namespace

void OpenStore::flush_within(std::chrono::milliseconds interval) {
  flush_interval = std::min(flush_interval, interval);
  store->set_flush_interval(flush_interval);
}

Outcome<std::shared_ptr<OpenStore>> open_memory_store(std::shared_ptr<ditto::Log> log) {
  auto open = std::make_shared<OpenStore>();
  open->place = memory_data;
  open->log.attach(std::move(log));
  open->store = store::memory_store();
  return with_file_system(std::move(open), "the store in memory");
}

Outcome<std::shared_ptr<OpenStore>> open_store(const std::string& directory, std::shared_ptr<ditto::Log> log) {
  if (const auto why = object_to_path(directory)) {
    return failure(FailureCode::InvalidArgument, "the name of the data directory " + *why);
  }
  auto open = std::make_shared<OpenStore>();
  open->place = absolute(directory);
  open->log.attach(std::move(log));
  auto opened = store::open_local_store(directory, open->log, {.program = program_name()});
  if (!opened) {
    FailureCode code = code_of(opened.error().reason);
    if (code == FailureCode::Io && parent_is_missing(directory)) code = FailureCode::NotFound;
    return failure(code, without_stop(std::move(opened.error().message)));
  }
  open->store = *std::move(opened);
  return with_file_system(std::move(open), directory);
}

Outcome<std::shared_ptr<OpenStore>> open_existing_store(const std::string& directory, std::shared_ptr<ditto::Log> log) {
  // Only an absent directory: whatever else is wrong with it, opening says better.
  std::error_code error;
  const auto status = std::filesystem::status(directory, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return failure(FailureCode::NotFound, directory + " does not exist");
  }
  if (status.type() == std::filesystem::file_type::directory && std::filesystem::is_empty(directory, error) && !error) {
    return failure(FailureCode::NotFound, directory + " is empty: there is no store in it");
  }
  return open_store(directory, std::move(log));
}

Outcome<Store> Store::open(const std::string& directory) {
  auto open = open_store(directory, nullptr);
  if (!open) return std::unexpected(std::move(open.error()));
  return Store(*std::move(open));
}

Outcome<Store> Store::in_memory() {
  auto open = open_memory_store(nullptr);
  if (!open) return std::unexpected(std::move(open.error()));
  return Store(*std::move(open));
}

}  // namespace ditto::server
