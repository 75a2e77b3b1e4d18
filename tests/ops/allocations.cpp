// What a request costs in memory: once frames and chunks have been made, the hot procedures ask the allocator for
// nothing on the way through entrance, gate and handler, nor a COMPOUND for its operations.
#include <cstdlib>
#include <new>

#include "ops/nfs4/client.hpp"

namespace {
bool counting = false;
int allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;

namespace {

template <class F>
int allocations_of(F call) {
  for (int i = 0; i < 10; ++i) call();
  allocations = 0;
  counting = true;
  call();
  counting = false;
  return allocations;
}

}  // namespace

TEST_CASE("hot procedures allocate nothing") {
  World world;
  const nfs_fh3 root = world.root();
  const nfs_fh3 file = world.make_file(root, "file", 0644, "hello");
  const GETATTR3args getattr_args{file};
  const ACCESS3args access_args{file, 0x3f};
  const LOOKUP3args lookup_args{at(root, "file")};
  const READ3args read_args{file, 0, 5};
  CHECK(allocations_of([&] { (void)world.call(&getattr, getattr_args); }) == 0);
  CHECK(allocations_of([&] { (void)world.call(&nfs3::access, access_args); }) == 0);
  CHECK(allocations_of([&] { (void)world.call(&lookup, lookup_args); }) == 0);
  CHECK(allocations_of([&] { (void)world.call(&nfs3::read, read_args); }) == 0);
}

TEST_CASE("a COMPOUND that does not wait allocates nothing for its operations") {
  using enum nfs4::nfs_opnum4;
  World world;
  v4::Client client(world);
  client.minor = 1;
  world.make_file(world.root(), "file", 0644, "hello");
  const BufferChain call = client
                               .call(client.arguments(v4::Ops()
                                                          .go({"export", "file"})
                                                          .add(OP_ACCESS, nfs4::ACCESS4args{0x3f})
                                                          .add(OP_READ, nfs4::READ4args{{}, 0, 5})
                                                          .getattr({nfs4::FATTR4_TYPE, nfs4::FATTR4_OWNER})
                                                          .getfh()))
                               .coalesce();
  CHECK(allocations_of([&] { client.answer(call); }) == 0);
}
