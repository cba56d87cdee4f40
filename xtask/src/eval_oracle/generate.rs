//! Random expressions: well formed, mostly well typed, with errors in places that laziness hides.

/// A small generator of random numbers (SplitMix64): the same seed gives the same expressions.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// An expression as texts and parts, so that it can be made smaller.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(String),
    Tree(Tree),
}

impl Tree {
    fn leaf(text: impl Into<String>) -> Tree {
        Tree { parts: vec![Part::Text(text.into())] }
    }

    pub(crate) fn text(&self) -> String {
        let parts = self.parts.iter().map(|it| match it {
            Part::Text(text) => text.clone(),
            Part::Tree(tree) => tree.text(),
        });
        parts.collect()
    }

    pub(crate) fn children(&self) -> impl Iterator<Item = &Tree> {
        self.parts.iter().filter_map(|it| match it {
            Part::Tree(tree) => Some(tree),
            Part::Text(_) => None,
        })
    }
}

/// What an expression is meant to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Int,
    Bool,
    Str,
    List,
    Set,
    Fn,
}

const KINDS: [Kind; 6] = [Kind::Int, Kind::Bool, Kind::Str, Kind::List, Kind::Set, Kind::Fn];
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "x-y"];

/// Makes expressions.
pub(crate) struct Generator {
    random: Random,
    scope: Vec<(String, Kind)>,
    counter: usize,
    /// How many more parts this expression may have.
    room: usize,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Generator {
        Generator { random: Random::new(seed), scope: Vec::new(), counter: 0, room: 0 }
    }

    pub(crate) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Tree {
        self.scope.clear();
        self.counter = 0;
        self.room = 6 + self.random.below(50);
        let kind = self.kind();
        self.tree(kind)
    }

    fn kind(&mut self) -> Kind {
        KINDS[self.random.below(KINDS.len())]
    }

    fn fresh(&mut self) -> String {
        self.counter += 1;
        format!("v{}", self.counter)
    }

    /// `"{}"` stands for the parts, in order.
    fn form(&self, pattern: &str, parts: Vec<Tree>) -> Tree {
        let mut out = Vec::new();
        let mut parts = parts.into_iter();
        for (index, text) in pattern.split("@@").enumerate() {
            if index > 0 {
                out.extend(parts.next().map(Part::Tree));
            }
            out.push(Part::Text(text.to_owned()));
        }
        Tree { parts: out }
    }

    /// A form whose parts are of these kinds.
    fn fill(&mut self, pattern: &str, kinds: &[Kind]) -> Tree {
        let parts = kinds.iter().map(|it| self.tree(*it)).collect();
        self.form(pattern, parts)
    }

    fn tree(&mut self, kind: Kind) -> Tree {
        if self.room == 0 {
            return self.leaf(kind);
        }
        self.room -= 1;
        match self.random.below(100) {
            0..=5 => {
                let id = self.random.below(5);
                Tree::leaf(format!("(throw \"t{id}\")"))
            }
            6 if self.random.chance(40) => {
                let other = self.kind();
                self.tree(other)
            }
            7..=17 => self.leaf(kind),
            18..=55 => self.any(kind),
            _ => self.own(kind),
        }
    }

    fn leaf(&mut self, kind: Kind) -> Tree {
        let known: Vec<String> = self.scope.iter().filter(|it| it.1 == kind).map(|it| it.0.clone()).collect();
        if !known.is_empty() && self.random.chance(60) {
            return Tree::leaf(known[self.random.below(known.len())].clone());
        }
        Tree::leaf(match kind {
            Kind::Int => self.random.pick(&["0", "1", "2", "3", "(-1)", "10", "1.5", "0.5", "1000000007"]),
            Kind::Bool => self.random.pick(&["true", "false"]),
            Kind::Str => self.random.pick(&[
                "\"a\"",
                "\"b\"",
                "\"\"",
                "\"x-1.2\"",
                "''i j''",
                "\"é\"",
                "\"a b\\n\"",
                "\"/a/b\"",
                "\"c\"",
            ]),
            Kind::List => self.random.pick(&["[ ]", "[ 1 2 ]", "[ \"a\" \"b\" ]", "[ 3 1 2 ]", "[ null ]"]),
            Kind::Set => self.random.pick(&["{ }", "{ a = 1; }", "{ a = 1; b = \"s\"; }", "{ c = { d = 2; }; }"]),
            Kind::Fn => self.random.pick(&["(q: q)", "(q: [ q ])", "builtins.toJSON", "(builtins.add 1)", "(q: 1)"]),
        })
    }

    /// Runs `make` with more names in scope.
    fn within(&mut self, names: Vec<(String, Kind)>, make: impl FnOnce(&mut Self) -> Tree) -> Tree {
        let before = self.scope.len();
        self.scope.extend(names);
        let tree = make(self);
        self.scope.truncate(before);
        tree
    }

    /// Forms that have any kind of value.
    fn any(&mut self, kind: Kind) -> Tree {
        let other = self.kind();
        match self.random.below(22) {
            0 | 1 => self.fill("(if @@ then @@ else @@)", &[Kind::Bool, kind, kind]),
            2..=4 => self.let_in(kind, "let"),
            5 => self.with(kind),
            6 => {
                let name = self.fresh();
                let arg = self.tree(other);
                let body = self.within(vec![(name.clone(), other)], |it| it.tree(kind));
                self.form(&format!("(({name}: @@) @@)"), vec![body, arg])
            }
            7 | 8 => self.pattern_call(kind),
            9 => self.fill("({ a = @@; b = @@; }.a)", &[kind, other]),
            10 => self.fill("((@@).zz or @@)", &[Kind::Set, kind]),
            11 => self.fill("(rec { a = @@; b = a; c = @@; }.b)", &[kind, other]),
            12 => self.fill("(builtins.seq @@ @@)", &[other, kind]),
            13 => self.fill("(builtins.elemAt [ @@ @@ ] 1)", &[other, kind]),
            14 => self.fill("(builtins.head [ @@ @@ ])", &[kind, other]),
            15 => self.fill("(assert @@; @@)", &[Kind::Bool, kind]),
            16 => {
                let (acc, item) = (self.fresh(), self.fresh());
                let start = self.tree(kind);
                let list = self.tree(Kind::List);
                let names = vec![(acc.clone(), kind), (item.clone(), Kind::Int)];
                let body = self.within(names, |it| it.tree(kind));
                self.form(&format!("(builtins.foldl' ({acc}: {item}: @@) @@ @@)"), vec![body, start, list])
            }
            17 => self.fill("({ __functor = s: q: @@; } @@)", &[kind, other]),
            18 => self.fill("(let t = builtins.tryEval @@; in if t.success then t.value else @@)", &[kind, kind]),
            19 => self.fill("(builtins.getAttr \"a\" { a = @@; })", &[kind]),
            20 => self.let_in(kind, "rec"),
            _ => self.fill("(builtins.deepSeq @@ @@)", &[other, kind]),
        }
    }

    /// `let … in …`, or the same as a recursive set.
    fn let_in(&mut self, kind: Kind, form: &str) -> Tree {
        let count = 1 + self.random.below(3);
        let names: Vec<(String, Kind)> = (0..count).map(|_| (self.fresh(), self.kind())).collect();
        let mut order: Vec<usize> = (0..count).collect();
        if self.random.chance(30) {
            order.reverse();
        }
        let mut parts = Vec::new();
        let mut pattern = if form == "let" { "(let ".to_owned() } else { "(rec { ".to_owned() };
        for index in order {
            let (name, kind) = names[index].clone();
            // Bindings see those before them; seldom all, which may not end.
            let seen = if self.random.chance(10) { names.clone() } else { names[..index].to_vec() };
            let inherits = seen.is_empty() && self.random.chance(10);
            let part = self.within(seen, |it| it.tree(kind));
            match inherits {
                true => pattern.push_str(&format!("inherit ({{ {name} = @@; }}) {name}; ")),
                false => pattern.push_str(&format!("{name} = @@; ")),
            }
            parts.push(part);
        }
        let body = self.within(names, |it| it.tree(kind));
        parts.push(body);
        pattern.push_str(if form == "let" { "in @@)" } else { "result = @@; }).result" });
        let pattern = if form == "let" { pattern } else { format!("({pattern})") };
        self.form(&pattern, parts)
    }

    fn with(&mut self, kind: Kind) -> Tree {
        let name = self.fresh();
        let other = self.kind();
        let value = self.tree(other);
        let body = self.within(vec![(name.clone(), other)], |it| it.tree(kind));
        self.form(&format!("(with {{ {name} = @@; }}; @@)"), vec![value, body])
    }

    fn pattern_call(&mut self, kind: Kind) -> Tree {
        let (one, two, whole) = (self.fresh(), self.fresh(), self.fresh());
        let (first, second) = (self.kind(), self.kind());
        let given = self.tree(first);
        let names = vec![(one.clone(), first), (two.clone(), second), (whole.clone(), Kind::Set)];
        let default = self.within(names[..1].to_vec(), |it| it.tree(second));
        let body = self.within(names, |it| it.tree(kind));
        let (extra, ellipsis) = match self.random.below(10) {
            0 => (" zz = 1;", ""),
            1..=4 => (" zz = throw \"extra\";", ", ..."),
            _ => ("", ", ..."),
        };
        let pattern = format!("(({{ {one}, {two} ? @@{ellipsis} }}@{whole}: @@) {{ {one} = @@;{extra} }})");
        self.form(&pattern, vec![default, body, given])
    }

    /// Forms of one kind.
    fn own(&mut self, kind: Kind) -> Tree {
        match kind {
            Kind::Int => self.int(),
            Kind::Bool => self.bool(),
            Kind::Str => self.str(),
            Kind::List => self.list(),
            Kind::Set => self.set(),
            Kind::Fn => self.function(),
        }
    }

    fn int(&mut self) -> Tree {
        use Kind::*;
        match self.random.below(16) {
            0 | 1 => self.fill("(@@ + @@)", &[Int, Int]),
            2 => self.fill("(@@ - @@)", &[Int, Int]),
            3 => self.fill("(@@ * @@)", &[Int, Int]),
            4 => self.fill("(@@ / @@)", &[Int, Int]),
            5 | 6 => self.fill("(builtins.length @@)", &[List]),
            7 => self.fill("(builtins.stringLength @@)", &[Str]),
            8 => self.fill("(- @@)", &[Int]),
            9 => self.fill("(builtins.bitAnd 12 @@)", &[Int]),
            10 => self.fill("(builtins.compareVersions @@ @@)", &[Str, Str]),
            11 => self.fill("(builtins.floor @@)", &[Int]),
            12 => self.fill("(builtins.length (builtins.attrNames @@))", &[Set]),
            13 => self.fill("(builtins.mul @@ 2)", &[Int]),
            14 => self.fill("(builtins.fromJSON (builtins.toJSON @@))", &[Int]),
            _ => self.fill("(builtins.foldl' builtins.add 0 [ @@ @@ ])", &[Int, Int]),
        }
    }

    fn bool(&mut self) -> Tree {
        use Kind::*;
        let other = self.kind();
        match self.random.below(20) {
            0 => self.fill("(@@ && @@)", &[Bool, Bool]),
            1 => self.fill("(@@ || @@)", &[Bool, Bool]),
            2 => self.fill("(@@ -> @@)", &[Bool, Bool]),
            3 => self.fill("(!@@)", &[Bool]),
            4..=6 => self.fill("(@@ == @@)", &[other, other]),
            7 => self.fill("(@@ != @@)", &[other, other]),
            8 => self.fill("(@@ < @@)", &[Int, Int]),
            9 => self.fill("(@@ >= @@)", &[Str, Str]),
            10 => self.fill("(@@ < @@)", &[List, List]),
            11 => self.fill("(@@ ? a)", &[Set]),
            12 => self.fill("(@@ ? c.d)", &[Set]),
            13 => self.fill("(builtins.elem @@ @@)", &[other, List]),
            14 => self.fill("(builtins.any (q: @@) @@)", &[Bool, List]),
            15 => self.fill("(builtins.all (q: @@) @@)", &[Bool, List]),
            16 => self.fill("(builtins.isInt @@)", &[other]),
            17 => self.fill("(builtins.match @@ @@ == null)", &[Str, Str]),
            18 => self.fill("(builtins.hasAttr @@ @@)", &[Str, Set]),
            _ => self.fill("(@@ > @@)", &[Int, Int]),
        }
    }

    fn str(&mut self) -> Tree {
        use Kind::*;
        let other = self.kind();
        match self.random.below(16) {
            0 | 1 => self.fill("\"p${@@}s\"", &[Str]),
            2 => self.fill("''\n  ${@@} t\n    u\n''", &[Str]),
            3 | 4 => self.fill("(@@ + @@)", &[Str, Str]),
            5 => self.fill("(builtins.substring @@ 2 @@)", &[Int, Str]),
            6 => self.fill("(builtins.concatStringsSep @@ [ @@ @@ ])", &[Str, Str, Str]),
            7 => self.fill("(builtins.replaceStrings [ @@ \"b\" ] [ \"z\" @@ ] @@)", &[Str, Str, Str]),
            8 => self.fill("(toString @@)", &[other]),
            9 => self.fill("(builtins.typeOf @@)", &[other]),
            10 => self.fill("(builtins.toJSON @@)", &[other]),
            11 => self.fill("(baseNameOf @@)", &[Str]),
            12 => self.fill("(builtins.hashString \"sha256\" @@)", &[Str]),
            13 => self.fill("(dirOf @@)", &[Str]),
            14 => self.fill("(builtins.toXML @@)", &[other]),
            _ => self.fill("({ outPath = @@; } + @@)", &[Str, Str]),
        }
    }

    fn list(&mut self) -> Tree {
        use Kind::*;
        let other = self.kind();
        let name = self.fresh();
        match self.random.below(22) {
            0..=2 => {
                let third = self.kind();
                self.fill("[ @@ @@ @@ ]", &[other, third, other])
            }
            3 | 4 => self.fill("(@@ ++ @@)", &[List, List]),
            5 => self.fill("(map @@ @@)", &[Fn, List]),
            6 => {
                let list = self.tree(List);
                let body = self.within(vec![(name.clone(), Int)], |it| it.tree(Bool));
                self.form(&format!("(builtins.filter ({name}: @@) @@)"), vec![body, list])
            }
            7 => self.fill("(builtins.sort builtins.lessThan @@)", &[List]),
            8 => self.fill("(builtins.sort (p: q: @@) @@)", &[Bool, List]),
            9 => self.fill("(builtins.attrNames @@)", &[Set]),
            10 => self.fill("(builtins.attrValues @@)", &[Set]),
            11 => self.fill("(builtins.genList @@ 3)", &[Fn]),
            12 => {
                let list = self.tree(List);
                let body = self.within(vec![(name.clone(), Int)], |it| it.tree(List));
                self.form(&format!("(builtins.concatMap ({name}: @@) @@)"), vec![body, list])
            }
            13 => self.fill("(builtins.concatLists [ @@ @@ ])", &[List, List]),
            14 => self.fill("(builtins.split @@ @@)", &[Str, Str]),
            15 => self.fill("(builtins.catAttrs \"a\" [ @@ @@ ])", &[Set, Set]),
            16 => self.fill("(builtins.tail [ @@ @@ ])", &[other, other]),
            17 => self.fill("(builtins.splitVersion @@)", &[Str]),
            18 => self.fill("(builtins.partition (q: @@) @@).wrong", &[Bool, List]),
            19 => self.fill("(builtins.sort (p: q: p < q) [ @@ @@ @@ ])", &[Int, Int, Int]),
            20 => self.fill(
                "(builtins.genericClosure { startSet = [ { key = @@; } ]; operator = q: if q.key == 1 then [ { key = @@; } ] else [ ]; })",
                &[Int, Int],
            ),
            _ => self.fill("(builtins.match \"(a|b*)(.*)\" @@)", &[Str]),
        }
    }

    fn set(&mut self) -> Tree {
        use Kind::*;
        let (one, two) = (self.kind(), self.kind());
        match self.random.below(24) {
            0..=4 => self.literal(),
            5..=7 => self.fill("(@@ // @@)", &[Set, Set]),
            8 => self.fill("(builtins.mapAttrs (n: q: @@) @@)", &[one, Set]),
            9 => self.fill("(removeAttrs @@ [ @@ \"a\" ])", &[Set, Str]),
            10 => self.fill("(builtins.intersectAttrs @@ @@)", &[Set, Set]),
            11 => self.fill(
                "(builtins.listToAttrs [ { name = @@; value = @@; } { name = \"a\"; value = @@; } ])",
                &[Str, one, two],
            ),
            12 => self.fill("(builtins.groupBy (q: @@) @@)", &[Str, List]),
            13 => self.fill("(builtins.functionArgs @@)", &[Fn]),
            14 => self.fill("(builtins.zipAttrsWith (n: q: @@) [ @@ @@ ])", &[one, Set, Set]),
            15 | 16 => self.fill("(builtins.tryEval @@)", &[one]),
            17 => self.fill("(builtins.partition (q: @@) @@)", &[Bool, List]),
            18 => self.fill("{ ${@@} = @@; }", &[Str, one]),
            19 => self.fill("{ \"p${@@}\" = @@; a = @@; }", &[Str, one, two]),
            20 => self.fill("{ a.b = @@; a.c = @@; }", &[one, two]),
            21 => self.fill("{ ${if @@ then \"a\" else null} = @@; b = @@; }", &[Bool, one, two]),
            22 => self.fill("(builtins.parseDrvName @@)", &[Str]),
            _ => self.fill("rec { a = @@; __overrides = { a = @@; }; b = a; }", &[one, one]),
        }
    }

    /// A set with a few of the usual names.
    fn literal(&mut self) -> Tree {
        let count = self.random.below(4);
        let start = self.random.below(NAMES.len());
        let mut parts = Vec::new();
        let mut pattern = String::from("{ ");
        for index in 0..count {
            let name = NAMES[(start + index * 5) % NAMES.len()];
            let kind = self.kind();
            parts.push(self.tree(kind));
            pattern.push_str(name);
            pattern.push_str(" = @@; ");
        }
        pattern.push('}');
        self.form(&pattern, parts)
    }

    fn function(&mut self) -> Tree {
        let (name, result) = (self.fresh(), self.kind());
        match self.random.below(6) {
            0 => self.fill(&format!("({{ {name} ? @@, ... }}: {name})"), &[result]),
            1 => self.fill("{ __functor = self: q: @@; }", &[result]),
            2 => self.fill("((p: q: @@) 1)", &[result]),
            3 => self.fill("(builtins.elemAt [ @@ 1 ])", &[result]),
            _ => {
                let kind = self.kind();
                let body = self.within(vec![(name.clone(), kind)], |it| it.tree(result));
                self.form(&format!("({name}: @@)"), vec![body])
            }
        }
    }
}
