// Answers a fixed number of one workload's requests, 16 in flight on one connection. tests/instructions/run counts what
// two runs of different length execute and so what one request costs:
//   answer-requests WORKLOAD MADE ANSWERED DIRECTORY
// The first ANSWERED of MADE requests are answered, so that making them costs the same in both runs.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "instructions/requests.hpp"
#include "rpc/calls.hpp"

using namespace ditto;
using namespace ditto::test;

namespace {

constexpr std::size_t in_flight = 16;
/// What a socket gives at a time; larger records are received into memory of their own.
constexpr std::size_t piece_bytes = 64 << 10;

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "answer-requests WORKLOAD MADE ANSWERED DIRECTORY\n");
    return 2;
  }
  const auto made = static_cast<std::size_t>(std::atoll(argv[2]));
  const auto answered = std::min(made, static_cast<std::size_t>(std::atoll(argv[3])));
  Stack stack(argv[4]);
  const auto [records, calls] = requests(stack, argv[1], made);
  std::vector<std::vector<Buffer>> batches;
  for (std::size_t i = 0; i < made; i += in_flight) {
    std::vector<Buffer> batch(records.begin() + static_cast<std::ptrdiff_t>(i),
                              records.begin() + static_cast<std::ptrdiff_t>(std::min(made, i + in_flight)));
    if (records[i].size() * in_flight <= piece_bytes) batch = {joined(batch)};
    batches.push_back(std::move(batch));
  }
  for (std::size_t i = 0; i < answered; i += in_flight) {
    stack.answer(batches[i / in_flight], std::min(in_flight, made - i) * calls);
  }
}
