#include "tree.hpp"

namespace ditto::test {

using vfs::Principal;
using vfs::SetTime;

TEST_CASE("every attribute that can be set is set, and the change time moves") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(10);
  const Timestamp a{100, 1}, m{200, 999'999'999}, b{-300, 3};
  const auto change = must(tree.setattr(f, {.mode = 0751,
                                            .owner = Principal::id(7),
                                            .group = Principal::id(8),
                                            .access_time = SetTime{.value = a},
                                            .modify_time = SetTime{.value = m},
                                            .birth_time = b,
                                            .dos_attributes = 2}));
  CHECK(change.before.change == before.change);
  CHECK(change.before.change_time == before.change_time);
  const auto verify = [&](const Attributes& now) {
    CHECK(now.mode == 0751);
    CHECK(now.owner == Principal::id(7));
    CHECK(now.group == Principal::id(8));
    CHECK(now.access_time == a);
    CHECK(now.modify_time == m);
    CHECK(now.birth_time == b);
    CHECK(now.dos_attributes == 2);
    CHECK(now.change_time == tree.clock.now());
    CHECK(now.change == before.change + 1);
  };
  verify(change.after);
  verify(tree.attributes(f));
  tree.reopen();
  verify(tree.attributes(f));
}

TEST_CASE("the server's time is the time of the request") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  tree.clock.advance_seconds(10);
  const auto change =
      must(tree.setattr(f, {.access_time = SetTime{.server_time = true}, .modify_time = SetTime{.server_time = true}}));
  CHECK(change.after.access_time == tree.clock.now());
  CHECK(change.after.modify_time == tree.clock.now());
}

TEST_CASE("an empty SETATTR changes nothing") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(10);
  const auto change = must(tree.setattr(f, {}));
  CHECK(change.after.change == before.change);
  CHECK(tree.attributes(f).change_time == before.change_time);
}

TEST_CASE("a guard that is not the change time refuses") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Timestamp right = tree.attributes(f).change_time;
  CHECK(error_of(tree.setattr(f, {.mode = 0}, Timestamp{right.seconds, right.nanoseconds + 1})) == "NotSync");
  CHECK(tree.attributes(f).mode == 0644);
  CHECK(error_of(tree.setattr(f, {.mode = 0}, right)) == "success");
}

TEST_CASE("a size is for regular files only") {
  Tree tree(ANY_ENGINE);
  const NodeId l = must(tree.make_symlink(tree.root(), "l", "t")).node.id;
  CHECK(error_of(tree.truncate(tree.root(), 0)) == "IsDirectory");
  CHECK(error_of(tree.truncate(l, 0)) == "InvalidArgument");
  const NodeId f = tree.file_id(tree.root(), "f");
  CHECK(error_of(tree.truncate(f, limits::file_size + 1)) == "FileTooBig");
  CHECK(error_of(tree.truncate(f, limits::file_size)) == "success");
  CHECK(tree.attributes(f).size == limits::file_size);
}

TEST_CASE("nanoseconds of a second and more are refused") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  CHECK(error_of(tree.setattr(f, {.access_time = SetTime{.value = {1, 1'000'000'000}}})) == "InvalidArgument");
  CHECK(error_of(tree.setattr(f, {.birth_time = Timestamp{1, 2'000'000'000}})) == "InvalidArgument");
}

TEST_CASE("setting the size that a file has leaves its modify time") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.write(f, 0, "abc"));
  const Attributes before = tree.attributes(f);
  tree.clock.advance_seconds(1);
  const Attributes same = must(tree.truncate(f, 3)).after;
  CHECK(same.modify_time == before.modify_time);
  CHECK(same.change_time == tree.clock.now());
  tree.clock.advance_seconds(1);
  CHECK(must(tree.truncate(f, 4)).after.modify_time == tree.clock.now());
}

TEST_CASE("a size set along with times keeps the times") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  const Attributes after = must(tree.setattr(f, {.size = 5, .modify_time = SetTime{.value = {42, 0}}})).after;
  CHECK(after.size == 5);
  CHECK(after.modify_time == Timestamp{42, 0});
}

TEST_CASE("what chown strips is stored") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f", 06755);
  CHECK(must(tree.setattr(f, {.owner = Principal::id(5)})).after.mode == 0755);
  tree.reopen();
  CHECK(tree.attributes(f).mode == 0755);
}

TEST_CASE("chmod by an owner who is not in the group clears set-group-id") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  must(tree.setattr(f, {.owner = Principal::id(10), .group = Principal::id(20)}));
  tree.who = user(10, 99);
  CHECK(must(tree.setattr(f, {.mode = 02755})).after.mode == 0755);
  tree.who = user(10, 20);
  CHECK(must(tree.setattr(f, {.mode = 02755})).after.mode == 02755);
}

TEST_CASE("an owner without write permission truncates only where there are no opens") {
  Tree tree(ANY_ENGINE, {.root_mode = 0777});
  tree.who = user(10, 20);
  const NodeId f = tree.file_id(tree.root(), "f", 0444);
  CHECK(error_of(tree.truncate(f, 0)) == "AccessDenied");
  tree.rights = vfs::IoRights::Stateless;
  CHECK(error_of(tree.truncate(f, 0)) == "success");
}

}  // namespace ditto::test
