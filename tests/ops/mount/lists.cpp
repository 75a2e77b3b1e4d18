// DUMP, UMNT, UMNTALL and EXPORT (RFC 1813, appendix I, 5.2.2 to 5.2.5), and NULL.
#include "ops/world.hpp"

using namespace ditto;
using namespace ditto::mount;
using namespace ditto::test;

namespace {

void mount_at(World& world, std::string_view path) {
  REQUIRE(world.call(&mnt, MNTargs{dirpath::copy_of(path)}).fhs_status == mountstat3::MNT3_OK);
}
void unmount(World& world, std::string_view path) { world.call(&umnt, UMNTargs{dirpath::copy_of(path)}); }

using Lines = std::vector<std::string>;

/// What showmount -a prints, seen from this machine.
Lines dumped(World& world) {
  const rpc::Peer peer = std::exchange(world.peer, peer_of({127, 0, 0, 1}));
  const mountlist list = world.call(&dump);
  world.peer = peer;
  Lines lines;
  list.mounts.for_each([&](const mountbody& mount) {
    lines.push_back(std::string(mount.ml_hostname.view()) + ":" + std::string(mount.ml_directory.view()));
  });
  return lines;
}

/// What showmount -e prints.
Lines exported(World& world) {
  const exports list = world.call(&export_);
  Lines lines;
  list.nodes.for_each([&](const exportnode& node) {
    std::string line(node.ex_dir.view());
    node.ex_groups.for_each([&](const groupnode& group) { line += " " + std::string(group.gr_name.view()); });
    lines.push_back(line);
  });
  return lines;
}

}  // namespace

TEST_CASE("MOUNT NULL answers") {
  World world;
  world.call(&mount::null);
  CHECK(world.rests_on.tokens().empty());
}

TEST_CASE("DUMP lists who mounted what, each once") {
  World world;
  world.make_directory(world.root(), "a");
  CHECK(dumped(world).empty());
  world.peer = peer_of({192, 0, 2, 1});
  mount_at(world, "/export");
  mount_at(world, "/export/");
  mount_at(world, "//export/./a");
  world.peer = peer_of({192, 0, 2, 2});
  mount_at(world, "/export");
  CHECK(dumped(world) == Lines{"192.0.2.1:/export", "192.0.2.1:/export/a", "192.0.2.2:/export"});
}

TEST_CASE("DUMP tells callers from elsewhere nothing, unless it is meant to") {
  World world;
  mount_at(world, "/export");
  world.peer = peer_of({192, 0, 2, 1});
  CHECK(world.call(&dump).mounts.empty());
  world.mounts.dump_to_everybody = true;
  CHECK_FALSE(world.call(&dump).mounts.empty());
}

TEST_CASE("UMNT and UMNTALL forget the caller's own mounts") {
  World world;
  world.make_directory(world.root(), "a");
  for (const std::uint8_t host : {1, 2}) {
    world.peer = peer_of({192, 0, 2, host});
    mount_at(world, "/export");
    mount_at(world, "/export/a");
  }
  unmount(world, "/export/");
  CHECK(dumped(world) == Lines{"192.0.2.1:/export", "192.0.2.1:/export/a", "192.0.2.2:/export/a"});
  unmount(world, "/never");
  unmount(world, std::string(1024, 'x'));
  CHECK(dumped(world).size() == 3);
  world.peer = peer_of({192, 0, 2, 1});
  world.call(&umntall);
  CHECK(dumped(world) == Lines{"192.0.2.2:/export/a"});
}

TEST_CASE("EXPORT lists every share with its networks") {
  World world;
  gate::Network lan{.address = peer_of({192, 0, 2, 0}).address, .prefix_bits = 96 + 24};
  gate::Network host{.address = peer_of({198, 51, 100, 7}).address, .prefix_bits = 128};
  gate::Network v6{.address = {0x20, 0x01, 0x0d, 0xb8}, .prefix_bits = 32};
  world.add_share(12, "office", {.networks = {lan, host, v6}});
  CHECK(exported(world) == Lines{"/export", "/office 192.0.2.0/24 198.51.100.7 2001:db8::/32"});
}

TEST_CASE("the table of mounts is bounded: the oldest goes") {
  MountTable table;
  MountTable::Address peer{};
  for (std::size_t i = 0; i < MountTable::max_mounts + 10; ++i) table.add(peer, "/" + std::to_string(i));
  const auto mounts = table.list();
  REQUIRE(mounts.size() == MountTable::max_mounts);
  CHECK(mounts.front().path == "/10");
  CHECK(mounts.back().path == "/" + std::to_string(MountTable::max_mounts + 9));
}
