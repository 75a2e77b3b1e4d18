// Operations on names: LOOKUP, LOOKUPP, CREATE, REMOVE, RENAME, LINK.
#include "ops/nfs4/client.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using namespace ditto::test::v4;
using enum nfsstat4;
using enum nfs_opnum4;

namespace {

struct Refused {
  std::string name;
  nfsstat4 status;
};
const std::vector<Refused> bad_names{{"", NFS4ERR_INVAL},
                                     {".", NFS4ERR_BADNAME},
                                     {"..", NFS4ERR_BADNAME},
                                     {"a/b", NFS4ERR_BADCHAR},
                                     {std::string("a\0b", 3), NFS4ERR_BADCHAR},
                                     {"\xff", NFS4ERR_INVAL},
                                     {"\xed\xa0\x80", NFS4ERR_INVAL},  // a surrogate
                                     {"\xc0\xaf", NFS4ERR_INVAL},      // an overlong '/'
                                     {std::string(256, 'n'), NFS4ERR_NAMETOOLONG},
                                     {std::string(4096, 'n'), NFS4ERR_NAMETOOLONG}};

template <class F>
void check_names(F status_for) {
  for (const Refused& bad : bad_names) {
    INFO("a name of " << bad.name.size() << " bytes: " << bad.name.substr(0, 20));
    CHECK(status_for(bad.name) == bad.status);
  }
}

CREATE4args made(std::string_view name, nfs_ftype4 type = nfs_ftype4::NF4DIR, fattr4 attributes = {}) {
  return {.objtype = {.type = type}, .objname = Ops::component(name), .createattrs = std::move(attributes)};
}
std::uint64_t change_of(Client& client, std::initializer_list<std::string_view> path) {
  Results results = client.run(Ops().go(path).getattr({FATTR4_CHANGE}));
  std::uint64_t change = 0;
  read_values(results.went(path.size()).next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, change);
  return change;
}
/// A world with /export/{d/,d/inner,file,link,closed/ (0700, root's)}.
void fill(World& world) {
  const nfs_fh3 root = world.root(), d = world.make_directory(root, "d");
  world.make_file(d, "inner");
  world.make_file(root, "file");
  world.make_symlink(root, "link", "d");
  world.make_directory(root, "closed", 0700);
}

}  // namespace

TEST_CASE("LOOKUP finds names, and refuses what is none") {
  for_both([](World& world, Client& client) {
    fill(world);
    CHECK(client.status(Ops().go({"export", "d", "inner"})) == NFS4_OK);
    world.make_file(world.root(), "\xc3\xa9t\xc3\xa9");
    CHECK(client.status(Ops().go({"export", "\xc3\xa9t\xc3\xa9"})) == NFS4_OK);
    CHECK(client.status(Ops().go({"export", "none"})) == NFS4ERR_NOENT);
    CHECK(client.status(Ops().go({"export", "file", "x"})) == NFS4ERR_NOTDIR);
    CHECK(client.status(Ops().go({"export", "link", "x"})) == NFS4ERR_SYMLINK);
    check_names([&](std::string_view name) { return client.status(Ops().go({"export"}).look(name)); });
    check_names([&](std::string_view name) { return client.status(Ops().root().look(name)); });
    world.become(1000, 1000);
    CHECK(client.status(Ops().go({"export", "closed", "x"})) == NFS4ERR_ACCESS);
  });
}

TEST_CASE("LOOKUPP goes up, and only from directories") {
  for_both([](World& world, Client& client) {
    fill(world);
    Results results = client.run(Ops().go({"export", "d"}).add(OP_LOOKUPP).getfh());
    CHECK(results.went(2).skip({OP_LOOKUPP}).next<GETFH4res>(OP_GETFH).resok4.object == same_handle(world.root()));
    CHECK(client.status(Ops().go({"export", "file"}).add(OP_LOOKUPP)) == NFS4ERR_NOTDIR);
    const nfsstat4 link = client.minor == 0 ? NFS4ERR_NOTDIR : NFS4ERR_SYMLINK;
    CHECK(client.status(Ops().go({"export", "link"}).add(OP_LOOKUPP)) == link);
    const nfs_fh4 closed = client.handle({"export", "closed"});
    world.become(1000, 1000);
    CHECK(client.status(Ops().fh(closed).add(OP_LOOKUPP)) == NFS4ERR_ACCESS);
  });
}

TEST_CASE("CREATE makes every type but files, goes there, and tells what was set") {
  for_both([](World& world, Client& client) {
    fill(world);
    using enum nfs_ftype4;
    for (const nfs_ftype4 type : {NF4DIR, NF4BLK, NF4CHR, NF4LNK, NF4SOCK, NF4FIFO}) {
      const std::string name = "made" + std::to_string(static_cast<int>(type));
      const std::uint64_t before = change_of(client, {"export"});
      CREATE4args args = made(name, type, fattr({FATTR4_MODE}, std::uint32_t{0640}));
      args.objtype.linkdata = linktext4::copy_of("some/where");
      args.objtype.devdata = {7, 8};
      Results results =
          client.run(Ops().go({"export"}).add(OP_CREATE, args).getattr({FATTR4_TYPE, FATTR4_MODE, FATTR4_RAWDEV}));
      const auto created = results.went(1).next<CREATE4res>(OP_CREATE);
      REQUIRE(created.status == NFS4_OK);
      CHECK(created.resok4.cinfo.atomic);
      CHECK(created.resok4.cinfo.before == before);
      CHECK(created.resok4.cinfo.after == change_of(client, {"export"}));
      CHECK(created.resok4.cinfo.after > before);
      CHECK(created.resok4.attrset.has(FATTR4_MODE) == (type != NF4LNK));
      nfs_ftype4 told{};
      std::uint32_t mode = 0;
      specdata4 device;
      read_values(results.next<GETATTR4res>(OP_GETATTR).resok4.obj_attributes, told, mode, device);
      CHECK(told == type);
      CHECK(mode == (type == NF4LNK ? 0777 : 0640));
      CHECK(device.specdata1 == (type == NF4BLK || type == NF4CHR ? 7 : 0));
    }
  });
}

TEST_CASE("CREATE refuses what it cannot make") {
  for_both([](World& world, Client& client) {
    fill(world);
    const auto of = [&](const CREATE4args& args, std::initializer_list<std::string_view> path = {"export"}) {
      return client.status(Ops().go(path).add(OP_CREATE, args));
    };
    using enum nfs_ftype4;
    for (const auto type : {NF4REG, NF4ATTRDIR, NF4NAMEDATTR, nfs_ftype4{0}, nfs_ftype4{77}}) {
      CHECK(of(made("x", type)) == NFS4ERR_BADTYPE);
    }
    CHECK(of(made("d")) == NFS4ERR_EXIST);
    CHECK(of(made("x"), {"export", "file"}) == NFS4ERR_NOTDIR);
    check_names([&](std::string_view name) { return of(made(name)); });
    CHECK(of(made("x", NF4DIR, fattr({FATTR4_SIZE}, std::uint64_t{1}))) == NFS4ERR_INVAL);
    CHECK(of(made("x", NF4DIR, fattr({FATTR4_TYPE}, NF4DIR))) == NFS4ERR_INVAL);
    CHECK(of(made("x", NF4DIR, fattr({FATTR4_HIDDEN}, true))) == NFS4ERR_ATTRNOTSUPP);
    CHECK(of(made("x", NF4DIR, fattr({FATTR4_OWNER}, text("who")))) == NFS4ERR_BADOWNER);
    for (const auto& [target, status] : std::vector<Refused>{{"", NFS4ERR_INVAL},
                                                             {"\xff", NFS4ERR_INVAL},
                                                             {std::string("a\0b", 3), NFS4ERR_INVAL},
                                                             {std::string(4096, 'l'), NFS4ERR_NAMETOOLONG}}) {
      CREATE4args link = made("x", NF4LNK);
      link.objtype.linkdata = linktext4::copy_of(target);
      CHECK(of(link) == status);
    }
    world.become(1000, 1000);
    CHECK(of(made("x", NF4CHR)) == NFS4ERR_PERM);
    CHECK(of(made("x", NF4DIR, fattr({FATTR4_OWNER}, text("1001")))) == NFS4ERR_PERM);
    CHECK(of(made("x"), {"export", "d"}) == NFS4ERR_ACCESS);
    world.add_share(12, "fixed", {.read_only = true});
    CHECK(of(made("x"), {"fixed"}) == NFS4ERR_ROFS);
    CHECK(world.look(world.root(), "x") == nfsstat3::NFS3ERR_NOENT);
  });
}

TEST_CASE("REMOVE takes files and empty directories away") {
  for_both([](World& world, Client& client) {
    fill(world);
    const auto of = [&](std::string_view name, std::initializer_list<std::string_view> path = {"export"}) {
      return client.status(Ops().go(path).add(OP_REMOVE, REMOVE4args{Ops::component(name)}));
    };
    CHECK(of("d") == NFS4ERR_NOTEMPTY);
    CHECK(of("none") == NFS4ERR_NOENT);
    CHECK(of("x", {"export", "file"}) == NFS4ERR_NOTDIR);
    check_names(of);
    Results results = client.run(Ops().go({"export", "d"}).add(OP_REMOVE, REMOVE4args{Ops::component("inner")}));
    const auto removed = results.went(2).next<REMOVE4res>(OP_REMOVE);
    REQUIRE(removed.status == NFS4_OK);
    CHECK(removed.resok4.cinfo.atomic);
    CHECK(removed.resok4.cinfo.before < removed.resok4.cinfo.after);
    CHECK(of("d") == NFS4_OK);
    CHECK(of("d") == NFS4ERR_NOENT);

    world.make_file(world.make_directory(world.root(), "sticky", 01777), "roots");
    world.become(1000, 1000);
    CHECK(of("roots", {"export", "sticky"}) == NFS4ERR_ACCESS);
    CHECK(of("x", {"export", "closed"}) == NFS4ERR_ACCESS);
    world.add_share(12, "fixed", {.read_only = true});
    CHECK(of("file", {"fixed"}) == NFS4ERR_ROFS);
  });
}

TEST_CASE("RENAME moves between directories, and tells both") {
  for_both([](World& world, Client& client) {
    fill(world);
    const auto args = [](std::string_view from, std::string_view to) {
      return RENAME4args{Ops::component(from), Ops::component(to)};
    };
    Results results = client.run(Ops().go({"export"}).save().look("d").add(OP_RENAME, args("file", "moved")));
    const auto renamed = results.went(1).skip({OP_SAVEFH, OP_LOOKUP}).next<RENAME4res>(OP_RENAME);
    REQUIRE(renamed.status == NFS4_OK);
    CHECK(renamed.resok4.source_cinfo.before < renamed.resok4.source_cinfo.after);
    CHECK(renamed.resok4.target_cinfo.after == change_of(client, {"export", "d"}));
    CHECK(client.status(Ops().go({"export", "d", "moved"})) == NFS4_OK);

    const auto of = [&](std::string_view from, std::string_view to) {
      return client.status(Ops().go({"export"}).save().add(OP_RENAME, args(from, to)));
    };
    world.make_file(world.root(), "file");
    CHECK(of("none", "x") == NFS4ERR_NOENT);
    CHECK(of("file", "d") == NFS4ERR_EXIST);
    CHECK(of("d", "file") == NFS4ERR_EXIST);
    CHECK(of("closed", "d") == NFS4ERR_NOTEMPTY);
    check_names([&](std::string_view name) { return of(name, "x"); });
    check_names([&](std::string_view name) { return of("file", name); });
    CHECK(client.status(Ops().go({"export", "file"}).save().root().look("export").add(OP_RENAME, args("a", "b"))) ==
          NFS4ERR_NOTDIR);
    CHECK(client.status(Ops().go({"export"}).save().look("d").add(OP_RENAME, args("d", "x"))) == NFS4ERR_INVAL);
    world.add_other_store(12, "other");
    CHECK(client.status(Ops().go({"export"}).save().root().look("other").add(OP_RENAME, args("file", "x"))) ==
          NFS4ERR_XDEV);
    world.become(1000, 1000);
    CHECK(client.status(Ops().go({"export", "d"}).save().add(OP_RENAME, args("inner", "x"))) == NFS4ERR_ACCESS);
    world.add_share(13, "fixed", {.read_only = true});
    CHECK(client.status(Ops().go({"fixed"}).save().add(OP_RENAME, args("file", "x"))) == NFS4ERR_ROFS);
  });
}

TEST_CASE("LINK gives a file another name") {
  for_both([](World& world, Client& client) {
    fill(world);
    const auto link = [](std::string_view name) { return LINK4args{Ops::component(name)}; };
    Results results = client.run(Ops().go({"export", "file"}).save().root().look("export").add(OP_LINK, link("hard")));
    const auto linked = results.went(2).skip({OP_SAVEFH, OP_PUTROOTFH, OP_LOOKUP}).next<LINK4res>(OP_LINK);
    REQUIRE(linked.status == NFS4_OK);
    CHECK(linked.resok4.cinfo.before < linked.resok4.cinfo.after);
    CHECK(client.handle({"export", "hard"}) == client.handle({"export", "file"}));

    const auto of = [&](std::string_view source, std::string_view name) {
      return client.status(Ops().go({"export", source}).save().root().look("export").add(OP_LINK, link(name)));
    };
    CHECK(of("file", "d") == NFS4ERR_EXIST);
    CHECK(of("d", "x") == NFS4ERR_ISDIR);
    check_names([&](std::string_view name) { return of("file", name); });
    CHECK(client.status(Ops().go({"export", "file"}).save().add(OP_LINK, link("x"))) == NFS4ERR_NOTDIR);
    world.add_other_store(12, "other");
    CHECK(client.status(Ops().go({"export", "file"}).save().root().look("other").add(OP_LINK, link("x"))) ==
          NFS4ERR_XDEV);
    world.become(1000, 1000);
    CHECK(client.status(Ops().go({"export", "file"}).save().root().look("export").look("d").add(OP_LINK, link("x"))) ==
          NFS4ERR_ACCESS);
  });
}
