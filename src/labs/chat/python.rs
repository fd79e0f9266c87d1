//! What chat templates expect of Python: methods on strings and dicts, `None` and `True` as Python
//! writes them, `tojson` with Python's spacing, `raise_exception` and `strftime_now`.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize as _;
use std::borrow::Cow;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Adds all of it.
pub(super) fn add_to(environment: &mut Environment) {
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |message: String| {
        let error = Error::new(ErrorKind::InvalidOperation, message.clone());
        Err::<Value, _>(error.with_source(Raised(message)))
    });
    environment.add_function("strftime_now", |format: &str| {
        strftime(format, seconds_now())
    });
    environment.add_filter("tojson", to_json);
    environment.set_formatter(|out, state, value| {
        let python = match value.kind() {
            ValueKind::None => Some("None"),
            ValueKind::Bool if value.is_true() => Some("True"),
            ValueKind::Bool => Some("False"),
            _ => None,
        };
        match python {
            Some(word) => out.write_str(word).map_err(Error::from),
            None => minijinja::escape_formatter(out, state, value),
        }
    });
}

/// A template called `raise_exception` with this message.
#[derive(Debug)]
struct Raised(String);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

/// The message of `raise_exception`, where that is what happened.
pub(super) fn raised(error: &Error) -> Option<&str> {
    let mut cause: &dyn std::error::Error = error;
    loop {
        if let Some(Raised(message)) = cause.downcast_ref() {
            return Some(message);
        }
        cause = cause.source()?;
    }
}

/// `{% generation %}` marks the model's turns for training (`transformers` adds the tag); what stands
/// between is written as it is.
pub(super) fn without_generation_marks(source: &str) -> Cow<'_, str> {
    if !source.contains("generation") {
        return source.into();
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once("{%") {
        out.push_str(before);
        out.push_str("{%");
        let inside = tag.split("%}").next().unwrap_or(tag);
        let word = inside.trim_matches(|c: char| c == '-' || c == '+' || c.is_whitespace());
        let plain = match word {
            "generation" => "if true",
            "endgeneration" => "endif",
            _ => word,
        };
        out.push_str(&inside.replacen(word, plain, usize::from(plain != word)));
        rest = &tag[inside.len()..];
    }
    out.push_str(rest);
    out.into()
}

/// `json.dumps(value, ensure_ascii=False, indent=indent)`.
#[expect(clippy::needless_pass_by_value, reason = "the signature of a filter")]
fn to_json(value: Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let mut out = Vec::new();
    let failed = |error| Error::new(ErrorKind::BadSerialization, "no JSON").with_source(error);
    if let Some(n) = indent {
        let spaces = " ".repeat(n.min(16));
        let format = serde_json::ser::PrettyFormatter::with_indent(spaces.as_bytes());
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, format);
        value.serialize(&mut serializer).map_err(failed)?;
    } else {
        let mut serializer = serde_json::Serializer::with_formatter(&mut out, Spaced);
        value.serialize(&mut serializer).map_err(failed)?;
    }
    Ok(Value::from(String::from_utf8_lossy(&out).into_owned()))
}

/// JSON on one line with a space after `,` and `:`.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: std::io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
    ) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

fn seconds_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

/// The time in UTC by C's format letters, those that templates use.
fn strftime(format: &str, unix_secs: u64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = [
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
    ];
    let (days, secs) = (unix_secs / 86_400, unix_secs % 86_400);
    let (year, month, day) = date_of(days);
    let month_name = MONTHS[month as usize - 1];
    let day_name = DAYS[(days % 7) as usize];
    let mut out = String::new();
    let mut letters = format.chars();
    let two = |n: u64| format!("{n:02}");
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('Y') => out += &year.to_string(),
            Some('y') => out += &two(year % 100),
            Some('m') => out += &two(month),
            Some('d') => out += &two(day),
            Some('B') => out += month_name,
            Some('b') => out += &month_name[..3],
            Some('A') => out += day_name,
            Some('a') => out += &day_name[..3],
            Some('H') => out += &two(secs / 3600),
            Some('M') => out += &two(secs / 60 % 60),
            Some('S') => out += &two(secs % 60),
            Some('%') | None => out.push('%'),
            Some(other) => out.extend(['%', other]),
        }
    }
    out
}

/// Year, month and day of a count of days since 1970 (the Gregorian calendar in eras of 400 years,
/// each year starting in March, after Hinnant).
fn date_of(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // `date -u -d @… '+…'`
        let known = [
            (0, "Thursday 01 January 1970 00:00:00"),
            (951_782_400, "Tuesday 29 February 2000 00:00:00"),
            (1_709_251_199, "Thursday 29 February 2024 23:59:59"),
            (4_107_542_399, "Sunday 28 February 2100 23:59:59"),
        ];
        for (secs, date) in known {
            assert_eq!(strftime("%A %d %B %Y %H:%M:%S", secs), date);
        }
        assert_eq!(strftime("%d %b %y %a 100%% %q", 0), "01 Jan 70 Thu 100% %q");
    }

    #[test]
    fn generation_marks_are_taken_out_and_white_space_control_stays() {
        let source = "a{%- generation -%} b {% endgeneration %}{% if generation %}{{ '{%' }}";
        let expected = "a{%- if true -%} b {% endif %}{% if generation %}{{ '{%' }}";
        assert_eq!(without_generation_marks(source), expected);
    }
}
