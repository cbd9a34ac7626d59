// SPDX-License-Identifier: BSL-1.0
// Syndromes: what an encoder that is written here from the architecture's field tables makes, the library takes apart.
#include "catch.hpp"

#include <vgic/trap.hpp>

#include <random>

using namespace vgic;

namespace {

/// ESR_EL2 for EC 0x24, field by field (Arm ARM, ISS encoding of a data abort).
struct abort_fields {
  u32 isv = 1, sas = 2, sse = 0, srt = 0, sf = 0, ar = 0, ea = 0, cm = 0, s1ptw = 0, wnr = 0, dfsc = 0x07;
  u32 ec = 0x24;
  u32 iss2 = 0;

  u64 esr() const {
    u64 e = 0;
    e += u64{iss2} << 32;
    e += u64{ec} << 26;
    e += u64{1} << 25;
    e += u64{isv} << 24;
    e += u64{sas} << 22;
    e += u64{sse} << 21;
    e += u64{srt} << 16;
    e += u64{sf} << 15;
    e += u64{ar} << 14;
    e += u64{ea} << 9;
    e += u64{cm} << 8;
    e += u64{s1ptw} << 7;
    e += u64{wnr} << 6;
    e += dfsc;
    return e;
  }
};

/// What the CPU would put into the register: the C++ conversions are the reference.
u64 as_loaded(u32 sas, bool sse, bool sf, u64 memory) {
  u64 x = 0;
  switch (sas) {
    case 0:
      x = sse ? static_cast<u64>(std::int64_t{static_cast<std::int8_t>(memory)}) : u64{static_cast<u8>(memory)};
      break;
    case 1:
      x = sse ? static_cast<u64>(std::int64_t{static_cast<std::int16_t>(memory)}) : u64{static_cast<u16>(memory)};
      break;
    case 2:
      x = sse ? static_cast<u64>(std::int64_t{static_cast<std::int32_t>(memory)}) : u64{static_cast<u32>(memory)};
      break;
    default: x = memory;
  }
  return sf ? x : u64{static_cast<u32>(x)};
}

}  // namespace

TEST_CASE("every load and store that a syndrome can describe is decoded to what was encoded") {
  std::mt19937_64 random{tests::seed()};
  for (u32 sas = 0; sas < 4; ++sas)
    for (u32 sse = 0; sse < 2; ++sse)
      for (u32 srt = 0; srt < 32; ++srt)
        for (u32 sf = 0; sf < 2; ++sf)
          for (u32 wnr = 0; wnr < 2; ++wnr)
            for (u32 ar = 0; ar < 2; ++ar) {
              const u64 ipa = random() & 0x000f'ffff'ffff'ffff;
              abort_fields f{.sas = sas, .sse = sse, .srt = srt, .sf = sf, .ar = ar, .wnr = wnr};
              f.dfsc = static_cast<u32>(random() % 64);
              f.iss2 = static_cast<u32>(random() & 0xff'ffff);
              // HPFAR_EL2: [43:4] IPA[51:12], bit 63 NS; FAR_EL2: any virtual address with the same page offset.
              const u64 hpfar = ipa >> 12 << 4 | (random() & 1) << 63 | (random() & 0xf);
              const u64 far = (random() & ~u64{0xfff}) | (ipa & 0xfff);
              const abort_syndrome a{.esr = f.esr(), .hpfar = hpfar, .far = far};
              REQUIRE(syndrome::exception_class(a.esr) == syndrome::ec_data_abort_lower);
              REQUIRE(syndrome::describes_access(a.esr));
              const data_access d = syndrome::decode_access(a);
              REQUIRE(raw(d.address) == ipa);
              REQUIRE(raw(d.size) == 1u << sas);
              REQUIRE((d.dir == direction::write) == (wnr == 1));
              REQUIRE(d.reg == srt);
              for (int k = 0; k < 8; ++k) {
                const u64 item = random();
                CAPTURE(sas, sse, sf, item);
                REQUIRE(syndrome::loaded_value(d, item) == as_loaded(sas, sse != 0, sf != 0, item));
                REQUIRE(syndrome::stored_item(d, item) == as_loaded(sas, false, true, item));
              }
            }
}

TEST_CASE("sign extension at its edges") {
  const auto load = [](u32 sas, u32 sse, u32 sf, u64 item) {
    const abort_fields f{.sas = sas, .sse = sse, .sf = sf};
    return syndrome::loaded_value(syndrome::decode_access({f.esr(), 0, 0}), item);
  };
  CHECK(load(0, 1, 1, 0x80) == 0xffff'ffff'ffff'ff80);  // LDRSB Xt
  CHECK(load(0, 1, 0, 0x80) == 0xffff'ff80);            // LDRSB Wt
  CHECK(load(0, 1, 1, 0x7f) == 0x7f);
  CHECK(load(0, 0, 1, 0x80) == 0x80);                     // LDRB
  CHECK(load(1, 1, 1, 0x8000) == 0xffff'ffff'ffff'8000);  // LDRSH Xt
  CHECK(load(1, 1, 0, 0x8000) == 0xffff'8000);
  CHECK(load(2, 1, 1, 0x8000'0000) == 0xffff'ffff'8000'0000);  // LDRSW
  CHECK(load(2, 0, 1, 0x8000'0000) == 0x8000'0000);
  CHECK(load(3, 0, 1, 0x8000'0000'0000'0001) == 0x8000'0000'0000'0001);
}

TEST_CASE("a syndrome that describes no access is not taken for one") {
  const u64 good = abort_fields{}.esr();
  REQUIRE(syndrome::describes_access(good));
  CHECK_FALSE(syndrome::describes_access(abort_fields{.isv = 0}.esr()));
  CHECK_FALSE(syndrome::describes_access(abort_fields{.cm = 1}.esr()));
  CHECK_FALSE(syndrome::describes_access(abort_fields{.s1ptw = 1}.esr()));
  CHECK(syndrome::describes_access(abort_fields{.ar = 1}.esr()));  // LDAR, STLR
  for (u32 ec = 0; ec < 64; ++ec) {
    abort_fields f;
    f.ec = ec;
    CAPTURE(ec);
    CHECK(syndrome::exception_class(f.esr()) == ec);
    CHECK(syndrome::describes_access(f.esr()) == (ec == 0x24));
  }
}

TEST_CASE("HPFAR_EL2 and FAR_EL2 give the address: FIPA is [43:4], NS and RES0 bits do not count") {
  CHECK(raw(syndrome::fault_address({0, 0x0000'0000'0003'0010, 0xffff'8000'1234'5ffc})) == 0x0300'1ffc);
  CHECK(raw(syndrome::fault_address({0, 0x8000'0000'0003'0010, 0x004})) == 0x0300'1004);
  CHECK(raw(syndrome::fault_address({0, ~u64{0}, ~u64{0}})) == 0x000f'ffff'ffff'ffff);
}

namespace {

/// ISS of EC 0x18: Op0 [21:20], Op2 [19:17], Op1 [16:14], CRn [13:10], Rt [9:5], CRm [4:1], direction [0] (1 = read).
u64 sysreg_esr(u32 op0, u32 op1, u32 crn, u32 crm, u32 op2, u32 rt, u32 read) {
  return u64{0x18} * (u64{1} << 26) + (u64{1} << 25) + u64{op0} * (1u << 20) + u64{op2} * (1u << 17) +
         u64{op1} * (1u << 14) + u64{crn} * (1u << 10) + u64{rt} * 32 + u64{crm} * 2 + read;
}

}  // namespace

TEST_CASE("the syndrome of a system register gives its key, register and direction") {
  u32 matches = 0;
  for (u32 op1 = 0; op1 < 8; ++op1)
    for (u32 crn = 0; crn < 16; ++crn)
      for (u32 crm = 0; crm < 16; ++crm)
        for (u32 op2 = 0; op2 < 8; ++op2) {
          const u32 rt = (crn + crm + op2) % 32;
          const u32 read = crm % 2;
          const u64 esr = sysreg_esr(3, op1, crn, crm, op2, rt, read);
          const bool right = syndrome::exception_class(esr) == syndrome::ec_system_register &&
                             syndrome::system_register_rt(esr) == rt &&
                             (syndrome::system_register_direction(esr) == direction::read) == (read == 1);
          if (!right) FAIL("op1 " << op1 << " CRn " << crn << " CRm " << crm << " op2 " << op2);
          const u32 key = syndrome::system_register_key(esr);
          const bool sgi_or_dir = op1 == 0 && crn == 12 && crm == 11 && (op2 == 5 || op2 == 6 || op2 == 7 || op2 == 1);
          const bool known = key == syndrome::key_icc_sgi1r || key == syndrome::key_icc_asgi1r ||
                             key == syndrome::key_icc_sgi0r || key == syndrome::key_icc_dir;
          if (known != sgi_or_dir) FAIL("op1 " << op1 << " CRn " << crn << " CRm " << crm << " op2 " << op2);
          matches += known ? 1 : 0;
        }
  CHECK(matches == 4);
  // ICC_SGI1R_EL1 is S3_0_C12_C11_5, ICC_ASGI1R_EL1 _6, ICC_SGI0R_EL1 _7, ICC_DIR_EL1 _1, whatever Rt and direction.
  for (u32 rt = 0; rt < 32; ++rt)
    for (u32 read = 0; read < 2; ++read) {
      CHECK(syndrome::system_register_key(sysreg_esr(3, 0, 12, 11, 5, rt, read)) == syndrome::key_icc_sgi1r);
      CHECK(syndrome::system_register_key(sysreg_esr(3, 0, 12, 11, 6, rt, read)) == syndrome::key_icc_asgi1r);
      CHECK(syndrome::system_register_key(sysreg_esr(3, 0, 12, 11, 7, rt, read)) == syndrome::key_icc_sgi0r);
      CHECK(syndrome::system_register_key(sysreg_esr(3, 0, 12, 11, 1, rt, read)) == syndrome::key_icc_dir);
    }
  CHECK(syndrome::system_register_key(sysreg_esr(2, 0, 12, 11, 5, 0, 0)) != syndrome::key_icc_sgi1r);
}
