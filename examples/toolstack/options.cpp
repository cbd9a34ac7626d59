// SPDX-License-Identifier: BSL-1.0
/// \file
/// The command line of vgic-domain, checked word by word.
#include "options.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <map>
#include <string_view>
#include <system_error>

namespace toolstack {

const char* const usage =
    R"(usage: vgic-domain [--layout xen-4.5|xen-4.5-released|xen-4.17|qemu-virt] [--vcpus N]
                   [--gic default|v2|v3] [--hardware v2|v3|v3-with-v2] [--abi 4.5|4.17]
                   [--memory-mib MIB] [--bootargs TEXT] [--initrd-start ADDRESS --initrd-end ADDRESS]
                   [--devices LIST] [--dtb FILE] [--madt FILE]

Describes a domain as Xen's toolstack does: asks a hypervisor, which is part of this program, for the domain's GIC, and
writes the domain's device tree and, for a guest that boots with ACPI, its table of interrupt controllers.

  --layout NAME    where the domain finds its frames and its memory (default xen-4.5)
  --vcpus N        (default 1)
  --gic VERSION    the domain's GIC; default: as the hardware's (default default)
  --hardware GIC   what the hypervisor finds in its machine; v3-with-v2 is a GICv3 whose guests may have a GICv2
                   (default v3)
  --abi VERSION    the hypervisor's domctl: 4.5 tells the version and lets nobody choose it, 4.17 creates domains with
                   the version asked for (default 4.5 on Xen 4.5's layouts, else 4.17)
  --memory-mib MIB (default 512)
  --bootargs TEXT  the kernel's command line
  --initrd-start, --initrd-end
                   where the initrd lies; the end is the address behind its last byte
  --devices LIST   words with commas between: hypervisor (Xen's node), sbsa-uart (Xen's UART), virtio=N (N of Xen's
                   virtio-mmio transports), machine (all devices of QEMU's virt machine), none
                   (default hypervisor on Xen's layouts, else machine)
  --dtb FILE       where the device tree goes
  --madt FILE      where the table goes

Numbers are decimal, or hexadecimal behind 0x.
)";

namespace {

/// Options and their values, as they stand there.
class words {
 public:
  words(int argc, char** argv) {
    for (int i = 1; i < argc; i += 2) {
      const std::string name = argv[i];
      if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
        throw usage_error{"unknown option " + name + ": see --help"};
      }
      if (i + 1 == argc) throw usage_error{name + " needs a value behind it: see --help"};
      if (!values_.emplace(name, argv[i + 1]).second) throw usage_error{name + " is there twice: give it once"};
    }
  }

  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }

  [[nodiscard]] std::string text(const std::string& name, const std::string& absent) const {
    const auto found = values_.find(name);
    return found == values_.end() ? absent : found->second;
  }

  /// A number up to `most`.
  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t absent, std::uint64_t most) const {
    return has(name) ? number_of(name, text(name, ""), most) : absent;
  }

  [[nodiscard]] static std::uint64_t number_of(const std::string& name, std::string_view value, std::uint64_t most) {
    const bool hexadecimal = value.starts_with("0x");
    const char* const first = value.data() + (hexadecimal ? 2 : 0);
    const char* const last = value.data() + value.size();
    std::uint64_t result = 0;
    const auto [end, error] = std::from_chars(first, last, result, hexadecimal ? 16 : 10);
    const std::string given = name + " " + std::string{value};
    if (error == std::errc::result_out_of_range || (error == std::errc{} && end == last && result > most)) {
      throw usage_error{given + " is too large: give " + std::to_string(most) + " or less"};
    }
    if (error != std::errc{} || end != last) {
      throw usage_error{given + " is not a number: give decimal digits, or hexadecimal ones behind 0x"};
    }
    return result;
  }

 private:
  static constexpr std::string_view known[] = {"--layout",     "--vcpus",      "--gic",      "--hardware",
                                               "--abi",        "--memory-mib", "--bootargs", "--initrd-start",
                                               "--initrd-end", "--devices",    "--dtb",      "--madt"};

  std::map<std::string, std::string> values_;
};

template <class Value>
struct choice {
  std::string_view name;
  Value value;
};

/// The value of `choices` that the option names.
template <class Value, std::size_t N>
Value choose(const std::string& option, std::string_view given, const choice<Value> (&choices)[N]) {
  std::string all;
  for (std::size_t i = 0; i < N; ++i) {
    if (choices[i].name == given) return choices[i].value;
    all += (i == 0 ? "" : i + 1 == N ? " or " : ", ") + std::string{choices[i].name};
  }
  throw usage_error{option + " " + std::string{given} + " is unknown: choose " + all};
}

enum class device_word { hypervisor, sbsa_uart, machine, none };

device_list devices_of(std::string_view list) {
  device_list devices;
  while (true) {
    const std::string_view word = list.substr(0, list.find(','));
    if (word.starts_with("virtio=")) {
      constexpr std::uint32_t most = 11;  // GUEST_VIRTIO_MMIO_SPI_FIRST to _LAST
      devices.virtio = static_cast<std::uint32_t>(words::number_of("--devices virtio=N with N", word.substr(7), most));
    } else {
      switch (choose<device_word>("--devices", word,
                                  {{"hypervisor", device_word::hypervisor},
                                   {"sbsa-uart", device_word::sbsa_uart},
                                   {"virtio=N", device_word::none},
                                   {"machine", device_word::machine},
                                   {"none", device_word::none}})) {
        case device_word::hypervisor: devices.hypervisor = true; break;
        case device_word::sbsa_uart: devices.sbsa_uart = true; break;
        case device_word::machine: devices.machine = true; break;
        case device_word::none: break;
      }
    }
    if (word.size() == list.size()) break;
    list.remove_prefix(word.size() + 1);
  }
  if (devices.machine && (devices.hypervisor || devices.sbsa_uart || devices.virtio != 0)) {
    throw usage_error{"--devices machine cannot be joined with Xen's own devices: give one or the other"};
  }
  return devices;
}

layout::range initrd_of(const words& given) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  if (given.has("--initrd-start") != given.has("--initrd-end")) {
    throw usage_error{"--initrd-start and --initrd-end belong together: give both"};
  }
  const std::uint64_t start = given.number("--initrd-start", 0, most);
  const std::uint64_t end = given.number("--initrd-end", 0, most);
  if (given.has("--initrd-start") && end <= start) {
    throw usage_error{"--initrd-end is not behind --initrd-start: it is the address behind the initrd's last byte"};
  }
  return {start, end - start};
}

}  // namespace

options parse(int argc, char** argv) {
  const words given{argc, argv};
  const std::string name = given.text("--layout", "xen-4.5");
  const bool is_xen = name.starts_with("xen-");
  const std::uint64_t mebibytes = given.number("--memory-mib", 512, std::numeric_limits<std::uint64_t>::max() >> 20);
  return {
      .layout = name,
      .abi = choose<abi>("--abi", given.text("--abi", name.starts_with("xen-4.5") ? "4.5" : "4.17"),
                         {{"4.5", abi::xen_4_5}, {"4.17", abi::xen_4_17}}),
      .gic = choose<domctl::config_gic>("--gic", given.text("--gic", "default"),
                                        {{"default", domctl::config_gic::default_version},
                                         {"v2", domctl::config_gic::v2},
                                         {"v3", domctl::config_gic::v3}}),
      .hardware = choose<domctl::hardware_gic>("--hardware", given.text("--hardware", "v3"),
                                               {{"v2", domctl::hardware_gic::v2},
                                                {"v3", domctl::hardware_gic::v3},
                                                {"v3-with-v2", domctl::hardware_gic::v3_with_v2}}),
      .vcpus = static_cast<std::uint32_t>(given.number("--vcpus", 1, std::numeric_limits<std::uint32_t>::max())),
      .memory = mebibytes << 20,
      .bootargs = given.text("--bootargs", ""),
      .initrd = initrd_of(given),
      .devices = devices_of(given.text("--devices", is_xen ? "hypervisor" : "machine")),
      .dtb = given.text("--dtb", ""),
      .madt = given.text("--madt", ""),
  };
}

}  // namespace toolstack
