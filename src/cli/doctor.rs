//! `glassbox doctor`: what this machine can do, and what is missing.

use super::common::Common;
use super::output::Report;
use crate::device;
use crate::files::manifest;
use crate::jobs::speaker;
use crate::refusal::Result;
use serde_json::{Value, json};

/// No options of its own.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Looks at device, processor, sound, display and model files. A problem is reported, not refused:
/// the doctor's work is done when all is said.
///
/// # Errors
/// When a device was asked for by name and does not work here.
pub fn run(_args: &Args, common: &Common) -> Result<Report> {
    let mut problems = Vec::new();
    let compute = common.compute.get();
    let device = device::choose(compute.device)?;
    let features = cpu_features();
    if cfg!(target_arch = "x86_64") && !features.contains(&"avx2") {
        problems.push("The processor has no AVX2, so models run several times slower.".into());
    }
    let audio = speaker::describe_output();
    if let Err(why) = &audio {
        problems.push(format!("No sound: {}.", why.trim_end_matches('.')));
    }
    let display = display();
    if let Err(why) = &display {
        problems.push(format!(
            "No window: {why}. The verbs of the command line work without one."
        ));
    }
    let document = json!({
        "device": {
            "name": device.name,
            "why": device.why,
            "threads": compute.threads,
            "cores": num_cpus::get_physical(),
            "logical_cores": num_cpus::get(),
        },
        "cpu_features": features,
        "audio": either(&audio),
        "display": either(&display),
        "models": models(&mut problems)?,
        "problems": problems,
    });
    let words = in_words(&document);
    Ok(Report::new(document, words))
}

/// Every model known by name, and whether it is here; the absent ones are problems that `models get`
/// mends.
fn models(problems: &mut Vec<String>) -> Result<Vec<Value>> {
    let folders = manifest::folders();
    let mut found = Vec::new();
    for entry in manifest::entries()? {
        let path = entry.find(&folders);
        if path.is_none() && !entry.built_in {
            problems.push(format!(
                "The model {name} is not here; fetch it with: glassbox models get {name}",
                name = entry.name
            ));
        }
        found.push(super::models::document(&entry, path.as_deref()));
    }
    Ok(found)
}

/// The instruction sets our kernels choose by, where the processor has them.
fn cpu_features() -> Vec<&'static str> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        macro_rules! ask {
            ($($name:tt),*) => { $(if is_x86_feature_detected!($name) { found.push($name); })* };
        }
        ask!(
            "sse4.2",
            "avx",
            "avx2",
            "fma",
            "f16c",
            "avxvnni",
            "avx512f",
            "avx512bw",
            "avx512vnni"
        );
    }
    #[cfg(target_arch = "aarch64")]
    {
        macro_rules! ask {
            ($($name:tt),*) => { $(if std::arch::is_aarch64_feature_detected!($name) { found.push($name); })* };
        }
        ask!("neon", "fp16", "dotprod", "i8mm");
    }
    found
}

/// The display a window would open on, or a phrase that says why there is none.
fn display() -> std::result::Result<Value, String> {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return Ok(json!({ "kind": "native" }));
    }
    let named = |variable| std::env::var(variable).ok().filter(|name| !name.is_empty());
    match (named("DISPLAY"), named("WAYLAND_DISPLAY")) {
        (Some(name), wayland) => {
            x11_answers(&name)?;
            Ok(json!({ "kind": "X11", "name": name, "wayland": wayland }))
        }
        (None, Some(name)) => Ok(json!({
            "kind": "Wayland",
            "name": name,
            "note": "Files cannot be dropped on a Wayland window; use Open… or paste a path.",
        })),
        (None, None) => Err("neither DISPLAY nor WAYLAND_DISPLAY is set".into()),
    }
}

/// Tries the socket of a local X server; a remote one is taken at its word.
fn x11_answers(name: &str) -> std::result::Result<(), String> {
    #[cfg(unix)]
    if let Some(number) = name.strip_prefix(':') {
        let number = number.split('.').next().unwrap_or(number);
        let socket = format!("/tmp/.X11-unix/X{number}");
        std::os::unix::net::UnixStream::connect(&socket)
            .map_err(|error| format!("the display {name} does not answer ({error})"))?;
    }
    Ok(())
}

/// What was found, or `{"error": why}`.
fn either<T: serde::Serialize>(found: &std::result::Result<T, String>) -> Value {
    match found {
        Ok(value) => json!(value),
        Err(why) => json!({ "error": why }),
    }
}

/// The same for people: one line per key, problems last.
fn in_words(document: &Value) -> String {
    let mut lines = Vec::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        if key == "models" {
            let list = value.as_array().map_or(&[][..], Vec::as_slice);
            lines.extend(list.iter().map(model_in_words));
        } else if key != "problems" {
            lines.push(format!("{:<14}{}", key.replace('_', " "), plain(value)));
        }
    }
    let problems = document["problems"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if problems.is_empty() {
        lines.push("problems      none".into());
    }
    for (i, problem) in problems.iter().enumerate() {
        let heading = if i == 0 { "problems" } else { "" };
        lines.push(format!("{heading:<14}{}", plain(problem)));
    }
    lines.join("\n")
}

/// One model's line: its name, and where it is.
fn model_in_words(model: &Value) -> String {
    let place = match (model["path"].as_str(), model["built_in"].as_bool()) {
        (Some(path), _) => path,
        (None, Some(true)) => "built in",
        (None, _) => "not here",
    };
    format!("{:<14}{}: {place}", "model", plain(&model["name"]))
}

/// A value without the punctuation of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| match key.as_str() {
                "name" | "why" | "error" | "kind" | "note" => plain(value),
                _ => format!("{} {}", key.replace('_', " "), plain(value)),
            })
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_the_keys_scripts_rely_on() {
        let report = run(&Args {}, &Common::default()).unwrap();
        let text = format!("{report:?}").replace('\\', "");
        for key in [
            "device",
            "cpu_features",
            "audio",
            "display",
            "models",
            "problems",
        ] {
            assert!(text.contains(&format!("\"{key}\"")), "{key} is missing");
        }
    }

    #[test]
    fn words_carry_no_json_punctuation() {
        let words = in_words(&json!({
            "device": { "name": "CPU", "threads": 2 },
            "problems": ["No sound: the card is asleep."],
        }));
        assert_eq!(
            words,
            "device        CPU; threads 2\nproblems      No sound: the card is asleep."
        );
    }
}
