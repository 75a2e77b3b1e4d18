// What the status monitor keeps over a restart, as a small file in the data directory (docs/formats/nsm.md), which is
// replaced as a whole each time. One call at a time; they block.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nfs/nsm/monitored.hpp"

namespace ditto::server {

class NsmFile final : public nsm::Keeper {
 public:
  /// The directory is there by the first call.
  explicit NsmFile(std::string directory);

  Result<nsm::Kept> load() override;
  Result<void> save(const nsm::Kept& kept) override;

 private:
  const std::string directory_;
};

std::string nsm_file_text(const nsm::Kept& kept);
/// nullopt: it is not what nsm_file_text() gives.
std::optional<nsm::Kept> parse_nsm_file(std::string_view text);

}  // namespace ditto::server
