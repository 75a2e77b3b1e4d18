// The memory of READ and WRITE data: what a client sent is what the file system gets, and what the file system gives is
// what the reply carries, without a copy between.
#include "ops/world.hpp"
#include "unit/gate/fake_file_system.hpp"
#include "wire/xdr.hpp"

using namespace ditto;
using namespace ditto::nfs3;
using namespace ditto::test;
using enum nfsstat3;

namespace {

class Spy final : public FakeFileSystem {
 public:
  std::vector<const std::byte*> written;
  std::vector<vfs::Blocking> attempts;
  Buffer contents = Buffer::copy_of(bytes_of("what the file holds"));

  Result<vfs::WriteResult> write(vfs::Context& context, vfs::Node&, std::uint64_t, const BufferChain& data,
                                 vfs::Stability) override {
    attempts.push_back(context.blocking);
    if (context.blocking == vfs::Blocking::Never) return fail(Error::WouldBlock);
    for (const Buffer& slice : data.buffers()) written.push_back(slice.data());
    return vfs::WriteResult{.count = static_cast<std::uint32_t>(data.size()), .change = {}};
  }
  Result<vfs::ReadResult> read(vfs::Context&, vfs::Node&, std::uint64_t, std::uint32_t) override {
    return vfs::ReadResult{.data = BufferChain(contents), .end_of_file = true, .attributes = {}};
  }
};

struct SpyWorld : World {
  std::shared_ptr<Spy> spy = std::make_shared<Spy>();
  SpyWorld() { REQUIRE(shares.add(std::make_shared<gate::Share>(12, "spy", spy, spy->root(), gate::ShareRules{}))); }
};

/// A request as it comes from the wire: its data within the memory of the record.
struct Received {
  BufferChain record;
  std::optional<WRITE3args> args;
  explicit Received(const WRITE3args& sent)
      : record(xdr::encode(sent).coalesce()), args(xdr::decode<WRITE3args>(record)) {
    REQUIRE(args);
  }
};

}  // namespace

TEST_CASE("WRITE hands on the memory that the request came in") {
  SpyWorld world;
  const Received received({world.root("spy"), 0, 4096, stable_how::UNSTABLE, chain_of(std::string(4096, 'x'))});
  const std::byte* const begin = received.record.buffers().front().data();
  const WRITE3res result = world.call(&nfs3::write, *received.args);
  CHECK(result.status == NFS3_OK);
  REQUIRE(world.spy->written.size() == 1);
  CHECK(world.spy->written[0] > begin);
  CHECK(world.spy->written[0] + 4096 == begin + received.record.size());
}

TEST_CASE("WRITE of a part of the data is a slice of the same memory") {
  SpyWorld world;
  const Received received({world.root("spy"), 0, 100, stable_how::UNSTABLE, chain_of(std::string(4096, 'x'))});
  const std::byte* const begin = received.record.buffers().front().data();
  CHECK(world.call(&nfs3::write, *received.args).resok.count == 100);
  REQUIRE(world.spy->written.size() == 1);
  CHECK(world.spy->written[0] + 4096 == begin + received.record.size());
}

TEST_CASE("READ links the file system's memory into the reply") {
  SpyWorld world;
  const READ3res result = world.call(&nfs3::read, READ3args{world.root("spy"), 0, 100});
  REQUIRE(result.status == NFS3_OK);
  const BufferChain encoded = xdr::encode(result);
  const auto slices = encoded.buffers();
  CHECK(std::ranges::any_of(slices, [&](const Buffer& slice) { return slice.data() == world.spy->contents.data(); }));
}

TEST_CASE("what would block runs again in the pool, and the handler goes on where it waited") {
  SpyWorld world;
  const WRITE3args args{world.root("spy"), 0, 1, stable_how::UNSTABLE, chain_of("x")};
  CHECK(world.call(&nfs3::write, args).status == NFS3_OK);
  CHECK(world.spy->attempts == std::vector{vfs::Blocking::Never, vfs::Blocking::Allowed});
  CHECK(world.pool.total() == 1);
  CHECK(world.loop.total() == 1);
}
