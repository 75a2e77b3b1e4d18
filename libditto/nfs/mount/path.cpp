#include "nfs/mount/path.hpp"

#include <algorithm>

namespace ditto::mount {

std::string_view next_component(std::string_view& rest) noexcept {
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
    const std::string_view component = rest.substr(0, rest.find('/'));
    rest.remove_prefix(component.size());
    if (component != ".") return component;
  }
}

std::string canonical(std::string_view path) {
  std::string result;
  for (auto component = next_component(path); !component.empty(); component = next_component(path)) {
    result += '/';
    result += component;
  }
  return result;
}

}  // namespace ditto::mount
