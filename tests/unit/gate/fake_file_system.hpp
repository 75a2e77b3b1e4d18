// A FileSystem of one node whose getattr and setattr do what the test says; everything else is NotSupported.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vfs/file_system.hpp"

namespace ditto::test {

class FakeFileSystem : public vfs::FileSystem {
 public:
  vfs::Node node{vfs::NodeId{0, 7}};
  std::function<Result<vfs::Attributes>(vfs::Context&)> on_getattr;
  std::function<Result<vfs::Change>(vfs::Context&)> on_setattr;
  Lsn durable_lsn = 0;

  vfs::NodeId root() const noexcept override { return node.id(); }
  Result<vfs::NodePin> pin(vfs::Context&, vfs::NodeId id) override {
    if (id != node.id()) return fail(Error::Stale);
    return vfs::NodePin(node);
  }
  Result<vfs::Attributes> getattr(vfs::Context& context, vfs::Node&) override { return on_getattr(context); }
  Result<vfs::Change> setattr(vfs::Context& context, vfs::Node&, const vfs::SetAttributes&,
                              const std::optional<Timestamp>&) override {
    return on_setattr(context);
  }
  Result<vfs::Access> access(vfs::Context&, vfs::Node&, vfs::Access) override { return no(); }
  Result<vfs::Entry> lookup(vfs::Context&, vfs::Node&, std::string_view, vfs::NameMatch) override { return no(); }
  Result<vfs::Created> create(vfs::Context&, vfs::Node&, std::string_view, const vfs::CreateRequest&) override {
    return no();
  }
  Result<vfs::Linked> link(vfs::Context&, vfs::Node&, vfs::Node&, std::string_view) override { return no(); }
  Result<vfs::Removed> remove(vfs::Context&, vfs::Node&, std::string_view, vfs::RemoveKind) override { return no(); }
  Result<vfs::Renamed> rename(vfs::Context&, vfs::Node&, std::string_view, vfs::Node&, std::string_view) override {
    return no();
  }
  Result<vfs::ReaddirResult> readdir(vfs::Context&, vfs::Node&, std::uint64_t, bool,
                                     FunctionRef<bool(const vfs::DirectoryEntry&)>) override {
    return no();
  }
  Result<std::string> readlink(vfs::Context&, vfs::Node&) override { return no(); }
  Result<vfs::ReadResult> read(vfs::Context&, vfs::Node&, std::uint64_t, std::uint32_t) override { return no(); }
  Result<vfs::WriteResult> write(vfs::Context&, vfs::Node&, std::uint64_t, const BufferChain&,
                                 vfs::Stability) override {
    return no();
  }
  Result<vfs::Change> commit(vfs::Context&, vfs::Node&, std::uint64_t, std::uint64_t) override { return no(); }
  std::uint64_t write_verifier() const noexcept override { return 0; }
  Result<vfs::FileSystemStatus> status(vfs::Context&) override { return no(); }
  vfs::FileSystemLimits limits() const noexcept override { return {}; }
  Result<std::string> getxattr(vfs::Context&, vfs::Node&, std::string_view) override { return no(); }
  Result<vfs::Change> setxattr(vfs::Context&, vfs::Node&, std::string_view, Bytes, vfs::XattrMode) override {
    return no();
  }
  Result<vfs::Change> removexattr(vfs::Context&, vfs::Node&, std::string_view) override { return no(); }
  Result<std::vector<std::string>> listxattr(vfs::Context&, vfs::Node&) override { return no(); }
  std::uint64_t store_id() const noexcept override { return 1; }
  const crypto::SipHashKey& filehandle_key() const noexcept override { return key_; }
  Lsn durable() const noexcept override { return durable_lsn; }
  void when_durable(DurableWait& wait) override { wait.done(&wait, {}); }
  void maintain(Timestamp) override {}

 private:
  static std::unexpected<Error> no() { return fail(Error::NotSupported); }
  crypto::SipHashKey key_{};
};

}  // namespace ditto::test
