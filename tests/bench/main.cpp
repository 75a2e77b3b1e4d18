// loadgen: measures NFSv3 servers. One JSON object per server, workload and round on standard output. `tests/bench/run`
// starts the servers, calls this and makes the table; --help lists the flags.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "process_cpu.hpp"
#include "scenes.hpp"

namespace {

using bench::Failure;

constexpr const char* help =
    R"(loadgen --server LABEL,port=N[,mount=N][,export=PATH][,pid=N][,address=A] [--server ...] [FLAG...]

  --server ...        a server to measure; several take turns within each workload, round by round
  --workloads A,B     which (default: all): %s
  --seconds S         length of one measurement (default 2), after --warm-up S (default 0.3)
  --rounds N          measurements of each workload and server (default 3)
  --connections N     TCP connections (default 4)
  --in-flight N       requests in flight over all connections (default 64); 1 MiB workloads take --in-flight-large (default 16)
  --uid N --gid N     whom the calls come from (default 0)
  --file-mib N        size of the file that each connection reads and writes (default 64)
  --entries N         entries that are listed, and removed, in one round (default 10000)
  --verify            compare what READ returns with what was written
)";

struct Options {
  std::vector<bench::Target> targets;
  std::vector<std::string> workloads = bench::Scenes::names();
  double seconds = 2, warm_up = 0.3;
  unsigned rounds = 3, connections = 4, in_flight = 64, in_flight_large = 16;
  bench::nfs3::Caller caller;
  bench::Sizes sizes;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

bench::Target parse_target(const std::string& text) {
  bench::Target target;
  for (const std::string& part : split(text)) {
    std::size_t equals = part.find('=');
    std::string key = part.substr(0, equals), value = equals == std::string::npos ? "" : part.substr(equals + 1);
    if (equals == std::string::npos) {
      target.label = part;
    } else if (key == "port") {
      target.port = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    } else if (key == "mount") {
      target.mount_port = static_cast<std::uint16_t>(std::atoi(value.c_str()));
    } else if (key == "export") {
      target.export_path = value;
    } else if (key == "pid") {
      target.pid = std::atoi(value.c_str());
    } else if (key == "address") {
      target.address = value;
    } else {
      throw Failure{"--server: no '" + key + "'"};
    }
  }
  if (target.port == 0) throw Failure{"--server " + text + ": port= is missing"};
  if (target.mount_port == 0) target.mount_port = target.port;
  return target;
}

bool apply(Options& options, const std::string& flag, const std::string& value) {
  auto number = [&] { return static_cast<unsigned>(std::atoi(value.c_str())); };
  if (flag == "--server") return options.targets.push_back(parse_target(value)), true;
  if (flag == "--workloads") return options.workloads = split(value), true;
  if (flag == "--seconds") return options.seconds = std::atof(value.c_str()), true;
  if (flag == "--warm-up") return options.warm_up = std::atof(value.c_str()), true;
  if (flag == "--rounds") return options.rounds = number(), true;
  if (flag == "--connections") return options.connections = number(), true;
  if (flag == "--in-flight") return options.in_flight = number(), true;
  if (flag == "--in-flight-large") return options.in_flight_large = number(), true;
  if (flag == "--uid") return options.caller.uid = number(), true;
  if (flag == "--gid") return options.caller.gid = number(), true;
  if (flag == "--file-mib") return options.sizes.file_bytes = std::uint64_t{number()} << 20, true;
  if (flag == "--entries") return options.sizes.listed = options.sizes.removed = number(), true;
  return false;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    if (flag == "--help") {
      std::string all;
      for (const std::string& name : bench::Scenes::names()) all += (all.empty() ? "" : ",") + name;
      std::printf(help, all.c_str());
      std::exit(0);
    }
    if (flag == "--verify") {
      options.sizes.verify = true;
    } else if (i + 1 == argc || !apply(options, flag, argv[++i])) {
      throw Failure{"no flag " + flag + ", or its value is missing; --help"};
    }
  }
  if (options.targets.empty()) throw Failure{"--server is missing; --help"};
  return options;
}

bool is_large(const std::string& workload) { return workload.find("-1m") != std::string::npos; }

void print(const Options& options, const std::string& label, const std::string& workload, unsigned round,
           bench::Result& result) {
  double units = static_cast<double>(result.units);
  std::string error;
  for (char c : result.first_error) error += c == '"' || c == '\\' || c < ' ' ? '?' : c;
  std::printf(
      "{\"server\":\"%s\",\"workload\":\"%s\",\"round\":%u,\"connections\":%u,\"in_flight\":%u,\"seconds\":%.3f,"
      "\"requests\":%llu,\"operations\":%llu,\"errors\":%llu,\"first_error\":\"%s\",\"operations_per_s\":%.1f,"
      "\"mb_per_s\":%.2f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"cpu_us_per_operation\":%.3f,\"cpu_cores\":%.3f}\n",
      label.c_str(), workload.c_str(), round, options.connections,
      is_large(workload) ? options.in_flight_large : options.in_flight, result.seconds,
      static_cast<unsigned long long>(result.operations), static_cast<unsigned long long>(result.units),
      static_cast<unsigned long long>(result.errors), error.c_str(), units / result.seconds,
      static_cast<double>(result.bytes) / 1e6 / result.seconds, result.percentile_us(0.50), result.percentile_us(0.99),
      units > 0 ? result.cpu_seconds * 1e6 / units : 0, result.cpu_seconds / result.seconds);
  std::fflush(stdout);
}

/// The scenes of one server: those with few requests in flight for large blocks are apart from the others.
struct Server {
  std::unique_ptr<bench::Scenes> small, large;
};

int measure(const Options& options) {
  std::vector<Server> servers(options.targets.size());
  std::string directory = "bench-" + std::to_string(bench::now_ns());
  auto scenes = [&](std::size_t i, bool large) -> bench::Scenes& {
    auto& slot = large ? servers[i].large : servers[i].small;
    if (!slot) {
      slot = std::make_unique<bench::Scenes>(options.targets[i], options.connections,
                                             large ? options.in_flight_large : options.in_flight, options.caller,
                                             options.sizes, directory + (large ? "-large" : "-small"));
    }
    return *slot;
  };
  int failed = 0;
  for (const std::string& workload : options.workloads) {
    for (unsigned round = 0; round < options.rounds; ++round) {
      // Who goes first alternates too: what one leaves for the disk to do falls on both.
      for (std::size_t turn = 0; turn < servers.size(); ++turn) {
        std::size_t i = round % 2 == 0 ? turn : servers.size() - 1 - turn;
        bench::Result result = scenes(i, is_large(workload)).measure(workload, options.seconds, options.warm_up);
        if (result.errors != 0 || result.operations == 0) ++failed;
        print(options, options.targets[i].label, workload, round, result);
      }
    }
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return measure(parse(argc, argv));
  } catch (const Failure& failure) {
    std::fprintf(stderr, "loadgen: %s\n", failure.message.c_str());
    return 2;
  }
}
