# SPDX-License-Identifier: BSL-1.0
#
# normalise.awk -v want=FUNCTION -v slow=FILE: from `objdump -dr --no-show-raw-insn`, x86-64 or AArch64, the instructions
# of FUNCTION and of all that it calls in the same object, so that what differs by name and place alone is the same:
#
# - general registers are numbered in the order in which a function first names them, with their width: %eax is r0.32;
# - a jump's target is the number of an instruction, @3; a called function is f1, f2... in the order of the calls;
# - padding is left out. Constants, offsets, mnemonics and their order are kept, and symbols that the object lacks.
#
# FILE has lines "NAME REGEX": functions whose names match are not looked into, and are called NAME.

# A family of x86 registers for each name, and its width.
function x86(family, names, i, n, part) {
  n = split(names, part, " ")
  split("64 32 16 8 8h", widths, " ")
  for (i = 1; i <= n; ++i) { family_of[part[i]] = family; width_of[part[i]] = widths[i] }
}

# A hexadecimal number, with or without zeros in front of it.
function number(hex, i, n) {
  n = 0
  for (i = 1; i <= length(hex); ++i) n = 16 * n + index("123456789abcdef", substr(hex, i, 1))
  return n
}

BEGIN {
  x86("a", "rax eax ax al ah"); x86("b", "rbx ebx bx bl bh"); x86("c", "rcx ecx cx cl ch"); x86("d", "rdx edx dx dl dh")
  x86("S", "rsi esi si sil"); x86("D", "rdi edi di dil"); x86("B", "rbp ebp bp bpl")
  for (r = 8; r <= 15; ++r) x86(r, "r" r " r" r "d r" r "w r" r "b")
  while ((getline line < slow) > 0)
    if (line !~ /^#/ && split(line, field, " ") == 2) { slow_name[++slows] = field[1]; slow_regex[slows] = field[2] }
}

/^Disassembly of section/ { name = ""; section = $4; sub(/:$/, "", section); next }
/^[0-9a-f]+ <.*>:$/ {
  name = $2; gsub(/^<|>:$/, "", name); lines[name] = 0
  begins[section, number($1)] = name
  next
}
/^\t\t\t[0-9a-f]+: R_/ {  # what the linker will put into the instruction above
  symbol = $3; addend = ""
  if (match(symbol, /[-+]0x[0-9a-f]+$/)) { addend = substr(symbol, RSTART); symbol = substr(symbol, 1, RSTART - 1) }
  relocated[name, lines[name]] = symbol; kind[name, lines[name]] = $2
  # A PC-relative addend of x86 counts from the end of the instruction: -4 says nothing.
  added[name, lines[name]] = addend == "-0x4" ? "" : addend
  # A function without a symbol of its own here: section and offset.
  if (symbol ~ /^[.]/) offset_of[name, lines[name]] = number(substr(addend, 4)) + ($2 ~ /^R_X86_64_P/ ? 4 : 0)
  next
}
/^ *[0-9a-f]+:\t/ && name != "" {
  i = ++lines[name]
  at = $1; sub(/:$/, "", at)
  text = $0; sub(/^ *[0-9a-f]+:\t/, "", text); sub(/[ \t]*\/\/.*$/, "", text); sub(/[ \t]+# .*$/, "", text); gsub(/[ \t]+/, " ", text)
  sub(/ $/, "", text)
  instruction[name, i] = text
  place[name, at] = i
}

function is_padding(text) { return text ~ /^((data16|cs) )*nop[wl]?( |$)/ || text ~ /^xchg %ax,%ax$/ }

function is_slow(symbol, k) {
  for (k = 1; k <= slows; ++k) if (symbol == slow_name[k] || symbol ~ slow_regex[k]) return slow_name[k]
  return ""
}

# What a jump to, or a use of, this symbol is called.
function named(symbol) {
  if (is_slow(symbol) != "") return is_slow(symbol)
  if (!(symbol in lines)) return symbol
  if (!(symbol in number_of)) { number_of[symbol] = ++functions; wanted[functions] = symbol }
  return "f" number_of[symbol]
}

function register_of(token, family, width) {
  if (token ~ /^%/) {
    token = substr(token, 2)
    if (!(token in family_of)) return "%" token
    family = family_of[token]; width = width_of[token]
  } else {
    if (token !~ /^[wx][0-9]+$/) return token
    family = substr(token, 2); width = token ~ /^w/ ? "32" : "64"
  }
  if (!(family in renamed)) renamed[family] = "r" registers++
  return renamed[family] "." width
}

function renamed_registers(text, out, rest, before) {
  out = ""; rest = text
  # A register is no part of a longer word, such as the 0x5 of an immediate.
  while (match(rest, /%[a-z0-9]+|[a-zA-Z0-9_#.]+/)) {
    out = out substr(rest, 1, RSTART - 1) register_of(substr(rest, RSTART, RLENGTH))
    rest = substr(rest, RSTART + RLENGTH)
  }
  return out rest
}

function print_function(f, i, n, text, operation, target, shown) {
  split("", renamed); registers = 0
  # Numbers without padding, so that a target may be padding that leads to an instruction.
  n = 0
  for (i = 1; i <= lines[f]; ++i) { shown[i] = n; if (!is_padding(instruction[f, i])) ++n }
  for (i = 1; i <= lines[f]; ++i) {
    text = instruction[f, i]
    if (is_padding(text)) continue
    operation = text; sub(/ [^ ]*$/, "", operation)
    target = ""
    if ((f, i) in relocated) {
      if ((f, i) in offset_of && (relocated[f, i], offset_of[f, i]) in begins) target = named(begins[relocated[f, i], offset_of[f, i]])
      else target = named(relocated[f, i]) added[f, i]
      if (target ~ /^f[0-9]+$/ || is_slow(target) != "" || kind[f, i] ~ /PLT32|JUMP26|CALL26/) sub(/[0-9a-f]+ <.*>$/, target, text)
      else { sub(/[0-9a-f]+ <.*>$/, "", text); text = text " {" kind[f, i] " " target "}" }
    } else if (match(text, /[0-9a-f]+ <.*>$/)) {
      split(substr(text, RSTART), where, " ")
      target = where[2]; gsub(/^<|>$|\+0x[0-9a-f]+>$/, "", target)
      if (target == f && (f, where[1]) in place && (where[2] ~ /\+0x/ || operation !~ /^(call|bl)/)) target = "@" shown[place[f, where[1]]]
      else target = named(target)
      text = substr(text, 1, RSTART - 1) target
    }
    printf "%3d  %s\n", shown[i], renamed_registers(text)
  }
}

END {
  if (!(want in lines) || lines[want] == 0) { print "there is no function " want " in this object" > "/dev/stderr"; exit 1 }
  named(want)
  for (next_one = 1; next_one <= functions; ++next_one) {
    printf "f%d:\n", next_one
    print_function(wanted[next_one])
  }
}
