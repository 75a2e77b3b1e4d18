// The named workloads as they are measured: what each needs to exist on the server is made once per server, before the
// clock starts, and kept for the following rounds. Owns the engine of one server. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine.hpp"
#include "workload_v41.hpp"

namespace bench {

struct Sizes {
  std::uint64_t probes = 1000;                         // files that GETATTR, LOOKUP and ACCESS go over
  std::uint64_t listed = 10'000;                       // entries of the directory that is listed
  std::uint64_t removed = 10'000;                      // entries that are made at a time for REMOVE
  std::uint64_t file_bytes = std::uint64_t{64} << 20;  // of the file that each connection reads and writes
  bool verify = false;                                 // compare what READ returns
};

class Scenes {
 public:
  /// Connects, mounts and makes a directory of its own named `directory`. Throws Failure.
  Scenes(Target target, unsigned connections, unsigned in_flight, nfs3::Caller caller, const Sizes& sizes,
         const std::string& directory);

  static std::vector<std::string> names();
  /// Its operations wait for the disk.
  static bool is_durable(const std::string& name);

  const Target& target() const { return engine_.target(); }

  /// Measures one round of one workload. Throws Failure.
  Result measure(const std::string& name, double seconds, double warm_up);

 private:
  std::string directory(const std::string& name) { return engine_.make_directory(root_, name); }
  void fill(Workload& workload);
  Entries make_entries(const std::string& directory, const std::string& prefix, std::uint64_t count);
  void need_probes();
  void need_files();
  void need_moving();
  void need_listing();

  Result probe(ProbeKind kind, double seconds, double warm_up);
  Result transfer(Transfer transfer, double seconds, double warm_up);
  Result creation(std::uint32_t write_bytes, double seconds, double warm_up);
  Result removal(double seconds);
  /// Of a directory for each connection, which are still to be made.
  std::vector<std::string> fresh_names();

  // The same over NFSv4.1: everything is made over NFSv3, and looked up.
  Result measure_v41(const std::string& name, double seconds, double warm_up);
  nfs41::Session& session();
  std::string handle_v41(const std::string& directory, const std::string& name = "");
  void need_probes_v41();
  void need_small();
  const std::vector<nfs41::OpenFile>& open_files();

  Engine engine_;
  Sizes sizes_;
  std::string root_, probe_directory_, from_, to_, listed_;
  Entries probes_, files_, moving_;
  unsigned rounds_ = 0;

  const std::string name_;  // of the directory that all of it is in
  std::unique_ptr<nfs41::Session> session_;
  Entries probes_v41_, small_;
  std::vector<nfs41::OpenFile> open_files_;
};

}  // namespace bench
