#include "support/power_cut/moment.hpp"

#include <utility>

#include "support/power_cut/record.hpp"

namespace ditto::test {

Moment::Moment(std::shared_ptr<const Record> record) noexcept : record_(std::move(record)) {}

void Moment::build_image(const std::string& folder, std::uint64_t seed, const Damage& damage) const {
  record_->build_image(folder, seed, damage);
}

std::size_t Moment::unsynced() const { return record_->unsynced(); }

}  // namespace ditto::test
