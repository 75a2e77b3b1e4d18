#include "server/audit_log.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "rpc/call.hpp"

namespace ditto::server {
namespace {

using vfs::Access;

struct Right {
  Access bit;
  std::string_view name;
};

// RFC 8881, 6.2.1.3, of files: directories have the same bits.
constexpr Right rights[] = {
    {Access::ReadData, "READ_DATA"},
    {Access::WriteData, "WRITE_DATA"},
    {Access::AppendData, "APPEND_DATA"},
    {Access::ReadNamedAttrs, "READ_NAMED_ATTRS"},
    {Access::WriteNamedAttrs, "WRITE_NAMED_ATTRS"},
    {Access::Execute, "EXECUTE"},
    {Access::DeleteChild, "DELETE_CHILD"},
    {Access::ReadAttributes, "READ_ATTRIBUTES"},
    {Access::WriteAttributes, "WRITE_ATTRIBUTES"},
    {Access::Delete, "DELETE"},
    {Access::ReadAcl, "READ_ACL"},
    {Access::WriteAcl, "WRITE_ACL"},
    {Access::WriteOwner, "WRITE_OWNER"},
};

/// `outcome` and the names of `bits`; nothing for none.
void append(std::string& line, std::string_view outcome, Access bits) {
  bool first = true;
  for (const Right& right : rights) {
    if (!any(bits & right.bit)) continue;
    line.append(first ? outcome : std::string_view("+")).append(right.name);
    first = false;
  }
}

}  // namespace

void AuditLog::record(const gate::Audited& audited) {
  const vfs::AccessNote& note = audited.note;
  if (any(note.granted)) granted_.fetch_add(1, std::memory_order_relaxed);
  if (any(note.refused)) refused_.fetch_add(1, std::memory_order_relaxed);
  if (note.alarm) alarms_.fetch_add(1, std::memory_order_relaxed);
  if (!log_.enabled(LogLevel::Audit)) return;
  const vfs::Credential& who = audited.actor.who;
  std::string line = fmt::format("{}user {}, group {}, at {}", note.alarm ? "alarm: " : "", who.uid, who.gid,
                                 rpc::address_text({.address = audited.actor.peer}));
  append(line, " was granted ", note.granted);
  append(line, " was refused ", note.refused);
  // What a client can choose comes last, so that nothing that follows it can be made up.
  line += fmt::format(" of file {} in share {}", note.node.inode, audited.share.name());
  if (!audited.path.empty()) line += fmt::format(": {}", audited.path);
  log_.write(LogLevel::Audit, line);
}

AuditLog::Counts AuditLog::counts() const noexcept {
  return {.granted = granted_.load(std::memory_order_relaxed),
          .refused = refused_.load(std::memory_order_relaxed),
          .alarms = alarms_.load(std::memory_order_relaxed)};
}

}  // namespace ditto::server
