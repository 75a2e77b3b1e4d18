// Operations that set and give filehandles.
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

TEST_CASE("PUTROOTFH and PUTPUBFH are one place; GETFH gives it, PUTFH comes back to it") {
  for_both([](World& world, Client& client) {
    Results results = client.run(Ops().root().getfh().add(OP_PUTPUBFH).getfh());
    const auto root = results.went(0).next<GETFH4res>(OP_GETFH);
    CHECK(results.skip({OP_PUTPUBFH}).next<GETFH4res>(OP_GETFH).resok4.object == root.resok4.object);
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    CHECK(client.handle({"export", "file"}) == file);
    Results again = client.run(Ops().fh(file).getfh());
    CHECK(again.skip({OP_PUTFH}).next<GETFH4res>(OP_GETFH).resok4.object == file);
  });
}

TEST_CASE("PUTFH refuses handles that were never ours, and those of shares that are gone") {
  for_both([](World& world, Client& client) {
    for (const BadHandle& bad : bad_handles(world)) {
      INFO(bad.why);
      const bool stale = bad.status == nfsstat3::NFS3ERR_STALE;
      const auto status = client.status(Ops().fh(same_handle(bad.handle)).getattr({FATTR4_TYPE}));
      CHECK(status == (stale ? NFS4ERR_STALE : NFS4ERR_BADHANDLE));
    }
    CHECK(client.status(Ops().fh(nfs_fh4(Bytes(client.handle({}).bytes()).first(3)))) == NFS4ERR_BADHANDLE);
  });
}

TEST_CASE("a PUTFH that fails leaves the current filehandle as it was, and ends the COMPOUND") {
  World world;
  Client client(world);
  Results results = client.run(Ops().root().fh({}).getfh());
  CHECK(results.status == NFS4ERR_BADHANDLE);
  CHECK(results.count == 2);
}

TEST_CASE("SAVEFH keeps a filehandle that RESTOREFH brings back, as often as it is wanted") {
  for_both([](World& world, Client& client) {
    world.make_file(world.root(), "file");
    Ops ops;
    ops.go({"export"}).save().look("file").add(OP_RESTOREFH).getfh().root().add(OP_RESTOREFH).getfh();
    Results results = client.run(ops);
    CHECK(results.status == NFS4_OK);
    results.went(1).skip({OP_SAVEFH, OP_LOOKUP, OP_RESTOREFH});
    CHECK(results.next<GETFH4res>(OP_GETFH).resok4.object == same_handle(world.root()));
    results.skip({OP_PUTROOTFH, OP_RESTOREFH});
    CHECK(results.next<GETFH4res>(OP_GETFH).resok4.object == same_handle(world.root()));
  });
}

TEST_CASE("RESTOREFH without a saved filehandle has a word of its own in version 0") {
  for_both([](World&, Client& client) {
    const nfsstat4 expected = client.minor == 0 ? NFS4ERR_RESTOREFH : NFS4ERR_NOFILEHANDLE;
    CHECK(client.status(Ops().root().add(OP_RESTOREFH)) == expected);
  });
}
