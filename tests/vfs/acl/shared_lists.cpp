// Lists in memory are there once, for as long as somebody has them.
#include "vfs/acl/shared_lists.hpp"

#include "letters.hpp"
#include "tree.hpp"

namespace ditto::test {

TEST_CASE("nodes with the same list share one object, and it goes with the last of them") {
  vfs::SharedLists lists;
  const vfs::Acl list = acl("A::u7:r A::EVERYONE@:r");
  auto first = lists.share(1, list), second = lists.share(1, list);
  CHECK(first == second);
  CHECK(*first == list);
  const std::size_t one = lists.bytes();
  CHECK(one >= 2 * sizeof(vfs::Ace));
  const auto other = lists.share(2, acl("A::u8:r"));
  CHECK(other != first);
  CHECK(lists.bytes() > one);
  first = nullptr;
  CHECK(lists.share(1, list) == second);
  second = nullptr;
  CHECK(lists.bytes() < one);
}

TEST_CASE("an id that comes again with another list is another list") {
  vfs::SharedLists lists;
  const auto old = lists.share(1, acl("A::u7:r"));
  const auto now = lists.share(1, acl("A::u8:r"));
  CHECK(text_of(*old) == "A::u7:r");
  CHECK(text_of(*now) == "A::u8:r");
  CHECK(lists.share(1, acl("A::u8:r")) == now);
}

TEST_CASE("lists that nobody has any more take no memory, however many there were") {
  vfs::SharedLists lists;
  for (std::uint64_t id = 1; id <= 10'000; ++id) (void)lists.share(id, acl("A::u" + std::to_string(id) + ":r"));
  CHECK(lists.bytes() == 0);
}

TEST_CASE("lists outlive what shared them") {
  std::shared_ptr<const vfs::Acl> kept;
  {
    vfs::SharedLists lists;
    kept = lists.share(1, acl("A::u7:r"));
  }
  CHECK(text_of(*kept) == "A::u7:r");
}

}  // namespace ditto::test
