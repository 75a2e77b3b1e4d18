#include "ditto/check.hpp"

#include "server/failures.hpp"
#include "server/open_store.hpp"

namespace ditto::server {
namespace {

CheckSummary summary_of(const vfs::CheckSummary& inner) {
  return {.nodes = inner.inodes,
          .names = inner.entries,
          .objects = inner.objects,
          .problems = inner.problems,
          .repaired = inner.repaired,
          .leftovers = inner.leftovers,
          .verified_bytes = inner.verified_bytes,
          .unverified_bytes = inner.unverified_bytes};
}

}  // namespace

Outcome<CheckSummary> check_store(const std::string& directory, const CheckOptions& options) {
  const auto open = open_existing_store(directory, nullptr);
  if (!open) return std::unexpected(open.error());
  const auto line = [&](std::string_view text) {
    if (options.line) options.line(text);
  };
  const auto progress = [&](const vfs::CheckSummary& so_far) {
    if (options.progress) options.progress(summary_of(so_far));
  };
  const auto checked =
      (*open)->file_system->check_store({.repair = options.repair, .contents = options.contents}, line, progress);
  if (!checked) return std::unexpected(failure_of("the store in " + directory + " cannot be checked", checked.error()));
  return summary_of(*checked);
}

}  // namespace ditto::server
