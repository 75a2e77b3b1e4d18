#include "scenes.hpp"

#include <unistd.h>
#include <algorithm>

namespace bench {

namespace {

constexpr std::uint32_t small_block = 4096, large_block = 1 << 20;

}  // namespace

Scenes::Scenes(Target target, unsigned connections, unsigned in_flight, nfs3::Caller caller, const Sizes& sizes,
               const std::string& directory)
    : engine_(std::move(target), connections, in_flight, caller), sizes_(sizes), name_(directory) {
  root_ = engine_.make_directory(engine_.mount(), directory);
}

std::vector<std::string> Scenes::names() {
  return {"getattr",
          "lookup",
          "access",
          "read-4k-random",
          "write-4k-random",
          "read-1m",
          "write-1m",
          "create",
          "create-write-4k",
          "write-4k-stable",
          "rename",
          "remove",
          "readdirplus",
          "v41-getattr",
          "v41-read-4k",
          "v41-write-4k",
          "v41-open-read-close",
          "v41-create-write-close"};
}

bool Scenes::is_durable(const std::string& name) {
  static const std::vector<std::string> durable = {"create", "create-write-4k", "write-4k-stable",
                                                   "rename", "remove",          "v41-create-write-close"};
  return std::ranges::find(durable, name) != durable.end();
}

void Scenes::fill(Workload& workload) {
  Result result = engine_.run(workload, 0, 0);
  if (result.errors != 0) throw Failure{"preparing: " + result.first_error};
}

Entries Scenes::make_entries(const std::string& directory, const std::string& prefix, std::uint64_t count) {
  Entries made;
  fill(*make_creation({directory}, {.prefix = prefix, .limit = count, .made = &made}));
  return made;
}

void Scenes::need_probes() {
  if (!probes_.empty()) return;
  probe_directory_ = directory("probes");
  probes_ = make_entries(probe_directory_, "probe-", sizes_.probes);
}

void Scenes::need_files() {
  if (!files_.empty()) return;
  files_ = make_entries(directory("files"), "file-", engine_.connections());
  Transfer write{.write = true, .block_bytes = large_block, .file_bytes = sizes_.file_bytes};
  // Slots take turns, so that every file gets its share.
  write.limit = sizes_.file_bytes / large_block * engine_.connections() * 2;
  fill(*make_transfer(write, files_));
}

void Scenes::need_moving() {
  if (!moving_.empty()) return;
  from_ = directory("from");
  to_ = directory("to");
  moving_ = make_entries(from_, "moving-", engine_.in_flight());
}

void Scenes::need_listing() {
  if (!listed_.empty()) return;
  listed_ = directory("listed");
  make_entries(listed_, "an-entry-of-usual-length-", sizes_.listed);
}

Result Scenes::probe(ProbeKind kind, double seconds, double warm_up) {
  need_probes();
  return engine_.run(*make_probe(kind, probe_directory_, probes_), seconds, warm_up);
}

Result Scenes::transfer(Transfer transfer, double seconds, double warm_up) {
  need_files();
  transfer.verify = sizes_.verify;
  transfer.file_bytes = sizes_.file_bytes;
  ::sync();
  return engine_.run(*make_transfer(transfer, files_), seconds, warm_up);
}

std::vector<std::string> Scenes::fresh_names() {
  const std::string round = "created-" + std::to_string(rounds_++);
  std::vector<std::string> names;
  for (unsigned i = 0; i < engine_.connections(); ++i) names.push_back(round + "-" + std::to_string(i));
  return names;
}

Result Scenes::creation(std::uint32_t write_bytes, double seconds, double warm_up) {
  std::vector<std::string> directories;
  for (const std::string& name : fresh_names()) directories.push_back(directory(name));
  ::sync();
  return engine_.run(*make_creation(directories, {.prefix = "file-", .write_bytes = write_bytes}), seconds, warm_up);
}

Result Scenes::removal(double seconds) {
  // Nothing can be removed twice: new entries are made while the clock stands still.
  Result sum;
  while (sum.seconds < seconds && sum.errors == 0) {
    std::string from = directory("removed-" + std::to_string(rounds_++));
    Entries entries = make_entries(from, "file-", sizes_.removed);
    ::sync();
    sum.add(engine_.run(*make_removal(from, entries), seconds - sum.seconds, 0));
  }
  return sum;
}

Result Scenes::measure(const std::string& name, double seconds, double warm_up) {
  if (name.starts_with("v41-")) return measure_v41(name, seconds, warm_up);
  if (name == "getattr") return probe(ProbeKind::Getattr, seconds, warm_up);
  if (name == "lookup") return probe(ProbeKind::Lookup, seconds, warm_up);
  if (name == "access") return probe(ProbeKind::Access, seconds, warm_up);
  if (name == "read-4k-random") return transfer({.random = true, .block_bytes = small_block}, seconds, warm_up);
  if (name == "write-4k-random") {
    return transfer({.write = true, .random = true, .block_bytes = small_block}, seconds, warm_up);
  }
  if (name == "write-4k-stable") {
    return transfer({.write = true, .random = true, .stable = nfs3::Stable::FileSync, .block_bytes = small_block},
                    seconds, warm_up);
  }
  if (name == "read-1m") return transfer({.block_bytes = large_block}, seconds, warm_up);
  if (name == "write-1m") {
    // As a client writes files of this size, one after the other.
    Transfer write{.write = true, .block_bytes = large_block, .commit_bytes = sizes_.file_bytes};
    return transfer(write, seconds, warm_up);
  }
  if (name == "create") return creation(0, seconds, warm_up);
  if (name == "create-write-4k") return creation(small_block, seconds, warm_up);
  if (name == "rename") {
    need_moving();
    return engine_.run(*make_rename(from_, to_, moving_), seconds, warm_up);
  }
  if (name == "remove") return removal(seconds);
  if (name == "readdirplus") {
    need_listing();
    return engine_.run(*make_listing(listed_), seconds, warm_up);
  }
  throw Failure{"no workload is called " + name};
}

}  // namespace bench
