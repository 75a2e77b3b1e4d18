#include <unistd.h>
#include <ditto/check.hpp>

#include <cstdio>
#include <string_view>

#include "commands.hpp"

using namespace ditto::server;

int check(const Options& options, bool repair, bool contents) {
  if (options.data == memory_data)
    return complain("--check needs a data directory: nothing is kept in memory", WrongUsage);
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  bool progress_shown = false;  // in a terminal's last line, which the next line must not be appended to
  const auto end_progress = [&] {
    if (progress_shown) std::fputc('\n', stderr);
    progress_shown = false;
  };
  const CheckOptions what = {.repair = repair,
                             .contents = contents,
                             .line =
                                 [&](std::string_view line) {
                                   end_progress();
                                   std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
                                   std::fflush(stdout);
                                 },
                             .progress =
                                 [&](const CheckSummary& so_far) {
                                   std::fprintf(stderr, "%snfsd: %llu nodes, %llu names", terminal ? "\r" : "",
                                                number(so_far.nodes), number(so_far.names));
                                   if (contents)
                                     std::fprintf(stderr, ", %llu MiB of contents",
                                                  number(so_far.verified_bytes >> 20));
                                   if (!terminal) std::fputc('\n', stderr);
                                   progress_shown = terminal;
                                 }};
  const auto summary = check_store(options.data, what);
  end_progress();
  if (!summary) return complain(summary.error().message, Failed);
  std::printf("%llu nodes, %llu names, %llu objects: ", number(summary->nodes), number(summary->names),
              number(summary->objects));
  if (summary->problems == 0) {
    std::printf("no problems");
  } else {
    std::printf("%llu problems, %llu repaired", number(summary->problems), number(summary->repaired));
  }
  if (summary->leftovers > 0) std::printf(", %llu leftovers of a crash", number(summary->leftovers));
  if (contents) {
    std::printf("; %llu bytes of contents verified, %llu without checksums yet", number(summary->verified_bytes),
                number(summary->unverified_bytes));
  }
  std::printf("\n");
  return summary->repaired == summary->problems ? Clean : ProblemsFound;
}
