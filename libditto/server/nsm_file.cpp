#include "server/nsm_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>

#include "nfs/mount/address.hpp"
#include "server/options/network.hpp"
#include "store/descriptor.hpp"

namespace ditto::server {
namespace {

using rpc::portmap::Protocol;
using store::Descriptor;

constexpr std::string_view header = "ditto-nsm 1";
constexpr std::string_view hex = "0123456789abcdef";

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c > ' ' && c < 0x7f && c != '%') {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', hex[byte >> 4U], hex[byte & 15U]};
    }
  }
  return text;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      name += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::size_t high = hex.find(text[i + 1]), low = hex.find(text[i + 2]);
    if (high == hex.npos || low == hex.npos) return std::nullopt;
    name += static_cast<char>(high << 4U | low);
    i += 2;
  }
  return name;
}

/// Up to `end`, which is taken off as well; all, where there is none.
std::string_view take(std::string_view& rest, char end) {
  const std::string_view taken = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), taken.size() + 1));
  return taken;
}

std::optional<nsm::Peer> parse_peer(std::string_view line) {
  const std::string_view protocol = take(line, ' ');
  const auto address = parse_ip(take(line, ' '));
  auto name = unescaped(line);
  if (!address || !name || (protocol != "tcp" && protocol != "udp")) return std::nullopt;
  return nsm::Peer{*std::move(name), *address, protocol == "tcp" ? Protocol::Tcp : Protocol::Udp};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string nsm_file_text(const nsm::Kept& kept) {
  std::string text = fmt::format("{}\nstate {}\n", header, kept.state);
  for (const nsm::Peer& peer : kept.peers) {
    const std::string_view protocol = peer.protocol == Protocol::Tcp ? "tcp" : "udp";
    text += fmt::format("peer {} {} {}\n", protocol, mount::to_text(peer.address), escaped(peer.name));
  }
  return text;
}

std::optional<nsm::Kept> parse_nsm_file(std::string_view text) {
  nsm::Kept kept;
  if (take(text, '\n') != header || take(text, ' ') != "state") return std::nullopt;
  const std::string_view state = take(text, '\n');
  const auto read = std::from_chars(state.data(), state.data() + state.size(), kept.state);
  if (read.ec != std::errc() || read.ptr != state.data() + state.size()) return std::nullopt;
  while (!text.empty()) {
    if (take(text, ' ') != "peer") return std::nullopt;
    auto peer = parse_peer(take(text, '\n'));
    if (!peer) return std::nullopt;
    kept.peers.push_back(*std::move(peer));
  }
  return kept;
}

NsmFile::NsmFile(std::string directory) : directory_(std::move(directory)) {}

Result<nsm::Kept> NsmFile::load() {
  const Descriptor file(::open((directory_ + "/nsm").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    if (errno == ENOENT) return nsm::Kept{};
    return fail(Error::Io);
  }
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ::ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail(Error::Io);
    if (size == 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  auto kept = parse_nsm_file(text);
  if (!kept) return fail(Error::Corrupt);
  return *std::move(kept);
}

Result<void> NsmFile::save(const nsm::Kept& kept) {
  const Descriptor directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail(Error::Io);
  const Descriptor file(::openat(directory.get(), "nsm.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || !write_all(file.get(), nsm_file_text(kept)) || ::fsync(file.get()) != 0 ||
      ::renameat(directory.get(), "nsm.new", directory.get(), "nsm") != 0 || ::fsync(directory.get()) != 0) {
    return fail(Error::Io);
  }
  return {};
}

}  // namespace ditto::server
