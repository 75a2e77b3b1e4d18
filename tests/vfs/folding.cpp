#include "vfs/folding.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "vfs/keys.hpp"

namespace ditto::vfs {
namespace {

std::string folded(std::string_view name) { return std::string(FoldedName(name).view()); }

}  // namespace

TEST_CASE("ASCII letters fold to capitals, everything else of ASCII stays") {
  CHECK(folded("Read-Me_1.txt") == "READ-ME_1.TXT");
  for (std::uint32_t code = 0; code < 0x80; ++code) {
    CHECK(fold(code) == (code >= 'a' && code <= 'z' ? code - 32 : code));
  }
}

TEST_CASE("Latin-1 folds, but sharp s has no single capital and stays") {
  CHECK(folded("Ärger über Öl") == "ÄRGER ÜBER ÖL");
  CHECK(folded("straße") == "STRAßE");
  CHECK(folded("÷×") == "÷×");
  CHECK(fold(0xff) == 0x178);
}

TEST_CASE("Greek and Cyrillic fold") {
  CHECK(folded("αβγ ςσ") == "ΑΒΓ ΣΣ");
  CHECK(folded("ᾳ") == "ᾼ");
  CHECK(folded("привет Ёё") == "ПРИВЕТ ЁЁ");
}

TEST_CASE("letters beyond the BMP fold") {
  CHECK(folded("\U00010428") == "\U00010400");
  CHECK(folded("\U0001e922") == "\U0001e900");
}

TEST_CASE("the Turkish dotless i and the long s stay what they are") {
  CHECK(folded("ı") == "ı");
  CHECK(folded("ſ") == "ſ");
  CHECK(folded("İ") == "İ");
  CHECK_FALSE(same_folded("ı", "I"));
  CHECK_FALSE(same_folded("i", "İ"));
  CHECK(same_folded("i", "I"));
}

TEST_CASE("nothing is normalized") {
  CHECK_FALSE(same_folded("\u00e9", "e\u0301"));
  CHECK_FALSE(same_folded("\u212a", "k"));
}

TEST_CASE("invalid UTF-8 is taken as bytes and never folds") {
  for (const std::string_view bytes : {"\xff", "\xc3", "\xc3(", "\xe2\x82", "\xed\xa0\x80", "\xc0\xa1",
                                       "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80", "\xe0\x80\xa1"}) {
    CHECK(folded(bytes) == bytes);
  }
  CHECK(folded("a\xffz") == "A\xffZ");
  CHECK_FALSE(same_folded("\xe4", "\xc4"));
}

TEST_CASE("folding twice is folding once, and no two steps are needed") {
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    if (fold(fold(code)) != fold(code)) FAIL("code point " << code);
  }
  SUCCEED();
}

TEST_CASE("no folding grows a name beyond the memory for it") {
  std::string longest;
  while (longest.size() + 2 <= limits::name_bytes) longest += "\u0250";  // two bytes, its capital has three
  const std::string once = folded(longest);
  CHECK(once.size() == longest.size() / 2 * 3);
  for (std::uint32_t code = 0x80; code < 0x800; ++code) CHECK(fold(code) < 0x10000);
  for (std::uint32_t code = 0x800; code < 0x10000; ++code) CHECK(fold(code) < 0x10000);
}

TEST_CASE("the table is frozen: what it maps has a checksum") {
  // A change of the table must come with a new folding_version and a re-indexing of stores.
  std::uint64_t sum = 14695981039346656037u;
  std::uint64_t mapped = 0;
  for (std::uint32_t code = 0; code < 0x110000; ++code) {
    if (fold(code) == code) continue;
    ++mapped;
    sum = (sum ^ code) * 1099511628211u;
    sum = (sum ^ fold(code)) * 1099511628211u;
  }
  CHECK(folding_version == 1);
  CHECK(mapped == 1448);
  CHECK(sum == 0x5e39112d89fa4a12);
}

TEST_CASE("names that differ in case only share their directory key, and keys leave the low cookies free") {
  const NameHash hash(crypto::SipHashKey{1, 2});
  CHECK(hash.entry_chain("README") == hash.entry_chain("readme"));
  CHECK(hash.entry_chain("README") != hash.entry_chain("README2"));
  CHECK(hash.xattr_chain("README") != hash.xattr_chain("readme"));
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t chain = hash.entry_chain(std::to_string(i));
    CHECK(chain >= NameHash::first_key);
    CHECK(chain + NameHash::first_key - 1 < NameHash::key_limit);
    CHECK(NameHash::discriminator_of(chain) == 0);
  }
  const NameHash nothing(crypto::SipHashKey{1, 2}, 0);
  CHECK(nothing.entry_chain("a") == NameHash::first_key);
}

}  // namespace ditto::vfs
