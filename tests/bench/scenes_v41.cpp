// What the workloads over NFSv4.1 need: all of it is made over NFSv3, and looked up, or opened, over NFSv4.1.
#include <unistd.h>

#include "scenes.hpp"

namespace bench {

namespace {

constexpr std::uint32_t block_bytes = 4096;

}  // namespace

nfs41::Session& Scenes::session() {
  if (!session_) {
    const auto ask = [this](const Request& request, const std::string& args) {
      return engine_.compound(request, args);
    };
    session_ = std::make_unique<nfs41::Session>(ask, engine_.in_flight(), name_);
  }
  return *session_;
}

std::string Scenes::handle_v41(const std::string& directory, const std::string& name) {
  std::vector<std::string> path = {engine_.target().pseudo_path.substr(1), name_, directory};
  if (!name.empty()) path.push_back(name);
  return session().look_up("", path);
}

void Scenes::need_probes_v41() {
  need_probes();
  if (!probes_v41_.empty()) return;
  for (const Entry& entry : probes_)
    probes_v41_.push_back({entry.name, handle_v41("probes", entry.name), entry.number});
}

void Scenes::need_small() {
  if (!small_.empty()) return;
  const Creation creation{.prefix = "small-", .limit = sizes_.probes, .write_bytes = block_bytes, .made = &small_};
  fill(*make_creation({directory("small")}, creation));
}

const std::vector<nfs41::OpenFile>& Scenes::open_files() {
  need_files();
  if (!open_files_.empty()) return open_files_;
  const std::string directory = handle_v41("files");
  for (const Entry& file : files_) {
    open_files_.push_back({handle_v41("files", file.name), session().open(directory, file.name, nfs41::access_both)});
  }
  return open_files_;
}

Result Scenes::measure_v41(const std::string& name, double seconds, double warm_up) {
  if (name == "v41-getattr") {
    need_probes_v41();
    return engine_.run(*nfs41::make_getattr(session(), probes_v41_), seconds, warm_up);
  }
  if (name == "v41-read-4k" || name == "v41-write-4k") {
    const nfs41::Transfer transfer{.write = name == "v41-write-4k",
                                   .verify = sizes_.verify,
                                   .block_bytes = block_bytes,
                                   .file_bytes = sizes_.file_bytes};
    const auto workload = nfs41::make_transfer(session(), transfer, open_files());
    ::sync();
    return engine_.run(*workload, seconds, warm_up);
  }
  if (name == "v41-open-read-close") {
    need_small();
    const auto workload =
        nfs41::make_open_read_close(session(), handle_v41("small"), small_, block_bytes, sizes_.verify);
    return engine_.run(*workload, seconds, warm_up);
  }
  if (name == "v41-create-write-close") {
    std::vector<std::string> directories;
    for (const std::string& made : fresh_names()) {
      directory(made);
      directories.push_back(handle_v41(made));
    }
    ::sync();
    return engine_.run(*nfs41::make_create_write_close(session(), directories, block_bytes), seconds, warm_up);
  }
  throw Failure{"no workload is called " + name};
}

}  // namespace bench
