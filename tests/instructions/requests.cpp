#include "instructions/requests.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "base/limits.hpp"
#include "rpc/calls.hpp"

namespace ditto::test {
namespace {

using namespace nfs3;
using Make = std::function<Buffer(std::size_t index)>;

constexpr std::size_t files = 16;  // that a workload goes over, where it goes over some
constexpr std::uint32_t block_bytes = 4096;
constexpr std::uint64_t file_bytes = std::uint64_t{16} << 20;
constexpr std::size_t listed = 1000;

rpc::opaque_auth root_credential() {
  static const Buffer body = [] {
    xdr::Writer writer;
    writer(rpc::authsys_parms{});
    return writer.finish().coalesce();
  }();
  return {.flavor = rpc::AuthFlavor::Sys, .body = xdr::opaque<rpc::opaque_auth::max_body>::lend(body.bytes())};
}

template <class ARGS>
Buffer nfs_call(std::size_t index, std::uint32_t procedure, const ARGS& arguments) {
  xdr::Writer writer;
  writer(rpc::call_header{.xid = static_cast<std::uint32_t>(index + 1),
                          .prog = program_number,
                          .vers = program_version,
                          .proc = procedure});
  writer(root_credential(), rpc::opaque_auth{}, arguments);
  return record(writer.finish());
}

std::string name_of(std::size_t index) { return "a-file-" + std::to_string(index); }
diropargs3 at(const nfs_fh3& directory, const std::string& name) { return {directory, filename3::copy_of(name)}; }

/// Some order without a pattern that a cache could like.
std::uint64_t scattered(std::size_t index) { return (index * 0x9e3779b97f4a7c15) >> 20; }

std::vector<nfs_fh3> make_files(Stack& stack, vfs::NodeId directory, std::size_t count) {
  std::vector<nfs_fh3> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(stack.filehandle(stack.make(directory, name_of(i))));
  return made;
}

nfs_fh3 make_large_file(Stack& stack) {
  const vfs::NodeId file = stack.make(stack.root(), "large");
  stack.write(file, file_bytes);
  return stack.filehandle(file);
}

Make reads(Stack& stack, std::uint32_t size, bool random) {
  return [=, file = make_large_file(stack)](std::size_t i) {
    return nfs_call(i, 6, READ3args{file, (random ? scattered(i) : i) % (file_bytes / size) * size, size});
  };
}

Make writes(Stack& stack, std::uint32_t size, bool random, stable_how stable) {
  return [=, file = make_large_file(stack), data = data_of(size).bytes.chain](std::size_t i) {
    const std::uint64_t offset = (random ? scattered(i) : i) % (file_bytes / size) * size;
    return nfs_call(i, 7, WRITE3args{file, offset, size, stable, {data}});
  };
}

Make creations(Stack& stack) {
  const nfs_fh3 root = stack.filehandle(stack.root());
  return [=](std::size_t i) {
    createhow3 how{.mode = createmode3::GUARDED};
    how.obj_attributes.mode = 0644;
    return nfs_call(i, 8, CREATE3args{at(root, name_of(i)), how});
  };
}

/// Each file back and forth between two directories.
Make renames(Stack& stack) {
  const vfs::NodeId from = stack.make(stack.root(), "from", vfs::FileType::Directory);
  const vfs::NodeId to = stack.make(stack.root(), "to", vfs::FileType::Directory);
  make_files(stack, from, files);
  return [=, sides = std::vector{stack.filehandle(from), stack.filehandle(to)}](std::size_t i) {
    const std::size_t side = i / files % 2;
    const std::string name = name_of(i % files);
    return nfs_call(i, 14, RENAME3args{at(sides[side], name), at(sides[1 - side], name)});
  };
}

Make removals(Stack& stack, std::size_t count) {
  make_files(stack, stack.root(), count);
  return [root = stack.filehandle(stack.root())](std::size_t i) {
    return nfs_call(i, 12, REMOVE3args{at(root, name_of(i))});
  };
}

Make listings(Stack& stack) {
  make_files(stack, stack.root(), listed);
  return [root = stack.filehandle(stack.root())](std::size_t i) {
    return nfs_call(i, 17, READDIRPLUS3args{.dir = root, .dircount = 32 << 10, .maxcount = limits::io_bytes});
  };
}

/// GETATTR, LOOKUP and ACCESS of one file after the other.
Make probes(Stack& stack, std::uint32_t procedure) {
  const nfs_fh3 root = stack.filehandle(stack.root());
  return [=, made = make_files(stack, stack.root(), files)](std::size_t i) {
    switch (procedure) {
      case 1: return nfs_call(i, procedure, GETATTR3args{made[i % files]});
      case 3: return nfs_call(i, procedure, LOOKUP3args{at(root, name_of(i % files))});
      default: return nfs_call(i, procedure, ACCESS3args{made[i % files], 0x3f});
    }
  };
}

}  // namespace

std::vector<Buffer> requests(Stack& stack, std::string_view workload, std::size_t count) {
  using enum stable_how;
  const std::map<std::string_view, std::function<Make()>> workloads = {
      {"getattr", [&] { return probes(stack, 1); }},
      {"lookup", [&] { return probes(stack, 3); }},
      {"access", [&] { return probes(stack, 4); }},
      {"read-4k", [&] { return reads(stack, block_bytes, true); }},
      {"read-1m", [&] { return reads(stack, limits::io_bytes, false); }},
      {"write-4k", [&] { return writes(stack, block_bytes, true, UNSTABLE); }},
      {"write-4k-stable", [&] { return writes(stack, block_bytes, true, FILE_SYNC); }},
      {"write-1m", [&] { return writes(stack, limits::io_bytes, false, UNSTABLE); }},
      {"create", [&] { return creations(stack); }},
      {"rename", [&] { return renames(stack); }},
      {"remove", [&] { return removals(stack, count); }},
      {"readdirplus", [&] { return listings(stack); }},
  };
  const auto found = workloads.find(workload);
  if (found == workloads.end()) {
    std::fprintf(stderr, "there is no such workload; there are:");
    for (const auto& [name, make] : workloads) std::fprintf(stderr, " %s", std::string(name).c_str());
    std::fprintf(stderr, "\n");
    std::exit(2);
  }
  const Make make = found->second();
  std::vector<Buffer> records;
  for (std::size_t i = 0; i < count; ++i) records.push_back(make(i));
  return records;
}

}  // namespace ditto::test
