// crowd: makes a great many files over many connections, then touches each of them, with 1 MiB WRITEs and READs among
// that. tests/memory/run starts it beside a server and watches the server. Prints one JSON object for each phase.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine.hpp"
#include "many_files.hpp"

namespace {

using memory_test::Counts;
using memory_test::Files;
using memory_test::ManyFiles;

constexpr unsigned in_flight_per_connection = 4;
constexpr std::uint64_t directories = 64;

int failed(const std::string& message) {
  std::fprintf(stderr, "crowd: %s\n", message.c_str());
  return 1;
}

void print(const char* phase, const bench::Result& result, const Counts& counts) {
  const auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "{\"phase\":\"%s\",\"seconds\":%.1f,\"created\":%llu,\"touched\":%llu,\"written_mib\":%llu,\"read_mib\":%llu,"
      "\"errors\":%llu,\"first_error\":\"%s\"}\n",
      phase, result.seconds, number(counts.created), number(counts.touched), number(counts.written_mib),
      number(counts.read_mib), number(result.errors), result.first_error.c_str());
  std::fflush(stdout);
}

int run(const bench::Target& target, std::uint64_t count, unsigned connections) {
  bench::Engine engine(target, connections, connections * in_flight_per_connection, {});
  const std::string root = engine.mount();
  Files files;
  for (std::uint64_t i = 0; i < directories; ++i) {
    files.directories.push_back(engine.make_directory(root, "d" + std::to_string(i)));
  }
  bench::Entries large;
  const auto creation = bench::make_creation({root}, {.prefix = "large", .limit = connections, .made = &large});
  if (engine.run(*creation, 0, 0).errors != 0) return failed("the large files could not be made");

  files.handles.resize(count);
  Counts counts;
  ManyFiles many(files, large, counts);
  many.begin(ManyFiles::Phase::Create);
  print("create", engine.run(many, 0, 0), counts);
  many.begin(ManyFiles::Phase::Touch);
  print("touch", engine.run(many, 0, 0), counts);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return failed("crowd PORT FILES CONNECTIONS");
  bench::Target target;
  target.port = target.mount_port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  try {
    return run(target, std::strtoull(argv[2], nullptr, 10), static_cast<unsigned>(std::atoi(argv[3])));
  } catch (const bench::Failure& failure) {
    return failed(failure.message);
  }
}
