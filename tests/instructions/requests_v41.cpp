#include <memory>

#include "instructions/client41.hpp"
#include "instructions/requests.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "rpc/calls.hpp"

namespace ditto::test {

using namespace nfs4;
using enum nfs_opnum4;

namespace {

/// A client, and one file that it has open.
struct Opened {
  Opened(Stack& stack, vfs::NodeId node, const std::string& name)
      : client(stack), file(stack.filehandle4(node)), stateid(client.open(stack.filehandle4(stack.root()), name)) {}
  Client41 client;
  nfs_fh4 file;
  stateid4 stateid;
};

std::uint32_t slot_of(std::size_t index) { return static_cast<std::uint32_t>(index % Client41::slots); }

/// The stateid of the open that a client gets `ahead` opens after the one it got `first` for: the server counts them.
stateid4 stateid_after(const stateid4& first, std::size_t ahead) {
  stateid4 made = first;
  std::byte* const number = made.other.data() + NFS4_OTHER_SIZE - sizeof(std::uint32_t);
  store_be(number, load_be<std::uint32_t>(number) + static_cast<std::uint32_t>(ahead));
  return made;
}

}  // namespace

Workload v41_getattr(Stack& stack) {
  const auto client = std::make_shared<Client41>(stack);
  std::vector<nfs_fh4> made;
  for (const vfs::NodeId file : make_files(stack, stack.root(), workload_files)) {
    made.push_back(stack.filehandle4(file));
  }
  return {[=](std::size_t i) {
    Operations operations;
    operations.on(made[i % workload_files]).getattr();
    return client->compound(slot_of(i), std::move(operations));
  }};
}

Workload v41_read(Stack& stack) {
  const auto opened = std::make_shared<Opened>(stack, make_large_file(stack), "large");
  return {[=](std::size_t i) {
    Operations operations;
    operations.on(opened->file).add(OP_READ, READ4args{opened->stateid, scattered_offset(i, block_bytes), block_bytes});
    return opened->client.compound(slot_of(i), std::move(operations));
  }};
}

Workload v41_write(Stack& stack) {
  const auto opened = std::make_shared<Opened>(stack, make_large_file(stack), "large");
  return {[=, data = data_of(block_bytes).bytes.chain](std::size_t i) {
    Operations operations;
    operations.on(opened->file)
        .add(OP_WRITE, WRITE4args{opened->stateid, scattered_offset(i, block_bytes), stable_how4::UNSTABLE4, {data}})
        .getattr(true);
    return opened->client.compound(slot_of(i), std::move(operations));
  }};
}

/// Three COMPOUNDs one behind the other, of whom the later ones know what the first will be told.
Workload v41_open_read_close(Stack& stack) {
  const std::vector<vfs::NodeId> files = make_files(stack, stack.root(), workload_files);
  for (const vfs::NodeId file : files) stack.write(file, block_bytes);
  const auto first = std::make_shared<Opened>(stack, files.front(), name_of(0));
  first->client.close(first->file, first->stateid);
  std::vector<nfs_fh4> handles;
  for (const vfs::NodeId file : files) handles.push_back(stack.filehandle4(file));
  const nfs_fh4 root = stack.filehandle4(stack.root());
  const auto make = [=](std::size_t i) {
    const nfs_fh4& file = handles[i % workload_files];
    const stateid4 stateid = stateid_after(first->stateid, i + 1);
    Operations open, read, close;
    open.on(root);
    first->client.add_open(open, name_of(i % workload_files));
    open.add(OP_GETFH).add(OP_ACCESS, ACCESS4args{ACCESS4_READ | ACCESS4_MODIFY | ACCESS4_EXTEND}).getattr();
    read.on(file).add(OP_READ, READ4args{stateid, 0, block_bytes});
    close.on(file).add(OP_CLOSE, CLOSE4args{.open_stateid = stateid});
    return joined({first->client.compound(slot_of(i), std::move(open), true),
                   first->client.compound(slot_of(i), std::move(read)),
                   first->client.compound(slot_of(i), std::move(close), true)});
  };
  return {.make = make, .calls = 3};
}

}  // namespace ditto::test
