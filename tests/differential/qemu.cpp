// SPDX-License-Identifier: BSL-1.0
#include "qemu.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace differential {

namespace {

constexpr int patience_ms = 60'000;

[[noreturn]] void fail(const std::string& what) { throw qemu_failed(what); }

std::pair<int, int> make_pair_of_sockets() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("no socket pair can be made");
  return {ends[0], ends[1]};
}

/// Lets a descriptor live on in the program that is executed.
bool survives_exec(int fd) { return fcntl(fd, F_SETFD, 0) == 0; }

/// Waits for `events` on `fd`; what came.
short wait_for(int fd, short events) {
  pollfd p{.fd = fd, .events = events, .revents = 0};
  int n = 0;
  do n = poll(&p, 1, patience_ms);
  while (n < 0 && errno == EINTR);
  if (n <= 0) fail("QEMU did not answer for a minute");
  return p.revents;
}

/// Appends what there is to `to`.
void receive(int fd, std::string& to) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (n <= 0) fail("QEMU ended");
  to.append(buffer.data(), static_cast<std::size_t>(n));
}

const char* letter(vgic::width w) {
  switch (w) {
    case vgic::width::byte: return "b";
    case vgic::width::half: return "w";
    case vgic::width::word: return "l";
    case vgic::width::dword: return "q";
  }
  return "?";
}

}  // namespace

qemu::qemu(const setup& s) : setup_(s) {
  start();
  find_controller();
  reset();
}

qemu::~qemu() { stop(); }

void qemu::start() {
  const auto [qtest, qtest_theirs] = make_pair_of_sockets();
  const auto [monitor, monitor_theirs] = make_pair_of_sockets();
  qtest_ = qtest;
  monitor_ = monitor;

  // With priority bits of its own a GICv2 shows those of a virtual interface.
  const std::string machine = "virt,gic-version=" + std::to_string(setup_.version) + (setup_.is_v2() ? "" : ",its=off");
  const std::string smp = std::to_string(setup_.vcpus);
  const std::string to_qtest = "socket,id=qtest,fd=" + std::to_string(qtest_theirs);
  const std::string to_monitor = "socket,id=monitor,fd=" + std::to_string(monitor_theirs);
  const std::string bits = "arm_gic_common.num-priority-bits=" + std::to_string(setup_.priority_bits);
  std::vector<const char*> arguments{"qemu-system-aarch64",
                                     "-machine",
                                     machine.c_str(),
                                     "-cpu",
                                     "cortex-a57",
                                     "-smp",
                                     smp.c_str(),
                                     "-m",
                                     "64",
                                     "-accel",
                                     "tcg",
                                     "-S",
                                     "-nodefaults",
                                     "-display",
                                     "none",
                                     "-chardev",
                                     to_qtest.c_str(),
                                     "-qtest",
                                     "chardev:qtest",
                                     "-qtest-log",
                                     "/dev/null",
                                     "-chardev",
                                     to_monitor.c_str(),
                                     "-mon",
                                     "chardev=monitor,mode=control"};
  if (setup_.is_v2()) arguments.insert(arguments.end(), {"-global", bits.c_str()});
  arguments.push_back(nullptr);

  process_ = fork();
  if (process_ < 0) fail("no process can be made");
  if (process_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (survives_exec(qtest_theirs) && survives_exec(monitor_theirs))
      execvp(arguments[0], const_cast<char* const*>(arguments.data()));
    _exit(127);
  }
  close(qtest_theirs);
  close(monitor_theirs);

  const auto greeting = nlohmann::json::parse(monitor_line());
  const auto& number = greeting.at("QMP").at("version").at("qemu");
  version_ = std::to_string(number.at("major").get<int>()) + '.' + std::to_string(number.at("minor").get<int>()) + '.' +
             std::to_string(number.at("micro").get<int>());
  command(R"({"execute":"qmp_capabilities"})");
}

void qemu::stop() noexcept {
  if (qtest_ >= 0) close(qtest_);
  if (monitor_ >= 0) close(monitor_);
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  qtest_ = monitor_ = process_ = -1;
}

std::string qemu::monitor_line() {
  while (true) {
    if (const auto end = from_monitor_.find('\n'); end != std::string::npos) {
      std::string line = from_monitor_.substr(0, end);
      from_monitor_.erase(0, end + 1);
      return line;
    }
    wait_for(monitor_, POLLIN);
    receive(monitor_, from_monitor_);
  }
}

std::string qemu::command(const std::string& text) {
  const std::string line = text + '\n';
  if (::send(monitor_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    fail("QEMU's monitor takes no command");
  while (true) {
    std::string answer = monitor_line();
    const auto parsed = nlohmann::json::parse(answer);
    if (parsed.contains("event")) {
      was_reset_ |= parsed.at("event") == "RESET";
      continue;
    }
    if (!parsed.contains("return")) fail("QEMU's monitor refused " + text + ": " + answer);
    return answer;
  }
}

/// The interrupt controller's place in QEMU's tree of objects.
void qemu::find_controller() {
  const std::string wanted = setup_.is_v2() ? "child<arm_gic>" : "child<arm-gicv3>";
  const auto list =
      nlohmann::json::parse(command(R"({"execute":"qom-list","arguments":{"path":"/machine/unattached"}})"));
  for (const auto& child : list.at("return"))
    if (child.at("type") == wanted) controller_ = "/machine/unattached/" + child.at("name").get<std::string>();
  if (controller_.empty()) fail("this QEMU's virt machine has no " + wanted);
}

void qemu::reset() {
  was_reset_ = false;
  command(R"({"execute":"system_reset"})");
  while (!was_reset_) was_reset_ = nlohmann::json::parse(monitor_line()).value("event", "") == "RESET";
  std::vector<request> rest;
  if (setup_.is_v2())  // QEMU's reset forgets the active priorities (GICC_APR<n>, GICC_NSAPR<n>)
    for (u64 at = gicc + 0xd0; at < gicc + 0xf0; at += 4) rest.push_back({.what = request::kind::write, .address = at});
  else
    for (u32 v = 0; v < setup_.vcpus; ++v)
      rest.push_back({.what = request::kind::write, .address = redistributor(v) + 0x14});
  (void)play(rest);
}

void qemu::append(std::string& to, const request& r) const {
  std::array<char, 64> text{};
  switch (r.what) {
    case request::kind::read:
      std::snprintf(text.data(), text.size(), "read%s 0x%llx\n", letter(r.size),
                    static_cast<unsigned long long>(r.address));
      to += text.data();
      return;
    case request::kind::write:
      std::snprintf(text.data(), text.size(), "write%s 0x%llx 0x%llx\n", letter(r.size),
                    static_cast<unsigned long long>(r.address), static_cast<unsigned long long>(r.value));
      to += text.data();
      return;
    case request::kind::line:
      to += "set_irq_in " + controller_ + " unnamed-gpio-in " + std::to_string(r.address) +
            (r.value != 0 ? " 1\n" : " 0\n");
      return;
  }
}

std::vector<u64> qemu::play(const std::vector<request>& requests) {
  std::string out;
  for (const request& r : requests) append(out, r);
  std::vector<u64> answers;
  std::size_t sent = 0;
  std::size_t answered = 0;
  std::size_t parsed = 0;
  while (answered < requests.size()) {
    const bool more = sent < out.size();
    const short ready = wait_for(qtest_, static_cast<short>(POLLIN | (more ? POLLOUT : 0)));
    if (more && (ready & POLLOUT) != 0) {
      const ssize_t n = ::send(qtest_, out.data() + sent, out.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN) fail("QEMU ended");
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
    if ((ready & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
    receive(qtest_, from_qtest_);
    for (auto end = from_qtest_.find('\n', parsed); end != std::string::npos; end = from_qtest_.find('\n', parsed)) {
      const char* line = from_qtest_.data() + parsed;
      if (std::strncmp(line, "OK", 2) != 0) fail("QEMU said " + from_qtest_.substr(parsed, end - parsed));
      if (answered >= requests.size()) fail("QEMU answers what it was not asked");
      if (requests[answered].what == request::kind::read) answers.push_back(std::strtoull(line + 2, nullptr, 0));
      ++answered;
      parsed = end + 1;
    }
    from_qtest_.erase(0, parsed);
    parsed = 0;
  }
  return answers;
}

}  // namespace differential
