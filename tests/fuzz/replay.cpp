// Runs a fuzzer without libFuzzer: every file of the corpus, every seed, then mutations of both, drawn from a fixed
// number, until the time is up. An input that ends the process is left in ./finding and named on stderr; its file can
// be given as argument.
//   replay-NAME [--seconds N] [--seeds N] [--write-seeds DIRECTORY] [FILE or DIRECTORY ...]
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/target.hpp"
#include "wire/xdr_sample.hpp"

// Only a sanitizer's runtime has it.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Input = std::vector<std::byte>;

constexpr std::size_t max_input_bytes = 65536;

const Input* running = nullptr;  // the input being tried, for the one who reports its end

void leave_finding() {
  if (!running) return;
  const Input& input = *std::exchange(running, nullptr);
  if (std::FILE* file = std::fopen("finding", "wb")) {
    std::fwrite(input.data(), 1, input.size(), file);
    std::fclose(file);
  }
  static constexpr std::string_view message = "the input that did it is in ./finding\n";
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, message.data(), message.size());
}

void on_abort(int signal) {
  leave_finding();
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void attempt(const Input& input) {
  running = &input;
  ditto::fuzz::one(input);
  running = nullptr;
}

Input read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::exit(2);
  }
  const auto bytes = ditto::bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

std::vector<Input> read_all(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return {read_file(path)};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Input> inputs;
  for (const auto& file : files) inputs.push_back(read_file(file));
  return inputs;
}

void mutate_once(Input& input, const Input& other, ditto::xdr::Sampler& draw) {
  static constexpr std::uint32_t words[] = {0,     1,       2,          3,          4,          0x7f,      0xff,
                                            0x100, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
  const std::size_t at = draw.below(input.size() + 1);
  const std::size_t left = input.size() - at;
  const auto here = input.begin() + static_cast<std::ptrdiff_t>(at);
  switch (draw.below(7)) {
    case 0:
      if (left > 0) input[at] ^= static_cast<std::byte>(1U << draw.below(8));
      break;
    case 1:
      if (left > 0) input[at] = static_cast<std::byte>(draw.next());
      break;
    case 2:  // a length or a discriminant: words are aligned behind the two bytes that choose
      if (const std::size_t word = at / 4 * 4 + 2; word + 4 <= input.size()) {
        ditto::store_be(input.data() + word, words[draw.below(std::size(words))]);
      }
      break;
    case 3: input.erase(here, here + static_cast<std::ptrdiff_t>(std::min(left, 1 + draw.below(8)))); break;
    case 4: input.insert(here, 1 + draw.below(8), static_cast<std::byte>(draw.next())); break;
    case 5: input.resize(at); break;
    default: {
      const std::size_t from = draw.below(other.size() + 1);
      const std::size_t length = draw.below(std::min<std::size_t>(other.size() - from, 256) + 1);
      const Input part(other.begin() + static_cast<std::ptrdiff_t>(from),
                       other.begin() + static_cast<std::ptrdiff_t>(from + length));
      input.insert(here, part.begin(), part.end());
    }
  }
  if (input.size() > max_input_bytes) input.resize(max_input_bytes);
}

struct Options {
  unsigned long seconds = 0;
  unsigned long seeds = 256;
  std::filesystem::path write_seeds;
  std::vector<std::filesystem::path> corpus;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&] {
      if (i + 1 == argc) {
        std::fprintf(stderr, "%s needs a value\n", argv[i]);
        std::exit(2);
      }
      return argv[++i];
    };
    if (word == "--seconds") {
      options.seconds = std::strtoul(value(), nullptr, 10);
    } else if (word == "--seeds") {
      options.seeds = std::strtoul(value(), nullptr, 10);
    } else if (word == "--write-seeds") {
      options.write_seeds = value();
    } else {
      options.corpus.emplace_back(word);
    }
  }
  return options;
}

void write_seeds(const Options& options) {
  std::filesystem::create_directories(options.write_seeds);
  for (unsigned long i = 0; i < options.seeds; ++i) {
    const auto input = ditto::fuzz::seed(i);
    std::ofstream file(options.write_seeds / ("seed-" + std::to_string(i)), std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  if (!options.write_seeds.empty()) {
    write_seeds(options);
    return 0;
  }
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(leave_finding);
  ::signal(SIGABRT, on_abort);
  if (!__sanitizer_set_death_callback) ::signal(SIGSEGV, on_abort);

  std::vector<Input> inputs;
  for (const auto& path : options.corpus) {
    for (auto& input : read_all(path)) inputs.push_back(std::move(input));
  }
  const std::size_t from_corpus = inputs.size();
  for (unsigned long i = 0; i < options.seeds; ++i) inputs.push_back(ditto::fuzz::seed(i));
  for (const Input& input : inputs) attempt(input);

  unsigned long mutations = 0;
  ditto::xdr::Sampler draw(1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  while (!inputs.empty() && std::chrono::steady_clock::now() < end) {
    Input input = inputs[draw.below(inputs.size())];
    const Input& other = inputs[draw.below(inputs.size())];
    for (std::size_t changes = 1 + draw.below(4); changes > 0; --changes) mutate_once(input, other, draw);
    attempt(input);
    ++mutations;
  }
  std::printf("%zu inputs of the corpus, %zu seeds, %lu mutations\n", from_corpus, inputs.size() - from_corpus,
              mutations);
  std::printf("%d passed, %d failed\n", inputs.empty() ? 0 : 1, inputs.empty() ? 1 : 0);
  return inputs.empty() ? 1 : 0;
}
