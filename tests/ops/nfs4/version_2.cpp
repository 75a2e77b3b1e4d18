// What minor version 2 has beside 1: attributes, flags, and operations that are not built.
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "nfs/v4/operations.hpp"
#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Version2 {
  World world;
  Client client{world};
  Version2() { client.minor = 2; }

  nfs_fh4 file(std::string_view name, std::string_view contents = {}) {
    return same_handle(world.make_file(world.root(), std::string(name), 0644, contents));
  }
  template <class T>
  T of(const nfs_fh4& handle, std::uint32_t number) {
    Results results = client.run(Ops().fh(handle).getattr({number}));
    const auto got = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
    REQUIRE(same_bits(got.resok4.obj_attributes.attrmask, bits({number})));
    T value{};
    read_values(got.resok4.obj_attributes, value);
    return value;
  }
};

CREATE4args directory(std::string_view name, const fattr4& attributes) {
  return {.objtype = {.type = nfs_ftype4::NF4DIR}, .objname = Ops::component(name), .createattrs = attributes};
}

}  // namespace

TEST_CASE("version 2 does without GETDEVICELIST, and with everything else of version 1") {
  for (const Operation& row : operations()) {
    INFO(row.name);
    CHECK((row.minors.has(1) ? row.minors.has(2) || row.number == OP_GETDEVICELIST : true));
    if (row.minors.first == 2) CHECK_FALSE(row.minors.has(1));
  }
  Version2 v;
  CHECK(v.client.status(Ops().root().add(OP_GETDEVICELIST, GETDEVICELIST4args{})) == NFS4ERR_NOTSUPP);
}

TEST_CASE("operations of version 2 that need the keeper of clients are NOTSUPP without one") {
  Version2 v;
  const nfs_fh4 file = v.file("file");
  const auto status = [&](nfs_opnum4 number, const auto& args) {
    Results results = v.client.run(Ops().fh(file).save().add(number, args));
    const nfsstat4 told = results.skip({OP_PUTFH, OP_SAVEFH}).next<status4res>(number).status;
    CHECK(results.left() == 0);
    return told;
  };
  CHECK(status(OP_OFFLOAD_CANCEL, OFFLOAD_CANCEL4args{}) == NFS4ERR_NOTSUPP);
  CHECK(status(OP_OFFLOAD_STATUS, OFFLOAD_STATUS4args{}) == NFS4ERR_NOTSUPP);
  CHECK(v.client.status(Ops().fh(file).add(OP_CLONE, CLONE4args{})) == NFS4ERR_NOFILEHANDLE);  // none is saved
}

TEST_CASE("EXCHANGE_ID of version 2 may ask for fencing, which it does not get") {
  Server server;
  Holder second(server, 2, "second"), first(server, 1, "first");
  const auto asked = second.exchange_id(EXCHGID4_FLAG_SUPP_FENCE_OPS);
  CHECK(asked.status == NFS4_OK);
  CHECK((asked.resok4.eir_flags & EXCHGID4_FLAG_SUPP_FENCE_OPS) == 0);
  CHECK(first.exchange_id(EXCHGID4_FLAG_SUPP_FENCE_OPS).status == NFS4ERR_INVAL);
}

TEST_CASE("mode_umask is a mode without what the umask takes away, for CREATE and OPEN only") {
  Version2 v;
  const fattr4 asked = fattr({FATTR4_MODE_UMASK}, mode_umask4{0777, 0027});
  Results results = v.client.run(Ops().go({"export"}).add(OP_CREATE, directory("d", asked)));
  const auto made = results.went(1).next<CREATE4res>(OP_CREATE);
  REQUIRE(made.status == NFS4_OK);
  CHECK(same_bits(made.resok4.attrset, bits({FATTR4_MODE_UMASK})));
  const nfs_fh4 d = v.client.handle({"export", "d"});
  CHECK(v.of<mode4>(d, FATTR4_MODE) == 0750);

  const auto create = [&](const fattr4& attributes) {
    return v.client.status(Ops().go({"export"}).add(OP_CREATE, directory("e", attributes)));
  };
  CHECK(create(fattr({FATTR4_MODE, FATTR4_MODE_UMASK}, mode4{0700}, mode_umask4{0700, 0})) == NFS4ERR_INVAL);
  CHECK(create(fattr({FATTR4_MODE_UMASK}, mode_umask4{010000, 0})) == NFS4ERR_INVAL);
  CHECK(create(fattr({FATTR4_MODE_UMASK}, mode_umask4{0700, 01000})) == NFS4ERR_INVAL);
  CHECK(v.client.status(Ops().fh(d).add(OP_SETATTR, SETATTR4args{{}, asked})) == NFS4ERR_INVAL);
  CHECK(v.client.status(Ops().fh(d).getattr({FATTR4_MODE_UMASK})) == NFS4ERR_INVAL);
  CHECK(v.client.status(Ops().fh(d).add(OP_VERIFY, VERIFY4args{asked})) == NFS4ERR_INVAL);
  v.client.minor = 1;
  CHECK(create(asked) == NFS4ERR_ATTRNOTSUPP);
  CHECK(v.client.status(Ops().fh(d).getattr({FATTR4_MODE_UMASK})) == NFS4_OK);
}

TEST_CASE("OPEN makes a file with mode_umask") {
  Server server;
  Holder client(server, 2);
  const Opened opened =
      client.open("file", {.how = creating(createmode4::GUARDED4, fattr({FATTR4_MODE_UMASK}, mode_umask4{0666, 022}))});
  REQUIRE(opened.status == NFS4_OK);
  CHECK(opened.attributes_set.has(FATTR4_MODE_UMASK));
  Results results = client.run(Ops().fh(opened.handle).getattr({FATTR4_MODE}));
  mode4 mode = 0;
  read_values(results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, mode);
  CHECK(mode == 0644);
}

TEST_CASE("OPEN of version 2 takes the wants of RFC 9754, and nothing comes of them") {
  Server server;
  Holder first(server, 1, "first"), second(server, 2, "second");
  server.world.make_file(server.world.root(), "file", 0644, "0123456789");
  for (const std::uint32_t want : {0x100000, 0x200000}) {
    CHECK(first.open("file", {.access = OPEN4_SHARE_ACCESS_READ | want}).status == NFS4ERR_INVAL);
    const Opened opened = second.open("file", {.access = OPEN4_SHARE_ACCESS_READ | want});
    REQUIRE(opened.status == NFS4_OK);
    CHECK(second.on<READ4res>(opened.handle, OP_READ, READ4args{opened.stateid, 0, 10}).status == NFS4_OK);
  }
  CHECK(second.open("file", {.access = OPEN4_SHARE_ACCESS_READ | 0x400000}).status == NFS4ERR_INVAL);
}

TEST_CASE("open_arguments tells what OPEN takes") {
  Version2 v;
  const nfs_fh4 file = v.file("file");
  const auto takes = v.of<open_arguments4>(file, FATTR4_OPEN_ARGUMENTS);
  CHECK(same_bits(takes.oa_share_access, bits({1, 2, 3})));
  CHECK(same_bits(takes.oa_share_deny, bits({0, 1, 2, 3})));
  CHECK(same_bits(takes.oa_share_access_want, bits({3, 4, 5})));
  CHECK(same_bits(takes.oa_open_claim, bits({0, 1, 2, 4, 5})));
  CHECK(same_bits(takes.oa_create_mode, bits({0, 1, 2, 3})));
}

TEST_CASE("change_attr_type, space_freed and xattr_support tell what there is") {
  Version2 v;
  const nfs_fh4 file = v.file("file", std::string(100'000, 'x'));
  CHECK(v.of<change_attr_type4>(file, FATTR4_CHANGE_ATTR_TYPE) ==
        change_attr_type4::NFS4_CHANGE_TYPE_IS_MONOTONIC_INCR);
  CHECK(v.of<bool>(file, FATTR4_XATTR_SUPPORT));
  CHECK(v.of<std::uint64_t>(file, FATTR4_SPACE_FREED) == v.of<std::uint64_t>(file, FATTR4_SPACE_USED));
  CHECK(v.of<std::uint64_t>(file, FATTR4_SPACE_FREED) > 0);
  Results linked = v.client.run(Ops().fh(file).save().go({"export"}).add(OP_LINK, LINK4args{Ops::component("l")}));
  REQUIRE(linked.status == NFS4_OK);
  CHECK(v.of<std::uint64_t>(file, FATTR4_SPACE_FREED) == 0);

  Results root = v.client.run(Ops().root().getattr({FATTR4_CHANGE_ATTR_TYPE, FATTR4_XATTR_SUPPORT}));
  const auto got = root.skip({OP_PUTROOTFH}).next<GETATTR4res>(OP_GETATTR);
  change_attr_type4 type{};
  bool xattrs = true;
  read_values(got.resok4.obj_attributes, type, xattrs);
  CHECK(type == change_attr_type4::NFS4_CHANGE_TYPE_IS_UNDEFINED);
  CHECK_FALSE(xattrs);
  v.client.minor = 1;
  Results before = v.client.run(Ops().fh(file).getattr({FATTR4_CHANGE_ATTR_TYPE, FATTR4_XATTR_SUPPORT}));
  CHECK(same_bits(before.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes.attrmask, bitmap4{}));
}
