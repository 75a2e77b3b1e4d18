// The id map of a domain: users and groups are name@domain on the wire (RFC 7530, 5.9), with names from whoever knows
// them. Asking may take long, so that it is done in the pool, and what was heard is kept for a while: an id whose name
// is not known yet is told as a number, and a name whose id is not known yet is asked about again by its client. Any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/executor.hpp"
#include "nfs/v4/id_map.hpp"

namespace ditto::nfs4 {

/// Who knows the names of users and groups. Called by one thread at a time, which may wait.
class NameSource {
 public:
  virtual ~NameSource() = default;
  virtual std::optional<std::string> name_of(IdMap::Kind kind, std::uint32_t id) = 0;
  virtual std::optional<std::uint32_t> id_of(IdMap::Kind kind, const std::string& name) = 0;
};

class DomainIds final : public IdMap {
 public:
  /// Names and ids that are kept, of each kind, and those that are waited for; when there are more, all are forgotten,
  /// or not asked about.
  static constexpr std::size_t max_known = 16'384, max_asked = 1024;
  static constexpr std::uint64_t known_for_ns = 600'000'000'000, unknown_for_ns = 60'000'000'000;

  /// `pool` and `clock` outlive it. Its last question may end after it.
  DomainIds(std::string domain, std::unique_ptr<NameSource> source, Executor& pool, const Clock& clock);
  ~DomainIds() override;

  std::string_view name_of(Kind kind, std::uint32_t id, Room room) const noexcept override;
  /// Numbers are taken as well, with the domain or none.
  std::expected<std::uint32_t, Missing> id_of(Kind kind, std::string_view name) const noexcept override;

 private:
  class Known;
  const std::string domain_;
  const std::shared_ptr<Known> known_;
};

}  // namespace ditto::nfs4
