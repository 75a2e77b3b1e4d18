// The workloads over NFSv4.1: COMPOUNDs as Linux sends them, on a session that outlives them. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nfs41.hpp"
#include "workload.hpp"

namespace bench::nfs41 {

/// GETATTR of one after the other.
std::unique_ptr<Workload> make_getattr(Session& session, const Entries& entries);

struct OpenFile {
  std::string handle;
  Stateid stateid;
};
struct Transfer {
  bool write = false;
  bool verify = false;
  std::uint32_t block_bytes = 4096;
  std::uint64_t file_bytes = 0;
};
/// At random; file i of `files` is used by connection i. What is written is committed in the end.
std::unique_ptr<Workload> make_transfer(Session& session, const Transfer& transfer, const std::vector<OpenFile>& files);

/// OPEN of one file of `bytes` after the other by its name, READ of all of it, and CLOSE, a COMPOUND each.
std::unique_ptr<Workload> make_open_read_close(Session& session, const std::string& directory, const Entries& entries,
                                               std::uint32_t bytes, bool verify);
/// OPEN that makes a file, WRITE of `bytes` to the disk, and CLOSE, a COMPOUND each.
std::unique_ptr<Workload> make_create_write_close(Session& session, std::vector<std::string> directories,
                                                  std::uint32_t bytes);

}  // namespace bench::nfs41
