// What a fuzzer is: one source that defines the two functions below (decoder.hpp does it in one line for described
// types). It is built twice: with libFuzzer under the option `fuzz`, and always with replay.cpp, which runs the corpus,
// the seeds and some mutations of them without libFuzzer. Called from one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace ditto::fuzz {

/// Tries one input. What must hold is asserted with DITTO_ASSERT; nothing may leak or stay from one call to the next.
void one(Bytes input);

/// A valid input to start from, drawn from `number`.
std::vector<std::byte> seed(std::uint64_t number);

}  // namespace ditto::fuzz
