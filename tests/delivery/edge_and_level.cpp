// SPDX-License-Identifier: BSL-1.0
#include "catch.hpp"
#include "support/vm.hpp"

using namespace tests;

TEMPLATE_TEST_CASE("an edge SPI is taken once for each edge", "", config<gicv2>, config<gicv3>) {
  machine_under_test<TestType> m;
  m.boot();
  m.edge(40);
  m.enable(40);
  m.route(40, 1);
  m.settle();
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  CHECK(m.bit(m.ispendr, 40));
  m.settle();
  CHECK(m.ack(vcpu(1)) == 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.ispendr, 40));
  CHECK(m.bit(m.isactiver, 40));
  m.eoi(vcpu(1), 40);
  m.pass(vcpu(1));
  CHECK_FALSE(m.bit(m.isactiver, 40));
  CHECK(m.take(vcpu(1)) == 1023);
  REQUIRE(m.g.lower(intid{40}) == result::ok);
  REQUIRE(m.g.raise(intid{40}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(1)) == 40);
}

TEMPLATE_TEST_CASE("a level SPI comes again until its line falls", "", config<gicv2>, config<gicv3>) {
  machine_under_test<TestType> m;
  m.boot();
  m.enable(41);
  REQUIRE(m.g.raise(intid{41}) == result::ok);
  m.settle();
  CHECK(m.take(vcpu(0)) == 41);
  CHECK(m.take(vcpu(0)) == 41);
  const u32 id = m.ack(vcpu(0));
  CHECK(id == 41);
  REQUIRE(m.g.lower(intid{41}) == result::ok);
  m.settle();
  m.eoi(vcpu(0), id);
  CHECK(m.take(vcpu(0)) == 1023);
}

TEMPLATE_TEST_CASE("an SGI reaches the vCPU it is sent to", "", config<gicv2>, config<gicv3>) {
  machine_under_test<TestType> m;
  m.boot();
  m.sgi(0, 3, 5);
  m.settle();
  CHECK((m.take(vcpu(3)) & 0x3ff) == 5);
  CHECK(m.take(vcpu(3)) == 1023);
  CHECK(m.take(vcpu(0)) == 1023);
}
