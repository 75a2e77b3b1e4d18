// The access check as truth tables: who has what on a mode, in letters.
#include "vfs/access.hpp"

#include "tree.hpp"

namespace ditto::test {
namespace {

using vfs::Access;
using vfs::Principal;
using vfs::SetAttributes;

// Owner 10, group 20.
Attributes node(FileType type, std::uint32_t mode) {
  Attributes a;
  a.type = type;
  a.mode = mode;
  a.owner = Principal::id(10);
  a.group = Principal::id(20);
  return a;
}

const Credential owner = user(10, 99), member = user(11, 20), supplementary = user(12, 99, {5, 20, 6}),
                 other = user(13, 99), root = Credential::root();

// r read, w write, x execute or search, d delete a child, a write attributes, D delete itself, o take over.
std::string letters(const Attributes& a, const Credential& who) {
  std::string all;
  const auto add = [&](char letter, Access access) {
    if (vfs::granted({a}, who, access) == access) all += letter;
  };
  add('r', Access::ReadData);
  add('w', Access::WriteData);
  add('x', Access::Execute);
  add('d', Access::DeleteChild);
  add('a', Access::WriteAttributes);
  add('D', Access::Delete);
  add('o', Access::WriteOwner);
  return all;
}

struct Row {
  std::uint32_t mode;
  const char *owner, *member, *supplementary, *other, *root;
};

}  // namespace

TEST_CASE("what a file's mode grants") {
  const Row rows[] = {
      {00000, "a", "", "", "", "rwaDo"},
      {00400, "ra", "", "", "", "rwaDo"},
      {00200, "wa", "", "", "", "rwaDo"},
      {00100, "xa", "", "", "", "rwxaDo"},
      {00040, "a", "r", "r", "", "rwaDo"},
      {00020, "a", "w", "w", "", "rwaDo"},
      {00010, "a", "x", "x", "", "rwxaDo"},
      {00004, "a", "", "", "r", "rwaDo"},
      {00002, "a", "", "", "w", "rwaDo"},
      {00001, "a", "", "", "x", "rwxaDo"},
      {00644, "rwa", "r", "r", "r", "rwaDo"},
      {00755, "rwxa", "rx", "rx", "rx", "rwxaDo"},
      {00077, "a", "rwx", "rwx", "rwx", "rwxaDo"},
      {00707, "rwxa", "", "", "rwx", "rwxaDo"},
      {07777, "rwxa", "rwx", "rwx", "rwx", "rwxaDo"},
  };
  for (const Row& row : rows) {
    INFO("mode " << std::oct << row.mode);
    const Attributes file = node(FileType::Regular, row.mode);
    CHECK(letters(file, owner) == row.owner);
    CHECK(letters(file, member) == row.member);
    CHECK(letters(file, supplementary) == row.supplementary);
    CHECK(letters(file, other) == row.other);
    CHECK(letters(file, root) == row.root);
  }
}

TEST_CASE("what a directory's mode grants: a child goes only with write and search, and root always searches") {
  const Row rows[] = {
      {00000, "a", "", "", "", "rwxdaDo"},
      {00200, "wa", "", "", "", "rwxdaDo"},
      {00300, "wxda", "", "", "", "rwxdaDo"},
      {00755, "rwxda", "rx", "rx", "rx", "rwxdaDo"},
      {00573, "rxa", "rwxd", "rwxd", "wxd", "rwxdaDo"},
      {01777, "rwxda", "rwxd", "rwxd", "rwxd", "rwxdaDo"},
  };
  for (const Row& row : rows) {
    INFO("mode " << std::oct << row.mode);
    const Attributes directory = node(FileType::Directory, row.mode);
    CHECK(letters(directory, owner) == row.owner);
    CHECK(letters(directory, member) == row.member);
    CHECK(letters(directory, supplementary) == row.supplementary);
    CHECK(letters(directory, other) == row.other);
    CHECK(letters(directory, root) == row.root);
  }
}

TEST_CASE("reading attributes is never withheld") {
  const Attributes file = node(FileType::Regular, 0);
  for (const Credential& who : {owner, member, other, root}) {
    CHECK(vfs::granted({file}, who, Access::ReadAttributes) == Access::ReadAttributes);
  }
}

TEST_CASE("an owner that is a SID matches no uid") {
  Attributes file = node(FileType::Regular, 0770);
  file.owner.kind = file.group.kind = Principal::Kind::Sid;
  CHECK(letters(file, owner) == "");
  CHECK(letters(file, member) == "");
}

TEST_CASE("READ and WRITE without opens let the owner through and read what may be run") {
  const auto may = [](std::uint32_t mode, const Credential& who, Access wanted) {
    return vfs::check_io({node(FileType::Regular, mode)}, who, wanted, vfs::IoRights::Stateless).has_value();
  };
  CHECK(may(0000, owner, Access::ReadData));
  CHECK(may(0000, owner, Access::WriteData));
  CHECK(may(0011, member, Access::ReadData));
  CHECK_FALSE(may(0011, member, Access::WriteData));
  CHECK_FALSE(may(0000, member, Access::ReadData));
  CHECK_FALSE(may(0010, other, Access::ReadData));
  CHECK(may(0020, supplementary, Access::WriteData));
  CHECK(may(0000, root, Access::ReadData));
}

TEST_CASE("the sticky bit keeps entries for their owner, the directory's owner and root") {
  const auto removing = [](std::uint32_t mode, const Credential& who, std::uint32_t entry_owner) {
    Attributes entry = node(FileType::Regular, 0666);
    entry.owner = Principal::id(entry_owner);
    return error_of(vfs::check_remove({node(FileType::Directory, mode)}, {entry}, who));
  };
  CHECK(removing(01777, other, 13) == "success");
  CHECK(removing(01777, other, 14) == "NotPermitted");
  CHECK(removing(01777, owner, 14) == "success");
  CHECK(removing(01777, root, 14) == "success");
  CHECK(removing(0777, other, 14) == "success");
  CHECK(removing(01755, other, 13) == "AccessDenied");
  CHECK(removing(0776, other, 13) == "AccessDenied");
}

TEST_CASE("who may change owner and group") {
  const auto set = [](const Credential& who, SetAttributes changes) {
    return error_of(vfs::check_setattr({node(FileType::Regular, 0644)}, who, changes));
  };
  CHECK(set(root, {.owner = Principal::id(1)}) == "success");
  CHECK(set(owner, {.owner = Principal::id(1)}) == "NotPermitted");
  CHECK(set(owner, {.owner = Principal::id(10)}) == "success");
  CHECK(set(other, {.owner = Principal::id(13)}) == "NotPermitted");
  CHECK(set(owner, {.group = Principal::id(99)}) == "success");
  CHECK(set(owner, {.group = Principal::id(20)}) == "success");
  CHECK(set(owner, {.group = Principal::id(21)}) == "NotPermitted");
  CHECK(set(member, {.group = Principal::id(20)}) == "NotPermitted");
  CHECK(set(root, {.group = Principal::id(21)}) == "success");
}

TEST_CASE("who may change mode, times and size") {
  const auto set = [](std::uint32_t mode, const Credential& who, SetAttributes changes) {
    return error_of(vfs::check_setattr({node(FileType::Regular, mode)}, who, changes));
  };
  const vfs::SetTime now{.server_time = true}, chosen{.value = {1, 0}};
  CHECK(set(0600, owner, {.mode = 0}) == "success");
  CHECK(set(0666, other, {.mode = 0}) == "NotPermitted");
  CHECK(set(0666, other, {.modify_time = now}) == "success");
  CHECK(set(0644, other, {.modify_time = now}) == "AccessDenied");
  CHECK(set(0666, other, {.modify_time = chosen}) == "NotPermitted");
  CHECK(set(0666, other, {.access_time = now, .modify_time = chosen}) == "NotPermitted");
  CHECK(set(0444, owner, {.modify_time = chosen}) == "success");
  CHECK(set(0444, owner, {.modify_time = now}) == "success");
  CHECK(set(0666, other, {.size = 1}) == "success");
  CHECK(set(0644, other, {.size = 1}) == "AccessDenied");
  CHECK(set(0444, owner, {.size = 1}) == "AccessDenied");
  CHECK(set(0666, other, {.birth_time = Timestamp{1, 0}}) == "NotPermitted");
  CHECK(set(0666, other, {.dos_attributes = 1}) == "NotPermitted");
}

TEST_CASE("what chown, chmod and truncate leave of the set-id bits") {
  const auto left = [](FileType type, std::uint32_t mode, const Credential& who, SetAttributes changes) {
    const Attributes attributes = node(type, mode);
    REQUIRE(vfs::check_setattr({attributes}, who, changes).has_value());
    return changes.mode.value_or(mode);
  };
  const auto file = FileType::Regular, directory = FileType::Directory;
  const Credential owner_in_group = user(10, 20);
  CHECK(left(file, 06755, root, {.owner = Principal::id(1)}) == 0755);
  CHECK(left(file, 06755, owner_in_group, {.group = Principal::id(20)}) == 0755);
  CHECK(left(file, 06745, root, {.owner = Principal::id(1)}) == 02745);
  CHECK(left(directory, 06755, root, {.owner = Principal::id(1)}) == 06755);
  CHECK(left(file, 0755, root, {.mode = 06755, .owner = Principal::id(1)}) == 0755);
  CHECK(left(file, 0755, owner_in_group, {.mode = 06755}) == 06755);
  CHECK(left(file, 0755, owner, {.mode = 06755}) == 04755);
  CHECK(left(directory, 0755, owner, {.mode = 02755}) == 0755);
  CHECK(left(file, 0755, root, {.mode = 06755}) == 06755);
  CHECK(left(file, 06755, owner, {.size = 0}) == 0755);
  CHECK(left(file, 06746, owner_in_group, {.size = 0}) == 02746);
  CHECK(left(file, 06746, owner, {.size = 0}) == 0746);
  CHECK(left(file, 06746, other, {.size = 0}) == 0746);
  CHECK(left(file, 06746, root, {.size = 0}) == 06746);
  CHECK(left(file, 06755, root, {.size = 0}) == 06755);
}

TEST_CASE("a mode keeps nothing but its twelve bits") {
  SetAttributes changes{.mode = 0177777};
  REQUIRE(vfs::check_setattr({node(FileType::Regular, 0)}, root, changes).has_value());
  CHECK(*changes.mode == 07777);
}

}  // namespace ditto::test
