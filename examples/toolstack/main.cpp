// SPDX-License-Identifier: BSL-1.0
/// \file
/// vgic-domain: describes a domain as Xen's toolstack does, and writes its device tree and its MADT.

#include <domctl/describe.hpp>
#include <domctl/madt.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "devices.hpp"
#include "hypervisor.hpp"
#include "options.hpp"

namespace {

using domctl::config_gic;
using domctl::description;
using domctl::description_status;
using toolstack::options;
using toolstack::usage_error;

constexpr int exit_usage = 2;

/// What went wrong has been logged; this says what to do.
class failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void write_file(const std::string& option, const std::string& path, const std::vector<std::byte>& content) {
  errno = 0;
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    throw failed{"cannot write " + path + " (" + std::strerror(errno) + "): give " + option +
                 " a file that can be written"};
  }
  std::cout << path << ": " << content.size() << " bytes\n";
}

template <class Layout>
std::uint64_t most_vcpus(config_gic version) {
  if (version == config_gic::v2) return 8;
  return Layout::v3.capacity() < 512 ? Layout::v3.capacity() : 512;
}

/// What the user can do about a description that failed.
template <class Layout>
std::string advice(const options& asked, const description& d) {
  switch (d.status) {
    case description_status::rule_broken:
      return "give --vcpus a number from 1 to " + std::to_string(most_vcpus<Layout>(d.gic_version)) +
             ", or choose another --layout";
    case description_status::memory_too_large:
      return "give --memory-mib a number from 1 to " + std::to_string(domctl::most_memory<Layout>() >> 20);
    case description_status::initrd_outside: return "put --initrd-start and --initrd-end into the memory, or give more";
    case description_status::configure_failed:
      return asked.gic == config_gic::default_version ? "" : "leave --gic at default, or give --abi 4.17";
    default: return "no domain was described";
  }
}

/// Xen 4.5: the domain is there already; the toolstack asks which GIC it has.
template <class Layout, class Devices>
description describe_4_5(const options& asked, const domctl::domain& d, std::vector<std::byte>& tree,
                         const Devices& devices) {
  constexpr domctl::domid id{1};
  toolstack::stderr_log log;
  toolstack::host hypervisor{asked.hardware};
  if (hypervisor.add_domain(id) == nullptr) throw failed{"the model hypervisor has no place for a domain"};
  toolstack::traced xch{hypervisor};
  if (asked.gic == config_gic::default_version) {
    return domctl::describe_domain<Layout>(xch, id, d, log, tree, devices);
  }

  // What a caller gets that would choose.
  log.debug("configure the domain");
  domctl::xen_4_5::xen_domctl_arm_configuredomain config{.gic_version = asked.gic};
  const domctl::outcome answer = domctl::xc_domain_configure(xch, id, config);
  if (answer.ok()) return domctl::describe_hardware<Layout>(config.gic_version, d, log, tree, devices);
  log.error(domctl::log_line{"couldn't configure the domain: "}.add(answer.sentence()).c_str());
  return {.status = description_status::configure_failed};
}

/// Since Xen 4.6: the domain is created with its GIC.
template <class Layout, class Devices>
description describe_4_17(const options& asked, const domctl::domain& d, std::vector<std::byte>& tree,
                          const Devices& devices) {
  toolstack::stderr_log log;
  toolstack::host hypervisor{asked.hardware};
  toolstack::traced xch{hypervisor};

  log.debug("create the domain");
  domctl::domid id{0};
  domctl::xen_4_17::xen_domctl_createdomain config;
  config.max_vcpus = d.vcpus;
  config.arch.gic_version = asked.gic;
  config.arch.nr_spis = devices.spis();
  const domctl::outcome made = domctl::xc_domain_create(xch, id, config);
  if (made.ok()) return domctl::describe_hardware<Layout>(config.arch.gic_version, d, log, tree, devices);

  log.error(domctl::log_line{"couldn't create the domain: "}.add(made.sentence()).c_str());
  // One number of the many that the hypervisor may have meant can be told.
  const config_gic version = asked.gic == config_gic::native ? domctl::native_gic(asked.hardware) : asked.gic;
  const layout::verdict v = version == config_gic::v2 ? layout::examine<Layout, layout::gic_version::v2>(d.vcpus)
                                                      : layout::examine<Layout, layout::gic_version::v3>(d.vcpus);
  if (made.code == domctl::error::einval && !v.kept()) {
    log.error(domctl::sentence(Layout::name, v).c_str());
    return {.status = description_status::rule_broken, .gic_version = version, .rule = v};
  }
  if (made.code == domctl::error::einval) throw failed{"give --vcpus a number from 1 to 128"};
  throw failed{"give --gic default, or the --hardware that has this GIC"};
}

template <class Layout>
std::vector<std::byte> madt_of(config_gic version, std::uint32_t vcpus) {
  std::vector<std::byte> table;
  const auto write = [&] {
    return version == config_gic::v2 ? domctl::write_madt(table.data(), table.size(), Layout::v2, vcpus)
                                     : domctl::write_madt(table.data(), table.size(), Layout::v3, vcpus);
  };
  domctl::madt_result result = write();
  if (result.status == domctl::madt_status::buffer_too_small) {
    table.resize(result.size);
    result = write();
  }
  if (result.status != domctl::madt_status::written) throw failed{"this domain has no MADT: leave --madt out"};
  return table;
}

template <class Layout>
void run(const options& asked) {
  const bool is_4_5 = asked.abi == toolstack::abi::xen_4_5;
  const toolstack::device_writer<Layout> devices{asked.devices, is_4_5 ? "xen,xen-4.5" : "xen,xen-4.17"};
  if (asked.devices.hypervisor && !devices.has_grant_table) {
    throw usage_error{std::string{"layout "} + Layout::name + " has no grant table: leave hypervisor out of --devices"};
  }
  const domctl::text<48> console = devices.console();
  const domctl::machine_name as_xen{is_4_5 ? "XENVM-4.5" : "XENVM-4.17",
                                    {is_4_5 ? "xen,xenvm-4.5" : "xen,xenvm-4.17", "xen,xenvm"}};
  const domctl::machine_name as_machine{"Guest of a virtual GIC", {"linux,dummy-virt", nullptr}};
  const domctl::domain d{
      .vcpus = asked.vcpus,
      .memory = asked.memory,
      .machine = asked.devices.hypervisor ? as_xen : as_machine,
      .start = {asked.bootargs.c_str(), asked.initrd, console.size() == 0 ? nullptr : console.c_str()}};

  std::vector<std::byte> tree;
  const description made =
      is_4_5 ? describe_4_5<Layout>(asked, d, tree, devices) : describe_4_17<Layout>(asked, d, tree, devices);
  if (!made.ok()) throw failed{advice<Layout>(asked, made)};
  tree.resize(made.size);
  if (!asked.dtb.empty()) write_file("--dtb", asked.dtb, tree);
  if (!asked.madt.empty()) write_file("--madt", asked.madt, madt_of<Layout>(made.gic_version, asked.vcpus));
}

/// The layout of that name.
template <class... Layouts>
void run_named(const options& asked) {
  const bool found = ((asked.layout == Layouts::name ? (run<Layouts>(asked), true) : false) || ...);
  if (!found) {
    std::string all;
    std::size_t left = sizeof...(Layouts);
    ((all += std::string{all.empty() ? "" : left == 1 ? " or " : ", "} + Layouts::name, --left), ...);
    throw usage_error{"--layout " + asked.layout + " is unknown: choose " + all};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == "--help") {
    std::cout << toolstack::usage;
    return EXIT_SUCCESS;
  }
  try {
    run_named<layout::xen_4_5, layout::xen_4_5_released, layout::xen_4_17, layout::qemu_virt>(
        toolstack::parse(argc, argv));
    return EXIT_SUCCESS;
  } catch (const usage_error& error) {
    std::cerr << "vgic-domain: " << error.what() << '\n';
    return exit_usage;
  } catch (const std::exception& error) {
    std::cerr << "vgic-domain: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
