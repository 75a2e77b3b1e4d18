#include "planted.hpp"

namespace ditto::sim {

const std::string_view planted_name = DITTO_MUTANT;
const int planted_rule = DITTO_MUTANT_RULE;

}  // namespace ditto::sim
