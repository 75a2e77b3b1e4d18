// SECINFO and SECINFO_NO_NAME: which flavors there are, for names and filehandles, and that the filehandle is used up.
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {
void check_flavors(const SECINFO4res& got) {
  REQUIRE(got.status == NFS4_OK);
  REQUIRE(got.resok4.size() == 2);
  CHECK(got.resok4[0].flavor == rpc::AuthFlavor::Sys);
  CHECK(got.resok4[1].flavor == rpc::AuthFlavor::None);
}
}  // namespace

TEST_CASE("SECINFO tells the flavors of a name, in the pseudo root and in shares") {
  for_both([](World& world, Client& client) {
    world.make_file(world.root(), "file");
    Results share = client.run(Ops().root().add(OP_SECINFO, SECINFO4args{Ops::component("export")}));
    check_flavors(share.went(0).next<SECINFO4res>(OP_SECINFO));
    Results file = client.run(Ops().go({"export"}).add(OP_SECINFO, SECINFO4args{Ops::component("file")}));
    check_flavors(file.went(1).next<SECINFO4res>(OP_SECINFO));

    const auto of = [&](std::string_view name, std::initializer_list<std::string_view> path = {"export"}) {
      return client.status(Ops().go(path).add(OP_SECINFO, SECINFO4args{Ops::component(name)}));
    };
    CHECK(of("none") == NFS4ERR_NOENT);
    CHECK(of("") == NFS4ERR_INVAL);
    CHECK(of("..") == NFS4ERR_BADNAME);
    CHECK(of("x", {"export", "file"}) == NFS4ERR_NOTDIR);
    world.make_directory(world.root(), "closed", 0700);
    world.become(1000, 1000);
    CHECK(of("x", {"export", "closed"}) == NFS4ERR_ACCESS);
  });
}

TEST_CASE("SECINFO uses the current filehandle up in version 1") {
  for_both([](World&, Client& client) {
    const nfsstat4 after = client.status(Ops().root().add(OP_SECINFO, SECINFO4args{Ops::component("export")}).getfh());
    CHECK(after == (client.minor == 0 ? NFS4_OK : NFS4ERR_NOFILEHANDLE));
  });
}

TEST_CASE("SECINFO_NO_NAME tells the flavors of a filehandle and of what is above it, and uses it up") {
  World world;
  Client client(world);
  client.minor = 1;
  world.make_file(world.root(), "file");
  using enum secinfo_style4;
  for (const auto style : {SECINFO_STYLE4_CURRENT_FH, SECINFO_STYLE4_PARENT}) {
    Results results = client.run(Ops().go({"export"}).add(OP_SECINFO_NO_NAME, style).getfh());
    check_flavors(results.went(1).next<SECINFO_NO_NAME4res>(OP_SECINFO_NO_NAME));
    CHECK(results.status == NFS4ERR_NOFILEHANDLE);
  }
  CHECK(client.status(Ops().root().add(OP_SECINFO_NO_NAME, SECINFO_STYLE4_PARENT)) == NFS4ERR_NOENT);
  CHECK(client.status(Ops().go({"export", "file"}).add(OP_SECINFO_NO_NAME, SECINFO_STYLE4_PARENT)) == NFS4ERR_NOTDIR);
  client.minor = 0;
  CHECK(client.status(Ops().root().add(OP_SECINFO_NO_NAME, SECINFO_STYLE4_PARENT)) == NFS4ERR_OP_ILLEGAL);
}
