#include "capi/options.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>

namespace ditto::capi {
namespace {

// The structures as they were when they were first released: no program is compiled with smaller ones. Never with
// padding at the end, so that a field that is added there is zero in older programs' structures.
constexpr std::size_t first_server_options_bytes = offsetof(ditto_server_options, log_release) + sizeof(void*);
constexpr std::size_t first_share_options_bytes = offsetof(ditto_share_options, network_count) + sizeof(std::size_t);
static_assert(sizeof(ditto_server_options) == offsetof(ditto_server_options, control) + sizeof(std::uint64_t));
static_assert(sizeof(ditto_share_options) == offsetof(ditto_share_options, no_delegations) + sizeof(std::uint64_t));

/// A copy of the caller's structure, which may be older (shorter) or newer (longer) than ours.
template <class Struct>
Outcome<Struct> copy_of(const Struct* from, const char* name, std::size_t first_bytes) {
  Struct copy{};
  copy.struct_size = sizeof copy;
  if (!from) return copy;
  const std::size_t size = from->struct_size;
  constexpr std::size_t plausible_bytes = 4096;
  if (size < first_bytes || size > plausible_bytes) {
    return failure(FailureCode::InvalidArgument, std::string(name) + ".struct_size is not the size of the structure");
  }
  std::memcpy(static_cast<void*>(&copy), from, std::min(size, sizeof copy));
  return copy;
}

/// What a newer structure holds beyond ours must be zero: we could not do what it asks.
template <class Struct>
Outcome<void> check_rest(const Struct* from, const char* name) {
  if (!from || from->struct_size <= sizeof(Struct)) return {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(from);
  if (std::all_of(bytes + sizeof(Struct), bytes + from->struct_size, [](unsigned char byte) { return byte == 0; }))
    return {};
  return failure(FailureCode::Unsupported,
                 std::string(name) + " has options that this version of the library does not know");
}

/// The host's pointer, released when the last copy of the log's sink is gone.
struct LogUser {
  LogUser(void* user_pointer, ditto_release_function release_function)
      : user(user_pointer), release(release_function) {}
  LogUser(const LogUser&) = delete;
  LogUser& operator=(const LogUser&) = delete;
  ~LogUser() {
    if (release) release(user);
  }
  void* const user;
  const ditto_release_function release;
};

std::uint32_t level_of(server::LogLevel level) {
  switch (level) {
    case server::LogLevel::Debug: return DITTO_LOG_DEBUG;
    case server::LogLevel::Info: return DITTO_LOG_INFO;
    case server::LogLevel::Warn: return DITTO_LOG_WARN;
    case server::LogLevel::Audit: return DITTO_LOG_AUDIT;
    case server::LogLevel::Error:
    case server::LogLevel::Off: break;
  }
  return DITTO_LOG_ERROR;
}

Outcome<server::LogOptions> log_of(const ditto_server_options& options) {
  // First of all: whatever fails from here on, log_user is released.
  const auto user = std::make_shared<LogUser>(options.log_user, options.log_release);
  server::LogOptions log;
  switch (options.log_level) {
    case DITTO_LOG_DEBUG: log.level = server::LogLevel::Debug; break;
    case 0:
    case DITTO_LOG_INFO: log.level = server::LogLevel::Info; break;
    case DITTO_LOG_WARN: log.level = server::LogLevel::Warn; break;
    case DITTO_LOG_ERROR: log.level = server::LogLevel::Error; break;
    case DITTO_LOG_AUDIT: log.level = server::LogLevel::Audit; break;
    default: return failure(FailureCode::InvalidArgument, "log_level is none of the DITTO_LOG_ values");
  }
  if (!options.log) log.level = server::LogLevel::Off;
  log.sink = [call = options.log, user](server::LogLevel level, std::string_view line) {
    if (call) call(user->user, level_of(level), line.data(), line.size());
  };
  return log;
}

template <class Number>
Number or_default(Number given, Number otherwise) {
  return given != 0 ? given : otherwise;
}

}  // namespace

Outcome<server::Options> options_of(const ditto_server_options* given) {
  const auto options = copy_of(given, "ditto_server_options", first_server_options_bytes);
  if (!options) return std::unexpected(options.error());
  auto log = log_of(*options);
  if (!log) return std::unexpected(std::move(log.error()));
  if (auto known = check_rest(given, "ditto_server_options"); !known) return std::unexpected(std::move(known.error()));

  server::Options result = server::embedded_options();
  result.log = *std::move(log);
  if (options->listen) result.listen = options->listen;
  result.nfs_port = options->nfs_port;
  result.portmap = {.enabled = options->portmap != 0, .port = options->portmap_port};
  result.threads = or_default(options->threads, result.threads);
  result.pool_threads = or_default(options->pool_threads, result.pool_threads);
  result.max_connections = or_default(options->max_connections, result.max_connections);
  result.memory_budget = or_default(options->memory_budget, result.memory_budget);
  result.verify_reads = options->verify_reads != 0;
  result.control = options->control != 0;
  return result;
}

Outcome<server::ShareOptions> options_of(const char* name, const ditto_share_options* given) {
  const auto options = copy_of(given, "ditto_share_options", first_share_options_bytes);
  if (!options) return std::unexpected(options.error());
  if (auto known = check_rest(given, "ditto_share_options"); !known) return std::unexpected(std::move(known.error()));

  server::ShareOptions result;
  result.name = name;
  switch (options->squash) {
    case DITTO_SQUASH_ROOT: result.squash = server::Squash::Root; break;
    case DITTO_SQUASH_NONE: result.squash = server::Squash::None; break;
    case DITTO_SQUASH_ALL: result.squash = server::Squash::All; break;
    default: return failure(FailureCode::InvalidArgument, "squash is none of the DITTO_SQUASH_ values");
  }
  result.anonymous_uid = or_default(options->anonymous_uid, result.anonymous_uid);
  result.anonymous_gid = or_default(options->anonymous_gid, result.anonymous_gid);
  result.read_only = options->read_only != 0;
  result.delegations = options->no_delegations == 0;
  switch (options->durability) {
    case DITTO_DURABILITY_SYNC: result.durability = server::Durability::Sync; break;
    case DITTO_DURABILITY_ASYNC: result.durability = server::Durability::Async; break;
    default: return failure(FailureCode::InvalidArgument, "durability is none of the DITTO_DURABILITY_ values");
  }
  if (options->flush_interval_ms > std::numeric_limits<std::uint32_t>::max()) {
    return failure(FailureCode::InvalidArgument, "flush_interval_ms is more than 60000");
  }
  result.flush_interval = or_default(static_cast<std::uint32_t>(options->flush_interval_ms), result.flush_interval);
  result.root_mode = or_default(options->root_mode, result.root_mode);
  result.root_uid = options->root_uid;
  result.root_gid = options->root_gid;
  if (options->network_count > 0 && !options->networks) return is_null("networks");
  for (std::size_t i = 0; i < options->network_count; ++i) {
    if (!options->networks[i]) return is_null("an entry of networks");
    result.networks.emplace_back(options->networks[i]);
  }
  return result;
}

}  // namespace ditto::capi
