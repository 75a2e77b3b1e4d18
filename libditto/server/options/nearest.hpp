// How alike two words are: what a misspelt one was meant to be (nearest() is in ditto/configuration.hpp). Pure
// functions, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace ditto::server {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Whether `word` can pass for a misspelling of `meant`.
bool resembles(std::string_view word, std::string_view meant);

}  // namespace ditto::server
