// GETATTR, SETATTR, VERIFY, NVERIFY and ACCESS: which attributes there are, their values, and what is refused.
#include <functional>

#include "base/limits.hpp"
#include "nfs/v4/attribute_table.hpp"
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

constexpr std::initializer_list<std::uint32_t> in_version_0{FATTR4_SUPPORTED_ATTRS,
                                                            FATTR4_TYPE,
                                                            FATTR4_FH_EXPIRE_TYPE,
                                                            FATTR4_CHANGE,
                                                            FATTR4_SIZE,
                                                            FATTR4_LINK_SUPPORT,
                                                            FATTR4_SYMLINK_SUPPORT,
                                                            FATTR4_NAMED_ATTR,
                                                            FATTR4_FSID,
                                                            FATTR4_UNIQUE_HANDLES,
                                                            FATTR4_LEASE_TIME,
                                                            FATTR4_RDATTR_ERROR,
                                                            FATTR4_ACL,
                                                            FATTR4_ACLSUPPORT,
                                                            FATTR4_CANSETTIME,
                                                            FATTR4_CASE_INSENSITIVE,
                                                            FATTR4_CASE_PRESERVING,
                                                            FATTR4_CHOWN_RESTRICTED,
                                                            FATTR4_FILEHANDLE,
                                                            FATTR4_FILEID,
                                                            FATTR4_FILES_AVAIL,
                                                            FATTR4_FILES_FREE,
                                                            FATTR4_FILES_TOTAL,
                                                            FATTR4_HOMOGENEOUS,
                                                            FATTR4_MAXFILESIZE,
                                                            FATTR4_MAXLINK,
                                                            FATTR4_MAXNAME,
                                                            FATTR4_MAXREAD,
                                                            FATTR4_MAXWRITE,
                                                            FATTR4_MODE,
                                                            FATTR4_NO_TRUNC,
                                                            FATTR4_NUMLINKS,
                                                            FATTR4_OWNER,
                                                            FATTR4_OWNER_GROUP,
                                                            FATTR4_RAWDEV,
                                                            FATTR4_SPACE_AVAIL,
                                                            FATTR4_SPACE_FREE,
                                                            FATTR4_SPACE_TOTAL,
                                                            FATTR4_SPACE_USED,
                                                            FATTR4_TIME_ACCESS,
                                                            FATTR4_TIME_ACCESS_SET,
                                                            FATTR4_TIME_CREATE,
                                                            FATTR4_TIME_DELTA,
                                                            FATTR4_TIME_METADATA,
                                                            FATTR4_TIME_MODIFY,
                                                            FATTR4_TIME_MODIFY_SET,
                                                            FATTR4_MOUNTED_ON_FILEID};

fattr4 get(Client& client, const nfs_fh4& handle, std::initializer_list<std::uint32_t> numbers) {
  Results results = client.run(Ops().fh(handle).getattr(numbers));
  auto got = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
  REQUIRE(got.status == NFS4_OK);
  fattr4 kept{.attrmask = got.resok4.obj_attributes.attrmask};
  kept.attr_vals = attrlist4::copy_of(got.resok4.obj_attributes.attr_vals.bytes());
  return kept;
}
template <class T>
T one(Client& client, const nfs_fh4& handle, std::uint32_t number) {
  const fattr4 got = get(client, handle, {number});
  REQUIRE(same_bits(got.attrmask, bits({number})));
  T value{};
  read_values(got, value);
  return value;
}
std::string name(Client& client, const nfs_fh4& handle, std::uint32_t number) {
  const fattr4 got = get(client, handle, {number});
  utf8string value;
  read_values(got, value);
  return std::string(value.view());
}
SETATTR4res set(Client& client, const nfs_fh4& handle, const fattr4& attributes) {
  Results results = client.run(Ops().fh(handle).add(OP_SETATTR, SETATTR4args{{}, attributes}));
  const auto got = results.skip({OP_PUTFH}).next<SETATTR4res>(OP_SETATTR);
  CHECK(same_bits(got.attrsset, got.status == NFS4_OK ? attributes.attrmask : bitmap4{}));
  return got;
}
settime4 at(std::int64_t seconds, std::uint32_t nanoseconds = 0) {
  return {time_how4::SET_TO_CLIENT_TIME4, {seconds, nanoseconds}};
}

}  // namespace

TEST_CASE("GETATTR gives everything that is supported, and leaves out what nobody knows") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    bitmap4 expected = bits(in_version_0);
    if (client.minor > 0) {
      for (const std::uint32_t number :
           {FATTR4_DACL, FATTR4_SACL, FATTR4_MODE_SET_MASKED, FATTR4_SUPPATTR_EXCLCREAT, FATTR4_FS_CHARSET_CAP}) {
        expected.set(number);
      }
    }
    if (client.minor > 1) {
      for (const std::uint32_t number : {FATTR4_CLONE_BLKSIZE, FATTR4_SPACE_FREED, FATTR4_CHANGE_ATTR_TYPE,
                                         FATTR4_MODE_UMASK, FATTR4_XATTR_SUPPORT, FATTR4_OPEN_ARGUMENTS}) {
        expected.set(number);
      }
    }
    CHECK(same_bits(one<bitmap4>(client, file, FATTR4_SUPPORTED_ATTRS), expected));

    Ops everything = Ops().fh(file);
    bitmap4 all = expected;
    all.words[FATTR4_TIME_ACCESS_SET / 32] &= ~(1U << FATTR4_TIME_ACCESS_SET % 32);
    all.words[FATTR4_TIME_MODIFY_SET / 32] &= ~(1U << FATTR4_TIME_MODIFY_SET % 32);
    all.clear(FATTR4_MODE_UMASK);
    all.clear(FATTR4_MODE_SET_MASKED);
    bitmap4 asked = all;
    for (const std::uint32_t unknown : {FATTR4_SACL, FATTR4_ARCHIVE, FATTR4_MIMETYPE}) asked.set(unknown);
    asked.set(255);
    Results results = client.run(everything.add(OP_GETATTR, GETATTR4args{asked}));
    const auto got = results.skip({OP_PUTFH}).next<GETATTR4res>(OP_GETATTR);
    CHECK(got.status == NFS4_OK);
    CHECK(same_bits(got.resok4.obj_attributes.attrmask, all));
    CHECK(client.status(Ops().fh(file).getattr({FATTR4_TIME_ACCESS_SET})) == NFS4ERR_INVAL);
    CHECK(client.status(Ops().fh(file).getattr({FATTR4_TYPE, FATTR4_TIME_MODIFY_SET})) == NFS4ERR_INVAL);
  });
}

TEST_CASE("GETATTR tells what the file is") {
  for_both([](World& world, Client& client) {
    world.become(1000, 1001);
    const nfs_fh3 file3 = world.make_file(world.root(), "file", 04640, "hello");
    const nfs3::fattr3 in3 = world.attributes(file3);
    const nfs_fh4 file = same_handle(file3);
    CHECK(one<nfs_ftype4>(client, file, FATTR4_TYPE) == nfs_ftype4::NF4REG);
    CHECK(one<std::uint32_t>(client, file, FATTR4_FH_EXPIRE_TYPE) == FH4_PERSISTENT);
    CHECK(one<std::uint64_t>(client, file, FATTR4_SIZE) == 5);
    CHECK(one<std::uint64_t>(client, file, FATTR4_FILEID) == in3.fileid);
    CHECK(one<std::uint64_t>(client, file, FATTR4_MOUNTED_ON_FILEID) == in3.fileid);
    CHECK(one<fsid4>(client, file, FATTR4_FSID) == fsid4{in3.fsid, 0});
    CHECK(one<nfs_fh4>(client, file, FATTR4_FILEHANDLE) == file);
    CHECK(one<std::uint32_t>(client, file, FATTR4_MODE) == in3.mode);
    CHECK(one<std::uint32_t>(client, file, FATTR4_NUMLINKS) == 1);
    CHECK(name(client, file, FATTR4_OWNER) == "1000");
    CHECK(name(client, file, FATTR4_OWNER_GROUP) == "1001");
    CHECK(one<nfstime4>(client, file, FATTR4_TIME_MODIFY).seconds == in3.mtime.seconds);
    CHECK(one<nfstime4>(client, file, FATTR4_TIME_DELTA) == nfstime4{0, 1});
    CHECK(one<std::uint64_t>(client, file, FATTR4_MAXREAD) == limits::io_bytes);
    CHECK(one<std::uint64_t>(client, file, FATTR4_MAXFILESIZE) == limits::file_size);
    CHECK(one<std::uint32_t>(client, file, FATTR4_MAXNAME) == 255);
    CHECK(one<nfsstat4>(client, file, FATTR4_RDATTR_ERROR) == NFS4_OK);
    CHECK(one<bool>(client, file, FATTR4_LINK_SUPPORT));
    CHECK_FALSE(one<bool>(client, file, FATTR4_NAMED_ATTR));
    CHECK_FALSE(one<bool>(client, file, FATTR4_CASE_INSENSITIVE));
    client.service.lease_seconds = 77;
    CHECK(one<std::uint32_t>(client, file, FATTR4_LEASE_TIME) == 77);
    CHECK(one<std::uint64_t>(client, file, FATTR4_SPACE_TOTAL) >= one<std::uint64_t>(client, file, FATTR4_SPACE_FREE));
    world.become(0, 0);
    world.remove(world.root(), "file");
    CHECK(client.status(Ops().fh(file).getattr({FATTR4_TYPE})) == NFS4ERR_STALE);
  });
}

TEST_CASE("SETATTR sets what was asked for, and says so") {
  for_both([](World& world, Client& client) {
    const nfs_fh3 file3 = world.make_file(world.root(), "file", 0644, "hello");
    const nfs_fh4 file = same_handle(file3);
    CHECK(set(client, file, fattr({FATTR4_SIZE, FATTR4_MODE}, std::uint64_t{2}, std::uint32_t{0600})).status ==
          NFS4_OK);
    CHECK(world.contents(file3) == "he");
    CHECK(world.attributes(file3).mode == 0600);
    CHECK(set(client, file, fattr({FATTR4_OWNER, FATTR4_OWNER_GROUP}, text("1000"), text("1001@a.domain"))).status ==
          NFS4_OK);
    CHECK(name(client, file, FATTR4_OWNER) == "1000");
    CHECK(name(client, file, FATTR4_OWNER_GROUP) == "1001");
    const fattr4 times = fattr({FATTR4_TIME_ACCESS_SET, FATTR4_TIME_CREATE, FATTR4_TIME_MODIFY_SET}, at(-5, 6),
                               nfstime4{7, 8}, settime4{time_how4::SET_TO_SERVER_TIME4, {}});
    CHECK(set(client, file, times).status == NFS4_OK);
    CHECK(one<nfstime4>(client, file, FATTR4_TIME_ACCESS) == nfstime4{-5, 6});
    CHECK(one<nfstime4>(client, file, FATTR4_TIME_CREATE) == nfstime4{7, 8});
    CHECK(one<nfstime4>(client, file, FATTR4_TIME_MODIFY).seconds == world.clock.now().seconds);
    CHECK(set(client, file, fattr({})).status == NFS4_OK);
  });
}

TEST_CASE("SETATTR refuses what cannot be set") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644, "hello"));
    const nfs_fh4 directory = client.handle({"export"});
    const auto of = [&](const fattr4& attributes) { return set(client, file, attributes).status; };
    CHECK(of(fattr({FATTR4_ARCHIVE}, false)) == NFS4ERR_ATTRNOTSUPP);
    CHECK(of(fattr({FATTR4_SIZE, 255}, std::uint64_t{0})) == NFS4ERR_ATTRNOTSUPP);
    CHECK(of(fattr({FATTR4_SUPPATTR_EXCLCREAT}, bitmap4{})) ==
          (client.minor == 0 ? NFS4ERR_ATTRNOTSUPP : NFS4ERR_INVAL));
    CHECK(of(fattr({FATTR4_TYPE}, nfs_ftype4::NF4REG)) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_TIME_ACCESS}, nfstime4{})) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_MODE}, std::uint32_t{010000})) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_TIME_MODIFY_SET}, at(0, 1'000'000'000))) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_TIME_CREATE}, nfstime4{0, 1'000'000'000})) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_SIZE}, limits::file_size + 1)) == NFS4ERR_FBIG);
    CHECK(of(fattr({FATTR4_OWNER}, text("\xff"))) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_OWNER}, text(""))) == NFS4ERR_INVAL);
    CHECK(of(fattr({FATTR4_OWNER_GROUP}, text(""))) == NFS4ERR_INVAL);
    for (const std::string_view owner : {"who", "who@where", "012", "-1", "4294967295", "4294967296", "1x"}) {
      CHECK(of(fattr({FATTR4_OWNER}, text(owner))) == NFS4ERR_BADOWNER);
      CHECK(of(fattr({FATTR4_OWNER_GROUP}, text(owner))) == NFS4ERR_BADOWNER);
    }
    CHECK(of(fattr({FATTR4_SIZE}, std::uint32_t{0})) == NFS4ERR_BADXDR);  // too few bytes
    CHECK(of(fattr({FATTR4_MODE}, std::uint32_t{0644}, std::uint32_t{0})) == NFS4ERR_BADXDR);
    CHECK(of(fattr({}, std::uint32_t{0})) == NFS4ERR_BADXDR);
    const nfsstat4 sized = set(client, directory, fattr({FATTR4_SIZE}, std::uint64_t{0})).status;
    CHECK(sized == (client.minor == 0 ? NFS4ERR_ISDIR : NFS4ERR_WRONG_TYPE));
    world.become(1000, 1000);
    CHECK(of(fattr({FATTR4_MODE}, std::uint32_t{0777})) == NFS4ERR_PERM);
    CHECK(of(fattr({FATTR4_SIZE}, std::uint64_t{0})) == NFS4ERR_ACCESS);
    world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
    world.become(0, 0);
    CHECK(set(client, client.handle({"fixed", "file"}), fattr({FATTR4_MODE}, std::uint32_t{0})).status == NFS4ERR_ROFS);
    CHECK(one<std::uint64_t>(client, file, FATTR4_SIZE) == 5);
    CHECK(one<std::uint32_t>(client, file, FATTR4_MODE) == 0644);
  });
}

TEST_CASE("owners without a number are nobody, and well-known names have their numbers") {
  std::array<char, IdMap::name_bytes> room;
  CHECK(numeric_ids().name_of(IdMap::Kind::User, 0, room) == "0");
  CHECK(numeric_ids().name_of(IdMap::Kind::Group, 4294967294, room) == "4294967294");
  CHECK(numeric_ids().id_of(IdMap::Kind::User, "root@example.org") == 0);
  CHECK(numeric_ids().id_of(IdMap::Kind::Group, "nobody") == 65534);
  CHECK(numeric_ids().id_of(IdMap::Kind::User, "0") == 0);
}

TEST_CASE("VERIFY and NVERIFY compare byte for byte") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644, "hello"));
    const auto verify = [&](const fattr4& attributes) {
      return client.status(Ops().fh(file).add(OP_VERIFY, VERIFY4args{attributes}));
    };
    const auto nverify = [&](const fattr4& attributes) {
      return client.status(Ops().fh(file).add(OP_NVERIFY, NVERIFY4args{attributes}));
    };
    for (const fattr4& same : {fattr({FATTR4_SIZE, FATTR4_MODE}, std::uint64_t{5}, std::uint32_t{0644}), fattr({}),
                               get(client, file, {FATTR4_CHANGE, FATTR4_FSID, FATTR4_OWNER, FATTR4_FILEHANDLE})}) {
      CHECK(verify(same) == NFS4_OK);
      CHECK(nverify(same) == NFS4ERR_SAME);
    }
    for (const fattr4& other : {fattr({FATTR4_SIZE, FATTR4_MODE}, std::uint64_t{5}, std::uint32_t{0600}),
                                fattr({FATTR4_SIZE}, std::uint32_t{5}), fattr({FATTR4_OWNER}, text("00"))}) {
      CHECK(verify(other) == NFS4ERR_NOT_SAME);
      CHECK(nverify(other) == NFS4_OK);
    }
    for (const auto& compare : {std::function<nfsstat4(const fattr4&)>(verify), {nverify}}) {
      CHECK(compare(fattr({FATTR4_ARCHIVE}, false)) == NFS4ERR_ATTRNOTSUPP);
      CHECK(compare(fattr({FATTR4_RDATTR_ERROR}, NFS4_OK)) == NFS4ERR_INVAL);
      CHECK(compare(fattr({FATTR4_TIME_MODIFY_SET}, at(1))) == NFS4ERR_INVAL);
    }
    CHECK(client.status(Ops().root().add(OP_VERIFY, VERIFY4args{fattr({FATTR4_FSID}, fsid4{})})) == NFS4_OK);
  });
}

TEST_CASE("ACCESS tells what the caller may, of what means something") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0640));
    const nfs_fh4 directory = same_handle(world.make_directory(world.root(), "d", 0755));
    const auto of = [&](const nfs_fh4& handle, std::uint32_t asked) {
      Results results = client.run(Ops().fh(handle).add(OP_ACCESS, ACCESS4args{asked}));
      const auto got = results.skip({OP_PUTFH}).next<ACCESS4res>(OP_ACCESS);
      REQUIRE(got.status == NFS4_OK);
      return got.resok4;
    };
    const std::uint32_t xattrs = client.minor < 2 ? 0 : ACCESS4_XAREAD | ACCESS4_XAWRITE | ACCESS4_XALIST;
    CHECK(of(directory, 0xffffffff).supported == (0x1f | xattrs));
    CHECK(of(directory, 0xffffffff).access == (0x1f | xattrs));
    CHECK(of(file, 0xffffffff).supported ==
          (ACCESS4_READ | ACCESS4_MODIFY | ACCESS4_EXTEND | ACCESS4_EXECUTE | xattrs));
    CHECK(of(file, 0).supported == 0);
    world.become(1000, 0);
    CHECK(of(file, 0x3f).access == ACCESS4_READ);
    CHECK(of(directory, 0x3f).access == (ACCESS4_READ | ACCESS4_LOOKUP));
    world.become(1000, 1000);
    CHECK(of(file, 0x3f).access == 0);
    CHECK(client.status(Ops().fh({}).add(OP_ACCESS, ACCESS4args{1})) == NFS4ERR_BADHANDLE);
  });
}
