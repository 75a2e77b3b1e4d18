// What the codec allocates: nothing for a usual call, and nothing for a length that the bytes do not bear out. This
// source replaces the test program's operator new by one that counts.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "base/free_list.hpp"
#include "wire/golden.hpp"
#include "wire/sample_types.hpp"
#include "wire/xdr.hpp"

namespace {

thread_local std::size_t allocated_bytes = 0;

void* counted(std::size_t size, std::size_t alignment) {
  allocated_bytes += std::max<std::size_t>(size, 1);
  void* memory = nullptr;
  if (::posix_memalign(&memory, std::max(alignment, sizeof(void*)), size) != 0) throw std::bad_alloc();
  return memory;
}

/// Bytes that `body` takes from the heap.
template <class F>
std::size_t bytes_taken(F body) {
  const std::size_t before = allocated_bytes;
  body();
  return allocated_bytes - before;
}

}  // namespace

// NOLINTBEGIN(misc-definitions-in-headers): the program's own
void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocated_bytes += size;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(misc-definitions-in-headers)

namespace ditto::test {

TEST_CASE("what counts allocations counts them", "[wire]") {
  CHECK(bytes_taken([] { std::vector<int> made(100); }) == 400);
}

TEST_CASE("a call in one slice is read without the heap", "[wire]") {
  Lookup lookup{.name = xdr::string<255>::lend("a name of some length.txt")};
  lookup.directory.data.assign(std::vector<std::byte>(40));
  const BufferChain name = xdr::encode(lookup);
  CHECK(bytes_taken([&] {
          xdr::Reader reader(name);
          Lookup value;
          reader(value);
          if (!reader.finish()) std::abort();
        }) == 0);

  const BufferChain data = xdr::encode(Write{.data = BufferChain(Buffer::allocate(65536))}).coalesce();
  CHECK(bytes_taken([&] {
          xdr::Reader reader(data);
          Write value;
          reader(value);
          if (!reader.finish() || value.data.size() != 65536) std::abort();
        }) == 0);

  xdr::array<std::uint32_t, 16> groups;
  for (std::uint32_t i = 0; i < 16; ++i) groups.push_back(i);
  const BufferChain credentials = xdr::encode(groups);
  CHECK(bytes_taken([&] {
          xdr::Reader reader(credentials);
          xdr::array<std::uint32_t, 16> value;
          reader(value);
          if (!reader.finish()) std::abort();
        }) == 0);
}

TEST_CASE("a reply is written into chunks that come back", "[wire]") {
  const auto write = [] {
    xdr::Writer writer;
    writer(Numbers{}, std::optional<std::uint32_t>(3));
    if (writer.finish().size() != 44) std::abort();
  };
  write();
  // A sanitizer gets every chunk back, to see what is used after it was freed.
  if (detail::keep_freed_blocks) {
    CHECK(bytes_taken(write) == 0);
  } else {
    CHECK(bytes_taken(write) > 0);
  }
}

TEST_CASE("a length that the bytes do not bear out takes nothing from the heap", "[wire]") {
  const auto taken = [](std::string_view hex, auto example) {
    const BufferChain chain = chain_of(hex);
    return bytes_taken([&] {
      xdr::Reader reader(chain);
      auto value = example;
      reader(value);
      if (reader.ok()) std::abort();
    });
  };
  CHECK(taken("ffffffff 00000000", xdr::string<0xffffffff>()) == 0);
  CHECK(taken("7fffffff 00000000", xdr::string<0xffffffff>()) == 0);
  CHECK(taken("00000005 00000000", xdr::string<0xffffffff>()) == 0);
  CHECK(taken("7fffffff 00000000", xdr::opaque<0xffffffff>()) == 0);
  CHECK(taken("7fffffff 00000000", xdr::payload<0xffffffff>()) == 0);
  CHECK(taken("7fffffff 00000000", xdr::array<std::uint32_t, 0xffffffff>()) == 0);
  CHECK(taken("0fffffff 00000000", xdr::array<xdr::string<4>, 0xffffffff>()) == 0);
}

}  // namespace ditto::test
