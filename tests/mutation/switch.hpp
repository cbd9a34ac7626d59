// SPDX-License-Identifier: BSL-1.0
/// \file
/// What an instrumented copy of the library calls where it can be changed. One variable says which change is made in
/// this run; in constant evaluation none is. Included before everything else, by the compiler's command line.
#pragma once

#include <type_traits>

namespace vgm {

inline constexpr unsigned most = 1u << 16;
extern unsigned active;              ///< number of the change; 0: none
extern unsigned char reached[most];  ///< by the first number of a place: it was evaluated

[[gnu::noinline]] inline unsigned pick_now(unsigned id, unsigned n) {
  reached[id] = 1;
  const unsigned k = active - id;
  return k < n ? k + 1 : 0;
}
/// 0: as it was written; k: the k-th of the place's n changes, whose numbers begin at `id`.
constexpr unsigned pick(unsigned id, unsigned n) {
  if (std::is_constant_evaluated()) return 0;
  return pick_now(id, n);
}

template <class... T>
inline constexpr bool plain = (... && (std::is_arithmetic_v<T> || std::is_enum_v<T>));
template <class... T>
inline constexpr bool integers = (... && std::is_integral_v<T>);

#define VGM_COMPARE(name, op, other)                             \
  template <class A, class B>                                    \
  constexpr auto name(unsigned id, A a, B b)->decltype(a op b) { \
    if constexpr (plain<A, B>)                                   \
      if (pick(id, 1) != 0) return a other b;                    \
    return a op b;                                               \
  }
VGM_COMPARE(lt, <, <=)
VGM_COMPARE(le, <=, <)
VGM_COMPARE(gt, >, >=)
VGM_COMPARE(ge, >=, >)
VGM_COMPARE(eq, ==, !=)
VGM_COMPARE(ne, !=, ==)
#undef VGM_COMPARE

/// An operator becomes another one, or one of its operands alone.
#define VGM_BINARY(name, op, other)                              \
  template <class A, class B>                                    \
  constexpr auto name(unsigned id, A a, B b)->decltype(a op b) { \
    using result = decltype(a op b);                             \
    if constexpr (integers<A, B>) switch (pick(id, 3)) {         \
        case 1: return static_cast<result>(a other b);           \
        case 2: return static_cast<result>(a);                   \
        case 3: return static_cast<result>(b);                   \
      }                                                          \
    return a op b;                                               \
  }
VGM_BINARY(band, &, |)
VGM_BINARY(bor, |, &)
VGM_BINARY(bxor, ^, |)
#undef VGM_BINARY

#define VGM_ARITHMETIC(name, op, other)                                      \
  template <class A, class B>                                                \
  constexpr auto name(unsigned id, A a, B b)->decltype(a op b) {             \
    if constexpr (integers<A, B>)                                            \
      if (pick(id, 1) != 0) return static_cast<decltype(a op b)>(a other b); \
    return a op b;                                                           \
  }
VGM_ARITHMETIC(add, +, -)
VGM_ARITHMETIC(sub, -, +)
VGM_ARITHMETIC(mul, *, +)
VGM_ARITHMETIC(div, /, *)
VGM_ARITHMETIC(mod, %, /)
VGM_ARITHMETIC(shl, <<, >>)
VGM_ARITHMETIC(shr, >>, <<)
#undef VGM_ARITHMETIC

#define VGM_ASSIGN(name, op, first, second)              \
  template <class A, class B>                            \
  constexpr A& name(unsigned id, A& a, B b) {            \
    if constexpr (integers<A, B>) switch (pick(id, 2)) { \
        case 1: a first b; return a;                     \
        case 2: a second b; return a;                    \
      }                                                  \
    a op b;                                              \
    return a;                                            \
  }
VGM_ASSIGN(assign_or, |=, =, &=)
VGM_ASSIGN(assign_and, &=, =, |=)
VGM_ASSIGN(assign_xor, ^=, =, |=)
VGM_ASSIGN(assign_add, +=, =, -=)
VGM_ASSIGN(assign_sub, -=, =, +=)
VGM_ASSIGN(assign_shl, <<=, =, >>=)
VGM_ASSIGN(assign_shr, >>=, =, <<=)
#undef VGM_ASSIGN

template <class A>
constexpr auto inverted(unsigned id, A a) -> decltype(~a) {
  if constexpr (integers<A>)
    if (pick(id, 1) != 0) return a;
  return ~a;
}
constexpr bool negated(unsigned id, bool a) { return pick(id, 1) != 0 ? a : !a; }
/// Operands and result of && and ||: all three negated make the other of the two.
constexpr bool flip(unsigned id, bool a) { return pick(id, 1) != 0 ? !a : a; }
constexpr bool always(unsigned id, bool a) { return pick(id, 1) != 0 ? true : a; }
constexpr bool never(unsigned id, bool a) { return pick(id, 1) != 0 ? false : a; }
constexpr bool decided(unsigned id, bool a) {
  const unsigned k = pick(id, 2);
  return k == 0 ? a : k == 1;
}
constexpr bool keep(unsigned id) { return pick(id, 1) == 0; }

template <class T>
constexpr T literal(unsigned id, T value) {
  switch (pick(id, 2)) {
    case 1: return static_cast<T>(value + 1);
    case 2: return static_cast<T>(0);
  }
  return value;
}
template <class T>
constexpr T zero(unsigned id, T value) {
  return pick(id, 1) != 0 ? static_cast<T>(1) : value;
}
constexpr bool boolean(unsigned id, bool value) { return pick(id, 1) != 0 ? !value : value; }
/// With several bits set: without its lowest, without its highest.
template <class T>
constexpr T mask(unsigned id, T value, T highest) {
  switch (pick(id, 2)) {
    case 1: return static_cast<T>(value & (value - 1));
    case 2: return static_cast<T>(value & ~highest);
  }
  return value;
}
template <class T>
constexpr T other(unsigned id, T value, T instead) {
  return pick(id, 1) != 0 ? instead : value;
}
/// A constant by its name, of a type that is known when it is instantiated only: what it is changed to.
template <unsigned K, class T>
constexpr T changed(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return K == 1 ? !value : value;  // it has one other value; two places may have numbers next to each other
  } else if constexpr (std::is_integral_v<T>) {
    return K == 1 ? T{0} : static_cast<T>(value << 1);
  } else if constexpr (std::is_enum_v<T>) {
    const auto n = static_cast<std::underlying_type_t<T>>(value);
    return static_cast<T>(K == 1 && n != 0 ? n - 1 : n + 1);
  } else {
    return value;
  }
}
template <class T>
constexpr T named(unsigned id, T value) {
  if constexpr (plain<T>) switch (pick(id, 2)) {
      case 1: return changed<1>(value);
      case 2: return changed<2>(value);
    }
  return value;
}

}  // namespace vgm
