#include "state/byte_range.hpp"

#include <catch2/catch.hpp>

using ditto::state::ByteRange;

namespace {
constexpr std::uint64_t most = ByteRange::end_of_file;
}

TEST_CASE("NFS ranges: no bytes and what leaves 64 bits are refused, all ones reach to the end") {
  CHECK(ByteRange::of_nfs(0, 1) == ByteRange{0, 0});
  CHECK(ByteRange::of_nfs(5, most) == ByteRange{5, most});
  CHECK(ByteRange::of_nfs(most, most) == ByteRange{most, most});
  CHECK(ByteRange::of_nfs(2, most - 2) == ByteRange{2, most - 1});
  CHECK_FALSE(ByteRange::of_nfs(most, 1));
  CHECK_FALSE(ByteRange::of_nfs(7, 0));
  CHECK_FALSE(ByteRange::of_nfs(most, 2));
  CHECK_FALSE(ByteRange::of_nfs(2, most - 1));
}

TEST_CASE("an NLM length of 0 reaches to the end of the file") {
  CHECK(ByteRange::of_nlm(9, 0) == ByteRange{9, most});
  CHECK(ByteRange::of_nlm(9, 3) == ByteRange{9, 11});
}

TEST_CASE("SMB ranges may hold no bytes (MS-FSA, 2.1.4.10)") {
  const auto none_at = [](std::uint64_t offset) { return *ByteRange::of_smb(offset, 0); };
  const ByteRange ten{10, 19};
  struct Row {
    std::uint64_t offset;
    bool overlaps;
  };
  for (const Row& row : {Row{0, false}, {9, false}, {10, false}, {11, true}, {19, true}, {20, false}}) {
    INFO("no bytes at " << row.offset);
    CHECK(none_at(row.offset).overlaps(ten) == row.overlaps);
    CHECK(ten.overlaps(none_at(row.offset)) == row.overlaps);
  }
  CHECK_FALSE(none_at(15).overlaps(none_at(15)));
  CHECK_FALSE(none_at(0).overlaps(ByteRange{0, most}));
  CHECK(ByteRange::of_smb(most, 1) == ByteRange{most, most});
  CHECK_FALSE(ByteRange::of_smb(most, 2));
  CHECK(none_at(5).length() == 0);
}

TEST_CASE("neighbours touch, also at the last byte there is") {
  CHECK(ByteRange{0, 4}.touches({5, 9}));
  CHECK(ByteRange{5, 9}.touches({0, 4}));
  CHECK_FALSE(ByteRange{0, 4}.touches({6, 9}));
  CHECK(ByteRange{0, most}.touches({0, most - 1}));
  CHECK_FALSE(ByteRange{4, most}.touches({0, 2}));
  CHECK(ByteRange{4, most}.length() == most);
  CHECK(ByteRange{0, 4}.length() == 5);
}
