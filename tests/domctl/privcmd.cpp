// SPDX-License-Identifier: BSL-1.0
/// \file
/// The privcmd transport as far as it goes without a Xen below: its ABI, and what it says where there is none.
#include <domctl/privcmd.hpp>
#include <utility>

#include "machine.hpp"

namespace {

using namespace domctl_tests;

TEST_CASE("privcmd: ioctl number, structure and hypercall are those of Linux' xen/privcmd.h and Xen's public/xen.h") {
  STATIC_REQUIRE(ioctl_privcmd_hypercall == 0x00305000);
  STATIC_REQUIRE(sizeof(privcmd_hypercall) == 48);
  STATIC_REQUIRE(offsetof(privcmd_hypercall, arg[4]) == 40);
  STATIC_REQUIRE(hypercall_domctl == 36);
  STATIC_REQUIRE(transport<privcmd, xen_4_5::xen_domctl>);
  STATIC_REQUIRE(transport<privcmd, xen_4_17::xen_domctl>);
}

TEST_CASE("privcmd: a device that is not there is an error with a sentence, and a transport that says so") {
  privcmd::opened link = privcmd::open("/nowhere/xen/privcmd");
  CHECK(link.result.code == error::enoent);
  CHECK_FALSE(link.result.ok());
  CHECK(std::strstr(link.result.sentence(), "ENOENT, 2") != nullptr);

  domid id{0};
  xen_4_17::xen_domctl_createdomain config;
  const xen_4_17::xen_domctl_createdomain before = config;
  CHECK(xc_domain_create(link.transport, id, config).code == error::ebadf);
  CHECK((config == before));
}

TEST_CASE("privcmd: a file that is not privcmd refuses the call, and the argument is untouched") {
  privcmd::opened link = privcmd::open("/dev/null");
  REQUIRE(link.result.ok());
  xen_4_17::xen_domctl op;
  op.cmd = command::getdomaininfo;
  const xen_4_17::xen_domctl before = op;
  CHECK(link.transport.domctl(op) == error::enotty);
  CHECK(std::memcmp(&op, &before, sizeof op) == 0);

  // What was moved from has nothing left; what was moved to works as before.
  privcmd moved = std::move(link.transport);
  CHECK(link.transport.domctl(op) == error::ebadf);
  CHECK(moved.domctl(op) == error::enotty);
  link.transport = std::move(moved);
  CHECK(link.transport.domctl(op) == error::enotty);
  CHECK(moved.domctl(op) == error::ebadf);
}

TEST_CASE("privcmd: the handle closes its file and gives its page back") {
  int first = -1;
  for (int i = 0; i < 3; ++i) {
    privcmd::opened link = privcmd::open("/dev/null");
    REQUIRE(link.result.ok());
    const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);  // the lowest free number: one above the handle's
    REQUIRE(next >= 0);
    ::close(next);
    if (first < 0) first = next;
    CHECK(next == first);
  }
}

}  // namespace
