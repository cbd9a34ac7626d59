// SPDX-License-Identifier: BSL-1.0
// The model's words, sites and mutations (model.hpp) on relacy's atomics.
#include "model.hpp"

#include <relacy/relacy.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace model {

bool running = false;

namespace {

using modelled = rl::atomic<u64>;

struct word {
  void* where;
  u32 size;
  std::string name;
  alignas(modelled) unsigned char storage[sizeof(modelled)];

  [[nodiscard]] modelled& object() { return *std::launder(reinterpret_cast<modelled*>(storage)); }
};

/// What is known of a word, found by its offset in the memory.
struct notes {
  u8 size = 0;
  u8 accessed_by = 0;  ///< bit t: simulated thread t did
  u8 written_by = 0;
  u8 slot = 0;  ///< of `words`, from 1
};

struct place {
  site where;
  operation what;
  rl::memory_order order;
  bool left_out;
  u64 times;
};

unsigned char* memory = nullptr;
std::vector<notes> known;
std::vector<std::unique_ptr<word>> words;
std::string (*names)(const void*) = nullptr;
bool growing = false;
alignas(rl::var<int>) unsigned char data_storage[sizeof(rl::var<int>)];
rl::var<int>& data() { return *std::launder(reinterpret_cast<rl::var<int>*>(data_storage)); }

constexpr u32 most_places = 1024;
place places[most_places];  ///< open addressing, by file and line
mutation changed;
bool reached = false;

const char* basename_of(const char* path) {
  const char* slash = std::strrchr(path, '/');
  return slash != nullptr ? slash + 1 : path;
}

rl::memory_order order_of(strength s) {
  switch (s) {
    case strength::relaxed: return rl::mo_relaxed;
    case strength::acquire: return rl::mo_acquire;
    case strength::release: return rl::mo_release;
    case strength::acquire_release: return rl::mo_acq_rel;
    case strength::sequential: break;
  }
  return rl::mo_seq_cst;
}

bool is_changed(const place& p) {
  return p.where.line == changed.line && p.what == changed.what && changed.file == basename_of(p.where.file);
}

void settle(place& p) {
  const bool plain = p.what == operation::load || p.what == operation::store;
  p.order = plain ? rl::mo_relaxed : rl::mo_acq_rel;
  p.left_out = false;
  if (!is_changed(p)) return;
  if (p.what == operation::fence)
    p.left_out = true;
  else
    p.order = order_of(changed.weaker);
}

place& find(site at, operation what) {
  const auto key = reinterpret_cast<std::uintptr_t>(at.file) / 8 * 31 + at.line * 8 + static_cast<u32>(what);
  for (u32 k = static_cast<u32>(key * 2654435761u) % most_places;; k = (k + 1) % most_places) {
    place& p = places[k];
    if (p.where.file == nullptr) {
      p.where = at;
      p.what = what;
      settle(p);
    }
    if (p.where.file == at.file && p.where.line == at.line && p.what == what) return p;
  }
}

bool writes(operation what, u64 was, u64 expected) {
  return what != operation::load && (what != operation::compare_exchange || was == expected);
}

/// An access to a word that is not modelled.
u64 plainly(void* where, u32 size, operation what, u64 a, u64 b) {
  u64 was = 0;
  std::memcpy(&was, where, size);
  u64 now = was;
  switch (what) {
    case operation::store:
    case operation::exchange: now = a; break;
    case operation::fetch_or: now |= a; break;
    case operation::fetch_and: now &= a; break;
    case operation::fetch_xor: now ^= a; break;
    case operation::compare_exchange: now = was == a ? b : was; break;
    default: return was;
  }
  std::memcpy(where, &now, size);
  return was;
}

u64 on_object(word& w, const place& p, u64 a, u64 b) {
  modelled& m = w.object();
  const rl::debug_info here(w.name.c_str(), p.where.file, p.where.line);
  switch (p.what) {
    case operation::load: return m.load(p.order, here);
    case operation::store: m.store(a, p.order, here); return 0;
    case operation::fetch_or: return m.fetch_or(a, p.order, here);
    case operation::fetch_and: return m.fetch_and(a, p.order, here);
    case operation::fetch_xor: return m.fetch_xor(a, p.order, here);
    case operation::exchange: return m.exchange(a, p.order, here);
    default: break;
  }
  u64 expected = a;
  m.compare_exchange(rl::bool_t<false>(), expected, b, p.order, rl::mo_relaxed, here);
  return expected;
}

}  // namespace

u32 thread() { return running ? rl::thread_index() : 0; }

u64 access(void* where, u32 size, operation what, u64 a, u64 b, site at) {
  const auto offset = static_cast<std::size_t>(static_cast<unsigned char*>(where) - memory);
  if (offset >= known.size())
    rl::ctx().fail_test("a word outside of the memory", rl::test_result_user_assert_failed, $);
  notes& n = known[offset];
  if (n.slot != 0) {
    place& p = find(at, what);
    ++p.times;
    if (is_changed(p)) reached = true;
    return on_object(*words[n.slot - 1u], p, a, b);
  }
  const u64 was = plainly(where, size, what, a, b);
  n.size = static_cast<u8>(size);
  n.accessed_by = static_cast<u8>(n.accessed_by | 1u << thread());
  if (writes(what, was, a)) n.written_by = static_cast<u8>(n.written_by | 1u << thread());
  if (n.written_by != 0 && (n.accessed_by & (n.accessed_by - 1)) != 0) growing = true;
  return was;
}

void fence(site at) {
  place& p = find(at, operation::fence);
  ++p.times;
  if (p.left_out)
    reached = true;
  else
    rl::atomic_thread_fence(rl::mo_seq_cst, rl::debug_info("order()", at.file, at.line));
}

void begin(void* at, std::size_t bytes, std::string (*name_of)(const void*)) {
  memory = static_cast<unsigned char*>(at);
  known.assign(bytes, notes{});
  words.clear();
  names = name_of;
  growing = false;
}

void enter() {
  for (auto& w : words) {
    u64 value = 0;
    std::memcpy(&value, w->where, w->size);
    ::new (static_cast<void*>(w->storage)) modelled(value);
  }
  ::new (static_cast<void*>(data_storage)) rl::var<int>(0);
  running = true;
}

void leave() {
  running = false;
  for (auto& w : words) {
    const u64 value = w->object().debug_value();
    std::memcpy(w->where, &value, w->size);
    w->object().~modelled();
  }
  data().~var();
}

void write_data(site at) {
  if (running) data()(rl::debug_info("data", at.file, at.line)).store(1);
}
void read_data(site at) {
  if (running) (void)data()(rl::debug_info("data", at.file, at.line)).load();
}

bool grew() { return growing; }

void adopt() {
  growing = false;
  for (std::size_t k = 0; k < known.size(); ++k) {
    notes& n = known[k];
    if (n.slot != 0 || n.written_by == 0 || (n.accessed_by & (n.accessed_by - 1)) == 0) continue;
    auto w = std::make_unique<word>();
    w->where = memory + k;
    w->size = n.size;
    w->name = names(w->where);
    words.push_back(std::move(w));
    n.slot = static_cast<u8>(words.size());
  }
}

u32 shared_words() { return static_cast<u32>(words.size()); }

std::string shared_names() {
  std::string all;
  for (const auto& w : words) all += (all.empty() ? "" : ", ") + w->name;
  return all;
}

void mutate(const mutation& m) {
  changed = m;
  reached = false;
  for (place& p : places)
    if (p.where.file != nullptr) settle(p);
}

bool mutation_was_reached() { return reached; }

void forget_uses() {
  for (place& p : places) p.times = 0;
}

std::vector<used_site> used_sites() {
  std::vector<used_site> all;
  for (const place& p : places)
    if (p.where.file != nullptr && p.times != 0)
      all.push_back({basename_of(p.where.file), p.where.function, p.where.line, p.what, p.times});
  std::sort(all.begin(), all.end(), [](const used_site& x, const used_site& y) {
    return x.file != y.file ? x.file < y.file : x.line != y.line ? x.line < y.line : x.what < y.what;
  });
  return all;
}

}  // namespace model
