#include "base/chunk_depot.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "base/buffer.hpp"
#include "base/free_list.hpp"

using ditto::Buffer;
using ditto::depot_bytes;
using ditto::DepotLoan;

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// So many chunks of 1 MiB are made and freed; what the depot keeps of them.
std::size_t kept_of(int chunks) {
  std::vector<Buffer> made;
  for (int i = 0; i < chunks; ++i) made.push_back(Buffer::allocate(mib));
  made.clear();
  return depot_bytes();
}

}  // namespace

TEST_CASE("the depot keeps what it was lent memory for", "[base]") {
  if (!ditto::detail::keep_freed_blocks) {
    CHECK(kept_of(3) == 0);
    return;
  }
  const std::size_t before = depot_bytes();
  CHECK(kept_of(8) == before);  // nothing was lent
  {
    const DepotLoan loan(4 * mib);
    const std::size_t kept = kept_of(8);
    CHECK(kept > 3 * mib);
    CHECK(kept <= 4 * mib);
    {
      const DepotLoan another(4 * mib);
      CHECK(kept_of(16) > 7 * mib);
      CHECK(depot_bytes() <= 8 * mib);
    }
    CHECK(depot_bytes() <= 4 * mib);
    CHECK(depot_bytes() > 0);
  }
  CHECK(depot_bytes() == 0);
}
