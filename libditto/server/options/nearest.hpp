// Which known word a misspelt one was probably meant to be. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ditto::server {

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of `known`, which is not empty; the first of several.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

/// Whether `word` can pass for a misspelling of `meant`.
bool resembles(std::string_view word, std::string_view meant);

}  // namespace ditto::server
