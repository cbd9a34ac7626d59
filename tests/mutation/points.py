# SPDX-License-Identifier: BSL-1.0
"""Finds the places that can be changed, in clang's syntax tree of the headers.

A place is a range of a file with one or more changes. A change has a text, which the range is replaced by, and, unless
the place is evaluated by the compiler alone, a number that `switch.hpp` takes it by at run time.
"""

import dataclasses
import json
import os
import re
import subprocess

COMPARE = {"<": ("lt", "<="), "<=": ("le", "<"), ">": ("gt", ">="), ">=": ("ge", ">"), "==": ("eq", "!="), "!=": ("ne", "==")}
BITS = {"&": ("band", "|"), "|": ("bor", "&"), "^": ("bxor", "|")}
ARITHMETIC = {"+": ("add", "-"), "-": ("sub", "+"), "*": ("mul", "+"), "/": ("div", "*"), "%": ("mod", "/"),
              "<<": ("shl", ">>"), ">>": ("shr", "<<")}
ASSIGN = {"|=": ("assign_or", "=", "&="), "&=": ("assign_and", "=", "|="), "^=": ("assign_xor", "=", "|="),
          "+=": ("assign_add", "=", "-="), "-=": ("assign_sub", "=", "+="), "<<=": ("assign_shl", "=", ">>="),
          ">>=": ("assign_shr", "=", "<<=")}
# What is below these is no code, or only says what must hold.
IGNORED = {"StaticAssertDecl", "ConceptDecl", "RequiresExpr", "ConceptSpecializationExpr", "TemplateArgument",
           "UnaryExprOrTypeTraitExpr", "TypeTraitExpr", "CXXNoexceptExpr", "ClassTemplateSpecializationDecl",
           "VarTemplateSpecializationDecl", "FullComment", "AlignedAttr", "CXXFoldExpr", "SizeOfPackExpr"}
MEMORY_ORDER = re.compile(r"\border\(\)|__atomic_(thread|signal)_fence")


@dataclasses.dataclass
class Change:
    what: str       # the kind: compare, bits, arithmetic, assign, not, logic, condition, literal, constant, statement
    text: str       # instead of the place's text
    place: object = None
    id: int = 0

    @property
    def label(self):
        """What a reader is shown, and what reasons for survivors are kept by."""
        new = self.text if self.what != "statement" else "nothing"
        cast = re.fullmatch(r"static_cast<decltype\((.*)\)>\((.*)\)", new, re.DOTALL)
        if cast and self.what == "bits":
            new = cast[2]
        return f"{squeeze(self.place.original)} -> {squeeze(new)}"


@dataclasses.dataclass
class Place:
    file: str
    begin: int
    end: int
    depth: tuple                # of two places with one range the outer one has the lower depth
    function: str
    original: str
    changes: list
    static: bool                # evaluated by the compiler alone
    constant: bool              # in a function that the compiler may evaluate
    prefix: str = ""            # with {id}; "" if it cannot be changed at run time
    suffix: str = ""
    edits: tuple = ()           # (offset, length, text) inside the range
    operands: tuple = ()        # (begin, end, depth) of those that are negated too
    line: int = 0
    source: str = ""            # that line
    order: bool = False         # about memory orders: no test on one thread sees it
    id: int = 0


def tree(source, flags, name):
    """The declarations below namespace `name` as clang prints them."""
    text = subprocess.run(
        ["clang++", "-std=c++20", *flags, "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang",
         f"-ast-dump-filter={name}", source], check=True, capture_output=True, text=True).stdout
    decoder, at, roots = json.JSONDecoder(), text.find("{"), []
    while at >= 0:
        root, at = decoder.raw_decode(text, at)
        roots.append(root)
        at = text.find("{", at)
    return roots


def squeeze(text):
    return " ".join(text.split())


def operand(text):
    """In parentheses, where another operator beside it could bind otherwise."""
    return text if re.fullmatch(r"[\w:.]+|[\w:.]+\([^()]*\)|\([^()]*\)", text) else f"({text})"


class Finder:
    def __init__(self, folder, files):
        self.files = {os.path.join(folder, f): f for f in files}
        self.texts = {}
        for path, f in self.files.items():
            with open(path, "rb") as stream:
                self.texts[f] = stream.read().decode("latin-1")  # offsets are in bytes
        self.places = {}
        self.enums = {}
        self.constants = set()
        self.decided = set()    # conditions that become true and false: that they are negated says no more
        self.file = None

    # --- positions: clang names a file only where it is another than before ---

    def note(self, where):
        if "expansionLoc" in where or "spellingLoc" in where:
            for part in ("spellingLoc", "expansionLoc"):
                self.note(where.get(part, {}))
            return None
        if "file" in where:
            self.file = where["file"]
        return (self.files.get(self.file), where["offset"], where.get("tokLen", 0)) if "offset" in where else None

    def position(self, node):
        for key, value in list(node.items()):
            if key == "loc" and isinstance(value, dict):
                self.note(value)
            elif key == "range":
                first, last = self.note(value.get("begin", {})), self.note(value.get("end", {}))
                if first and last and first[0] and first[0] == last[0]:
                    node["at"] = (first[0], first[1], last[1] + last[2])
            elif key == "inner":
                for child in value:
                    self.position(child)
        if node.get("kind") == "EnumDecl":
            names = [c["name"] for c in node.get("inner", []) if c.get("kind") == "EnumConstantDecl"]
            for c in node.get("inner", []):
                if c.get("kind") == "EnumConstantDecl":
                    self.enums[c["id"]] = names
        if node.get("kind") == "VarDecl" and node.get("constexpr"):
            self.constants.add(node["id"])

    def text(self, node):
        f, b, e = node["at"]
        return self.texts[f][b:e]

    # --- places ---

    def add(self, node, state, layer, changes, prefix="", suffix="", edits=()):
        f, b, e = node["at"]
        original = self.text(node)
        changes = [Change(w, t) for w, t in changes if squeeze(t) != squeeze(original)]
        key = (f, b, e, layer, changes[0].what)
        if not changes or key in self.places:
            return
        first, last = self.texts[f].rfind("\n", 0, b) + 1, self.texts[f].find("\n", b)
        self.places[key] = Place(f, b, e, (state["depth"], layer), state["function"], original, changes,
                                 state["static"], state["constant"], "" if state["static"] else prefix, suffix, edits,
                                 line=self.texts[f].count("\n", 0, b) + 1, source=squeeze(self.texts[f][first:last]),
                                 order=bool(MEMORY_ORDER.search(original)) and changes[0].what == "statement")

    def condition(self, node, state, values):
        if "at" not in node or node.get("kind") == "CXXBoolLiteralExpr":
            return
        state = dict(state, depth=state["depth"] + 1)
        if len(values) == 2:
            self.decided.add(node["at"])
        call = {("true", "false"): "decided", ("true",): "always", ("false",): "never"}[tuple(values)]
        self.add(node, state, 2, [("condition", v) for v in values], f"vgm::{call}({{id}}, static_cast<bool>(", "))")

    def operator(self, node, left, right):
        """Offset of a binary operator, or None where the text between its operands is not it."""
        f, begin, stop = node["at"][0], left["at"][2], right["at"][1]
        between = self.texts[f][begin:stop]
        if between.strip() != node["opcode"]:
            return None
        return begin + between.index(node["opcode"])

    def binary(self, node, state):
        left, right = node["inner"][0], node["inner"][-1]
        op = node["opcode"]
        if "at" not in left or "at" not in right:
            return
        at = self.operator(node, left, right)
        if at is None or not left["at"][1] < left["at"][2] <= at:
            return
        a, b = operand(self.text(left)), operand(self.text(right))
        whole = self.text(node)
        comma = ((at, len(op), ","),)
        if op in ("==", "!=") and node["at"] in self.decided:
            return
        if op in COMPARE:
            name, other = COMPARE[op]
            self.add(node, state, 5, [("compare", f"({a} {other} {b})")], f"vgm::{name}({{id}}, ", ")", comma)
        elif op in BITS:
            name, other = BITS[op]
            changes = [f"({a} {other} {b})"]
            if state["static"]:  # each operand is a constant, which becomes 0 anyway
                return
            changes += [f"static_cast<decltype({whole})>({x})" for x in (a, b)]
            self.add(node, state, 5, [("bits", c) for c in changes], f"vgm::{name}({{id}}, ", ")", comma)
        elif op in ARITHMETIC:
            name, other = ARITHMETIC[op]
            self.add(node, state, 5, [("arithmetic", f"({a} {other} {b})")], f"vgm::{name}({{id}}, ", ")", comma)
        elif op in ASSIGN:
            name, first, second = ASSIGN[op]
            self.add(node, state, 5, [("assign", f"{a} {first} {b}"), ("assign", f"{a} {second} {b}")],
                     f"vgm::{name}({{id}}, ", ")", comma)
        elif op in ("&&", "||"):
            other = "||" if op == "&&" else "&&"
            self.add(node, state, 5, [("logic", f"({a} {other} {b})")], "vgm::flip({id}, ", ")")
            flips = self.places.get((*node["at"], 5, "logic"))
            if flips and flips.prefix:  # operands are negated with the same number
                flips.operands = tuple((n["at"][1], n["at"][2], (state["depth"] + 1, 1)) for n in (left, right))
            for side in (left, right):
                self.condition(side, state, ["true"] if op == "&&" else ["false"])

    def literal(self, node, state):
        text = self.text(node)
        digits = re.fullmatch(r"(0[xX][0-9a-fA-F']+|0[bB][01']+|[0-9][0-9']*)([uUlL]*)", text)
        if not digits:
            return
        value = int(digits[1].replace("'", ""), 0)
        suffix = digits[2]
        if value == 0:
            self.add(node, state, 6, [("literal", "1" + suffix)], "vgm::zero({id}, ", ")")
        elif text[:2].lower() == "0x" and bin(value).count("1") > 1:
            highest = 1 << (value.bit_length() - 1)
            values = [value & (value - 1), value & ~highest]
            self.add(node, state, 6, [("literal", f"{v:#x}{suffix}") for v in values],
                     "vgm::mask({id}, ", f", static_cast<decltype({text})>({highest:#x}))")
        else:
            self.add(node, state, 6, [("literal", f"{v}{suffix}") for v in (value + 1, 0)], "vgm::literal({id}, ", ")")

    def constant(self, node, state):
        target = node.get("referencedDecl", {})
        text = self.text(node)
        if target.get("kind") == "EnumConstantDecl":
            names = self.enums.get(target["id"], [])
            if len(names) > 1 and text.endswith(target["name"]):
                other = names[(names.index(target["name"]) + 1) % len(names)]
                instead = text[: len(text) - len(target["name"])] + other
                self.add(node, state, 6, [("constant", instead)], "vgm::other({id}, ", f", {instead})")
        elif target.get("kind") == "VarDecl" and target["id"] in self.constants:
            kind = target["type"].get("desugaredQualType", target["type"]["qualType"])
            if kind == "const bool":
                self.add(node, state, 6, [("constant", f"!{text}")], "vgm::named({id}, ", ")")
            elif re.fullmatch(r"const (unsigned |signed |vgic::)?(int|char|short|long|u8|u16|u32|u64|size_t)( long| int)*", kind):
                cast = f"static_cast<decltype({text} + 0)>"
                changes = [f"{cast}(0)", f"{cast}({text} << 1)"][: 1 if state["static"] else 2]
                self.add(node, state, 6, [("constant", c) for c in changes],
                         "vgm::named({id}, ", ")")
        elif node["kind"] == "DependentScopeDeclRefExpr" and "::" in text and "(" not in text:
            kinds = (1,) if re.match(r"(is|has)_", text.rsplit("::")[-1]) else (1, 2)  # a bool has one other value
            self.add(node, state, 6, [("constant", f"vgm::changed<{k}>({text})") for k in kinds],
                     "vgm::named({id}, ", ")")

    def statement(self, node, state):
        while node.get("kind") in ("ExprWithCleanups", "ImplicitCastExpr") and node.get("inner"):
            node = node["inner"][0]
        kind = node.get("kind", "")
        deletable = kind in ("CallExpr", "CXXMemberCallExpr", "CXXOperatorCallExpr", "CompoundAssignOperator",
                             "CStyleCastExpr", "AtomicExpr", "CXXUnresolvedConstructExpr") or (
            kind == "BinaryOperator" and node.get("opcode") == "=") or (
            kind == "UnaryOperator" and node.get("opcode") in ("++", "--"))
        if deletable and "at" in node:
            state = dict(state, depth=state["depth"] - 1)
            self.add(node, state, 0, [("statement", "static_cast<void>(0)")], "(vgm::keep({id}) ? static_cast<void>(",
                     ") : static_cast<void>(0))")

    # --- the walk ---

    def walk(self, node, state):
        kind = node.get("kind")
        if kind in IGNORED or kind is None and "inner" not in node:
            return
        inner = [c for c in node.get("inner", [])]
        state = dict(state, depth=state["depth"] + 1)
        if kind in ("FunctionTemplateDecl", "ClassTemplateDecl", "VarTemplateDecl"):
            patterns = [c for c in inner if c.get("kind", "").endswith("Decl") and "Template" not in c["kind"]]
            for c in patterns[:1]:
                self.walk(c, state)
            return
        if kind in ("FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl", "CXXConversionDecl", "CXXDestructorDecl"):
            if node.get("name") != "operator()":
                state["function"] = node.get("name", "")
            state["returns"] = node.get("type", {}).get("qualType", "")
            if node.get("isImplicit") or node.get("explicitlyDefaulted"):
                return
            state["constant"] = bool(node.get("constexpr"))
            if self.is_consteval(node):
                state["static"] = True
        if kind == "LambdaExpr":
            state["returns"] = ""
        if kind == "ConstantExpr" or kind == "EnumConstantDecl" or kind == "FieldDecl" or (
                kind == "VarDecl" and (node.get("constexpr") or state["function"] == "")):
            state["static"] = True
        if kind == "CaseStmt":
            inner = inner[-1:]  # without its label
        if kind in ("CompoundStmt", "CaseStmt", "DefaultStmt", "LabelStmt", "AttributedStmt"):
            for c in inner:
                self.statement(c, state)
        if kind == "IfStmt":
            rest = inner[(1 if node.get("hasInit") else 0) + (1 if node.get("hasVar") else 0):]
            if node.get("isConstexpr"):
                self.walk(rest[0], dict(state, static=True))
                self.condition(rest[0], dict(state, static=True), ["true", "false"])
                inner = [c for c in inner if c is not rest[0]]
            elif not node.get("hasVar"):
                self.condition(rest[0], state, ["true", "false"])
            for c in rest[1:]:
                self.statement(c, state)
        elif kind in ("WhileStmt", "DoStmt") and not node.get("hasVar"):
            test, body = (inner[0], inner[-1]) if kind == "WhileStmt" else (inner[-1], inner[0])
            self.condition(test, state, ["false"])
            self.statement(body, state)
        elif kind == "ForStmt":
            if inner[2].get("kind"):
                self.condition(inner[2], state, ["false"])
            self.statement(inner[4], state)
        elif kind == "CXXForRangeStmt":
            self.statement(inner[-1], state)
        elif kind == "ConditionalOperator":
            self.condition(inner[0], state, ["true", "false"])
        elif kind == "ReturnStmt" and inner:
            if state["returns"].startswith("bool ("):
                self.condition(inner[0], state, ["true", "false"])
            elif state["returns"].startswith("void ("):
                self.statement(inner[0], dict(state, depth=state["depth"] + 1))
        if "at" in node:
            if kind in ("BinaryOperator", "CompoundAssignOperator"):
                self.binary(node, state)
            elif kind == "UnaryOperator" and node["opcode"] in ("!", "~") and self.text(node)[0] in "!~" and (
                    node["at"] not in self.decided):
                call = "negated" if node["opcode"] == "!" else "inverted"
                what = self.text(node)[1:]
                self.add(node, state, 5, [("not", f"({what})")], f"vgm::{call}({{id}}, ", ")",
                         ((node["at"][1], 1, ""),))
            elif kind == "IntegerLiteral":
                self.literal(node, state)
            elif kind == "CXXBoolLiteralExpr":
                self.add(node, state, 6, [("literal", "true" if self.text(node) == "false" else "false")],
                         "vgm::boolean({id}, ", ")")
            elif kind in ("DeclRefExpr", "DependentScopeDeclRefExpr"):
                self.constant(node, state)
        if kind in ("CallExpr", "CXXMemberCallExpr") and inner and inner[0].get("kind") == "DependentScopeDeclRefExpr":
            inner = inner[1:]  # what is called
        for c in inner:
            self.walk(c, state)

    def is_consteval(self, node):
        if "at" not in node:
            return False
        head = self.text(node).split("{", 1)[0]
        return "consteval" in head

    def find(self, roots):
        for root in roots:
            self.file = None
            self.position(root)
        for root in roots:
            self.walk(root, {"depth": 0, "function": "", "returns": "", "static": False, "constant": False})
        places = sorted(self.places.values(), key=lambda p: (p.file, p.begin, -p.end, p.depth))
        number = 1
        for p in places:
            p.id = number
            for change in p.changes:
                change.place, change.id = p, number
                number += 1
        return places
