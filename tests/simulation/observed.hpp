// The file system as the gate sees it in a simulation: DittoFs, with every change noted as the truth and every read
// compared with it, and calls that may not block told now and then to come back from the pool. It may be cut off, as
// if the process had died: nothing has an effect then. One thread.
#pragma once

#include <memory>

#include "vfs/ditto/ditto_fs.hpp"

namespace ditto::sim {

class World;

class ObservedFileSystem final : public vfs::FileSystem {
 public:
  ObservedFileSystem(World& world, std::unique_ptr<vfs::DittoFs> under) noexcept
      : world_(world), under_(std::move(under)) {}

  vfs::DittoFs& under() noexcept { return *under_; }
  void cut_off() noexcept { dead_ = true; }

  Lsn durable() const noexcept override { return under_->durable(); }
  void when_durable(DurableWait& wait) override { under_->when_durable(wait); }
  vfs::NodeId root() const noexcept override { return under_->root(); }
  Result<vfs::NodePin> pin(vfs::Context& context, vfs::NodeId id) override;
  Result<void> hold(vfs::Context& context, vfs::Node& node) override { return under_->hold(context, node); }
  void release(vfs::Node& node) noexcept override { under_->release(node); }

  Result<vfs::Attributes> getattr(vfs::Context& context, vfs::Node& node) override;
  Result<vfs::Access> access(vfs::Context& context, vfs::Node& node, vfs::Access wanted) override {
    return under_->access(context, node, wanted);
  }
  Result<vfs::Change> setattr(vfs::Context& context, vfs::Node& node, const vfs::SetAttributes& changes,
                              const std::optional<Timestamp>& guard) override;
  Result<vfs::Entry> lookup(vfs::Context& context, vfs::Node& directory, std::string_view name,
                            vfs::NameMatch match) override;
  Result<vfs::Created> create(vfs::Context& context, vfs::Node& directory, std::string_view name,
                              const vfs::CreateRequest& request) override;
  Result<vfs::Linked> link(vfs::Context& context, vfs::Node& node, vfs::Node& directory,
                           std::string_view name) override;
  Result<vfs::Removed> remove(vfs::Context& context, vfs::Node& directory, std::string_view name,
                              vfs::RemoveKind kind) override;
  Result<vfs::Renamed> rename(vfs::Context& context, vfs::Node& from, std::string_view from_name, vfs::Node& to,
                              std::string_view to_name) override;
  Result<vfs::ReaddirResult> readdir(vfs::Context& context, vfs::Node& directory, std::uint64_t cookie,
                                     bool with_attributes,
                                     FunctionRef<bool(const vfs::DirectoryEntry&)> visit) override {
    return under_->readdir(context, directory, cookie, with_attributes, visit);
  }
  Result<std::string> readlink(vfs::Context& context, vfs::Node& node) override {
    return under_->readlink(context, node);
  }
  Result<vfs::ReadResult> read(vfs::Context& context, vfs::Node& node, std::uint64_t offset,
                               std::uint32_t count) override;
  Result<vfs::WriteResult> write(vfs::Context& context, vfs::Node& node, std::uint64_t offset, const BufferChain& data,
                                 vfs::Stability stability) override;
  Result<vfs::Change> commit(vfs::Context& context, vfs::Node& node, std::uint64_t offset,
                             std::uint64_t count) override;
  Result<void> write_out(Lsn lsn) override { return under_->write_out(lsn); }
  std::uint64_t write_verifier() const noexcept override { return under_->write_verifier(); }
  Result<vfs::FileSystemStatus> status(vfs::Context& context) override { return under_->status(context); }
  vfs::FileSystemLimits limits() const noexcept override { return under_->limits(); }

  Result<std::string> getxattr(vfs::Context& context, vfs::Node& node, std::string_view name) override {
    return under_->getxattr(context, node, name);
  }
  Result<vfs::Change> setxattr(vfs::Context& context, vfs::Node& node, std::string_view name, Bytes value,
                               vfs::XattrMode mode) override {
    return under_->setxattr(context, node, name, value, mode);
  }
  Result<vfs::Change> removexattr(vfs::Context& context, vfs::Node& node, std::string_view name) override {
    return under_->removexattr(context, node, name);
  }
  Result<std::vector<std::string>> listxattr(vfs::Context& context, vfs::Node& node) override {
    return under_->listxattr(context, node);
  }
  Result<vfs::Entry> stream_directory(vfs::Context& context, vfs::Node& node, bool make) override {
    return under_->stream_directory(context, node, make);
  }

  std::uint64_t store_id() const noexcept override { return under_->store_id(); }
  const crypto::SipHashKey& filehandle_key() const noexcept override { return under_->filehandle_key(); }
  void maintain(Timestamp now) override { under_->maintain(now); }

 private:
  class Asked;
  /// Why a call is not made now, if there is a reason.
  std::optional<Error> obstacle(const vfs::Context& context);

  World& world_;
  std::unique_ptr<vfs::DittoFs> under_;
  bool dead_ = false;
};

}  // namespace ditto::sim
