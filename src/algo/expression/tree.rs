//! Tokens → a tree of sums and multiples, by two stacks (Dijkstra's shunting yard), and the tree →
//! the weight of each word, from the root down.

use super::lexer::{Lexer, Token};
use super::{Mistake, shortened, whole};
use std::ops::Range;

/// An expression that was read: nodes name nodes before them, and the last is the root.
pub struct Tree {
    nodes: Vec<Node>,
    root: usize,
}

/// What an expression is built of.
enum Node {
    /// The word with this place in the list of words.
    Word(usize),
    /// `left + sign · right`.
    Sum {
        left: usize,
        right: usize,
        sign: f64,
    },
    /// `by · of`.
    Multiple { of: usize, by: f64 },
}

/// What stands between operators.
#[derive(Clone)]
struct Value {
    kind: Kind,
    at: Range<usize>,
}

#[derive(Clone, Copy)]
enum Kind {
    Number(f64),
    /// A node.
    Words(usize),
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    Open,
    Plus,
    Minus,
    Times,
    Over,
    /// A minus before its operand.
    Negate,
}

impl Operator {
    /// The higher, the tighter it binds.
    fn binds(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Plus | Self::Minus => 1,
            Self::Times | Self::Over => 2,
            Self::Negate => 3,
        }
    }
}

impl Tree {
    /// Reads `text`; `place_of` gives each word its place.
    pub fn read(
        text: &str,
        knows: &mut dyn FnMut(&str) -> bool,
        place_of: &mut dyn FnMut(&str, Range<usize>) -> usize,
    ) -> Result<Self, Mistake> {
        let mut lexer = Lexer::new(text, knows);
        let mut reader = Reader {
            text,
            nodes: Vec::new(),
            values: Vec::new(),
            operators: Vec::new(),
        };
        let mut previous: Option<(Token, Range<usize>)> = None;
        while let Some((token, at)) = lexer.next()? {
            reader.take(&token, &at, previous.as_ref(), place_of)?;
            previous = Some((token, at));
        }
        let root = reader.finish(previous)?;
        let nodes = reader.nodes;
        Ok(Self { nodes, root })
    }

    /// Calls `each` with every word of the tree, from the left, and its weight there.
    pub fn each_word(&self, mut each: impl FnMut(usize, f64)) {
        let mut open = vec![(self.root, 1.0)];
        while let Some((node, weight)) = open.pop() {
            match self.nodes[node] {
                Node::Word(place) => each(place, weight),
                Node::Multiple { of, by } => open.push((of, weight * by)),
                Node::Sum { left, right, sign } => {
                    open.extend([(right, weight * sign), (left, weight)]);
                }
            }
        }
    }
}

/// The two stacks.
struct Reader<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    values: Vec<Value>,
    operators: Vec<(Operator, Range<usize>)>,
}

impl Reader<'_> {
    fn take(
        &mut self,
        token: &Token,
        at: &Range<usize>,
        previous: Option<&(Token, Range<usize>)>,
        place_of: &mut dyn FnMut(&str, Range<usize>) -> usize,
    ) -> Result<(), Mistake> {
        // Before an operand: at the start, after an operator, after an open bracket.
        let before_operand = !matches!(
            previous,
            Some((Token::Word(_) | Token::Number(_) | Token::Close, _))
        );
        let operator = match (token, before_operand) {
            (Token::Word(_) | Token::Number(_) | Token::Open, false) => {
                return Err(self.missing_operator(token, at, previous));
            }
            (Token::Word(word), true) => {
                let place = place_of(word, at.clone());
                let node = self.add(Node::Word(place));
                self.push(Kind::Words(node), at.clone());
                return Ok(());
            }
            (Token::Number(number), true) => {
                self.push(Kind::Number(*number), at.clone());
                return Ok(());
            }
            (Token::Close, before_operand) => {
                return self.close(at, before_operand, previous);
            }
            (Token::Open, true) => Operator::Open,
            (Token::Minus, true) => Operator::Negate,
            (Token::Plus, true) => return Ok(()),
            (Token::Times | Token::Over, true) => {
                return Err(self.missing_operand(at, "before"));
            }
            (Token::Plus, false) => Operator::Plus,
            (Token::Minus, false) => Operator::Minus,
            (Token::Times, false) => Operator::Times,
            (Token::Over, false) => Operator::Over,
        };
        if !before_operand {
            self.apply_while(|waiting| waiting.binds() >= operator.binds())?;
        }
        self.operators.push((operator, at.clone()));
        Ok(())
    }

    fn finish(&mut self, last: Option<(Token, Range<usize>)>) -> Result<usize, Mistake> {
        match last {
            None => {
                let what =
                    "There is nothing here yet: write words, for example king - man + woman.";
                return Err(Mistake::new(0..self.text.len(), what));
            }
            Some((Token::Word(_) | Token::Number(_) | Token::Close, _)) => {}
            Some((Token::Open, at)) => return Err(never_closed(at)),
            Some((_, at)) => return Err(self.missing_operand(&at, "after")),
        }
        self.apply_while(|waiting| waiting != Operator::Open)?;
        if let Some((_, at)) = self.operators.pop() {
            return Err(never_closed(at));
        }
        match self.values.pop().map(|value| value.kind) {
            Some(Kind::Words(root)) => Ok(root),
            _ => Err(Mistake::new(
                whole(self.text),
                "This is a number, and a number alone has no place among the words. If it is meant \
                 as a word, put it in quotation marks.",
            )),
        }
    }

    fn close(
        &mut self,
        at: &Range<usize>,
        before_operand: bool,
        previous: Option<&(Token, Range<usize>)>,
    ) -> Result<(), Mistake> {
        match previous {
            Some((Token::Open, open)) => {
                let what = "There is nothing between these brackets.";
                return Err(Mistake::new(open.start..at.end, what));
            }
            Some((_, operator)) if before_operand => {
                return Err(self.missing_operand(operator, "after"));
            }
            _ => {}
        }
        self.apply_while(|waiting| waiting != Operator::Open)?;
        let Some((_, open)) = self.operators.pop() else {
            let what = "This bracket closes one that was never opened.";
            return Err(Mistake::new(at.clone(), what));
        };
        if let Some(value) = self.values.last_mut() {
            value.at = open.start..at.end;
        }
        Ok(())
    }

    /// Applies the operators on the stack from the top on, as long as `wanted`.
    fn apply_while(&mut self, wanted: impl Fn(Operator) -> bool) -> Result<(), Mistake> {
        while let Some((operator, at)) = self.operators.pop_if(|(operator, _)| wanted(*operator)) {
            let Some(right) = self.values.pop() else {
                return Err(self.missing_operand(&at, "after"));
            };
            if operator == Operator::Negate {
                let kind = self.multiply(right.kind, -1.0);
                self.push(kind, at.start..right.at.end);
                continue;
            }
            let Some(left) = self.values.pop() else {
                return Err(self.missing_operand(&at, "before"));
            };
            let kind = self.combine(&left, operator, &right)?;
            self.push(kind, left.at.start..right.at.end);
        }
        Ok(())
    }

    fn combine(
        &mut self,
        left: &Value,
        operator: Operator,
        right: &Value,
    ) -> Result<Kind, Mistake> {
        let both = left.at.start..right.at.end;
        if operator == Operator::Over && matches!(right.kind, Kind::Number(0.0)) {
            return Err(Mistake::new(right.at.clone(), "This divides by zero."));
        }
        let kind = match (left.kind, operator, right.kind) {
            (Kind::Words(left), Operator::Plus | Operator::Minus, Kind::Words(right)) => {
                let sign = if operator == Operator::Plus {
                    1.0
                } else {
                    -1.0
                };
                Kind::Words(self.add(Node::Sum { left, right, sign }))
            }
            (Kind::Number(a), _, Kind::Number(b)) => Kind::Number(match operator {
                Operator::Plus => a + b,
                Operator::Minus => a - b,
                Operator::Times => a * b,
                _ => a / b,
            }),
            (Kind::Words(_), Operator::Times, Kind::Number(by)) => self.multiply(left.kind, by),
            (Kind::Number(by), Operator::Times, Kind::Words(_)) => self.multiply(right.kind, by),
            (Kind::Words(_), Operator::Over, Kind::Number(by)) => {
                self.multiply(left.kind, by.recip())
            }
            (Kind::Words(_), _, Kind::Words(_)) => {
                let what = "Words are added and subtracted; only a number can multiply or divide.";
                return Err(Mistake::new(both, what));
            }
            (Kind::Number(_), Operator::Over, Kind::Words(_)) => {
                let what = "A number cannot be divided by words; words can be divided by a number.";
                return Err(Mistake::new(both, what));
            }
            (Kind::Number(_), ..) => return Err(self.lonely_number(&left.at)),
            (.., Kind::Number(_)) => return Err(self.lonely_number(&right.at)),
        };
        match kind {
            Kind::Number(number) if !number.is_finite() => {
                Err(Mistake::new(both, "This number is too large."))
            }
            kind => Ok(kind),
        }
    }

    fn multiply(&mut self, kind: Kind, by: f64) -> Kind {
        match kind {
            Kind::Number(number) => Kind::Number(number * by),
            Kind::Words(of) => Kind::Words(self.add(Node::Multiple { of, by })),
        }
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn push(&mut self, kind: Kind, at: Range<usize>) {
        self.values.push(Value { kind, at });
    }

    fn written(&self, at: &Range<usize>) -> String {
        shortened(&self.text[at.clone()])
    }

    fn lonely_number(&self, at: &Range<usize>) -> Mistake {
        let number = self.written(at);
        let what = format!(
            "A number cannot be added to words: write {number} * and a word, or “{number}” in \
             quotation marks if it is meant as a word."
        );
        Mistake::new(at.clone(), what)
    }

    fn missing_operand(&self, at: &Range<usize>, side: &str) -> Mistake {
        let what = format!("A word is missing {side} this “{}”.", self.written(at));
        Mistake::new(at.clone(), what)
    }

    fn missing_operator(
        &self,
        token: &Token,
        at: &Range<usize>,
        previous: Option<&(Token, Range<usize>)>,
    ) -> Mistake {
        let here = self.written(at);
        let before = previous.map_or(String::new(), |(_, at)| self.written(at));
        let numbers =
            matches!(previous, Some((Token::Number(_), _))) || matches!(token, Token::Number(_));
        let what = if numbers {
            format!("Write * between “{before}” and “{here}”.")
        } else {
            format!("Write + or - between “{before}” and “{here}”.")
        };
        Mistake::new(at.clone(), what)
    }
}

fn never_closed(at: Range<usize>) -> Mistake {
    Mistake::new(at, "This bracket is never closed.")
}
