//! The values that a weight file's own keys hold.

use super::shown;
use std::fmt;

/// A value of a metadata key.
#[derive(Debug, Clone, PartialEq)]
pub enum MetaValue {
    /// An unsigned integer of any width.
    Unsigned(u64),
    /// A signed integer of any width.
    Signed(i64),
    /// A floating-point number of either width.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Text, checked to be UTF-8.
    Text(String),
    /// Many values of one kind.
    Array(MetaArray),
}

/// Many values of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum MetaArray {
    /// Unsigned integers.
    Unsigned(Vec<u64>),
    /// Signed integers.
    Signed(Vec<i64>),
    /// Floating-point numbers.
    Float(Vec<f32>),
    /// True or false.
    Bool(Vec<bool>),
    /// Texts.
    Text(Vec<Box<str>>),
    /// Arrays of arrays.
    Nested(Vec<MetaArray>),
}

impl MetaValue {
    /// A whole number ≥ 0, however the file typed it.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(n) => Some(*n),
            Self::Signed(n) => u64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// Any number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(x) => Some(*x),
            Self::Unsigned(n) => Some(*n as f64),
            Self::Signed(n) => Some(*n as f64),
            _ => None,
        }
    }

    /// True or false.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// A text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An array.
    #[must_use]
    pub fn as_array(&self) -> Option<&MetaArray> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// An array of texts.
    #[must_use]
    pub fn as_texts(&self) -> Option<&[Box<str>]> {
        match self {
            Self::Array(MetaArray::Text(texts)) => Some(texts),
            _ => None,
        }
    }

    /// What kind of value it is, in plain words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unsigned(_) => "a whole number",
            Self::Signed(_) => "a signed whole number",
            Self::Float(_) => "a decimal number",
            Self::Bool(_) => "true or false",
            Self::Text(_) => "a text",
            Self::Array(array) => array.kind(),
        }
    }
}

impl MetaArray {
    /// How many values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Unsigned(v) => v.len(),
            Self::Signed(v) => v.len(),
            Self::Float(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Nested(v) => v.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What kind of array it is, in plain words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unsigned(_) => "a list of whole numbers",
            Self::Signed(_) => "a list of signed whole numbers",
            Self::Float(_) => "a list of decimal numbers",
            Self::Bool(_) => "a list of true or false",
            Self::Text(_) => "a list of texts",
            Self::Nested(_) => "a list of lists",
        }
    }
}

/// For people: one line, shortened, with nothing in it that could deceive the eye.
impl fmt::Display for MetaValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(n) => write!(f, "{n}"),
            Self::Signed(n) => write!(f, "{n}"),
            // Most floats in a header were written as f32: 1e-5, not 9.999999747378752e-6.
            Self::Float(x) if f64::from(*x as f32) == *x => write!(f, "{:?}", *x as f32),
            Self::Float(x) => write!(f, "{x:?}"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Text(text) => f.write_str(&shown::shortened(text, 240)),
            Self::Array(array) => write!(f, "{array}"),
        }
    }
}

impl fmt::Display for MetaArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn first<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
            let mut out: Vec<String> = items.iter().take(6).map(show).collect();
            if items.len() > 6 {
                out.push(format!("… {} in all", items.len()));
            }
            out.join(", ")
        }
        let inside = match self {
            Self::Unsigned(v) => first(v, ToString::to_string),
            Self::Signed(v) => first(v, ToString::to_string),
            Self::Float(v) => first(v, |x| format!("{x:?}")),
            Self::Bool(v) => first(v, ToString::to_string),
            Self::Text(v) => first(v, |t| format!("\"{}\"", shown::shortened(t, 40))),
            Self::Nested(v) => format!("{} lists", v.len()),
        };
        write!(f, "[{inside}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_shown_as_it_was_written_and_a_long_list_by_its_first_six() {
        let epsilon = MetaValue::Float(f64::from(1e-5_f32));
        assert_eq!(epsilon.to_string(), "1e-5");
        let list = MetaValue::Array(MetaArray::Unsigned((0..9).collect()));
        assert_eq!(list.to_string(), "[0, 1, 2, 3, 4, 5, … 9 in all]");
    }

    #[test]
    fn a_negative_number_is_not_a_count() {
        assert_eq!(MetaValue::Signed(-1).as_u64(), None);
        assert_eq!(MetaValue::Signed(7).as_u64(), Some(7));
    }
}
