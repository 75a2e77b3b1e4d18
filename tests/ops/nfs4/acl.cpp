// The attributes acl, dacl, sacl, aclsupport and mode_set_masked: what is told, taken and refused, and what ties them
// to mode.
#include "ops/nfs4/acl.hpp"

#include "ops/nfs4/holder.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

nfsacl41 half(std::uint32_t flags, const std::string& letters) { return {flags, aces(letters)}; }

/// dacl or sacl, its flags before its entries.
std::string get_half(Client& client, const nfs_fh4& handle, std::uint32_t number) {
  nfsacl41 list;
  REQUIRE(get_value(client, handle, number, list) == NFS4_OK);
  return std::to_string(list.na41_flag) + " " + letters_of(list.na41_aces);
}

nfsace4 ace(std::uint32_t type, std::uint32_t flag, std::uint32_t mask, std::string_view who) {
  return {.type = type, .flag = flag, .access_mask = mask, .who = text(who)};
}

CREATE4args directory(std::string_view name, const fattr4& attributes) {
  CREATE4args args;
  args.objtype.type = nfs_ftype4::NF4DIR;
  args.objname = Ops::component(name);
  args.createattrs = attributes;
  return args;
}

}  // namespace

TEST_CASE("a node without a list shows what its mode means") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0640));
    CHECK(get_list(client, file) == "A::OWNER@:TC A::OWNER@:rwanN A::GROUP@:rn A::EVERYONE@:tc");
    std::uint32_t support = 0;
    REQUIRE(get_value(client, file, FATTR4_ACLSUPPORT, support) == NFS4_OK);
    CHECK(support ==
          (ACL4_SUPPORT_ALLOW_ACL | ACL4_SUPPORT_DENY_ACL | ACL4_SUPPORT_AUDIT_ACL | ACL4_SUPPORT_ALARM_ACL));
    if (client.minor == 0) return;
    CHECK(get_half(client, file, FATTR4_DACL) == std::to_string(ACL4_DEFAULTED) + " " + get_list(client, file));
    CHECK(get_half(client, file, FATTR4_SACL) == std::to_string(ACL4_DEFAULTED) + " ");
    Results root = client.run(Ops().root().getattr({FATTR4_ACL}));
    CHECK(root.status == NFS4_OK);
  });
}

TEST_CASE("a list is set and told as it is, and the mode follows") {
  for_both([](World& world, Client& client) {
    const nfs_fh3 file3 = world.make_file(world.root(), "file", 04755);
    const nfs_fh4 file = same_handle(file3);
    const std::string list = "A::OWNER@:rwaxtTcC D::u7:wa A::g8:rx A::EVERYONE@:r A::NETWORK@:t";
    REQUIRE(set_list(client, file, list) == NFS4_OK);
    CHECK(get_list(client, file) == list);
    CHECK(get_mode(client, file) == 04744);
    CHECK(world.attributes(file3).mode == 04744);
    REQUIRE(set_values(client, file, fattr({FATTR4_MODE}, std::uint32_t{0640})) == NFS4_OK);
    CHECK(get_list(client, file) == "A::OWNER@:rwanN A::OWNER@:tTcC D::u7:wa A::g8:r A::NETWORK@:t A::GROUP@:rn");
    CHECK(get_mode(client, file) == 0640);
    REQUIRE(set_list(client, file, "") == NFS4_OK);
    CHECK(get_list(client, file).empty());
    CHECK(get_mode(client, file) == 0);
    world.restart();
    CHECK(get_list(client, file).empty());
  });
}

TEST_CASE("mode and list at once: the list has the last word on permission bits") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644));
    REQUIRE(set_values(client, file, fattr({FATTR4_ACL, FATTR4_MODE}, aces("A::OWNER@:r"), std::uint32_t{06777})) ==
            NFS4_OK);
    CHECK(get_mode(client, file) == 06400);
    CHECK(get_list(client, file) == "A::OWNER@:r");
  });
}

TEST_CASE("all bits of an entry's mask come back, and so do all well-known names") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    fattr4_acl list;
    for (const std::string_view who : {"OWNER@", "GROUP@", "EVERYONE@", "INTERACTIVE@", "NETWORK@", "DIALUP@", "BATCH@",
                                       "ANONYMOUS@", "AUTHENTICATED@", "SERVICE@", "S-1-3-0", "S-1-3-1", "4711"}) {
      list.push_back(ace(ACE4_ACCESS_ALLOWED_ACE_TYPE, 0, 0xffffffff, who));
    }
    REQUIRE(set_values(client, file, fattr({FATTR4_ACL}, list)) == NFS4_OK);
    fattr4_acl got;
    REQUIRE(get_value(client, file, FATTR4_ACL, got) == NFS4_OK);
    REQUIRE(got.size() == list.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      CHECK(got[i].who.view() == list[i].who.view());
      CHECK(got[i].access_mask == 0xffffffff);
      CHECK(got[i].flag == 0);
    }
  });
}

TEST_CASE("the flag of a group makes a group of a name, and nothing of a well-known one") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    fattr4_acl list;
    list.push_back(ace(0, ACE4_IDENTIFIER_GROUP, 1, "7"));
    list.push_back(ace(0, ACE4_IDENTIFIER_GROUP, 1, "EVERYONE@"));
    list.push_back(ace(1, 0, 1, "7@some.domain"));
    REQUIRE(set_values(client, file, fattr({FATTR4_ACL}, list)) == NFS4_OK);
    CHECK(get_list(client, file) == "A::g7:r A::EVERYONE@:r D::u7:r");
  });
}

TEST_CASE("what cannot be a list is refused, and nothing is set") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644));
    const nfs_fh4 d = same_handle(world.make_directory(world.root(), "d"));
    const auto of = [&](const nfs_fh4& handle, const nfsace4& entry) {
      fattr4_acl list;
      list.push_back(entry);
      return set_values(client, handle, fattr({FATTR4_ACL}, list));
    };
    CHECK(of(file, ace(4, 0, 1, "EVERYONE@")) == NFS4ERR_INVAL);
    CHECK(of(file, ace(0, 0x100, 1, "EVERYONE@")) == NFS4ERR_INVAL);
    CHECK(of(file, ace(0, ACE4_SUCCESSFUL_ACCESS_ACE_FLAG, 1, "EVERYONE@")) == NFS4ERR_INVAL);
    CHECK(of(file, ace(0, ACE4_DIRECTORY_INHERIT_ACE, 1, "EVERYONE@")) == NFS4ERR_ATTRNOTSUPP);
    CHECK(of(d, ace(0, ACE4_INHERIT_ONLY_ACE, 1, "EVERYONE@")) == NFS4ERR_ATTRNOTSUPP);
    CHECK(of(file, ace(0, 0, 1, "who")) == NFS4ERR_BADOWNER);
    CHECK(of(file, ace(0, 0, 1, "SOMEBODY@")) == NFS4ERR_BADOWNER);
    CHECK(of(file, ace(0, 0, 1, "everyone@")) == NFS4ERR_BADOWNER);
    CHECK(of(file, ace(0, 0, 1, "")) == NFS4ERR_INVAL);
    CHECK(of(file, ace(0, 0, 1, "\xff@")) == NFS4ERR_INVAL);
    fattr4_acl many;
    for (int i = 0; i < 128; ++i) many.push_back(ace(0, 0, 1, std::to_string(i)));
    CHECK(set_values(client, d, fattr({FATTR4_ACL}, many)) == NFS4_OK);
    many.push_back(ace(0, 0, 1, "128"));
    CHECK(set_values(client, file, fattr({FATTR4_ACL}, many)) == NFS4ERR_INVAL);
    CHECK(set_values(client, file, fattr({FATTR4_ACL}, std::uint32_t{1025})) == NFS4ERR_BADXDR);
    CHECK(get_mode(client, file) == 0644);
    CHECK(get_list(client, file).starts_with("A::OWNER@:TC"));
    world.become(0, 0);
    const nfs_fh4 link = same_handle(world.make_symlink(world.root(), "link", "target"));
    CHECK(set_list(client, link, "A::EVERYONE@:r") == NFS4ERR_ATTRNOTSUPP);
  });
}

TEST_CASE("acl is all of a list, dacl what decides of it and sacl what records; each half is set for itself") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0640));
    world.become(0, 0);
    REQUIRE(set_list(client, file, "U:S:u7:w A::OWNER@:rwa L:F:EVERYONE@:r D::u8:r") == NFS4_OK);
    CHECK(get_list(client, file) == "U:S:u7:w A::OWNER@:rwa L:F:EVERYONE@:r D::u8:r");
    CHECK(get_mode(client, file) == 0600);
    if (client.minor == 0) {
      CHECK(set_values(client, file, fattr({FATTR4_SACL}, nfsacl41{})) == NFS4ERR_ATTRNOTSUPP);
      return;
    }
    CHECK(get_half(client, file, FATTR4_DACL) == "2 A::OWNER@:rwa D::u8:r");
    CHECK(get_half(client, file, FATTR4_SACL) == "2 U:S:u7:w L:F:EVERYONE@:r");
    REQUIRE(set_values(client, file, fattr({FATTR4_SACL}, half(ACL4_AUTO_INHERIT, "U:SI:u9:x"))) == NFS4_OK);
    CHECK(get_half(client, file, FATTR4_SACL) == "1 U:SI:u9:x");
    CHECK(get_list(client, file) == "A::OWNER@:rwa D::u8:r U:S:u9:x");
    CHECK(get_mode(client, file) == 0600);
    REQUIRE(set_values(client, file, fattr({FATTR4_DACL}, half(0, "A::OWNER@:r"))) == NFS4_OK);
    CHECK(get_list(client, file) == "A::OWNER@:r U:S:u9:x");
    REQUIRE(set_values(client, file,
                       fattr({FATTR4_DACL, FATTR4_SACL}, half(0, "A::EVERYONE@:r"), half(0, "L:F:u7:w"))) == NFS4_OK);
    CHECK(get_list(client, file) == "A::EVERYONE@:r L:F:u7:w");
    CHECK(get_mode(client, file) == 0444);
    CHECK(set_values(client, file, fattr({FATTR4_DACL}, half(0, "U:S:u7:w"))) == NFS4ERR_INVAL);
    CHECK(set_values(client, file, fattr({FATTR4_SACL}, half(0, "A::u7:w"))) == NFS4ERR_INVAL);
    CHECK(set_values(client, file, fattr({FATTR4_SACL}, half(8, "U:S:u7:w"))) == NFS4ERR_INVAL);
    for (const auto number : {FATTR4_DACL, FATTR4_SACL}) {
      CHECK(set_values(client, file, fattr({FATTR4_ACL, number}, aces(""), half(0, ""))) == NFS4ERR_ATTRNOTSUPP);
    }
    CHECK(get_list(client, file) == "A::EVERYONE@:r L:F:u7:w");
    world.restart();
    CHECK(get_half(client, file, FATTR4_SACL) == "0 L:F:u7:w");
  });
}

TEST_CASE("what a list records is root's to say: an owner keeps it, or is refused") {
  for_both([](World& world, Client& client) {
    world.become(0, 0);
    REQUIRE(set_values(client, same_handle(world.root()), fattr({FATTR4_MODE}, std::uint32_t{0777})) == NFS4_OK);
    world.become(9, 9);
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0640));
    world.become(0, 0);
    REQUIRE(set_list(client, file, "A::OWNER@:rwa U:S:EVERYONE@:w") == NFS4_OK);
    world.become(9, 9);
    CHECK(set_list(client, file, "A::OWNER@:rwa L:S:EVERYONE@:w") == NFS4ERR_PERM);
    REQUIRE(set_list(client, file, "A::OWNER@:rwa A::u7:r U:S:EVERYONE@:w") == NFS4_OK);
    REQUIRE(set_list(client, file, "A::OWNER@:rwac") == NFS4_OK);
    CHECK(get_list(client, file) == "A::OWNER@:rwac U:S:EVERYONE@:w");
    if (client.minor == 0) return;
    CHECK(set_values(client, file, fattr({FATTR4_SACL}, half(0, ""))) == NFS4ERR_PERM);
    REQUIRE(set_values(client, file, fattr({FATTR4_DACL}, half(0, "A::OWNER@:r"))) == NFS4_OK);
    CHECK(get_list(client, file) == "A::OWNER@:r U:S:EVERYONE@:w");
  });
}

TEST_CASE("which attributes of lists there are") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    bitmap4 supported;
    REQUIRE(get_value(client, file, FATTR4_SUPPORTED_ATTRS, supported) == NFS4_OK);
    CHECK(supported.has(FATTR4_ACL));
    CHECK(supported.has(FATTR4_DACL) == (client.minor > 0));
    CHECK(supported.has(FATTR4_SACL) == (client.minor > 0));
    CHECK(supported.has(FATTR4_MODE_SET_MASKED) == (client.minor > 0));
  });
}

TEST_CASE("dacl keeps its flags and what was inherited; acl knows neither, and protects what it sets") {
  for_both([](World& world, Client& client) {
    if (client.minor == 0) return;
    const nfs_fh4 d = same_handle(world.make_directory(world.root(), "d"));
    REQUIRE(set_values(client, d, fattr({FATTR4_DACL}, half(ACL4_AUTO_INHERIT, "A:fdI:u7:r A::OWNER@:rwax"))) ==
            NFS4_OK);
    nfsacl41 list;
    REQUIRE(get_value(client, d, FATTR4_DACL, list) == NFS4_OK);
    CHECK(list.na41_flag == ACL4_AUTO_INHERIT);
    CHECK(letters_of(list.na41_aces) == "A:fdI:u7:r A::OWNER@:rwax");
    CHECK(get_list(client, d) == "A:fd:u7:r A::OWNER@:rwax");
    REQUIRE(client.status(Ops().fh(d).add(OP_CREATE, directory("sub", fattr({})))) == NFS4_OK);
    REQUIRE(get_value(client, client.handle({"export", "d", "sub"}), FATTR4_DACL, list) == NFS4_OK);
    CHECK(list.na41_flag == ACL4_AUTO_INHERIT);
    CHECK(letters_of(list.na41_aces) == "A:fdI:u7:r");
    REQUIRE(set_list(client, d, "A:fdI:u7:r") == NFS4_OK);
    REQUIRE(get_value(client, d, FATTR4_DACL, list) == NFS4_OK);
    CHECK(list.na41_flag == ACL4_PROTECTED);
    CHECK(letters_of(list.na41_aces) == "A:fd:u7:r");
    CHECK(set_values(client, d, fattr({FATTR4_DACL}, half(8, "A::u7:r"))) == NFS4ERR_INVAL);
    CHECK(set_values(client, d, fattr({FATTR4_ACL, FATTR4_DACL}, aces("A::u7:r"), half(0, "A::u7:r"))) ==
          NFS4ERR_ATTRNOTSUPP);
  });
}

TEST_CASE("mode_set_masked sets the bits of its mask") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0644));
    const auto set = [&](std::uint32_t value, std::uint32_t mask) {
      return set_values(client, file, fattr({FATTR4_MODE_SET_MASKED}, mode_masked4{value, mask}));
    };
    if (client.minor == 0) {
      CHECK(set(0, 0) == NFS4ERR_ATTRNOTSUPP);
      return;
    }
    REQUIRE(set_list(client, file, "A::OWNER@:rwa A::u7:r") == NFS4_OK);
    REQUIRE(set(07777, 06000) == NFS4_OK);
    CHECK(get_mode(client, file) == 06600);
    CHECK(get_list(client, file) == "A::OWNER@:rwa A::u7:r");
    REQUIRE(set(0, 04200) == NFS4_OK);
    CHECK(get_mode(client, file) == 02400);
    CHECK(get_list(client, file) == "A::OWNER@:rn");
    CHECK(set(010000, 0) == NFS4ERR_INVAL);
    CHECK(set(0, 010000) == NFS4ERR_INVAL);
    CHECK(
        set_values(client, file, fattr({FATTR4_MODE, FATTR4_MODE_SET_MASKED}, std::uint32_t{0}, mode_masked4{0, 0})) ==
        NFS4ERR_INVAL);
    CHECK(client.status(Ops().fh(file).getattr({FATTR4_MODE_SET_MASKED})) == NFS4ERR_INVAL);
    const fattr4 masked = fattr({FATTR4_MODE_SET_MASKED}, mode_masked4{0, 0});
    CHECK(client.status(Ops().go({"export"}).add(OP_CREATE, directory("d", masked))) == NFS4ERR_INVAL);
    bitmap4 for_new;
    REQUIRE(get_value(client, file, FATTR4_SUPPATTR_EXCLCREAT, for_new) == NFS4_OK);
    CHECK(for_new.has(FATTR4_ACL));
    CHECK(for_new.has(FATTR4_DACL));
    CHECK(for_new.has(FATTR4_SACL));
    CHECK_FALSE(for_new.has(FATTR4_MODE_SET_MASKED));
  });
}

TEST_CASE("VERIFY and NVERIFY compare lists") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 file = same_handle(world.make_file(world.root(), "file"));
    REQUIRE(set_list(client, file, "A::u7:r") == NFS4_OK);
    const auto verify = [&](const std::string& letters) {
      return client.status(Ops().fh(file).add(OP_VERIFY, VERIFY4args{fattr({FATTR4_ACL}, aces(letters))}));
    };
    CHECK(verify("A::u7:r") == NFS4_OK);
    CHECK(verify("A::u7:w") == NFS4ERR_NOT_SAME);
    CHECK(client.status(Ops().fh(file).add(OP_NVERIFY, NVERIFY4args{fattr({FATTR4_ACL}, aces("A::u7:r"))})) ==
          NFS4ERR_SAME);
  });
}

TEST_CASE("CREATE and OPEN take a list, and inherit one when they are given none") {
  Server server;
  Holder client(server, 2);
  Client& plain = client;
  const nfs_fh4 root = plain.handle({"export"});
  REQUIRE(plain.status(Ops().fh(root).add(OP_CREATE, directory("d", fattr({FATTR4_ACL}, aces("A:fd:u7:rwax"))))) ==
          NFS4_OK);
  const nfs_fh4 d = plain.handle({"export", "d"});
  CHECK(get_list(plain, d) == "A:fd:u7:rwax");
  CHECK(get_mode(plain, d) == 0);
  // RFC 8275: the list counts instead of the umask.
  REQUIRE(plain.status(Ops().fh(d).add(
              OP_CREATE, directory("sub", fattr({FATTR4_MODE_UMASK}, mode_umask4{0777, 0077})))) == NFS4_OK);
  const nfs_fh4 sub = plain.handle({"export", "d", "sub"});
  CHECK(get_mode(plain, sub) == 0);
  CHECK(get_list(plain, sub) == "A:fd:u7:rwax");
  REQUIRE(plain.status(Ops().fh(root).add(
              OP_CREATE, directory("other", fattr({FATTR4_MODE_UMASK}, mode_umask4{0777, 0077})))) == NFS4_OK);
  CHECK(get_mode(plain, plain.handle({"export", "other"})) == 0700);

  const Opened opened =
      client.open("file", {.how = creating(createmode4::GUARDED4, fattr({FATTR4_ACL}, aces("A::OWNER@:r")))});
  REQUIRE(opened.status == NFS4_OK);
  CHECK(opened.attributes_set.has(FATTR4_ACL));
  CHECK(get_list(plain, opened.handle) == "A::OWNER@:r");
  CHECK(get_mode(plain, opened.handle) == 0400);
  const Opened refused =
      client.open("new", {.how = creating(createmode4::GUARDED4, fattr({FATTR4_ACL}, aces("A:d:u7:r")))});
  CHECK(refused.status == NFS4ERR_ATTRNOTSUPP);
}

TEST_CASE("a list is for those to read who may, in GETATTR and in READDIR") {
  for_both([](World& world, Client& client) {
    const nfs_fh4 d = same_handle(world.make_directory(world.root(), "d"));
    const nfs_fh4 file = same_handle(world.make_file(world.make_directory(world.root(), "e"), "file"));
    const nfs_fh4 e = client.handle({"export", "e"});
    REQUIRE(set_list(client, file, "A::u7:r A::u8:c") == NFS4_OK);
    const auto list = [&](std::initializer_list<std::uint32_t> numbers) {
      READDIR4args args;
      args.dircount = args.maxcount = 4096;
      args.attr_request = bits(numbers);
      Results results = client.run(Ops().fh(e).add(OP_READDIR, args));
      return results.skip({OP_PUTFH}).next<READDIR4res>(OP_READDIR);
    };
    const auto entry_of = [](const READDIR4res& listed) {
      REQUIRE(listed.status == NFS4_OK);
      bitmap4 mask;
      listed.resok4.reply.entries.for_each([&](const entry4& entry) { mask = entry.attrs.attrmask; });
      return mask;
    };
    world.become(8, 8);
    CHECK(get_list(client, file) == "A::u7:r A::u8:c");
    CHECK(same_bits(entry_of(list({FATTR4_ACL})), bits({FATTR4_ACL})));
    world.become(7, 7);
    CHECK(get_list(client, file) == std::to_string(static_cast<std::uint32_t>(NFS4ERR_ACCESS)));
    CHECK(list({FATTR4_ACL}).status == NFS4ERR_ACCESS);
    CHECK(same_bits(entry_of(list({FATTR4_RDATTR_ERROR, FATTR4_ACL})), bits({FATTR4_RDATTR_ERROR})));
    CHECK(list({FATTR4_MODE}).status == NFS4_OK);
    CHECK(set_list(client, file, "A::u7:rwa") == NFS4ERR_PERM);
    CHECK(get_list(client, d).starts_with("A::OWNER@:TC"));
  });
}

TEST_CASE("ACCESS and OPEN go by the list") {
  Server server;
  Holder client(server, 2);
  World& world = server.world;
  const nfs_fh4 file = same_handle(world.make_file(world.root(), "file", 0600));
  REQUIRE(set_list(client, file, "A::u7:rtc A::u8:rwatc") == NFS4_OK);
  const auto access = [&] {
    Results results = client.run(Ops().fh(file).add(OP_ACCESS, ACCESS4args{0x3f}));
    return results.skip({OP_PUTFH}).next<ACCESS4res>(OP_ACCESS).resok4.access;
  };
  world.become(7, 7);
  CHECK(access() == ACCESS4_READ);
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_READ}).status == NFS4_OK);
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_WRITE}).status == NFS4ERR_ACCESS);
  world.become(8, 8);
  CHECK(access() == (ACCESS4_READ | ACCESS4_MODIFY | ACCESS4_EXTEND));
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_BOTH}).status == NFS4_OK);
  world.become(9, 9);
  CHECK(access() == 0);
  CHECK(client.open("file", {.access = OPEN4_SHARE_ACCESS_READ}).status == NFS4ERR_ACCESS);
}
