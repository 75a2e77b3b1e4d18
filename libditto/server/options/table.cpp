#include <array>
#include <concepts>
#include <utility>

#include "server/memory_budget.hpp"
#include "server/options/names.hpp"
#include "server/options/network.hpp"
#include "server/options/setting.hpp"

namespace ditto::server {
namespace {

constexpr std::array<std::string_view, 3> squash_names = {"none", "root", "all"};
constexpr std::array<std::string_view, 2> durability_names = {"sync", "async"};
constexpr std::array<std::string_view, 6> level_names = {"debug", "info", "warn", "error", "audit", "off"};
constexpr std::array<std::string_view, 2> format_names = {"text", "json"};

// How the types of fields travel as SettingValue. Enumerations go by the position of their name.
template <class Field>
SettingValue wrap(const Field& field, std::span<const std::string_view> names) {
  if constexpr (std::same_as<Field, bool> || std::same_as<Field, std::string> ||
                std::same_as<Field, std::vector<std::string>>) {
    return field;
  } else if constexpr (std::unsigned_integral<Field>) {
    return std::uint64_t{field};
  } else {
    return std::string(names[std::to_underlying(field)]);
  }
}

template <class Field>
void unwrap(Field& field, const SettingValue& value, std::span<const std::string_view> names) {
  if constexpr (std::same_as<Field, bool> || std::same_as<Field, std::string> ||
                std::same_as<Field, std::vector<std::string>>) {
    field = std::get<Field>(value);
  } else if constexpr (std::unsigned_integral<Field>) {
    field = static_cast<Field>(std::get<std::uint64_t>(value));
  } else {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == std::get<std::string>(value)) field = static_cast<Field>(i);
    }
  }
}

constexpr std::span<const std::string_view> no_names;

/// The getter and setter of a field, given as the members that lead to it.
template <class Owner, auto& Names, auto... Members>
struct Access {
  static SettingValue get(const Owner& owner) { return wrap((owner.*....*Members), Names); }
  static void put(Owner& owner, const SettingValue& value) { unwrap((owner.*....*Members), value, Names); }
};

template <class Owner, auto... Members>
using Plain = Access<Owner, no_names, Members...>;

constexpr auto server_rows = std::to_array<ServerSetting>({
    {.key = "data",
     .type = SettingType::Text,
     .text = "The directory that holds everything, created when absent; `:memory:` keeps everything in memory and "
             "forgets it "
             "at the end.",
     .get = Plain<Options, &Options::data>::get,
     .put = Plain<Options, &Options::data>::put,
     .placeholder = "DIR",
     .objection = object_to_path},
    {.key = "listen",
     .type = SettingType::Text,
     .text = "The address to listen on: 127.0.0.1 for this machine only, 0.0.0.0 for every IPv4 address it has, :: for "
             "IPv6 and IPv4.",
     .get = Plain<Options, &Options::listen>::get,
     .put = Plain<Options, &Options::listen>::put,
     .placeholder = "ADDRESS",
     .objection = object_to_address},
    {.key = "nfs_port",
     .type = SettingType::Integer,
     .text = "The TCP port of NFS, and of MOUNT beside it; 0 takes any free one, which the log then names.",
     .get = Plain<Options, &Options::nfs_port>::get,
     .put = Plain<Options, &Options::nfs_port>::put,
     .placeholder = "PORT",
     .maximum = 65535},
    {.key = "nfs_versions",
     .type = SettingType::TextList,
     .text = "Which versions of NFS are served: 3, 4.0, 4.1, 4.2. MOUNT comes with 3.",
     .get = Plain<Options, &Options::nfs_versions>::get,
     .put = Plain<Options, &Options::nfs_versions>::put,
     .placeholder = "VERSIONS",
     .objection = object_to_nfs_version},
    {.key = "nfs_domain",
     .type = SettingType::Text,
     .text =
         "The domain of the names that NFSv4 tells and takes users and groups by, as in me@example.org; the names are "
         "this machine's. Empty: they are told as numbers.",
     .get = Plain<Options, &Options::nfs_domain>::get,
     .put = Plain<Options, &Options::nfs_domain>::put,
     .placeholder = "DOMAIN",
     .objection = object_to_domain},
    {.key = "portmap.enabled",
     .type = SettingType::Boolean,
     .text = "Whether to run a portmapper (rpcbind), for clients that cannot be told ports.",
     .get = Plain<Options, &Options::portmap, &PortmapOptions::enabled>::get,
     .put = Plain<Options, &Options::portmap, &PortmapOptions::enabled>::put},
    {.key = "portmap.port",
     .type = SettingType::Integer,
     .text = "The TCP and UDP port of the portmapper; 0 takes any free one. Clients that ask a portmapper expect 111.",
     .get = Plain<Options, &Options::portmap, &PortmapOptions::port>::get,
     .put = Plain<Options, &Options::portmap, &PortmapOptions::port>::put,
     .placeholder = "PORT",
     .maximum = 65535},
    {.key = "locks.udp_port",
     .type = SettingType::Integer,
     .text = "The UDP port of NFSv3's locks (NLM and NSM), open where a portmapper tells of it; 0: "
             "the number of nfs_port. By TCP they are on nfs_port.",
     .get = Plain<Options, &Options::locks, &LockOptions::udp_port>::get,
     .put = Plain<Options, &Options::locks, &LockOptions::udp_port>::put,
     .placeholder = "PORT",
     .maximum = 65535},
    {.key = "locks.rpcbind",
     .type = SettingType::Boolean,
     .text = "Whether this machine's own portmapper (rpcbind, on port 111) is told where NFS, MOUNT and the locks are, "
             "for kernels, which ask there and nowhere else. It listens to root only.",
     .get = Plain<Options, &Options::locks, &LockOptions::rpcbind>::get,
     .put = Plain<Options, &Options::locks, &LockOptions::rpcbind>::put},
    {.key = "locks.grace_seconds",
     .type = SettingType::Integer,
     .text = "How long NFSv3 clients that held locks when the server ended have to get them back, before others get "
             "any; at most `lease_seconds`. It passes only if there are such clients.",
     .get = Plain<Options, &Options::locks, &LockOptions::grace_seconds>::get,
     .put = Plain<Options, &Options::locks, &LockOptions::grace_seconds>::put,
     .unit = "seconds",
     .maximum = 3600},
    {.key = "lease_seconds",
     .type = SettingType::Integer,
     .text = "How long an NFSv4 client may be silent before others get what it holds; also the longest that they wait, "
             "after a restart, for clients to get back what they held.",
     .get = Plain<Options, &Options::lease_seconds>::get,
     .put = Plain<Options, &Options::lease_seconds>::put,
     .unit = "seconds",
     .minimum = 1,
     .maximum = 3600},
    {.key = "courtesy_seconds",
     .type = SettingType::Integer,
     .text =
         "How long the opens and locks of an NFSv4 client that has been silent for too long stay, as long as nobody "
         "wants what they are in the way of; 0: not at all.",
     .get = Plain<Options, &Options::courtesy_seconds>::get,
     .put = Plain<Options, &Options::courtesy_seconds>::put,
     .unit = "seconds",
     .maximum = 31536000},
    {.key = "limits.operations",
     .type = SettingType::Integer,
     .text = "How many operations an NFSv4 request (COMPOUND) may have; longer ones are refused.",
     .get = Plain<Options, &Options::limits, &LimitOptions::operations>::get,
     .put = Plain<Options, &Options::limits, &LimitOptions::operations>::put,
     .unit = "operations",
     .minimum = 8,
     .maximum = 1024},
    {.key = "limits.slots",
     .type = SettingType::Integer,
     .text = "How many requests at a time a client may have in a session of NFSv4.1.",
     .get = Plain<Options, &Options::limits, &LimitOptions::slots>::get,
     .put = Plain<Options, &Options::limits, &LimitOptions::slots>::put,
     .unit = "requests",
     .minimum = 1,
     .maximum = 1024},
    {.key = "limits.clients",
     .type = SettingType::Integer,
     .text = "How many NFSv4 clients there may be at once. One more takes the place of one that has been silent for "
             "too long, or has to wait for that.",
     .get = Plain<Options, &Options::limits, &LimitOptions::clients>::get,
     .put = Plain<Options, &Options::limits, &LimitOptions::clients>::put,
     .unit = "clients",
     .minimum = 1,
     .maximum = 1'000'000},
    {.key = "limits.opens_per_client",
     .type = SettingType::Integer,
     .text = "How many opens an NFSv4 client may have, counted by owner and file.",
     .get = Plain<Options, &Options::limits, &LimitOptions::opens_per_client>::get,
     .put = Plain<Options, &Options::limits, &LimitOptions::opens_per_client>::put,
     .unit = "opens",
     .minimum = 1,
     .maximum = 10'000'000},
    {.key = "limits.locks_per_client",
     .type = SettingType::Integer,
     .text =
         "How many ranges of bytes an NFSv4 client or a host of NLM may have locked, on all files together; also how "
         "many lock states an NFSv4 client may have, counted by owner and file. Of one file no more than 16384 "
         "ranges can be locked, by all clients together.",
     .get = Plain<Options, &Options::limits, &LimitOptions::locks_per_client>::get,
     .put = Plain<Options, &Options::limits, &LimitOptions::locks_per_client>::put,
     .unit = "locks",
     .minimum = 1,
     .maximum = 10'000'000},
    {.key = "threads",
     .type = SettingType::Integer,
     .text = "How many threads serve connections; 0: one for each processor core that the server may use.",
     .get = Plain<Options, &Options::threads>::get,
     .put = Plain<Options, &Options::threads>::put,
     .unit = "threads",
     .maximum = 256},
    {.key = "pool_threads",
     .type = SettingType::Integer,
     .text = "How many threads there may be beside them for what waits for the disk.",
     .get = Plain<Options, &Options::pool_threads>::get,
     .put = Plain<Options, &Options::pool_threads>::put,
     .unit = "threads",
     .minimum = 1,
     .maximum = 1024},
    {.key = "max_connections",
     .type = SettingType::Integer,
     .text = "How many NFS connections there may be at once; further ones are closed at once.",
     .get = Plain<Options, &Options::max_connections>::get,
     .put = Plain<Options, &Options::max_connections>::put,
     .unit = "connections",
     .minimum = 1,
     .maximum = 1'000'000},
    {.key = "memory_budget",
     .type = SettingType::Integer,
     .text = "How much memory may be taken for what grows with use: changes on their way to the disk, inodes, requests "
             "and replies, kept replies. Files in `:memory:` come on top.",
     .get = Plain<Options, &Options::memory_budget>::get,
     .put = Plain<Options, &Options::memory_budget>::put,
     .unit = "bytes",
     .placeholder = "BYTES",
     .minimum = least_memory_budget,
     .maximum = most_memory_budget},
    {.key = "verify_reads",
     .type = SettingType::Boolean,
     .text = "Whether a READ compares what the disk gives with the checksums that contents get once nobody has written "
             "to their file for a while, and is refused where they differ. It reads 64 KiB at a time for that.",
     .get = Plain<Options, &Options::verify_reads>::get,
     .put = Plain<Options, &Options::verify_reads>::put},
    {.key = "control",
     .type = SettingType::Boolean,
     .text = "Whether the server answers `nfsd --status` through a socket in the data directory, `control.sock`, to "
             "which only the server's own user can connect. With `:memory:` there is none.",
     .get = Plain<Options, &Options::control>::get,
     .put = Plain<Options, &Options::control>::put},
    {.key = "metrics.enabled",
     .type = SettingType::Boolean,
     .text = "Whether counters and gauges can be read by HTTP, in the text format of Prometheus: `GET /metrics`. "
             "Whoever can connect can read them; they name shares and data directories, and no client.",
     .get = Plain<Options, &Options::metrics, &MetricsOptions::enabled>::get,
     .put = Plain<Options, &Options::metrics, &MetricsOptions::enabled>::put},
    {.key = "metrics.listen",
     .type = SettingType::Text,
     .text = "The address to answer questions for metrics on: 127.0.0.1 for this machine only.",
     .get = Plain<Options, &Options::metrics, &MetricsOptions::listen>::get,
     .put = Plain<Options, &Options::metrics, &MetricsOptions::listen>::put,
     .placeholder = "ADDRESS",
     .objection = object_to_address},
    {.key = "metrics.port",
     .type = SettingType::Integer,
     .text = "The TCP port of metrics; 0 takes any free one, which the log then names.",
     .get = Plain<Options, &Options::metrics, &MetricsOptions::port>::get,
     .put = Plain<Options, &Options::metrics, &MetricsOptions::port>::put,
     .placeholder = "PORT",
     .maximum = 65535},
    {.key = "stop_seconds",
     .type = SettingType::Integer,
     .text = "How long requests that are being served may take to finish when the server is told to stop.",
     .get = Plain<Options, &Options::stop_seconds>::get,
     .put = Plain<Options, &Options::stop_seconds>::put,
     .unit = "seconds",
     .maximum = 3600},
    {.key = "log.level",
     .type = SettingType::Choice,
     .text = "The least important kind of lines that the log shows; audit: nothing but what access control lists want "
             "recorded.",
     .get = Access<Options, level_names, &Options::log, &LogOptions::level>::get,
     .put = Access<Options, level_names, &Options::log, &LogOptions::level>::put,
     .choices = level_names},
    {.key = "log.format",
     .type = SettingType::Choice,
     .text = "The log, on stderr, as text for people or as one JSON object a line.",
     .get = Access<Options, format_names, &Options::log, &LogOptions::format>::get,
     .put = Access<Options, format_names, &Options::log, &LogOptions::format>::put,
     .choices = format_names},
});

constexpr auto share_rows = std::to_array<ShareSetting>({
    {.key = "name",
     .type = SettingType::Text,
     .text = "What clients ask for: a share named photos is mounted as `/photos`. Required.",
     .get = Plain<ShareOptions, &ShareOptions::name>::get,
     .put = Plain<ShareOptions, &ShareOptions::name>::put,
     .objection = object_to_share_name},
    {.key = "squash",
     .type = SettingType::Choice,
     .text = "Who acts as the anonymous user: none, root (user 0 and group 0), or all callers.",
     .get = Access<ShareOptions, squash_names, &ShareOptions::squash>::get,
     .put = Access<ShareOptions, squash_names, &ShareOptions::squash>::put,
     .choices = squash_names},
    {.key = "anonymous_uid",
     .type = SettingType::Integer,
     .text = "The anonymous user's user id.",
     .get = Plain<ShareOptions, &ShareOptions::anonymous_uid>::get,
     .put = Plain<ShareOptions, &ShareOptions::anonymous_uid>::put,
     .maximum = 0xfffffffe},
    {.key = "anonymous_gid",
     .type = SettingType::Integer,
     .text = "The anonymous user's group id.",
     .get = Plain<ShareOptions, &ShareOptions::anonymous_gid>::get,
     .put = Plain<ShareOptions, &ShareOptions::anonymous_gid>::put,
     .maximum = 0xfffffffe},
    {.key = "read_only",
     .type = SettingType::Boolean,
     .text = "Whether every change is refused.",
     .get = Plain<ShareOptions, &ShareOptions::read_only>::get,
     .put = Plain<ShareOptions, &ShareOptions::read_only>::put},
    {.key = "delegations",
     .type = SettingType::Boolean,
     .text = "Whether NFSv4 clients may be told that nobody else uses a file, so that they keep it to themselves until "
             "somebody does.",
     .get = Plain<ShareOptions, &ShareOptions::delegations>::get,
     .put = Plain<ShareOptions, &ShareOptions::delegations>::put},
    {.key = "durability",
     .type = SettingType::Choice,
     .text = "What an answer promises. sync: a power cut takes nothing of it. async: a killed server takes nothing of "
             "it, and a power cut what was answered within flush_interval.",
     .get = Access<ShareOptions, durability_names, &ShareOptions::durability>::get,
     .put = Access<ShareOptions, durability_names, &ShareOptions::durability>::put,
     .choices = durability_names},
    {.key = "flush_interval",
     .type = SettingType::Integer,
     .text =
         "How long a change that no answer waits for stays unsynced, at most, while the disk keeps up. Of the shares "
         "in one data directory the shortest holds for all of them.",
     .get = Plain<ShareOptions, &ShareOptions::flush_interval>::get,
     .put = Plain<ShareOptions, &ShareOptions::flush_interval>::put,
     .unit = "milliseconds",
     .minimum = 1,
     .maximum = 60'000},
    {.key = "networks",
     .type = SettingType::TextList,
     .text = "Who may use the share: addresses, or blocks such as 192.0.2.0/24. Empty: everybody who reaches the port.",
     .get = Plain<ShareOptions, &ShareOptions::networks>::get,
     .put = Plain<ShareOptions, &ShareOptions::networks>::put,
     .objection = object_to_network},
    {.key = "root_mode",
     .type = SettingType::Octal,
     .text = "The permissions of the share's top directory, in octal, when it is made. The default lets everybody "
             "create files "
             "and only owners remove them, as in /tmp.",
     .get = Plain<ShareOptions, &ShareOptions::root_mode>::get,
     .put = Plain<ShareOptions, &ShareOptions::root_mode>::put,
     .maximum = 07777},
    {.key = "root_uid",
     .type = SettingType::Integer,
     .text = "The owner of the share's top directory when it is made.",
     .get = Plain<ShareOptions, &ShareOptions::root_uid>::get,
     .put = Plain<ShareOptions, &ShareOptions::root_uid>::put,
     .maximum = 0xfffffffe},
    {.key = "root_gid",
     .type = SettingType::Integer,
     .text = "The group of the share's top directory when it is made.",
     .get = Plain<ShareOptions, &ShareOptions::root_gid>::get,
     .put = Plain<ShareOptions, &ShareOptions::root_gid>::put,
     .maximum = 0xfffffffe},
});

}  // namespace

std::span<const ServerSetting> server_settings() { return server_rows; }
std::span<const ShareSetting> share_settings() { return share_rows; }

}  // namespace ditto::server
