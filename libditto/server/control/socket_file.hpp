// The control socket as a file: its name in the data directory, and how both ends come to it, however long that
// directory's path is. Blocks only as long as the system's calls on a directory do; any thread.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "ditto/failure.hpp"
#include "store/descriptor.hpp"

namespace ditto::server {

inline constexpr const char* control_socket_name = "control.sock";

/// What listens; the name goes with it.
class SocketFile {
 public:
  /// Listens in `directory`, which the caller has locked: so a socket that is there is nobody's any more, and replaced.
  /// Only the process's own user can connect.
  static Outcome<SocketFile> listen(const std::string& directory);
  SocketFile(SocketFile&&) noexcept = default;
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

  /// Does not block.
  store::Descriptor take_listener() noexcept { return std::move(listener_); }

 private:
  SocketFile(store::Descriptor directory, store::Descriptor listener) noexcept
      : directory_(std::move(directory)), listener_(std::move(listener)) {}

  store::Descriptor directory_;
  store::Descriptor listener_;
};

/// A connection to the server of `directory`, whose calls end after `patience`. NotFound: there is none.
Outcome<store::Descriptor> connect_to_socket(const std::string& directory, std::chrono::milliseconds patience);

}  // namespace ditto::server
