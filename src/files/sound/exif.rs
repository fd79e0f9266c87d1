//! The EXIF numbers that a picture carries: Riffusion writes there how a picture of a sound was made.

use crate::files::png_text::with_chunk;
use crate::files::source::Source;
use crate::refusal::Result;
use exif::experimental::Writer;
use exif::{Context, Field, In, Reader, Tag, Value};
use std::io::Cursor;
use std::path::Path;

/// A picture whose tags are looked for is no larger.
const MAX_BYTES: u64 = 256 << 20;

/// A number under a tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(u32),
    /// A real one.
    Real(f64),
}

impl Number {
    /// Its value.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Whole(n) => f64::from(n),
            Self::Real(x) => x,
        }
    }
}

/// The numbers among the tags of a PNG or JPEG, by tag; none where there are none, or none that are sound.
///
/// # Errors
/// A file that cannot be opened or read.
pub fn of_file(path: &Path) -> Result<Vec<(u16, Number)>> {
    let source = Source::open(path)?;
    if source.len() > MAX_BYTES {
        return Ok(Vec::new());
    }
    Ok(of_bytes(&source.read(0, source.len())?))
}

/// [`of_file`] of a picture in memory.
#[must_use]
pub fn of_bytes(picture: &[u8]) -> Vec<(u16, Number)> {
    let read = Reader::new().read_from_container(&mut Cursor::new(picture));
    let Ok(exif) = read else {
        return Vec::new();
    };
    let number = |field: &Field| Some((field.tag.number(), number(&field.value)?));
    exif.fields().filter_map(number).collect()
}

fn number(value: &Value) -> Option<Number> {
    let real = match value {
        Value::Float(xs) => f64::from(*xs.first()?),
        Value::Double(xs) => *xs.first()?,
        Value::Rational(xs) => xs.first()?.to_f64(),
        Value::SRational(xs) => xs.first()?.to_f64(),
        _ => return value.get_uint(0).map(Number::Whole),
    };
    real.is_finite().then_some(Number::Real(real))
}

/// `png` with these numbers as EXIF tags; what is no PNG stays as it is.
#[must_use]
pub fn with_numbers(png: &[u8], numbers: &[(u16, Number)]) -> Vec<u8> {
    let field = |&(tag, number): &(u16, Number)| Field {
        tag: Tag(Context::Tiff, tag),
        ifd_num: In::PRIMARY,
        value: match number {
            Number::Whole(n) => Value::Long(vec![n]),
            Number::Real(x) => Value::Double(vec![x]),
        },
    };
    let fields: Vec<Field> = numbers.iter().map(field).collect();
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut tags = Cursor::new(Vec::new());
    match writer.write(&mut tags, false) {
        Ok(()) => with_chunk(png, *b"eXIf", &tags.into_inner()),
        Err(_) => png.to_vec(), // nothing to write: no tags
    }
}
