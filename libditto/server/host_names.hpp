// The names of users and groups that this machine knows, by its own database (passwd, group, and whatever else it is
// told to ask). One thread at a time; blocks.
#pragma once

#include <vector>

#include "nfs/v4/domain_ids.hpp"

namespace ditto::server {

class HostNames final : public nfs4::NameSource {
 public:
  std::optional<std::string> name_of(nfs4::IdMap::Kind kind, std::uint32_t id) override;
  std::optional<std::uint32_t> id_of(nfs4::IdMap::Kind kind, const std::string& name) override;

 private:
  std::vector<char> room_ = std::vector<char>(4096);  // that entries are read into
};

}  // namespace ditto::server
