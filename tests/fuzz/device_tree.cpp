// SPDX-License-Identifier: BSL-1.0
/// \file
/// The target `device_tree`: descriptions of domains, and GIC nodes of frames that are read from a machine, written
/// into buffers of any size, content and manner of growing. What is finished libfdt takes for a tree and reads back;
/// what is not is an error that says where; nothing is written beside the buffer.
#include "fuzz/input.hpp"

#include <domctl/describe.hpp>
#include <domctl/device_tree/devices.hpp>
#include <domctl/madt.hpp>
#include <layout/qemu_virt.hpp>
#include <layout/xen.hpp>
#include <layout/xen_4_17.hpp>

#include <vector>

namespace tests::fuzz {

const char* const target_name = "device_tree";

namespace {

/// Takes an input apart, from its begin; zeros behind its end.
class reader {
 public:
  reader(const u8* bytes, std::size_t size) : at_(bytes), left_(size) {}

  template <class T>
  T number() {
    T value{};
    const std::size_t n = left_ < sizeof value ? left_ : sizeof value;
    if (n != 0) std::memcpy(&value, at_, n);
    at_ += n;
    left_ -= n;
    return value;
  }
  /// Characters other than zero, 63 at most.
  std::string text() {
    std::string s;
    for (u32 n = number<u8>() & 63; n != 0; --n)
      if (const char c = static_cast<char>(number<u8>()); c != '\0') s += c;
    return s;
  }
  layout::range range() {
    const u64 base = number<u64>();
    return {base, number<u64>()};
  }

 private:
  const u8* at_;
  std::size_t left_;
};

/// Memory that begins as `first` bytes of any content, and grows by what is asked for or by less, up to `most`.
struct buffer {
  buffer(std::size_t first, std::size_t most_bytes, std::size_t step_bytes, u8 pattern)
      : content(first), most(most_bytes), step(step_bytes) {
    for (std::size_t k = 0; k < first; ++k) content[k] = static_cast<std::byte>(pattern * (k + 1));
  }
  std::byte* data() { return content.data(); }
  [[nodiscard]] std::size_t size() const { return content.size(); }
  void resize(std::size_t n) {
    if (step != 0 && n > content.size() + step) n = content.size() + step;
    content.resize(n < most ? n : most, std::byte{0xa5});
  }

  std::vector<std::byte> content;
  std::size_t most;
  std::size_t step;
};

struct silent {
  void debug(const char*) {}
  void error(const char* line) {
    if (*line == '\0') fail("an error without a word");
    ++errors;
  }
  u32 errors = 0;
};

struct machine_frames {
  layout::range distributor{};
  u64 stride = 0;
  std::size_t regions = 0;
  layout::range redistributors[32]{};
  [[nodiscard]] u64 capacity() const {
    u64 sum = 0;
    for (std::size_t r = 0; r < regions && stride != 0; ++r) sum += redistributors[r].size / stride;
    return sum;
  }
};

/// The nodes of devices that an input asks for.
struct some_devices {
  u32 which;
  domctl::device at;
  layout::range grant_table;
  u32 hertz;

  template <class Buffer>
  void operator()(domctl::tree_writer<Buffer>& tree, domctl::ppi_cpus cpus) const {
    if ((which & 1) != 0) domctl::make_hypervisor_node(tree, cpus, "xen,xen-4.5", grant_table);
    if ((which & 2) != 0) domctl::make_clock_node(tree, hertz);
    if ((which & 4) != 0) domctl::make_pl011_node(tree, at);
    if ((which & 8) != 0) domctl::make_pl031_node(tree, at);
    if ((which & 16) != 0) domctl::make_sbsa_uart_node(tree, at);
    for (u32 k = 0; k < (which >> 5 & 7); ++k) domctl::make_virtio_mmio_node(tree, at);
  }
};

class tree_of {
 public:
  tree_of(const void* tree, std::size_t size) : tree_(tree) {
    if (fdt_check_full(tree, size) != 0) fail("libfdt says of the tree: %s", fdt_strerror(fdt_check_full(tree, size)));
    if (fdt_totalsize(tree) != size) fail("the tree has %u bytes, and %zu were told", fdt_totalsize(tree), size);
  }

  /// The numbers of two cells of a property are these.
  void has_pairs(int node, const char* name, const std::vector<u64>& wanted) const {
    int length = 0;
    const auto* cells = static_cast<const u8*>(fdt_getprop(tree_, node, name, &length));
    if (cells == nullptr || static_cast<std::size_t>(length) != 8 * wanted.size())
      fail("%s has %d bytes", name, length);
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      u64 value = 0;
      for (std::size_t b = 0; b < 8; ++b) value = value << 8 | cells[8 * k + b];
      if (value != wanted[k]) fail("number %zu of %s is wrong", k, name);
    }
  }
  void has_cell(int node, const char* name, u32 wanted) const {
    int length = 0;
    const auto* cells = static_cast<const u8*>(fdt_getprop(tree_, node, name, &length));
    if (cells == nullptr || length != 4 ||
        (u32{cells[0]} << 24 | u32{cells[1]} << 16 | u32{cells[2]} << 8 | cells[3]) != wanted)
      fail("%s is not 0x%x", name, wanted);
  }
  void has_text(int node, const char* name, const std::string& wanted) const {
    int length = 0;
    const auto* is = static_cast<const char*>(fdt_getprop(tree_, node, name, &length));
    if (is == nullptr || std::string(is, static_cast<std::size_t>(length)) != wanted + '\0') fail("%s is wrong", name);
  }
  [[nodiscard]] int child_with_prefix(int parent, const char* prefix, u32& count) const {
    int found = -1;
    count = 0;
    int node = 0;
    fdt_for_each_subnode(node, tree_, parent) {
      const char* name = fdt_get_name(tree_, node, nullptr);
      if (name == nullptr || std::strncmp(name, prefix, std::strlen(prefix)) != 0) continue;
      if (count++ == 0) found = node;
    }
    return found;
  }
  [[nodiscard]] int path(const char* p) const { return fdt_path_offset(tree_, p); }

 private:
  const void* tree_;
};

template <class Frames>
void has_gic(const tree_of& tree, int root, const Frames& frames) {
  u32 count = 0;
  const int gic = tree.child_with_prefix(root, "interrupt-controller", count);
  if (count != 1) fail("there are %u interrupt controllers", count);
  std::vector<u64> reg{frames.distributor.base, frames.distributor.size};
  if constexpr (requires { frames.cpu_interface; }) {
    reg.insert(reg.end(), {frames.cpu_interface.base, frames.cpu_interface.size});
  } else {
    for (std::size_t r = 0; r < frames.regions; ++r)
      reg.insert(reg.end(), {frames.redistributors[r].base, frames.redistributors[r].size});
    tree.has_cell(gic, "#redistributor-regions", static_cast<u32>(frames.regions));
    tree.has_pairs(gic, "redistributor-stride", {frames.stride});
  }
  tree.has_pairs(gic, "reg", reg);
  tree.has_cell(gic, "phandle", domctl::phandle_gic);
}

/// An error needs a buffer that did not follow.
void unfinished(const domctl::tree_status& status, const buffer& b) {
  if (status.where.size() == 0) fail("an error of libfdt without a place");
  if (status.code != -FDT_ERR_NOSPACE) fail("libfdt says: %s at %s", status.what(), status.where.c_str());
  if (b.content.size() < b.most && b.content.size() > 4096) fail("the tree did not grow, and could");
}

template <class Layout>
void describe(reader& in, buffer& b, domctl::config_gic version) {
  const std::string model = in.text();
  const std::string compatible = in.text();
  const std::string bootargs = in.text();
  const std::string stdout_path = in.text();
  const u8 shape = in.number<u8>();
  const u32 vcpus = (shape & 1) != 0 ? in.number<u32>() : in.number<u8>() % 20;
  const u64 memory = (shape & 2) != 0 ? in.number<u64>() : u64{in.number<u16>()} << 20;
  layout::range initrd = (shape & 4) != 0 ? in.range() : layout::range{0, 0};
  if ((shape & 8) != 0) initrd = {Layout::ram.base + in.number<u16>(), in.number<u16>()};
  const some_devices devices{
      in.number<u8>(), {in.range(), domctl::intid{32 + in.number<u16>() % 988u}}, in.range(), in.number<u32>()};
  const domctl::domain d{.vcpus = vcpus,
                         .memory = memory,
                         .machine = {model.c_str(), {compatible.c_str(), (shape & 16) != 0 ? "x,y" : nullptr}},
                         .start = {.bootargs = bootargs.c_str(),
                                   .initrd = initrd,
                                   .stdout_path = (shape & 32) != 0 ? stdout_path.c_str() : nullptr}};
  story::say("// %s, gic %u, %u vCPUs, 0x%llx bytes, devices 0x%x, buffer %zu of at most %zu, step %zu", Layout::name,
             raw(version), vcpus, static_cast<unsigned long long>(memory), devices.which, b.content.size(), b.most,
             b.step);
  silent log;
  const domctl::description made = domctl::describe_hardware<Layout>(version, d, log, b, devices);
  if (made.ok() != (log.errors == 0)) fail("%u errors were logged, and the outcome is another", log.errors);
  if (made.status == domctl::description_status::tree_failed) return unfinished(made.tree, b);
  const bool known = version == domctl::config_gic::v2 || version == domctl::config_gic::v3;
  if (known != (made.status != domctl::description_status::unknown_gic_version)) fail("GIC version %u", raw(version));
  const bool memory_fits = memory != 0 && memory <= domctl::most_memory<Layout>();
  if (made.ok() && (!known || vcpus == 0 || !memory_fits)) fail("what cannot be is described");
  if (!made.ok()) return;

  const tree_of tree(b.content.data(), made.size);
  if constexpr (layout::has_gicv2<Layout>)
    if (version == domctl::config_gic::v2) has_gic(tree, 0, Layout::v2);
  if constexpr (layout::has_gicv3<Layout>)
    if (version == domctl::config_gic::v3) has_gic(tree, 0, Layout::v3);
  u32 count = 0;
  (void)tree.child_with_prefix(tree.path("/cpus"), "cpu@", count);
  if (count != vcpus) fail("the tree has %u CPUs, and the domain %u", count, vcpus);
  const int chosen = tree.path("/chosen");
  if (!bootargs.empty()) tree.has_text(chosen, "bootargs", bootargs);
  if (initrd.size != 0) tree.has_pairs(chosen, "linux,initrd-end", {initrd.end()});
  tree.has_text(0, "model", model);
  const int bank = tree.child_with_prefix(0, "memory@", count);
  tree.has_pairs(bank, "reg", {Layout::ram.base, memory < Layout::ram.size ? memory : Layout::ram.size});
  if (count != (memory > Layout::ram.size ? 2u : 1u)) fail("the tree has %u banks of memory", count);
}

void frames_of_a_machine(reader& in, buffer& b) {
  machine_frames frames;
  frames.distributor = in.range();
  frames.stride = u64{1} << (in.number<u8>() & 31);
  frames.regions = in.number<u8>() % 33;
  for (std::size_t r = 0; r < frames.regions; ++r) frames.redistributors[r] = in.range();
  domctl::tree_writer tree{b};
  tree.root([&] {
    tree.cell("#address-cells", 2);
    tree.cell("#size-cells", 2);
    domctl::make_gicv3_node(tree, frames);
  });
  const domctl::tree_status status = tree.finish();
  if (!status.ok())
    unfinished(status, b);
  else
    has_gic(tree_of(b.content.data(), status.size), 0, frames);

  // The same for ACPI.
  const u32 vcpus = in.number<u8>();
  const std::size_t room = in.number<u16>() % 4096;
  std::vector<std::byte> table(room);
  const domctl::madt_result made = domctl::write_madt(table.data(), room, frames, vcpus);
  if (made.status != domctl::madt_status::written) return;
  u32 sum = 0;
  for (std::size_t k = 0; k < made.size; ++k) sum += static_cast<u32>(table[k]);
  if ((sum & 0xff) != 0) fail("the sum of the MADT's bytes is %u", sum & 0xff);
}

}  // namespace

void play(const u8* bytes, std::size_t size) {
  reader in(bytes, size);
  const u8 what = in.number<u8>();
  const std::size_t first = in.number<u16>() % 8192;
  const std::size_t limit = in.number<u16>();
  buffer b(first, (what & 0x80) != 0 ? (limit > first ? limit : first) : 1u << 20,
           (what & 0x40) != 0 ? 1 + limit % 512 : 0, in.number<u8>());
  const domctl::config_gic version{static_cast<u8>((what & 0x20) != 0 ? in.number<u8>() : 1 + (what >> 4 & 1))};
  switch (what & 7) {
    case 0:
    case 1: return describe<layout::xen_4_5>(in, b, version);
    case 2: return describe<layout::xen_4_5_released>(in, b, version);
    case 3: return describe<layout::xen_4_17>(in, b, version);
    case 4:
    case 5: return describe<layout::qemu_virt>(in, b, version);
    default: return frames_of_a_machine(in, b);
  }
}

}  // namespace tests::fuzz
