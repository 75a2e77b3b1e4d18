#include <algorithm>

#include "workload.hpp"

namespace bench {

namespace {

using nfs3::Procedure;

class Probe : public Workload {
 public:
  Probe(ProbeKind kind, std::string directory, const Entries& entries)
      : kind_(kind), directory_(std::move(directory)), entries_(entries) {}

  bool start(Slot& slot, Request& out) override {
    // A stride without a common factor with the usual counts: neighbours in time are not neighbours in the store.
    next_ = (next_ + 7919) % entries_.size();
    slot.index = next_;
    const Entry& entry = entries_[next_];
    if (kind_ == ProbeKind::Getattr) {
      out.begin(Procedure::Getattr).opaque(entry.handle);
    } else if (kind_ == ProbeKind::Lookup) {
      Writer writer = out.begin(Procedure::Lookup);
      nfs3::put_name(writer, directory_, entry.name);
    } else {
      out.begin(Procedure::Access).opaque(entry.handle).u32(0x3f);
    }
    return true;
  }

  Verdict reply(Slot& slot, Reader& in, Request&) override {
    if (kind_ == ProbeKind::Lookup && in.opaque(nfs3::handle_bytes) != entries_[slot.index].handle) {
      throw Unexpected{"LOOKUP of " + entries_[slot.index].name + " gave another filehandle"};
    }
    if (kind_ == ProbeKind::Getattr && in.u32() != 1) throw Unexpected{"GETATTR of a file says it is none"};
    return Verdict::Done;
  }

 private:
  ProbeKind kind_;
  std::string directory_;
  const Entries& entries_;
  std::size_t next_ = 0;
};

class CreationWorkload : public Workload {
 public:
  CreationWorkload(std::vector<std::string> directories, const Creation& creation)
      : directories_(std::move(directories)), creation_(creation) {}

  bool start(Slot& slot, Request& out) override {
    if (next_ == creation_.limit) return false;
    slot.index = next_++;
    slot.step = 0;
    Writer writer = out.begin(Procedure::Create);
    nfs3::put_name(writer, directories_[slot.connection % directories_.size()], name(slot.index));
    writer.u32(1);  // GUARDED
    nfs3::put_mode(writer, 0644);
    return true;
  }

  Verdict reply(Slot& slot, Reader& in, Request& out) override {
    if (slot.step++ == 1) {
      nfs3::skip_wcc(in);
      if (in.u32() != creation_.write_bytes || in.u32() != 2) throw Unexpected{"a stable WRITE was not taken whole"};
      return Verdict::Done;
    }
    std::string handle = nfs3::get_made(in).handle;
    if (handle.empty()) throw Unexpected{"CREATE gave no filehandle"};
    if (creation_.made != nullptr) creation_.made->push_back({name(slot.index), handle, slot.index});
    if (creation_.write_bytes == 0) return Verdict::Done;
    out.begin(Procedure::Write).opaque(handle).u64(0).u32(creation_.write_bytes).u32(2).u32(creation_.write_bytes);
    out.payload = created_content(slot.index, creation_.write_bytes);
    return Verdict::More;
  }

  std::uint64_t bytes_per_operation() const override { return creation_.write_bytes; }

 private:
  std::string name(std::uint64_t index) const { return creation_.prefix + std::to_string(index); }

  std::vector<std::string> directories_;
  Creation creation_;
  std::uint64_t next_ = 0;
};

class RenameWorkload : public Workload {
 public:
  RenameWorkload(std::string from, std::string to, const Entries& entries)
      : directories_{std::move(from), std::move(to)}, entries_(entries), moves_(entries.size()) {}

  bool start(Slot& slot, Request& out) override {
    // Only entries of this slot, so that no two requests in flight are about the same name.
    std::size_t index = slot.number % entries_.size();
    std::size_t side = moves_[index]++ % 2;
    Writer writer = out.begin(Procedure::Rename);
    nfs3::put_name(writer, directories_[side], entries_[index].name);
    nfs3::put_name(writer, directories_[1 - side], entries_[index].name);
    return true;
  }

  Verdict reply(Slot&, Reader&, Request&) override { return Verdict::Done; }

 private:
  std::string directories_[2];
  const Entries& entries_;
  std::vector<std::uint64_t> moves_;
};

class Removal : public Workload {
 public:
  Removal(std::string directory, const Entries& entries) : directory_(std::move(directory)), entries_(entries) {}

  bool start(Slot&, Request& out) override {
    if (next_ == entries_.size()) return false;
    Writer writer = out.begin(Procedure::Remove);
    nfs3::put_name(writer, directory_, entries_[next_++].name);
    return true;
  }

  Verdict reply(Slot&, Reader&, Request&) override { return Verdict::Done; }

 private:
  std::string directory_;
  const Entries& entries_;
  std::size_t next_ = 0;
};

class Listing : public Workload {
 public:
  explicit Listing(std::string directory) : directory_(std::move(directory)) {}

  bool start(Slot& slot, Request& out) override {
    out.begin(Procedure::Readdirplus)
        .opaque(directory_)
        .u64(slot.cookie)
        .u64(slot.cookie_verifier)
        .u32(32 << 10)    // names and cookies, as Linux asks
        .u32(256 << 10);  // all
    return true;
  }

  Verdict reply(Slot& slot, Reader& in, Request&) override {
    nfs3::skip_post_op(in);
    slot.cookie_verifier = in.u64();
    std::uint64_t entries = 0;
    while (in.ok() && in.u32() != 0) {
      in.u64();
      in.opaque(nfs3::name_bytes);
      slot.cookie = in.u64();
      nfs3::skip_post_op(in);
      if (in.u32() != 0) in.opaque(nfs3::handle_bytes);
      ++entries;
    }
    bool end = in.u32() != 0;
    if (entries == 0 && !end) throw Unexpected{"READDIRPLUS makes no progress"};
    if (end) slot.cookie = slot.cookie_verifier = 0;
    units_ += entries;
    return Verdict::Done;
  }

  std::uint64_t units() const override { return units_; }

 private:
  std::string directory_;
  std::uint64_t units_ = 0;
};

}  // namespace

std::unique_ptr<Workload> make_probe(ProbeKind kind, std::string directory, const Entries& entries) {
  return std::make_unique<Probe>(kind, std::move(directory), entries);
}

std::unique_ptr<Workload> make_creation(std::vector<std::string> directories, const Creation& creation) {
  return std::make_unique<CreationWorkload>(std::move(directories), creation);
}

std::unique_ptr<Workload> make_rename(std::string from, std::string to, const Entries& entries) {
  return std::make_unique<RenameWorkload>(std::move(from), std::move(to), entries);
}

std::unique_ptr<Workload> make_removal(std::string directory, const Entries& entries) {
  return std::make_unique<Removal>(std::move(directory), entries);
}

std::unique_ptr<Workload> make_listing(std::string directory) {
  return std::make_unique<Listing>(std::move(directory));
}

}  // namespace bench
