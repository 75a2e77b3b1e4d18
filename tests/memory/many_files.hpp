// The workload of the memory test: a great many small files, made or touched one after the other, and every now and
// then a burst of 1 MiB WRITEs and READs on all connections at once. It checks what comes back and counts what was
// done. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "workload.hpp"

namespace memory_test {

using Handle = std::array<char, bench::nfs3::handle_bytes>;

/// What exists of the small files: their filehandles, without a string for each of a million.
struct Files {
  std::vector<std::string> directories;  // file i is in directory i % n
  std::size_t handle_bytes = 0;          // of each
  std::vector<Handle> handles;           // by number

  std::string name(std::uint64_t index) const { return "f" + std::to_string(index); }
  std::string_view directory(std::uint64_t index) const { return directories[index % directories.size()]; }
  std::string_view handle(std::uint64_t index) const { return {handles[index].data(), handle_bytes}; }
};

/// What was asked for and answered as it should be.
struct Counts {
  std::uint64_t created = 0, touched = 0;
  std::uint64_t written_mib = 0, read_mib = 0;
};

class ManyFiles final : public bench::Workload {
 public:
  enum class Phase : std::uint8_t { Create, Touch };

  /// `large`: a file for each connection, for its WRITEs and READs. What they refer to outlives the workload.
  ManyFiles(Files& files, const bench::Entries& large, Counts& counts);

  /// What the next run is about: all files once.
  void begin(Phase phase);

  bool start(bench::Slot& slot, bench::Request& out) override;
  bench::Verdict reply(bench::Slot& slot, bench::Reader& in, bench::Request& out) override;

 private:
  bool burst_due() const noexcept;
  void start_large(bench::Slot& slot, bench::Request& out);
  void start_small(bench::Slot& slot, bench::Request& out);
  bench::Verdict take_created(bench::Slot& slot, bench::Reader& in, bench::Request& out);
  void take_touched(bench::Slot& slot, bench::Reader& in);

  Phase phase_ = Phase::Create;
  Files& files_;
  const bench::Entries& large_;
  Counts& counts_;
  std::uint64_t next_ = 0;         // small file
  std::uint64_t large_begun_ = 0;  // operations of 1 MiB
  struct Large {
    std::uint64_t turns = 0;
    std::uint32_t written = 0;  // a bit for each MiB
  };
  std::vector<Large> progress_;  // of each connection at its file
};

}  // namespace memory_test
