#include "instructions/requests.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "base/limits.hpp"
#include "instructions/nfs_call.hpp"
#include "rpc/calls.hpp"

namespace ditto::test {
namespace {

using namespace nfs3;
using Make = std::function<Buffer(std::size_t index)>;

constexpr std::size_t listed = 1000;

template <class ARGS>
Buffer call(std::size_t index, std::uint32_t procedure, const ARGS& arguments) {
  return nfs_call(static_cast<std::uint32_t>(index + 1), program_version, procedure, xdr::encode(arguments));
}

diropargs3 at(const nfs_fh3& directory, const std::string& name) { return {directory, filename3::copy_of(name)}; }

std::uint64_t offset_of(std::size_t index, std::uint32_t size, bool random) {
  return random ? scattered_offset(index, size) : index % (large_file_bytes / size) * size;
}

Make reads(Stack& stack, std::uint32_t size, bool random) {
  return [=, file = stack.filehandle(make_large_file(stack))](std::size_t i) {
    return call(i, 6, READ3args{file, offset_of(i, size, random), size});
  };
}

Make writes(Stack& stack, std::uint32_t size, bool random, stable_how stable) {
  return [=, file = stack.filehandle(make_large_file(stack)), data = data_of(size).bytes.chain](std::size_t i) {
    return call(i, 7, WRITE3args{file, offset_of(i, size, random), size, stable, {data}});
  };
}

Make creations(Stack& stack) {
  const nfs_fh3 root = stack.filehandle(stack.root());
  return [=](std::size_t i) {
    createhow3 how{.mode = createmode3::GUARDED};
    how.obj_attributes.mode = 0644;
    return call(i, 8, CREATE3args{at(root, name_of(i)), how});
  };
}

/// Each file back and forth between two directories.
Make renames(Stack& stack) {
  const vfs::NodeId from = stack.make(stack.root(), "from", vfs::FileType::Directory);
  const vfs::NodeId to = stack.make(stack.root(), "to", vfs::FileType::Directory);
  make_files(stack, from, workload_files);
  return [=, sides = std::vector{stack.filehandle(from), stack.filehandle(to)}](std::size_t i) {
    const std::size_t side = i / workload_files % 2;
    const std::string name = name_of(i % workload_files);
    return call(i, 14, RENAME3args{at(sides[side], name), at(sides[1 - side], name)});
  };
}

Make removals(Stack& stack, std::size_t count) {
  make_files(stack, stack.root(), count);
  return
      [root = stack.filehandle(stack.root())](std::size_t i) { return call(i, 12, REMOVE3args{at(root, name_of(i))}); };
}

Make listings(Stack& stack) {
  make_files(stack, stack.root(), listed);
  return [root = stack.filehandle(stack.root())](std::size_t i) {
    return call(i, 17, READDIRPLUS3args{.dir = root, .dircount = 32 << 10, .maxcount = limits::io_bytes});
  };
}

/// GETATTR, LOOKUP and ACCESS of one file after the other.
Make probes(Stack& stack, std::uint32_t procedure) {
  const nfs_fh3 root = stack.filehandle(stack.root());
  std::vector<nfs_fh3> made;
  for (const vfs::NodeId file : make_files(stack, stack.root(), workload_files)) made.push_back(stack.filehandle(file));
  return [=](std::size_t i) {
    switch (procedure) {
      case 1: return call(i, procedure, GETATTR3args{made[i % workload_files]});
      case 3: return call(i, procedure, LOOKUP3args{at(root, name_of(i % workload_files))});
      default: return call(i, procedure, ACCESS3args{made[i % workload_files], 0x3f});
    }
  };
}

}  // namespace

std::string name_of(std::size_t index) { return "a-file-" + std::to_string(index); }

std::vector<vfs::NodeId> make_files(Stack& stack, vfs::NodeId directory, std::size_t count) {
  std::vector<vfs::NodeId> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(stack.make(directory, name_of(i)));
  return made;
}

vfs::NodeId make_large_file(Stack& stack) {
  const vfs::NodeId file = stack.make(stack.root(), "large");
  stack.write(file, large_file_bytes);
  return file;
}

std::uint64_t scattered_offset(std::size_t index, std::uint32_t size) {
  return (index * 0x9e3779b97f4a7c15 >> 20) % (large_file_bytes / size) * size;
}

Requests requests(Stack& stack, std::string_view workload, std::size_t count) {
  using enum stable_how;
  const auto v3 = [](Make make) { return Workload{.make = std::move(make)}; };
  const std::map<std::string_view, std::function<Workload()>> workloads = {
      {"getattr", [&] { return v3(probes(stack, 1)); }},
      {"lookup", [&] { return v3(probes(stack, 3)); }},
      {"access", [&] { return v3(probes(stack, 4)); }},
      {"read-4k", [&] { return v3(reads(stack, block_bytes, true)); }},
      {"read-1m", [&] { return v3(reads(stack, limits::io_bytes, false)); }},
      {"write-4k", [&] { return v3(writes(stack, block_bytes, true, UNSTABLE)); }},
      {"write-4k-stable", [&] { return v3(writes(stack, block_bytes, true, FILE_SYNC)); }},
      {"write-1m", [&] { return v3(writes(stack, limits::io_bytes, false, UNSTABLE)); }},
      {"create", [&] { return v3(creations(stack)); }},
      {"rename", [&] { return v3(renames(stack)); }},
      {"remove", [&] { return v3(removals(stack, count)); }},
      {"readdirplus", [&] { return v3(listings(stack)); }},
      {"v41-getattr", [&] { return v41_getattr(stack); }},
      {"v41-read-4k", [&] { return v41_read(stack); }},
      {"v41-write-4k", [&] { return v41_write(stack); }},
      {"v41-open-read-close", [&] { return v41_open_read_close(stack); }},
  };
  const auto found = workloads.find(workload);
  if (found == workloads.end()) {
    std::fprintf(stderr, "there is no such workload; there are:");
    for (const auto& [name, make] : workloads) std::fprintf(stderr, " %s", std::string(name).c_str());
    std::fprintf(stderr, "\n");
    std::exit(2);
  }
  const Workload chosen = found->second();
  Requests made{.records = {}, .calls = chosen.calls};
  for (std::size_t i = 0; i < count; ++i) made.records.push_back(chosen.make(i));
  return made;
}

}  // namespace ditto::test
