// MOUNT v3 as real clients and another server speak it.
#include <catch2/catch.hpp>

#include "nfs/mount/types.hpp"
#include "wire/golden_file.hpp"
#include "wire/xdr.hpp"

using namespace ditto;
using namespace ditto::mount;
using namespace ditto::test;

namespace {

template <class T>
T same(const BufferChain& bytes) {
  const auto value = xdr::decode<T>(bytes);
  REQUIRE(value);
  CHECK(xdr::encode(*value) == bytes);
  return *value;
}

}  // namespace

TEST_CASE("MOUNT: what clients and servers sent is read and written byte for byte", "[mount]") {
  const auto goldens = read_goldens("mount.txt");
  for (const char* client : {"linux-6.1", "libnfs-4.0.0"}) {
    for (const char* procedure : {"MNT", "UMNT"}) {
      INFO(client << " " << procedure);
      const BufferChain bytes = chain_of(find_golden(goldens, client, procedure, "call").hex);
      CHECK(same<MNTargs>(bytes).path.view() == "/export");
    }
  }
  const BufferChain mounted = chain_of(find_golden(goldens, "ganesha-4.3", "MNT", "reply").hex);
  const auto result = same<mountres3>(mounted);
  CHECK(result.fhs_status == mountstat3::MNT3_OK);
  CHECK(result.mountinfo.fhandle.size() == 24);
  REQUIRE(result.mountinfo.auth_flavors.size() == 1);
  CHECK(result.mountinfo.auth_flavors[0] == 1);

  const BufferChain exported = chain_of(find_golden(goldens, "ganesha-4.3", "EXPORT", "reply").hex);
  int nodes = 0;
  same<exports>(exported).nodes.for_each([&](const exportnode& node) {
    CHECK(node.ex_dir.view() == "/export");
    CHECK(node.ex_groups.empty());
    ++nodes;
  });
  CHECK(nodes == 1);
  const BufferChain nobody = chain_of(find_golden(goldens, "ganesha-4.3", "DUMP", "reply").hex);
  CHECK(same<mountlist>(nobody).mounts.empty());
}
