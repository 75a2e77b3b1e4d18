// Extended attributes: GETXATTR, SETXATTR, LISTXATTRS, REMOVEXATTR, and what ACCESS says of them.
#include "nfs/v4/messages/xattrs.hpp"

#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

using enum setxattr_option4;

/// A client of version 2, and a file.
struct Xattrs {
  World world;
  Client client{world};
  nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
  Xattrs() { client.minor = 2; }

  template <class Res, class Args>
  Res on(const nfs_fh4& handle, nfs_opnum4 number, const Args& args) {
    return client.run(Ops().fh(handle).add(number, args)).skip({OP_PUTFH}).template next<Res>(number);
  }
  SETXATTR4res set(std::string_view name, std::string_view value, setxattr_option4 how = SETXATTR4_EITHER) {
    return set(file, name, value, how);
  }
  SETXATTR4res set(const nfs_fh4& handle, std::string_view name, std::string_view value,
                   setxattr_option4 how = SETXATTR4_EITHER) {
    return on<SETXATTR4res>(handle, OP_SETXATTR,
                            SETXATTR4args{how, Ops::component(name), xattrvalue4::copy_of(bytes_of(value))});
  }
  nfsstat4 get(std::string_view name, std::string* value = nullptr) {
    Results results = client.run(Ops().fh(file).add(OP_GETXATTR, GETXATTR4args{Ops::component(name)}));
    const auto got = results.skip({OP_PUTFH}).next<GETXATTR4res>(OP_GETXATTR);
    if (value) *value = std::string(text_of(got.resok4.gxr_value.bytes()));
    return got.status;
  }
  std::string value(std::string_view name) {
    std::string value;
    REQUIRE(get(name, &value) == NFS4_OK);
    return value;
  }
  REMOVEXATTR4res remove(std::string_view name) {
    return on<REMOVEXATTR4res>(file, OP_REMOVEXATTR, REMOVEXATTR4args{Ops::component(name)});
  }
  struct Listed {
    nfsstat4 status{};
    std::vector<std::string> names;
    std::uint64_t cookie = 0;
    bool eof = false;
  };
  Listed list(std::uint64_t cookie = 0, std::uint32_t maxcount = 4096) {
    Results results = client.run(Ops().fh(file).add(OP_LISTXATTRS, LISTXATTRS4args{cookie, maxcount}));
    const auto got = results.skip({OP_PUTFH}).next<LISTXATTRS4res>(OP_LISTXATTRS);
    Listed listed{.status = got.status, .names = {}, .cookie = got.resok4.lxr_cookie, .eof = got.resok4.lxr_eof};
    for (const auto& name : got.resok4.lxr_names) listed.names.emplace_back(name.view());
    return listed;
  }
  ACCESS4resok access(std::uint32_t asked) {
    const auto got = on<ACCESS4res>(file, OP_ACCESS, ACCESS4args{asked});
    REQUIRE(got.status == NFS4_OK);
    return got.resok4;
  }
};

constexpr std::uint32_t all_bits = ACCESS4_XAREAD | ACCESS4_XAWRITE | ACCESS4_XALIST;

}  // namespace

TEST_CASE("SETXATTR sets, GETXATTR gives, REMOVEXATTR removes") {
  Xattrs x;
  CHECK(x.get("a") == NFS4ERR_NOXATTR);
  const auto made = x.set("a", "first");
  REQUIRE(made.status == NFS4_OK);
  CHECK(made.resok4.sxr_info.atomic);
  CHECK(made.resok4.sxr_info.after > made.resok4.sxr_info.before);
  CHECK(x.value("a") == "first");
  const auto changed = x.set("a", std::string("\0 second", 8));
  CHECK(changed.resok4.sxr_info.before == made.resok4.sxr_info.after);
  CHECK(x.value("a") == std::string("\0 second", 8));
  REQUIRE(x.set("empty", "").status == NFS4_OK);
  CHECK(x.value("empty").empty());
  const auto removed = x.remove("a");
  REQUIRE(removed.status == NFS4_OK);
  CHECK(removed.resok4.rxr_info.after > removed.resok4.rxr_info.before);
  CHECK(x.get("a") == NFS4ERR_NOXATTR);
  CHECK(x.remove("a").status == NFS4ERR_NOXATTR);
}

TEST_CASE("SETXATTR makes or replaces as it is told") {
  Xattrs x;
  CHECK(x.set("a", "1", SETXATTR4_REPLACE).status == NFS4ERR_NOXATTR);
  CHECK(x.set("a", "1", SETXATTR4_CREATE).status == NFS4_OK);
  CHECK(x.set("a", "2", SETXATTR4_CREATE).status == NFS4ERR_EXIST);
  CHECK(x.value("a") == "1");
  CHECK(x.set("a", "3", SETXATTR4_REPLACE).status == NFS4_OK);
  CHECK(x.value("a") == "3");
  Results results = x.client.run(Ops().fh(x.file).add(OP_SETXATTR, std::uint32_t{3}, Ops::component("a")));
  CHECK(results.status == NFS4ERR_BADXDR);
}

TEST_CASE("SETXATTR takes values up to 64 KiB") {
  Xattrs x;
  const std::string largest(64 << 10, 'v');
  CHECK(x.set("large", largest).status == NFS4_OK);
  CHECK(x.value("large") == largest);
  CHECK(x.set("large", largest + "v").status == NFS4ERR_XATTR2BIG);
  CHECK(x.value("large") == largest);
}

TEST_CASE("GETXATTR, SETXATTR and REMOVEXATTR refuse names that are none") {
  Xattrs x;
  for (const auto& [name, status] : {std::pair{std::string(), NFS4ERR_INVAL},
                                     {"\xff", NFS4ERR_INVAL},
                                     {std::string("a\0b", 3), NFS4ERR_BADCHAR},
                                     {std::string(256, 'n'), NFS4ERR_NAMETOOLONG}}) {
    INFO(name.size() << " bytes");
    CHECK(x.get(name) == status);
    CHECK(x.set(name, "v").status == status);
    CHECK(x.remove(name).status == status);
  }
  CHECK(x.set(std::string(255, 'n'), "v").status == NFS4_OK);
  CHECK(x.set("a/b", "v").status == NFS4_OK);
  CHECK(x.set(".", "v").status == NFS4_OK);
}

TEST_CASE("LISTXATTRS gives names in pieces that keep to maxcount") {
  Xattrs x;
  auto all = x.list();
  CHECK((all.status == NFS4_OK && all.names.empty() && all.eof));
  for (const char* name : {"cc", "aaaa", "b"}) REQUIRE(x.set(name, "v").status == NFS4_OK);
  all = x.list();
  CHECK(all.names == std::vector<std::string>{"aaaa", "b", "cc"});
  CHECK(all.eof);

  // Cookie, how many names, eof; and 8 bytes for each of these names.
  constexpr std::uint32_t frame = 16, each = 8;
  const auto two = x.list(0, frame + 2 * each + 7);
  CHECK(two.names == std::vector<std::string>{"aaaa", "b"});
  CHECK_FALSE(two.eof);
  const auto rest = x.list(two.cookie, frame + each);
  CHECK(rest.names == std::vector<std::string>{"cc"});
  CHECK(rest.eof);
  CHECK(x.list(0, frame + each - 1).status == NFS4ERR_TOOSMALL);
  CHECK(x.list(3, frame).eof);
  CHECK(x.list(3, frame - 1).status == NFS4ERR_TOOSMALL);
  CHECK(x.list(4).status == NFS4ERR_BAD_COOKIE);
}

TEST_CASE("extended attributes are for whoever may read or write the file, and ACCESS says so") {
  Xattrs x;
  x.world.become(1000, 1000);
  x.file = same_handle(x.world.make_file(x.world.root(), "own", 0644));
  REQUIRE(x.set("a", "v").status == NFS4_OK);
  CHECK(x.access(all_bits).supported == all_bits);
  CHECK(x.access(all_bits).access == all_bits);
  x.world.become(1001, 1001);
  CHECK(x.access(all_bits).access == (ACCESS4_XAREAD | ACCESS4_XALIST));
  CHECK(x.value("a") == "v");
  CHECK(x.set("a", "w").status == NFS4ERR_ACCESS);
  CHECK(x.remove("a").status == NFS4ERR_ACCESS);
  x.world.become(1000, 1000);
  x.file = same_handle(x.world.make_file(x.world.root(), "closed", 0200));
  CHECK(x.access(all_bits).access == ACCESS4_XAWRITE);
  CHECK(x.set("a", "v").status == NFS4_OK);
  CHECK(x.get("a") == NFS4ERR_ACCESS);
  CHECK(x.list().status == NFS4ERR_ACCESS);
}

TEST_CASE("ACCESS knows nothing of extended attributes before version 2, nor of a symbolic link") {
  Xattrs x;
  x.client.minor = 1;
  CHECK(x.access(all_bits | ACCESS4_READ).supported == ACCESS4_READ);
  x.client.minor = 2;
  CHECK(x.access(ACCESS4_XALIST).supported == ACCESS4_XALIST);
  x.file = same_handle(x.world.make_symlink(x.world.root(), "link", "target"));
  CHECK(x.access(all_bits | ACCESS4_READ).supported == ACCESS4_READ);
}

TEST_CASE("directories have extended attributes; symbolic links and the pseudo root have none") {
  Xattrs x;
  x.file = same_handle(x.world.make_directory(x.world.root(), "d"));
  REQUIRE(x.set("a", "v").status == NFS4_OK);
  CHECK(x.value("a") == "v");
  CHECK(x.list().names == std::vector<std::string>{"a"});
  x.file = same_handle(x.world.make_symlink(x.world.root(), "link", "target"));
  CHECK(x.set("a", "v").status == NFS4ERR_PERM);
  CHECK(x.get("a") == NFS4ERR_NOXATTR);
  const auto at_root = [&](nfs_opnum4 number, const auto& args) {
    return x.client.status(Ops().root().add(number, args));
  };
  CHECK(at_root(OP_GETXATTR, GETXATTR4args{Ops::component("a")}) == NFS4ERR_NOTSUPP);
  CHECK(at_root(OP_LISTXATTRS, LISTXATTRS4args{0, 4096}) == NFS4ERR_NOTSUPP);
  CHECK(at_root(OP_SETXATTR, SETXATTR4args{{}, Ops::component("a"), {}}) == NFS4ERR_ROFS);
  CHECK(at_root(OP_REMOVEXATTR, REMOVEXATTR4args{Ops::component("a")}) == NFS4ERR_ROFS);
}

TEST_CASE("a read-only share takes no SETXATTR and no REMOVEXATTR") {
  Xattrs x;
  REQUIRE(x.set("a", "v").status == NFS4_OK);
  x.world.add_share(12, "fixed", {.squash = gate::Squash::None, .read_only = true});
  x.file = x.client.handle({"fixed", "file"});
  CHECK(x.value("a") == "v");
  CHECK(x.set("a", "w").status == NFS4ERR_ROFS);
  CHECK(x.remove("a").status == NFS4ERR_ROFS);
  const auto told = x.access(all_bits);
  CHECK(told.supported == all_bits);
  CHECK(told.access == (ACCESS4_XAREAD | ACCESS4_XALIST));
}
