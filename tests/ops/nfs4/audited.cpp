// What lists want recorded of requests, as it comes to whoever records it: by every version, with who asked, from
// where, and a path.
#include "gate/auditor.hpp"

#include "nfs/v3/procedures.hpp"
#include "ops/nfs4/acl.hpp"
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

/// "7 +r-w! /file": who was granted what and refused what of what, and that it is an alarm.
struct Recorded final : gate::Auditor {
  explicit Recorded(World& of) : world(of) { world.shares.coordinator().set_auditor(this); }
  ~Recorded() override { world.shares.coordinator().set_auditor(nullptr); }
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;

  void record(const gate::Audited& audited) override {
    const auto letters = [](const char* sign, vfs::Access bits) {
      return any(bits) ? sign + letters_of(mask_letters, bits) : std::string();
    };
    from = audited.actor.peer;
    lines.push_back(std::to_string(audited.actor.who.uid) + " " + letters("+", audited.note.granted) +
                    letters("-", audited.note.refused) + (audited.note.alarm ? "! " : " ") + audited.path);
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }

  World& world;
  std::vector<std::string> lines;
  std::array<std::uint8_t, 16> from{};
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("an access is recorded once: at OPEN, not at what the open is used for") {
  Server server;
  Holder client(server, 2);
  World& world = server.world;
  const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0600));
  world.become(0, 0);
  REQUIRE(set_list(client, file, "A::u7:rtc U:SF:EVERYONE@:rwa L:F:u8:r") == NFS4_OK);
  Recorded recorded(world);
  world.become(7, 7);
  const Opened opened = client.open("file", {.access = OPEN4_SHARE_ACCESS_READ});
  REQUIRE(opened.status == NFS4_OK);
  CHECK(recorded.take() == Lines{"7 +r /file"});
  CHECK(recorded.from == server.world.peer.address);
  const auto read = [&](const stateid4& stateid) {
    return client.status(Ops().fh(file).add(OP_READ, READ4args{stateid, 0, 1}));
  };
  CHECK(read(opened.stateid) == NFS4_OK);
  CHECK(recorded.take().empty());
  CHECK(read(anonymous) == NFS4_OK);
  CHECK(recorded.take() == Lines{"7 +r /file"});
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_WRITE}).status == NFS4ERR_ACCESS);
  CHECK(recorded.take() == Lines{"7 -wa /file"});
  world.become(8, 8);
  CHECK(read(anonymous) == NFS4ERR_ACCESS);
  CHECK(recorded.take() == Lines{"8 -r! /file"});
}

TEST_CASE("version 3 is recorded with each request, and ACCESS bit by bit") {
  World world;
  Client client(world);
  const nfs_fh3 file3 = world.make_file(world.root(), "file", 0600);
  world.become(0, 0);
  REQUIRE(set_list(client, same_handle(file3), "A::u7:rtc U:SF:u7:rwax") == NFS4_OK);
  Recorded recorded(world);
  const auto read = [&] { return world.call(&nfs3::read, nfs3::READ3args{file3, 0, 10}).status; };
  world.become(7, 7);
  (void)world.call(&nfs3::access, nfs3::ACCESS3args{file3, 0x3f});
  CHECK(recorded.take() == Lines{"7 +r-wax /file"});
  CHECK(read() == nfs3::nfsstat3::NFS3_OK);
  CHECK(read() == nfs3::nfsstat3::NFS3_OK);
  CHECK(recorded.take() == Lines{"7 +r /file", "7 +r /file"});
  world.become(9, 9);
  CHECK(read() == nfs3::nfsstat3::NFS3ERR_ACCES);
  CHECK(recorded.take().empty());
}
