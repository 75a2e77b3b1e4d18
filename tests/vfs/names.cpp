#include "vfs/names.hpp"

#include "tree.hpp"

namespace ditto::test {

TEST_CASE("a name may be any byte but slash and NUL") {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string name = {'x', static_cast<char>(byte)};
    const bool refused = byte == 0 || byte == '/';
    CHECK(error_of(vfs::check_entry_name(name)) == (refused ? "BadName" : "success"));
  }
}

TEST_CASE("a name has 1 to 255 bytes") {
  CHECK(error_of(vfs::check_name("")) == "BadName");
  CHECK(error_of(vfs::check_name(std::string(255, 'n'))) == "success");
  CHECK(error_of(vfs::check_name(std::string(256, 'n'))) == "NameTooLong");
}

TEST_CASE("dot and dot-dot are looked up but not created") {
  for (const std::string_view name : {".", ".."}) {
    CHECK(error_of(vfs::check_name(name)) == "success");
    CHECK(error_of(vfs::check_entry_name(name)) == "BadName");
  }
  CHECK(error_of(vfs::check_entry_name("...")) == "success");
}

TEST_CASE("names with every odd byte are made, listed, looked up, renamed and removed as they are") {
  Tree tree(ANY_ENGINE);
  std::vector<std::string> names;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/' || byte == '.') continue;
    names.push_back({static_cast<char>(byte)});
    names.push_back({'a', static_cast<char>(byte), 'b'});
  }
  names.push_back(std::string(255, '\xff'));
  names.push_back("\xed\xa0\x80 lone surrogate");
  names.push_back(" leading and trailing ");
  names.push_back("con.\\:*?\"<>|");
  for (const std::string& name : names) tree.file_id(tree.root(), name);
  std::sort(names.begin(), names.end());
  CHECK(tree.names(tree.root()) == names);
  for (const std::string& name : names) {
    const NodeId id = tree.look_id(tree.root(), name);
    must(tree.rename(tree.root(), name, tree.root(), "between"));
    CHECK(tree.look_id(tree.root(), "between") == id);
    must(tree.rename(tree.root(), "between", tree.root(), name));
  }
  for (const std::string& name : names) must(tree.remove(tree.root(), name));
  CHECK(tree.names(tree.root()).empty());
  tree.check_clean();
}

TEST_CASE("bad names are refused by every operation that takes one") {
  Tree tree(ANY_ENGINE);
  const NodeId file = tree.file_id(tree.root(), "f");
  const std::string longer(256, 'n');
  for (const auto& [name, error] : std::vector<std::pair<std::string, std::string>>{{"", "BadName"},
                                                                                    {"a/b", "BadName"},
                                                                                    {"..", "BadName"},
                                                                                    {".", "BadName"},
                                                                                    {std::string("a\0b", 3), "BadName"},
                                                                                    {longer, "NameTooLong"}}) {
    CHECK(error_of(tree.make_file(tree.root(), name)) == error);
    CHECK(error_of(tree.make_directory(tree.root(), name)) == error);
    CHECK(error_of(tree.make_symlink(tree.root(), name, "t")) == error);
    CHECK(error_of(tree.link(file, tree.root(), name)) == error);
    CHECK(error_of(tree.remove(tree.root(), name)) == error);
    CHECK(error_of(tree.rename(tree.root(), "f", tree.root(), name)) == error);
    CHECK(error_of(tree.rename(tree.root(), name, tree.root(), "g")) == error);
    if (name != "." && name != "..") CHECK(error_of(tree.lookup(tree.root(), name)) == error);
  }
  CHECK(tree.names(tree.root()) == std::vector<std::string>{"f"});
}

}  // namespace ditto::test
