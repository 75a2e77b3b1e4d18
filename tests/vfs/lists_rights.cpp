// What each operation takes of a list: it goes through with those bits and fails without any of them.
#include "acl/letters.hpp"
#include "tree.hpp"

namespace ditto::test {

namespace {

using vfs::Access;

/// A directory and what is in it belong to root; whoever acts is user 7 of group 8, and has what lists say, which
/// record all that he does.
struct Place {
  Tree tree;
  NodeId d, f, sub, elsewhere;
  Credential caller = user(7, 8);

  Place(const std::string& of_directory, const std::string& of_file) {
    d = tree.directory_id(tree.root(), "d");
    elsewhere = tree.directory_id(tree.root(), "elsewhere");
    f = tree.file_id(d, "f");
    sub = tree.directory_id(d, "sub");
    must(tree.write(f, 0, "contents"));
    must(tree.on(f, [&](Context& context, vfs::Node& node) {
      return tree.fs->setxattr(context, node, "there", bytes_of("x"), vfs::XattrMode::Either);
    }));
    must(tree.set_list(elsewhere, "A::u7:rwaxD"));
    const std::string records = " U:SF:u7:rwaxnNDtTdcCo";
    must(tree.set_list(d, "A::u7:" + of_directory + " A::u9:rwaxD" + records));
    must(tree.set_list(sub, "A::u7:wa"));
    must(tree.set_list(f, "A::u7:" + of_file + " A::u9:rwax" + records));
    tree.who = caller;
  }
  vfs::AccessNote noted(NodeId id) const {
    const auto all = tree.notes.all();
    const auto found = std::ranges::find(all, id, &vfs::AccessNote::node);
    return found == all.end() ? vfs::AccessNote{} : *found;
  }
  template <class F>
  std::string on_file(F call) {
    return error_of(tree.on(f, [&](Context& context, vfs::Node& node) { return call(*tree.fs, context, node); }));
  }
};

struct Row {
  const char* what;
  const char *directory, *file;  // what it takes
  std::string (*operation)(Place& at);
};

const Row rows[] = {
    {"READ", "", "r", [](Place& at) { return error_of(at.tree.read(at.f, 0, 10)); }},
    {"READ of what may be run", "", "x",
     [](Place& at) {
       at.tree.rights = vfs::IoRights::Stateless;
       return error_of(at.tree.read(at.f, 0, 10));
     }},
    {"WRITE", "", "wa", [](Place& at) { return error_of(at.tree.write(at.f, 0, "x")); }},
    {"WRITE of an object", "", "wa",
     [](Place& at) { return error_of(at.tree.write(at.f, 0, std::string(9000, 'x'))); }},
    {"WRITE of nothing", "", "wa", [](Place& at) { return error_of(at.tree.write(at.f, 0, "")); }},
    {"COMMIT", "", "wa", [](Place& at) { return error_of(at.tree.commit(at.f)); }},
    {"a new size", "", "wa", [](Place& at) { return error_of(at.tree.truncate(at.f, 1)); }},
    {"a time", "", "T", [](Place& at) { return error_of(at.tree.setattr(at.f, {.modify_time = vfs::SetTime{}})); }},
    {"the time of birth", "", "T",
     [](Place& at) { return error_of(at.tree.setattr(at.f, {.birth_time = Timestamp{1, 0}})); }},
    {"the time that is now", "", "T",
     [](Place& at) { return error_of(at.tree.setattr(at.f, {.access_time = vfs::SetTime{.server_time = true}})); }},
    {"the time that is now, by writing", "", "w",
     [](Place& at) { return error_of(at.tree.setattr(at.f, {.access_time = vfs::SetTime{.server_time = true}})); }},
    {"DOS attributes", "", "T", [](Place& at) { return error_of(at.tree.setattr(at.f, {.dos_attributes = 1})); }},
    {"a mode", "", "C", [](Place& at) { return error_of(at.tree.setattr(at.f, {.mode = 0600})); }},
    {"a list", "", "C", [](Place& at) { return error_of(at.tree.set_list(at.f, "A::u7:r")); }},
    {"another owner: whoever asks", "", "o",
     [](Place& at) { return error_of(at.tree.setattr(at.f, {.owner = vfs::Principal::id(7)})); }},
    {"another group: one of whoever asks", "", "o",
     [](Place& at) { return error_of(at.tree.setattr(at.f, {.group = vfs::Principal::id(8)})); }},
    {"the list is read", "", "c",
     [](Place& at) {
       const std::string list = at.tree.list_of(at.f);
       return list.starts_with("A::u7:c") ? "success" : list;
     }},
    {"GETXATTR", "", "n",
     [](Place& at) { return at.on_file([](auto& fs, auto& c, auto& node) { return fs.getxattr(c, node, "there"); }); }},
    {"LISTXATTRS", "", "n",
     [](Place& at) { return at.on_file([](auto& fs, auto& c, auto& node) { return fs.listxattr(c, node); }); }},
    {"SETXATTR", "", "N",
     [](Place& at) {
       return at.on_file(
           [](auto& fs, auto& c, auto& n) { return fs.setxattr(c, n, "new", {}, vfs::XattrMode::Either); });
     }},
    {"REMOVEXATTR", "", "N",
     [](Place& at) { return at.on_file([](auto& fs, auto& c, auto& n) { return fs.removexattr(c, n, "there"); }); }},
    {"SEEK", "", "r",
     [](Place& at) {
       return at.on_file([](auto& fs, auto& c, auto& n) { return fs.seek(c, n, 0, vfs::Content::Data); });
     }},
    {"DEALLOCATE", "", "wa",
     [](Place& at) { return at.on_file([](auto& fs, auto& c, auto& n) { return fs.deallocate(c, n, 0, 4); }); }},
    {"ALLOCATE", "", "wa",
     [](Place& at) { return at.on_file([](auto& fs, auto& c, auto& n) { return fs.allocate(c, n, 0, 4); }); }},
    {"LOOKUP", "x", "", [](Place& at) { return error_of(at.tree.lookup(at.d, "f")); }},
    {"READDIR", "r", "", [](Place& at) { return error_of(at.tree.list(at.d)); }},
    {"CREATE of a file", "wx", "", [](Place& at) { return error_of(at.tree.make_file(at.d, "new")); }},
    {"CREATE of a FIFO", "wx", "",
     [](Place& at) { return error_of(at.tree.create(at.d, "new", {.type = FileType::Fifo})); }},
    {"SYMLINK", "wx", "", [](Place& at) { return error_of(at.tree.make_symlink(at.d, "new", "to")); }},
    {"MKDIR", "ax", "", [](Place& at) { return error_of(at.tree.make_directory(at.d, "new")); }},
    {"LINK", "wx", "", [](Place& at) { return error_of(at.tree.link(at.f, at.d, "new")); }},
    {"REMOVE by the directory", "xD", "", [](Place& at) { return error_of(at.tree.remove(at.d, "f")); }},
    {"REMOVE by the file", "x", "d", [](Place& at) { return error_of(at.tree.remove(at.d, "f")); }},
    {"REMOVE by who may add", "wx", "", [](Place& at) { return error_of(at.tree.remove(at.d, "f")); }},
    {"RENAME in its place", "wx", "", [](Place& at) { return error_of(at.tree.rename(at.d, "f", at.d, "g")); }},
    {"RENAME out of a directory", "xD", "",
     [](Place& at) { return error_of(at.tree.rename(at.d, "f", at.elsewhere, "f")); }},
    {"RENAME of a directory into another", "ax", "",
     [](Place& at) {
       (void)at.tree.make_directory(at.elsewhere, "moving", 0777);
       return error_of(at.tree.rename(at.elsewhere, "moving", at.d, "moved"));
     }},
    {"RENAME of a file into another", "wx", "",
     [](Place& at) {
       (void)at.tree.make_file(at.elsewhere, "moving");
       return error_of(at.tree.rename(at.elsewhere, "moving", at.d, "moved"));
     }},
    {"RENAME over a file", "xD", "",
     [](Place& at) {
       (void)at.tree.make_file(at.elsewhere, "moving");
       return error_of(at.tree.rename(at.elsewhere, "moving", at.d, "f"));
     }},
};

std::string without(std::string letters, std::size_t at) { return letters.erase(at, 1); }

std::string outcome(const Row& row, const std::string& directory, const std::string& file) {
  Place at(directory, file);
  return row.operation(at);
}

}  // namespace

TEST_CASE("each operation takes certain bits of a list, and no less") {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(outcome(row, row.directory, row.file) == "success");
    const std::string directory = row.directory, file = row.file;
    for (std::size_t i = 0; i < directory.size(); ++i) CHECK(outcome(row, without(directory, i), file) != "success");
    for (std::size_t i = 0; i < file.size(); ++i) CHECK(outcome(row, directory, without(file, i)) != "success");
  }
}

TEST_CASE("each operation is recorded by the lists of the nodes that it takes rights of") {
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const std::string directory = row.directory, file = row.file;
    {
      Place at(directory, file);
      REQUIRE(row.operation(at) == "success");
      const vfs::AccessNote of_directory = at.noted(at.d), of_file = at.noted(at.f);
      if (!directory.empty()) CHECK(any(of_directory.granted));
      if (!file.empty()) CHECK(any(of_file.granted));
      CHECK_FALSE(any(of_directory.refused | of_file.refused));
      CHECK_FALSE((of_directory.alarm || of_file.alarm));
    }
    for (std::size_t i = 0; i < directory.size() + file.size(); ++i) {
      const bool is_file = i >= directory.size();
      Place at(is_file ? directory : without(directory, i), is_file ? without(file, i - directory.size()) : file);
      REQUIRE(row.operation(at) != "success");
      CHECK(any(at.noted(at.d).refused | at.noted(at.f).refused));
    }
  }
}

TEST_CASE("recorded is what was asked for, and of what was refused only that") {
  const auto letters = [](Access bits) { return letters_of(mask_letters, bits); };
  Place at("rx", "ra");
  must(at.tree.read(at.f, 0, 1));
  CHECK(letters(at.noted(at.f).granted) == "r");
  CHECK(error_of(at.tree.write(at.f, 0, "x")) == "AccessDenied");
  CHECK(letters(at.noted(at.f).refused) == "w");
  CHECK(error_of(at.tree.make_directory(at.d, "new")) == "AccessDenied");
  CHECK(letters(at.noted(at.d).granted) == "x");
  CHECK(letters(at.noted(at.d).refused) == "a");
  at.tree.notes.clear();
  (void)at.tree.on(
      at.f, [&](Context& context, vfs::Node& node) { return at.tree.fs->access(context, node, Access(0xffffffff)); });
  CHECK(letters(at.noted(at.f).granted) == "rat");
  CHECK(letters(at.noted(at.f).refused) == "wnNxDTdcCo");
  at.tree.notes.clear();
  at.tree.rights = vfs::IoRights::Opened;
  must(at.tree.write(at.f, 0, "x"));
  CHECK(at.tree.notes.all().empty());
  at.tree.who = user(9, 9);
  at.tree.rights = vfs::IoRights::Checked;
  must(at.tree.write(at.f, 0, "x"));
  CHECK(at.tree.notes.all().empty());
}

TEST_CASE("what is done among the streams of a file is recorded as what it takes of the file") {
  const auto letters = [](Access bits) { return letters_of(mask_letters, bits); };
  Place at("x", "n");
  at.tree.who = Credential::root();
  const NodeId streams = at.tree.streams_id(at.f);
  (void)at.tree.file_id(streams, "there");
  at.tree.who = at.caller;
  must(at.tree.streams(at.f, false));
  CHECK(letters(at.noted(at.f).granted) == "n");
  must(at.tree.list(streams));
  CHECK(letters(at.noted(streams).granted) == "n");
  CHECK(error_of(at.tree.make_file(streams, "s")) == "AccessDenied");
  CHECK(letters(at.noted(streams).refused) == "N");
}

TEST_CASE("ACCESS says bit by bit what a list does, and a mode of all bits changes nothing of that") {
  for (const auto& [letter, bit] : mask_letters) {
    Place at("", std::string(1, letter));
    const auto has = must(at.tree.on(
        at.f, [&](Context& context, vfs::Node& node) { return at.tree.fs->access(context, node, Access(~0u)); }));
    CAPTURE(letter);
    CHECK(has == (bit | Access::ReadAttributes));
  }
}

TEST_CASE("the owner reads and mends the list whatever it says, and sets times unless it says no") {
  Place at("", "");
  at.tree.who = Credential::root();
  must(at.tree.setattr(at.f, {.owner = vfs::Principal::id(7), .group = vfs::Principal::id(20)}));
  must(at.tree.set_list(at.f, "D::OWNER@:cC"));
  at.tree.who = at.caller;
  CHECK(at.tree.list_of(at.f) == "D::OWNER@:cC");
  must(at.tree.setattr(at.f, {.modify_time = vfs::SetTime{}}));
  CHECK(error_of(at.tree.read(at.f, 0, 1)) == "AccessDenied");
  must(at.tree.setattr(at.f, {.group = vfs::Principal::id(8)}));
  must(at.tree.set_list(at.f, "D::OWNER@:To A::OWNER@:r"));
  CHECK(error_of(at.tree.setattr(at.f, {.modify_time = vfs::SetTime{}})) == "NotPermitted");
  CHECK(error_of(at.tree.setattr(at.f, {.group = vfs::Principal::id(8)})) == "NotPermitted");
  must(at.tree.read(at.f, 0, 1));
  must(at.tree.setattr(at.f, {.mode = 0600}));
}

TEST_CASE("whoever takes a node over gives it to nobody else") {
  Place at("", "o");
  CHECK(error_of(at.tree.setattr(at.f, {.owner = vfs::Principal::id(9)})) == "NotPermitted");
  CHECK(error_of(at.tree.setattr(at.f, {.group = vfs::Principal::id(9)})) == "NotPermitted");
}

TEST_CASE("root is kept from nothing but from running what nobody may run") {
  Place at("", "");
  at.tree.who = Credential::root();
  must(at.tree.set_list(at.f, "D::EVERYONE@:rwaxnNDtTdcCo"));
  must(at.tree.read(at.f, 0, 1));
  must(at.tree.write(at.f, 0, "x"));
  const auto runs = [&] {
    return must(at.tree.on(at.f, [&](Context& context, vfs::Node& node) {
             return at.tree.fs->access(context, node, Access::Execute);
           })) == Access::Execute;
  };
  CHECK_FALSE(runs());
  must(at.tree.set_list(at.f, "A::u7:x"));
  CHECK(runs());
  must(at.tree.remove(at.d, "f"));
}

TEST_CASE(
    "DELETE and DELETE_CHILD: either is enough, and a word against one outweighs what was not said of the other") {
  struct Case {
    const char *directory, *file;
    const char* outcome;
  };
  const Case cases[] = {
      {"A::u7:xD", "D::u7:d", "success"},
      {"A::u7:x D::u7:D", "A::u7:d", "success"},
      {"A::u7:wx", "A::u7:r", "success"},
      {"A::u7:wx", "D::u7:d", "AccessDenied"},
      {"A::u7:x D::u7:D", "A::u7:r", "AccessDenied"},
      {"D::u7:D A::u7:wx", "A::u7:r", "AccessDenied"},
      {"A::u7:D", "A::u7:d", "AccessDenied"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.directory, each.file);
    Place at("", "");
    at.tree.who = Credential::root();
    must(at.tree.set_list(at.d, each.directory));
    must(at.tree.set_list(at.f, each.file));
    at.tree.who = at.caller;
    CHECK(error_of(at.tree.remove(at.d, "f")) == each.outcome);
  }
}

TEST_CASE("in a sticky directory DELETE_CHILD is for owners only; DELETE of the file's own list is not") {
  Place at("wxD", "r");
  at.tree.who = Credential::root();
  must(at.tree.setattr(at.d, {.mode = 01000, .mode_mask = 07000}));
  at.tree.who = at.caller;
  CHECK(error_of(at.tree.remove(at.d, "f")) == "NotPermitted");
  at.tree.who = Credential::root();
  must(at.tree.set_list(at.f, "A::u7:d"));
  at.tree.who = at.caller;
  must(at.tree.remove(at.d, "f"));
  const NodeId own = at.tree.file_id(at.d, "own");
  CHECK(at.tree.attributes(own).owner == vfs::Principal::id(7));
  must(at.tree.remove(at.d, "own"));
}

TEST_CASE("a list denies what the mode of others would allow, and allows what it would deny") {
  Place at("", "");
  at.tree.who = Credential::root();
  must(at.tree.set_list(at.f, "D::u7:r A::EVERYONE@:r"));
  CHECK(at.tree.attributes(at.f).mode == 0444);
  at.tree.who = at.caller;
  CHECK(error_of(at.tree.read(at.f, 0, 1)) == "AccessDenied");
  at.tree.who = user(11, 12);
  must(at.tree.read(at.f, 0, 1));
  at.tree.who = Credential::root();
  must(at.tree.set_list(at.f, "A::g8:r"));
  CHECK(at.tree.attributes(at.f).mode == 0);
  at.tree.who = at.caller;
  must(at.tree.read(at.f, 0, 1));
  at.tree.who = user(11, 12);
  CHECK(error_of(at.tree.read(at.f, 0, 1)) == "AccessDenied");
}

}  // namespace ditto::test
