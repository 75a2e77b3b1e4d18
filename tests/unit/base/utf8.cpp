// What is well-formed UTF-8: the edges of each row of Unicode's table 3-7.
#include "base/utf8.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace ditto;

TEST_CASE("well-formed sequences have their length") {
  CHECK(utf8_length("a") == 1);
  CHECK(utf8_length(std::string_view("\0", 1)) == 1);
  CHECK(utf8_length("\xc2\x80") == 2);
  CHECK(utf8_length("\xdf\xbf!") == 2);
  CHECK(utf8_length("\xe0\xa0\x80") == 3);
  CHECK(utf8_length("\xed\x9f\xbf") == 3);
  CHECK(utf8_length("\xef\xbf\xbf") == 3);
  CHECK(utf8_length("\xf0\x90\x80\x80") == 4);
  CHECK(utf8_length("\xf4\x8f\xbf\xbf") == 4);
}

TEST_CASE("overlong forms, surrogates, what is too large, and parts have none") {
  for (const std::string_view bad :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xc3(", "\xe2(\xa1"}) {
    CHECK(utf8_length(bad) == 0);
    CHECK_FALSE(is_utf8(bad));
    CHECK_FALSE(is_utf8("before " + std::string(bad)));
    CHECK_FALSE(is_utf8(std::string(bad) + " behind"));
  }
}

TEST_CASE("a whole text is well-formed when each of its characters is, and an empty one is") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("\xc3\xa9t\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x81"));
}
