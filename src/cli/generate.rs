//! `glassbox generate`: a language model continues a text, and says what it weighed for each token.

mod document;
mod spoken;

use super::batch::answer_lines;
use super::common::Common;
use super::output::Report;
use crate::files::manifest;
use crate::labs::text::{
    EMBEDDED, Event, Finished, LARGE, LoadedText, Message, Overflow, Request, SMALLEST, Sampling,
    Seen, Source, Stage, Token, generate, load, read_chat, read_ids, read_raw,
};
use crate::refusal::{Refusal, Result};
use document::Document;
use serde::Deserialize;
use spoken::Spoken;
use std::path::Path;

/// What to continue, and how.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["prompt", "chat", "ids", "batch"]))]
pub struct Args {
    /// A model of models/manifest.toml, `stories`, `sort`, or a path; unless given, smollm2 where present
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Text to continue as it is; - reads stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    prompt: Option<String>,
    /// What you say to the assistant, through the model's chat template; - reads stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    chat: Option<String>,
    /// Rules for the assistant, said before --chat
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["prompt", "ids"])]
    system: Option<String>,
    /// Token ids to continue, for a model without a tokenizer: 0,1,2
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    ids: Option<Vec<u32>>,
    /// One JSON value per line of FILE (- reads stdin): a string to continue, or {"chat": "…"};
    /// one JSON result per line, the model loaded once
    #[arg(long, value_name = "FILE")]
    batch: Option<String>,
    /// The most tokens to write
    #[arg(long, value_name = "N", default_value_t = 64)]
    tokens: usize,
    /// Below 1 sharpens, above 1 flattens; 0 always takes the most probable token (greedy)
    #[arg(long, value_name = "T", default_value_t = 0.8)]
    temperature: f64,
    /// Keep the K most probable tokens; 0 is off
    #[arg(long, value_name = "K", default_value_t = 40)]
    top_k: usize,
    /// Keep the fewest most probable tokens that hold this share; 1 is off
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    top_p: f64,
    /// Keep tokens at least P times as probable as the best one; 0 is off
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    min_p: f64,
    /// Keep tokens about as surprising as expected, up to this share; 1 is off
    #[arg(long, value_name = "P", default_value_t = 1.0)]
    typical_p: f64,
    /// Make tokens of the recent text less likely; 1 is off
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    repeat_penalty: f64,
    /// How many tokens count as recent
    #[arg(long, value_name = "N", default_value_t = 64)]
    repeat_last_n: usize,
    /// The order of the sampling steps; a step left out is not applied
    #[arg(long, value_name = "STEP,…", value_delimiter = ',', value_parser = parse_stage)]
    order: Option<Vec<Stage>>,
    /// A text that ends the answer; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    stop: Vec<String>,
    /// When the context is full: stop, or drop the oldest tokens
    #[arg(long, value_name = "WHAT", default_value = "stop", value_parser = parse_overflow)]
    overflow: Overflow,
    /// How many of the best candidates to list for each token, by their raw probability
    #[arg(long, value_name = "N", default_value_t = 5)]
    top: usize,
    /// List the logit of every token of the vocabulary for each token written
    #[arg(long)]
    logits: bool,
}

/// One line of `--batch`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a line is a string to continue, or {\"chat\": \"what you say\"}"
)]
enum Question {
    Prompt(String),
    Chat { chat: String },
}

/// Continues the text; streams it to stdout, or prints one document with `--json`.
///
/// # Errors
/// When the model cannot be loaded, the text is refused, or the arithmetic fails.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    sampling(args).check()?;
    let text = args.prompt.as_deref().or(args.chat.as_deref());
    let text = text.map(|text| common.text_or_stdin(text)).transpose()?;
    let loaded = load_model(args.model.as_deref(), common)?;
    if let Some(batch) = &args.batch {
        return answer_lines(batch, common, |question| {
            let seen = match question {
                Question::Prompt(prompt) => read_raw(&loaded, &prompt)?,
                Question::Chat { chat } => read_chat(&loaded, &messages(args, &chat))?,
            };
            let (document, _) = written(&loaded, args, common, &seen)?;
            Ok(document)
        });
    }
    let seen = match (&args.ids, text) {
        (Some(ids), _) => read_ids(&loaded, ids)?,
        (None, Some(text)) if args.chat.is_some() => read_chat(&loaded, &messages(args, &text))?,
        (None, text) => read_raw(&loaded, &text.unwrap_or_default())?,
    };
    seen.notes.iter().for_each(|note| common.remark(note));
    if common.json {
        let (document, finished) = written(&loaded, args, common, &seen)?;
        common.remark(&in_words(&finished));
        return Ok(Report::new(document, ""));
    }
    let finished = said(&loaded, args, common, &seen)?;
    common.remark(&in_words(&finished));
    Ok(Report::printed())
}

/// Loads the model a verb was given by name or path, with a bar on stderr.
///
/// # Errors
/// When there is no such model, or it cannot be used.
pub fn load_model(name: Option<&str>, common: &Common) -> Result<std::sync::Arc<LoadedText>> {
    let source = name.map_or(Source::Default, Source::of);
    if let Source::Path(path) = &source {
        refuse_unknown_name(path)?;
    }
    let bar = common.progress_bar("Loading the model");
    let loaded = load(
        &source,
        &manifest::folders(),
        common.compute.get(),
        &mut |progress| {
            bar.set_message(progress.label);
            bar.set_position((progress.fraction * 1000.0) as u64);
            common.stop.flow()
        },
    );
    bar.finish_and_clear();
    let loaded = loaded?;
    if source == Source::Default && loaded.name == EMBEDDED {
        common.remark(
            "Answering with the built-in model `stories`. For real language: glassbox models get smollm2",
        );
    }
    Ok(loaded)
}

/// A plain word that is no file was meant as a name.
fn refuse_unknown_name(path: &Path) -> Result<()> {
    let is_word = path.extension().is_none() && path.components().count() == 1;
    if !is_word || path.exists() {
        return Ok(());
    }
    Err(Refusal::unchanged(
        format!("There is no model “{}”", path.display()),
        format!(
            "Glassbox knows {LARGE}, {EMBEDDED} and {SMALLEST} by name, and no file here is called that."
        ),
        "Use one of these names, or give the path of a weight file; `glassbox models` lists what is here.",
    ))
}

fn messages(args: &Args, text: &str) -> Vec<Message> {
    let message = |role: &str, content: &str| Message {
        role: role.into(),
        content: content.into(),
    };
    let system = args.system.iter().map(|rules| message("system", rules));
    system.chain([message("user", text)]).collect()
}

/// Writes the answer as a document, with the loop's own account of it.
fn written(
    loaded: &LoadedText,
    args: &Args,
    common: &Common,
    seen: &Seen,
) -> Result<(String, Finished)> {
    let request = request(args, common, seen);
    let mut document = Document::new(loaded, args.top, args.logits, args.tokens)?;
    let finished = listen(loaded, &request, common, &mut |token| document.hear(token))?;
    Ok((document.finish(seen, &request, &finished), finished))
}

/// Says the answer on stdout as it comes, and ends the line.
fn said(loaded: &LoadedText, args: &Args, common: &Common, seen: &Seen) -> Result<Finished> {
    let mut spoken = Spoken::new(&args.stop);
    let finished = listen(loaded, &request(args, common, seen), common, &mut |token| {
        if !token.special {
            spoken.hear(&token.bytes);
        }
        common.say(&spoken.ready());
    });
    if let Ok(finished) = &finished {
        common.say(&spoken.rest(finished.n_text_bytes));
    }
    if !spoken.is_silent() {
        common.say("\n");
    }
    finished
}

fn request(args: &Args, common: &Common, seen: &Seen) -> Request {
    Request {
        sampling: sampling(args),
        seed: common.seed,
        stop: args.stop.clone(),
        overflow: args.overflow,
        ..Request::new(seen.ids.clone(), args.tokens)
    }
}

/// Lets the model write until Ctrl-C; `hear` gets every token as it comes.
fn listen(
    loaded: &LoadedText,
    request: &Request,
    common: &Common,
    hear: &mut dyn FnMut(&Token),
) -> Result<Finished> {
    let reading = common.progress_bar("Reading the prompt");
    let finished = generate(loaded, request, &mut |event| {
        match event {
            Event::Token(token) => {
                reading.finish_and_clear();
                hear(&token);
            }
            Event::Reading { n_done, n_total } => {
                reading.set_position((n_done * 1000 / n_total.max(1)) as u64);
            }
            Event::Dropped { n_dropped } => common.remark(&format!(
                "The context is full: the oldest {n_dropped} tokens are no longer seen."
            )),
        }
        common.stop.flow()
    });
    reading.finish_and_clear();
    finished
}

fn sampling(args: &Args) -> Sampling {
    let usual = Sampling::default();
    Sampling {
        temperature: args.temperature,
        top_k: args.top_k,
        top_p: args.top_p,
        min_p: args.min_p,
        typical_p: args.typical_p,
        repeat_penalty: args.repeat_penalty,
        repeat_last_n: args.repeat_last_n,
        order: args.order.clone().unwrap_or(usual.order),
    }
}

fn in_words(finished: &Finished) -> String {
    let mut words = finished.stop.sentence();
    let timings = &finished.timings;
    let figures = [
        (timings.first_token_millis, "ms to the first token"),
        (timings.prompt_tok_per_sec, "prompt tokens a second"),
        (timings.decode_tok_per_sec, "tokens a second"),
    ];
    let said: Vec<String> = figures
        .iter()
        .filter_map(|(value, unit)| value.map(|value| format!("{} {unit}", rounded(value))))
        .collect();
    if !said.is_empty() {
        words = format!("{words} ({})", said.join(", "));
    }
    words
}

/// Three digits, as far as they say something.
fn rounded(value: f64) -> String {
    let n_decimals = if value < 1.0 {
        2
    } else {
        usize::from(value < 10.0)
    };
    format!("{value:.n_decimals$}")
}

fn parse_stage(name: &str) -> std::result::Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|stage| stage.name() == name);
    found.ok_or_else(|| {
        let known = Stage::ALL.map(Stage::name).join(", ");
        format!("the steps are {known}")
    })
}

fn parse_overflow(name: &str) -> std::result::Result<Overflow, String> {
    match name {
        "stop" => Ok(Overflow::Stop),
        "drop-oldest" => Ok(Overflow::DropOldest),
        _ => Err("say stop or drop-oldest".into()),
    }
}
