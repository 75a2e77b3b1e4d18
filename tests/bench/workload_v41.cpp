#include "workload_v41.hpp"

namespace bench::nfs41 {

namespace {

constexpr std::uint32_t unstable = 0, file_sync = 2;
constexpr std::uint32_t access_of_file = 0x2d;  // READ, MODIFY, EXTEND, EXECUTE

void put_stateid(Writer& out, const Stateid& stateid) { out.fixed(stateid.bytes); }

void put_read(Writer& out, const Stateid& stateid, std::uint64_t offset, std::uint32_t bytes) {
  put_op(out, Op::Read);
  put_stateid(out, stateid);
  out.u64(offset).u32(bytes);
}

/// WRITE, and as the last operation GETATTR of what it changes.
void put_write(Request& request, Writer& out, const Stateid& stateid, std::uint64_t offset, std::uint32_t stable,
               std::string_view data) {
  put_op(out, Op::Write);
  put_stateid(out, stateid);
  out.u64(offset).u32(stable).u32(static_cast<std::uint32_t>(data.size()));
  request.payload = data;
  Writer rest(request.rest);
  put_getattr(rest, true);
}

void put_close(Writer& out, const Stateid& stateid) {
  put_op(out, Op::Close);
  out.u32(0);
  put_stateid(out, stateid);
}

void begin_results_of_file(Reader& in) {
  Session::begin_results(in);
  expect(in, Op::Putfh);
}

void check_read(Reader& in, std::string_view expected, bool verify) {
  begin_results_of_file(in);
  expect(in, Op::Read);
  in.u32();
  std::string_view data = in.opaque(expected.size());
  if (data.size() != expected.size()) throw Unexpected{"READ gave " + std::to_string(data.size()) + " bytes"};
  if (verify && data != expected) throw Unexpected{"READ gave other bytes than were written"};
}

void check_written(Reader& in, std::uint32_t bytes, std::uint32_t stable) {
  begin_results_of_file(in);
  expect(in, Op::Write);
  std::uint32_t count = in.u32(), committed = in.u32();
  in.u64();
  if (count != bytes) throw Unexpected{"WRITE took " + std::to_string(count) + " bytes"};
  if (committed < stable) throw Unexpected{"WRITE less stable than asked"};
  expect(in, Op::Getattr);
  get_attributes(in);
}

class Getattr : public Workload {
 public:
  Getattr(Session& session, const Entries& entries) : session_(session), entries_(entries) {}

  bool start(Slot& slot, Request& out) override {
    next_ = (next_ + 7919) % entries_.size();
    Writer writer = session_.begin(out, slot.number, 2);
    put_handle(writer, entries_[next_].handle);
    put_getattr(writer);
    return true;
  }

  Verdict reply(Slot&, Reader& in, Request&) override {
    begin_results_of_file(in);
    expect(in, Op::Getattr);
    if (Reader(get_attributes(in)).u32() != 1) throw Unexpected{"GETATTR of a file says it is none"};
    return Verdict::Done;
  }

 private:
  Session& session_;
  const Entries& entries_;
  std::size_t next_ = 0;
};

class TransferWorkload : public Workload {
 public:
  TransferWorkload(Session& session, const Transfer& transfer, const std::vector<OpenFile>& files)
      : session_(session), transfer_(transfer), files_(files), blocks_(transfer.file_bytes / transfer.block_bytes) {}

  bool start(Slot& slot, Request& out) override {
    slot.index = random() % blocks_ * transfer_.block_bytes;
    const OpenFile& file = files_[slot.connection % files_.size()];
    Writer writer = session_.begin(out, slot.number, transfer_.write ? 3 : 2);
    put_handle(writer, file.handle);
    if (transfer_.write) {
      put_write(out, writer, file.stateid, slot.index, unstable, content(slot.index));
    } else {
      put_read(writer, file.stateid, slot.index, transfer_.block_bytes);
    }
    return true;
  }

  Verdict reply(Slot& slot, Reader& in, Request&) override {
    if (transfer_.write) {
      check_written(in, transfer_.block_bytes, unstable);
    } else {
      check_read(in, content(slot.index), transfer_.verify);
    }
    return Verdict::Done;
  }

  bool finish(Request& out) override {
    if (!transfer_.write || committed_ == files_.size()) return false;
    Writer writer = session_.begin(out, 0, 2);
    put_handle(writer, files_[committed_++].handle);
    put_op(writer, Op::Commit);
    writer.u64(0).u32(0);
    return true;
  }

  std::uint64_t bytes_per_operation() const override { return transfer_.block_bytes; }

 private:
  std::string_view content(std::uint64_t offset) const {
    return pattern().substr(offset % pattern_bytes, transfer_.block_bytes);
  }
  std::uint64_t random() {
    state_ ^= state_ << 13, state_ ^= state_ >> 7, state_ ^= state_ << 17;
    return state_;
  }

  Session& session_;
  Transfer transfer_;
  const std::vector<OpenFile>& files_;
  std::uint64_t blocks_, state_ = 88172645463325252;
  std::size_t committed_ = 0;
};

/// OPEN by name, something with what is open, CLOSE.
class WhileOpen : public Workload {
 public:
  explicit WhileOpen(Session& session) : session_(session) {}

  Verdict reply(Slot& slot, Reader& in, Request& out) override {
    if (slot.step == 0) {
      begin_results_of_file(in);
      expect(in, Op::Open);
      OpenFile& file = opened(slot);
      file.stateid = get_open(in);
      expect(in, Op::Getfh);
      file.handle = get_handle(in);
      expect(in, Op::Access);
    } else if (slot.step == 1) {
      check_done(slot, in);
    } else {
      begin_results_of_file(in);
      expect(in, Op::Close);
      return Verdict::Done;
    }
    const OpenFile& file = opened(slot);
    const bool closes = slot.step++ == 1;
    Writer writer = session_.begin(out, slot.number, closes ? 2 : operations_while_open(), closes);
    put_handle(writer, file.handle);
    if (closes) {
      put_close(writer, file.stateid);
    } else {
      put_doing(slot, file, out, writer);
    }
    return Verdict::More;
  }

 protected:
  void begin(Slot& slot, Request& out, const std::string& directory, std::string_view name, std::uint32_t access,
             const std::uint32_t* mode) {
    slot.step = 0;
    Writer writer = session_.begin(out, slot.number, 5, true);
    put_handle(writer, directory);
    session_.put_open(writer, name, access, mode);
    put_op(writer, Op::Getfh);
    put_op(writer, Op::Access);
    writer.u32(access_of_file);
    put_getattr(writer);
  }
  /// With PUTFH.
  virtual std::uint32_t operations_while_open() const = 0;
  virtual void put_doing(const Slot& slot, const OpenFile& file, Request& out, Writer& writer) = 0;
  virtual void check_done(const Slot& slot, Reader& in) = 0;

 private:
  OpenFile& opened(const Slot& slot) {
    if (slot.number >= open_.size()) open_.resize(slot.number + 1);
    return open_[slot.number];
  }

  Session& session_;
  std::vector<OpenFile> open_;
};

class OpenReadClose : public WhileOpen {
 public:
  OpenReadClose(Session& session, std::string directory, const Entries& entries, std::uint32_t bytes, bool verify)
      : WhileOpen(session), directory_(std::move(directory)), entries_(entries), bytes_(bytes), verify_(verify) {}

  bool start(Slot& slot, Request& out) override {
    // Far more files than operations in flight: no two have the same one open.
    next_ = (next_ + 7919) % entries_.size();
    slot.index = entries_[next_].number;
    begin(slot, out, directory_, entries_[next_].name, access_read, nullptr);
    return true;
  }
  std::uint64_t bytes_per_operation() const override { return bytes_; }

 protected:
  std::uint32_t operations_while_open() const override { return 2; }
  void put_doing(const Slot&, const OpenFile& file, Request&, Writer& writer) override {
    put_read(writer, file.stateid, 0, bytes_);
  }
  void check_done(const Slot& slot, Reader& in) override {
    check_read(in, created_content(slot.index, bytes_), verify_);
  }

 private:
  std::string directory_;
  const Entries& entries_;
  std::uint32_t bytes_;
  bool verify_;
  std::size_t next_ = 0;
};

class CreateWriteClose : public WhileOpen {
 public:
  CreateWriteClose(Session& session, std::vector<std::string> directories, std::uint32_t bytes)
      : WhileOpen(session), directories_(std::move(directories)), bytes_(bytes) {}

  bool start(Slot& slot, Request& out) override {
    static constexpr std::uint32_t mode = 0644;
    slot.index = next_++;
    begin(slot, out, directories_[slot.connection % directories_.size()], "file-" + std::to_string(slot.index),
          access_both, &mode);
    return true;
  }
  std::uint64_t bytes_per_operation() const override { return bytes_; }

 protected:
  std::uint32_t operations_while_open() const override { return 3; }
  void put_doing(const Slot& slot, const OpenFile& file, Request& out, Writer& writer) override {
    put_write(out, writer, file.stateid, 0, file_sync, created_content(slot.index, bytes_));
  }
  void check_done(const Slot&, Reader& in) override { check_written(in, bytes_, file_sync); }

 private:
  std::vector<std::string> directories_;
  std::uint32_t bytes_;
  std::uint64_t next_ = 0;
};

}  // namespace

std::unique_ptr<Workload> make_getattr(Session& session, const Entries& entries) {
  return std::make_unique<Getattr>(session, entries);
}

std::unique_ptr<Workload> make_transfer(Session& session, const Transfer& transfer,
                                        const std::vector<OpenFile>& files) {
  return std::make_unique<TransferWorkload>(session, transfer, files);
}

std::unique_ptr<Workload> make_open_read_close(Session& session, const std::string& directory, const Entries& entries,
                                               std::uint32_t bytes, bool verify) {
  return std::make_unique<OpenReadClose>(session, directory, entries, bytes, verify);
}

std::unique_ptr<Workload> make_create_write_close(Session& session, std::vector<std::string> directories,
                                                  std::uint32_t bytes) {
  return std::make_unique<CreateWriteClose>(session, std::move(directories), bytes);
}

}  // namespace bench::nfs41
