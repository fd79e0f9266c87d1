//! Protocol buffers, read by hand: fields one after the other, each a tag (number and kind) and a
//! value. Nothing is set aside for what a length promises.

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A varint: whole numbers, true or false, enums.
    Number(u64),
    /// Eight bytes.
    Eight,
    /// Four bytes: f32 and fixed-width numbers.
    Four(u32),
    /// Text, bytes, or a message.
    Bytes(&'a [u8]),
}

/// The fields of a message; after what does not hold, none follow.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn field(&mut self) -> Option<Result<(u64, Value<'a>), &'static str>> {
        let tag = self.varint()?;
        let (number, kind) = (tag >> 3, tag & 7);
        if number == 0 || number >= 1 << 29 {
            return Some(Err("A field has a number that no field can have."));
        }
        let value = match kind {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Eight
            }
            2 => {
                let n = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(n)?)
            }
            5 => Value::Four(u32::from_le_bytes(*self.take(4)?.first_chunk()?)),
            _ => return Some(Err("A field is of a kind that does not exist.")),
        };
        Some(Ok((number, value)))
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    /// Seven bits a byte, the lowest first; at most ten bytes.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for i in 0..10 {
            let byte = self.take(1)?[0];
            if i == 9 && byte > 1 {
                return None;
            }
            number |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let n_left = self.rest.len();
        let field = self.field();
        if !matches!(field, Some(Ok(_))) {
            self.rest = &[];
        }
        Some(match field {
            Some(field) => field.map_err(str::to_owned),
            None => Err(format!(
                "It ends in the middle of a field, {n_left} bytes before the end."
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_as_the_documentation_of_the_format_writes_them() {
        // Its examples: field 1 = 150; field 2 = "testing".
        let bytes = b"\x08\x96\x01\x12\x07testing\x1d\0\0\x80\x3f";
        let fields: Result<Vec<_>, _> = Fields::new(bytes).collect();
        let expected = [
            (1, Value::Number(150)),
            (2, Value::Bytes(b"testing")),
            (3, Value::Four(1.0_f32.to_bits())),
        ];
        assert_eq!(fields.unwrap(), expected);
    }

    #[test]
    fn what_is_cut_short_or_no_field_is_an_error_and_the_end() {
        for wrong in [
            &b"\x08"[..],
            b"\x08\x96",
            b"\x12\x07test",
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            b"\x0b",
            b"\x00\x00",
            b"\x1d\0\0",
        ] {
            let mut fields = Fields::new(wrong);
            assert!(fields.next().unwrap().is_err(), "{wrong:?}");
            assert!(fields.next().is_none());
        }
    }
}
